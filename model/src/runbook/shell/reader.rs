//! The reader itself: one step per character, a stack of what is open.

use super::{Quote, Scan, Sym, Word, is_name};

/// Reads shell text; with `first_only` it stops after the first complete command.
pub(in crate::runbook) fn scan(syms: &[Sym], first_only: bool) -> Scan {
    let mut reader = Reader { syms, ..Reader::default() };
    reader.frames.push(Frame::default());
    reader.new_command();
    while reader.at < syms.len() {
        reader.step();
        if first_only && !reader.scan.ends.is_empty() {
            return reader.scan;
        }
    }
    reader.end_word();
    let compound = reader.frames.iter().any(|frame| !frame.compounds.is_empty());
    reader.scan.open |= reader.frames.len() > 1 || compound || !reader.heredocs.is_empty();
    while reader.frames.len() > 1 {
        reader.pop();
    }
    reader.end_word();
    reader.scan.commands.retain(|command| !command.is_empty());
    reader.scan
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    /// The text itself, a subshell or `$(...)`.
    #[default]
    Commands,
    Backtick,
    Double,
    /// `${...}`
    Braces,
    /// `$((...))`
    Arithmetic,
}

#[derive(Debug, Default)]
struct Frame {
    within: Within,
    /// Where reading goes on after this frame.
    outer_command: usize,
    outer_word: Option<Word>,
    outer_expects: bool,
    /// `true` for a `case`.
    compounds: Vec<bool>,
    parentheses: usize,
}

#[derive(Debug)]
struct Heredoc {
    delimiter: String,
    strips_tabs: bool,
}

#[derive(Debug, Default)]
struct Reader<'a> {
    syms: &'a [Sym],
    at: usize,
    frames: Vec<Frame>,
    command: usize,
    word: Option<Word>,
    /// Whether the next word may be a reserved word or a command's name.
    expects_command: bool,
    /// How many of the next words name variables: after `for`, `read`, `export`.
    names: usize,
    /// Whether the next word names a file.
    redirects: bool,
    /// Whether a line end does not end the command: after `|`, `&&`, `||`.
    joins: bool,
    heredocs: Vec<Heredoc>,
    /// How many frames are between backticks.
    backticks: usize,
    scan: Scan,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.syms.get(self.at + ahead).map(|sym| sym.ch)
    }

    fn within(&self) -> Within {
        self.frames.last().map_or(Within::Commands, |frame| frame.within)
    }

    fn step(&mut self) {
        let sym = self.syms[self.at];
        if sym.hole.is_some() {
            let quote = self.quote_here();
            self.push(sym, quote);
            self.at += 1;
            return;
        }
        match self.within() {
            Within::Commands | Within::Backtick => self.step_commands(sym),
            Within::Double => self.step_double(sym),
            Within::Braces | Within::Arithmetic => self.step_expansion(sym),
        }
    }

    fn quote_here(&self) -> Quote {
        if self.backticks > 0 {
            return Quote::Backtick;
        }
        match self.within() {
            Within::Double => Quote::Double,
            Within::Braces | Within::Arithmetic => Quote::Expansion,
            Within::Commands | Within::Backtick => Quote::Bare,
        }
    }

    fn push(&mut self, sym: Sym, quote: Quote) {
        self.joins = false;
        self.word.get_or_insert_default().chars.push((sym, quote));
    }

    fn mark_quoted(&mut self) {
        self.joins = false;
        self.word.get_or_insert_default().quoted = true;
    }

    /// Opens a substitution or a subshell. Inside double quotes and expansions the word goes on afterwards.
    fn open(&mut self, within: Within, skip: usize) {
        self.at += skip;
        self.joins = false;
        let runs = matches!(within, Within::Commands | Within::Backtick);
        self.backticks += usize::from(within == Within::Backtick);
        self.frames.push(Frame {
            within,
            outer_command: self.command,
            outer_word: if runs { self.word.take() } else { None },
            outer_expects: self.expects_command,
            ..Frame::default()
        });
        if runs {
            self.new_command();
        } else {
            self.word.get_or_insert_default();
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.backticks -= usize::from(frame.within == Within::Backtick);
        if matches!(frame.within, Within::Commands | Within::Backtick) {
            self.end_word();
            self.command = frame.outer_command;
            self.word = frame.outer_word;
            self.expects_command = frame.outer_expects;
            self.names = 0;
        }
    }

    fn new_command(&mut self) {
        self.end_word();
        if self.scan.commands.last().is_none_or(|last| !last.is_empty()) || self.frames.len() > 1 {
            self.scan.commands.push(Vec::new());
        }
        self.command = self.scan.commands.len() - 1;
        self.expects_command = true;
        self.names = 0;
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        word.names_file = std::mem::take(&mut self.redirects);
        let text = word.text();
        if self.names > 0 {
            self.names -= 1;
            let name = text.split_once('=').map_or(text.as_str(), |(name, _)| name);
            if is_name(name) {
                self.scan.assigned.push(name.to_owned());
            }
        }
        if self.expects_command {
            if let Some((name, _)) = text.split_once('=')
                && is_name(name.trim_end_matches('+'))
            {
                self.scan.assigned.push(name.trim_end_matches('+').to_owned());
                // Kept with its command as a word of its own: a placeholder may stand in it.
                self.scan.commands.push(vec![word]);
                self.command = self.scan.commands.len();
                self.scan.commands.push(Vec::new());
                return;
            }
            if !word.quoted && self.reserved(&text) {
                return;
            }
            self.expects_command = false;
            let names = matches!(text.as_str(), "read" | "export" | "local" | "declare" | "readonly");
            self.names = if names { usize::MAX } else { 0 };
        }
        if let Some(command) = self.scan.commands.get_mut(self.command) {
            command.push(word);
        }
    }

    /// Takes a reserved word in command position.
    fn reserved(&mut self, text: &str) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        match text {
            "if" | "while" | "until" | "{" => frame.compounds.push(false),
            "for" | "select" => {
                frame.compounds.push(false);
                self.expects_command = false;
                self.names = 1;
            }
            "case" => {
                frame.compounds.push(true);
                self.expects_command = false;
            }
            "fi" | "done" | "esac" | "}" => {
                frame.compounds.pop();
            }
            "then" | "do" | "else" | "elif" | "!" | "time" => {}
            _ => return false,
        }
        true
    }

    fn step_commands(&mut self, sym: Sym) {
        match sym.ch {
            '\\' => self.escape(Quote::Bare),
            '\'' => self.quoted(1, Quote::Single),
            '$' if self.peek(1) == Some('\'') => self.quoted(2, Quote::Ansi),
            '"' => {
                self.mark_quoted();
                self.open(Within::Double, 1);
            }
            '$' => self.dollar(sym, Quote::Bare),
            '`' => self.backtick(),
            '(' if self.word.is_some() && self.peek(1) == Some(')') => {
                // A function's definition: its body follows.
                self.at += 2;
                self.new_command();
            }
            '(' => {
                self.end_word();
                self.open(Within::Commands, 1);
            }
            ')' => self.close_parenthesis(),
            '|' => self.separator(if matches!(self.peek(1), Some('|' | '&')) { 2 } else { 1 }, true),
            '&' if self.peek(1) == Some('&') => self.separator(2, true),
            '&' if self.peek(1) == Some('>') || self.follows_redirection() => {
                self.end_word();
                self.at += 1;
            }
            ';' | '&' => self.separator(1, false),
            '<' if self.peek(1) == Some('<') && self.peek(2) == Some('<') => {
                self.end_word();
                self.at += 3;
            }
            '<' if self.peek(1) == Some('<') => self.heredoc(),
            '<' | '>' if self.peek(1) == Some('(') => self.open(Within::Commands, 2),
            '<' | '>' => {
                self.end_word();
                self.redirects = true;
                self.at += 1;
            }
            '#' if self.word.is_none() => self.comment(),
            '\n' => self.newline(),
            ch if ch.is_whitespace() => {
                self.end_word();
                self.at += 1;
            }
            _ => {
                self.push(sym, self.quote_here());
                self.at += 1;
            }
        }
    }

    fn step_double(&mut self, sym: Sym) {
        match sym.ch {
            '"' => {
                self.at += 1;
                self.pop();
            }
            '\\' => self.escape(Quote::Double),
            '$' => self.dollar(sym, Quote::Double),
            '`' => self.backtick(),
            _ => {
                self.push(sym, self.quote_here());
                self.at += 1;
            }
        }
    }

    fn step_expansion(&mut self, sym: Sym) {
        let braces = self.within() == Within::Braces;
        let depth = self.frames.last().map_or(0, |frame| frame.parentheses);
        match sym.ch {
            '}' if braces => {
                self.at += 1;
                self.pop();
            }
            ')' if !braces && depth == 0 => {
                self.at += if self.peek(1) == Some(')') { 2 } else { 1 };
                self.pop();
            }
            '\\' => self.escape(Quote::Expansion),
            '"' => self.open(Within::Double, 1),
            '$' => self.dollar(sym, Quote::Expansion),
            '`' => self.backtick(),
            ch => {
                if let Some(frame) = self.frames.last_mut() {
                    match ch {
                        '(' => frame.parentheses += 1,
                        ')' => frame.parentheses = frame.parentheses.saturating_sub(1),
                        _ => {}
                    }
                }
                self.push(sym, Quote::Expansion);
                self.at += 1;
            }
        }
    }

    fn escape(&mut self, quote: Quote) {
        let Some(next) = self.syms.get(self.at + 1).copied() else {
            self.push(self.syms[self.at], quote);
            self.at += 1;
            self.scan.open = true;
            return;
        };
        if next.ch == '\n' && next.hole.is_none() {
            self.at += 2;
        } else if next.hole.is_some() || quote == Quote::Double && !matches!(next.ch, '$' | '`' | '"' | '\\')
        {
            self.push(self.syms[self.at], quote);
            self.at += 1;
        } else {
            self.mark_quoted();
            self.push(next, quote);
            self.at += 2;
        }
    }

    /// `'...'` or `$'...'`.
    fn quoted(&mut self, skip: usize, quote: Quote) {
        self.at += skip;
        self.mark_quoted();
        while let Some(sym) = self.syms.get(self.at).copied() {
            self.at += 1;
            if sym.ch == '\'' && sym.hole.is_none() {
                return;
            }
            self.push(sym, quote);
            if quote == Quote::Ansi
                && sym.ch == '\\'
                && let Some(next) = self.syms.get(self.at).copied()
            {
                self.push(next, quote);
                self.at += 1;
            }
        }
        self.scan.open = true;
    }

    fn dollar(&mut self, sym: Sym, quote: Quote) {
        let after = &self.syms[self.at + 1..];
        let braced = after.first().is_some_and(|sym| sym.ch == '{');
        let name = after[usize::from(braced)..].iter().map(|sym| sym.ch);
        let name: String = name.take_while(|ch| ch.is_ascii_alphanumeric() || *ch == '_').collect();
        if is_name(&name) {
            let bare = quote == Quote::Bare && self.within() != Within::Double;
            self.scan.expanded.push((name, bare));
        }
        match (self.peek(1), self.peek(2)) {
            (Some('('), Some('(')) => self.open(Within::Arithmetic, 3),
            (Some('('), _) => self.open(Within::Commands, 2),
            (Some('{'), _) => self.open(Within::Braces, 2),
            _ => {
                let quote = if quote == Quote::Expansion { quote } else { self.quote_here() };
                self.push(sym, quote);
                self.at += 1;
            }
        }
    }

    fn backtick(&mut self) {
        if self.within() == Within::Backtick {
            self.at += 1;
            self.pop();
        } else {
            self.open(Within::Backtick, 1);
        }
    }

    fn close_parenthesis(&mut self) {
        self.at += 1;
        let in_case = self.frames.last().is_some_and(|frame| frame.compounds.last() == Some(&true));
        if in_case || self.frames.len() == 1 || self.within() == Within::Backtick {
            self.new_command();
        } else {
            self.pop();
        }
    }

    fn separator(&mut self, skip: usize, joins: bool) {
        self.at += skip;
        self.new_command();
        self.joins = joins;
    }

    fn follows_redirection(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.syms.get(at));
        before.is_some_and(|sym| matches!(sym.ch, '<' | '>'))
    }

    fn comment(&mut self) {
        while let Some(sym) = self.syms.get(self.at).filter(|sym| sym.ch != '\n') {
            if let Some(hole) = sym.hole {
                self.scan.outside.push((hole, Quote::Comment));
            }
            self.at += 1;
        }
    }

    fn newline(&mut self) {
        self.end_word();
        self.at += 1;
        for heredoc in std::mem::take(&mut self.heredocs) {
            self.heredoc_body(&heredoc);
        }
        let joins = self.joins;
        self.new_command();
        self.joins = joins;
        let top = self.frames.len() == 1 && self.frames[0].compounds.is_empty();
        if top && !joins {
            self.scan.ends.push(self.at);
        }
    }

    fn heredoc(&mut self) {
        self.end_word();
        self.at += 2;
        let strips_tabs = self.peek(0) == Some('-');
        self.at += usize::from(strips_tabs);
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.at += 1;
        }
        let mut delimiter = String::new();
        while let Some(ch) = self.peek(0) {
            match ch {
                '\'' | '"' | '\\' => {}
                ch if ch.is_whitespace() || matches!(ch, ';' | '|' | '&' | '<' | '>' | '(' | ')') => break,
                ch => delimiter.push(ch),
            }
            self.at += 1;
        }
        self.heredocs.push(Heredoc { delimiter, strips_tabs });
    }

    fn heredoc_body(&mut self, heredoc: &Heredoc) {
        while self.at < self.syms.len() {
            let line = &self.syms[self.at..];
            let length = line.iter().position(|sym| sym.ch == '\n').unwrap_or(line.len());
            let line = &line[..length];
            self.at = (self.at + length + 1).min(self.syms.len());
            let text: String = line.iter().map(|sym| sym.ch).collect();
            let text = if heredoc.strips_tabs { text.trim_start() } else { &text };
            if text == heredoc.delimiter {
                return;
            }
            let holes = line.iter().filter_map(|sym| sym.hole);
            self.scan.outside.extend(holes.map(|hole| (hole, Quote::Heredoc)));
        }
        self.scan.open = true;
    }
}
