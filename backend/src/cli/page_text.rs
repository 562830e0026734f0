//! A filled runbook as text for a terminal.

use std::io::{self, Write};

use model::runbook::{
    Block, FilledCommand, FilledGroup, FilledPage, FilledRunbook, FilledStep, Problem, Span,
};

/// Text is broken at this column; commands never are.
const WIDTH: usize = 100;

/// `file:line: what is wrong`, as editors and CI read it.
pub fn problem(problem: &Problem) -> String {
    match problem.line {
        0 => format!("{}: {}", problem.file, problem.text),
        line => format!("{}:{line}: {}", problem.file, problem.text),
    }
}

/// Prints the pages of the alerts, then the general sections.
pub fn runbook(runbook: &FilledRunbook, output: &mut impl Write) -> io::Result<()> {
    for page in runbook.pages.iter().chain(&runbook.general) {
        print_page(page, output)?;
    }
    Ok(())
}

fn print_page(page: &FilledPage, output: &mut impl Write) -> io::Result<()> {
    heading(&page.title, '=', output)?;
    if !page.trigger.is_empty() {
        wrapped(&format!("Fires at: {}", page.trigger), "", "", output)?;
        writeln!(output)?;
    }
    for group in &page.groups {
        print_group(group, output)?;
    }
    Ok(())
}

fn print_group(group: &FilledGroup, output: &mut impl Write) -> io::Result<()> {
    if !group.title.is_empty() {
        heading(&group.title, '-', output)?;
    }
    for note in &group.notes {
        block(note, "", output)?;
    }
    for (index, step) in group.steps.iter().enumerate() {
        print_step(index + 1, step, output)?;
    }
    for entry in &group.commands {
        command(entry, "", output)?;
    }
    Ok(())
}

fn print_step(number: usize, step: &FilledStep, output: &mut impl Write) -> io::Result<()> {
    let first = format!("{number}. ");
    let indent = " ".repeat(first.len());
    wrapped(&step.text, &first, &indent, output)?;
    for finding in &step.findings {
        wrapped(&finding.sentence, &format!("{indent}> "), &format!("{indent}  "), output)?;
    }
    for detail in &step.detail {
        block(detail, &indent, output)?;
    }
    for entry in &step.commands {
        command(entry, &indent, output)?;
    }
    writeln!(output)
}

fn command(command: &FilledCommand, indent: &str, output: &mut impl Write) -> io::Result<()> {
    writeln!(output)?;
    if !command.title.is_empty() {
        wrapped(&command.title, &format!("{indent}# "), &format!("{indent}# "), output)?;
    }
    for line in command.filled.lines() {
        writeln!(output, "{indent}    {line}")?;
    }
    let mut marks = Vec::new();
    if command.destructive {
        marks.push("Changes or ends something.".to_owned());
    }
    if !command.missing.is_empty() {
        marks.push(format!("Not filled in: {}.", command.missing.join(", ")));
    }
    if !command.caution.is_empty() {
        marks.push(command.caution.clone());
    }
    if !marks.is_empty() {
        wrapped(&marks.join(" "), &format!("{indent}  ! "), &format!("{indent}    "), output)?;
    }
    Ok(())
}

fn block(block: &Block, indent: &str, output: &mut impl Write) -> io::Result<()> {
    match block {
        Block::Paragraph { spans } => {
            for line in plain(spans).lines() {
                wrapped(line, indent, indent, output)?;
            }
        }
        Block::List { items } => {
            for (depth, spans) in items {
                let indent = format!("{indent}{}", "  ".repeat(*depth));
                wrapped(
                    &plain(spans).replace('\n', " "),
                    &format!("{indent}- "),
                    &format!("{indent}  "),
                    output,
                )?;
            }
        }
        Block::Table { head, rows } => {
            for row in std::iter::once(head).chain(rows) {
                let cells: Vec<_> = row.iter().map(|cell| plain(cell).replace('\n', " ")).collect();
                writeln!(output, "{indent}{}", cells.join(" | "))?;
            }
        }
        Block::Code { text, .. } => {
            for line in text.lines() {
                writeln!(output, "{indent}    {line}")?;
            }
        }
    }
    writeln!(output)
}

/// The text of spans; an address is written out where it is not the text itself.
fn plain(spans: &[Span]) -> String {
    let mut text = String::new();
    for (index, span) in spans.iter().enumerate() {
        text.push_str(&span.text);
        let link_ends = spans.get(index + 1).is_none_or(|next| next.href != span.href);
        if !span.href.is_empty() && span.href != span.text && link_ends {
            text.extend([" <", &span.href, ">"]);
        }
    }
    text
}

fn heading(text: &str, line: char, output: &mut impl Write) -> io::Result<()> {
    let rule: String = std::iter::repeat_n(line, text.chars().count().min(WIDTH)).collect();
    writeln!(output, "\n{text}\n{rule}")
}

fn wrapped(text: &str, first: &str, rest: &str, output: &mut impl Write) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(output, "{line}")?;
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(output, "{line}")
}
