//! Python that stands in a block of shell text.

use super::fence::reads_as_command;

/// How far Python goes on: to the next line that begins a shell command, or to the end.
pub(super) fn length(text: &str) -> usize {
    let mut length = 0;
    let mut shell_from = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_end();
        if reads_as_command(trimmed) && !begins(trimmed) {
            return shell_from;
        }
        length += line.len();
        // A comment right above a shell command is that command's title.
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            shell_from = length;
        }
    }
    text.len()
}

/// Whether a line in a block of shell text is Python, as pasted below the command that starts an interpreter.
pub(super) fn begins(line: &str) -> bool {
    let line = line.trim().strip_prefix(">>> ").unwrap_or(line.trim());
    let block = line.ends_with(':');
    let starts = |word: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '(', ':']));
    if starts("import")
        || starts("from") && line.contains(" import ")
        || starts("print") && line.contains('(')
    {
        return true;
    }
    if block
        && ["def", "class", "for", "if", "elif", "else", "while", "with", "try", "except"]
            .iter()
            .any(|w| starts(w))
    {
        return true;
    }
    let name_end =
        line.find(|ch: char| !ch.is_alphanumeric() && ch != '_' && ch != '.').unwrap_or(line.len());
    let (name, rest) = line.split_at(name_end);
    if name.is_empty() || name.starts_with('.') {
        return false;
    }
    // An assignment with spaces, or a call; `name() {` defines a shell function.
    rest.starts_with(" = ") || rest.starts_with('(') && !rest.starts_with("()") || {
        rest.starts_with("()") && name.contains('.') && !rest.contains('{')
    }
}
