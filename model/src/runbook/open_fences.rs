//! Closes blocks of code that somebody forgot to close.
//!
//! By the letter of Markdown such a block runs to the end of the file, or to the end of the next block, and
//! swallows the headings between. It is taken to end at the empty line above the next heading, or above the next
//! block's beginning, and the fault is reported.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

/// After so many mended blocks the rest is read by the letter.
const MAX_MENDED: usize = 20;

/// The text with forgotten fences put in the place of empty lines, so that lines keep their numbers, and the line
/// and a sentence for each fault.
pub(super) fn close(text: &str) -> (String, Vec<(usize, String)>) {
    let mut text = text.to_owned();
    let mut problems = Vec::new();
    for _ in 0..MAX_MENDED {
        let Some(mend) = first_mend(&text) else { break };
        let line = line_of(&text, mend.block);
        let until = line_of(&text, mend.at);
        problems.push((line, format!("a block of code is never closed; it is taken to end at line {until}")));
        text.replace_range(mend.at..mend.at + mend.blank_bytes, &mend.fence);
    }
    for block in open_blocks(&text) {
        let sentence = "a block of code is never closed; all that follows is in it".to_owned();
        problems.push((line_of(&text, block), sentence));
    }
    (text, problems)
}

/// Where a fence is to be put.
struct Mend {
    /// Where the block begins.
    block: usize,
    /// Where the empty line begins, and how many bytes it has.
    at: usize,
    blank_bytes: usize,
    fence: String,
}

fn fenced_blocks(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    Parser::new(text).into_offset_iter().filter_map(|(event, range)| {
        matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)))).then_some(range)
    })
}

fn open_blocks(text: &str) -> impl Iterator<Item = usize> {
    fenced_blocks(text).filter(|range| is_open(&text[range.clone()])).map(|range| range.start)
}

fn first_mend(text: &str) -> Option<Mend> {
    fenced_blocks(text).find_map(|range| mend(text, range))
}

fn mend(text: &str, range: std::ops::Range<usize>) -> Option<Mend> {
    let block = &text[range.clone()];
    let fence = fence_of(block);
    let begins_block = |line: &str| {
        let rest = line.trim_start().strip_prefix(fence);
        rest.is_some_and(|info| info.starts_with(|ch: char| ch.is_ascii_alphabetic()))
    };
    let inner = block.lines().skip(1).any(begins_block);
    if !inner && !is_open(block) {
        return None;
    }
    let begins_heading = |line: &str| {
        line.trim_start().trim_start_matches('#').starts_with(' ') && line.trim_start().starts_with("##")
    };
    let mut at = range.start;
    let mut blank: Option<(usize, usize)> = None;
    for (index, line) in block.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches('\n');
        if let (Some((at, blank_bytes)), true) = (blank, begins_heading(line) || begins_block(line)) {
            let line_start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
            // Behind a list's marker the fence stands at the same depth; other marks, such as `>`, are repeated.
            let indent = text[line_start..range.start].replace(|ch| ch != '>', " ");
            return Some(Mend { block: range.start, at, blank_bytes, fence: format!("{indent}{fence}") });
        }
        blank = (index > 0 && content.trim().is_empty()).then_some((at, content.len()));
        at += line.len();
    }
    None
}

/// The characters that open a block, without what is said about it.
fn fence_of(block: &str) -> &str {
    let mark = block.chars().next().unwrap_or('`');
    let length = block.find(|ch| ch != mark).unwrap_or(block.len());
    &block[..length]
}

/// Whether a block has no closing fence.
fn is_open(block: &str) -> bool {
    let fence = fence_of(block);
    let mark = fence.chars().next().unwrap_or('`');
    let last = block.lines().skip(1).last().unwrap_or_default();
    let closing = last.trim_start_matches([' ', '\t', '>']).trim_end();
    closing.len() < fence.len() || closing.chars().any(|ch| ch != mark)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> (String, Vec<usize>) {
        let (text, problems) = close(text);
        (text, problems.into_iter().map(|(line, _)| line).collect())
    }

    #[test]
    fn forgotten_fences_are_put_before_the_next_heading_or_block() {
        let whole = "# A\n```bash\nls\n```\n\n## B\n~~~\n## C\n~~~\n1. x\n   ```\n   ls\n   ```\n";
        assert_eq!(mended(whole), (whole.to_owned(), vec![]));
        let open = "```bash\n# say\nls\n\n## B\n\ntext\n\n```bash\nps\n```\n";
        assert_eq!(
            mended(open),
            ("```bash\n# say\nls\n```\n## B\n\ntext\n\n```bash\nps\n```\n".to_owned(), vec![1])
        );
        let two = "```bash\nls\n\n```bash\nps\n```\n";
        assert_eq!(mended(two), ("```bash\nls\n```\n```bash\nps\n```\n".to_owned(), vec![1]));
        let nested = "1. x\n   ```\n   ls\n\n   ## B\n";
        assert_eq!(mended(nested), ("1. x\n   ```\n   ls\n   ```\n   ## B\n".to_owned(), vec![2]));
        assert_eq!(mended("```bash\nls\n"), ("```bash\nls\n".to_owned(), vec![1]));
    }
}
