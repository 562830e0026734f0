//! Bytes of a runbook file into text that is safe to show and to copy.

use std::collections::BTreeMap;

use super::source::Problem;

/// Longest file that is read, bytes. A runbook of this size is a mistake, and the panel parses it too.
pub(super) const MAX_FILE_BYTES: usize = 4 << 20;

/// Whether a character has no place in copied text: it moves the cursor, ends a line, reorders what is seen
/// or is not seen at all.
pub(super) fn is_hidden(ch: char) -> bool {
    ch.is_control() || reorders(ch) || is_invisible(ch)
}

/// Characters that change the direction of the text around them.
fn reorders(ch: char) -> bool {
    matches!(ch, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a shape, which make two different texts look the same.
fn is_invisible(ch: char) -> bool {
    matches!(
        ch,
        '\u{00AD}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200D}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFC}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Decodes a file: UTF-8 or, with its mark, UTF-16. Line ends become `\n`; control and direction-changing
/// characters go, each kind of mending reported with its first line.
pub(super) fn decode(file: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> String {
    let mut report = |line: usize, text: String| problems.push(Problem { file: file.to_owned(), line, text });
    let bytes = if bytes.len() > MAX_FILE_BYTES {
        report(0, format!("only the first {} MiB are read; split the file", MAX_FILE_BYTES >> 20));
        &bytes[..MAX_FILE_BYTES]
    } else {
        bytes
    };
    let raw = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, &mut report),
        _ => utf8(bytes, &mut report),
    };
    let mut text = String::with_capacity(raw.len());
    let mut line = 1;
    let mut first_removed = None;
    let mut removed = 0;
    let mut chars = raw.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{0085}' | '\u{2028}' | '\u{2029}' => {
                text.push('\n');
                line += 1;
            }
            '\t' => text.push(ch),
            _ if ch.is_control() || reorders(ch) => {
                first_removed.get_or_insert(line);
                removed += 1;
            }
            _ => text.push(ch),
        }
    }
    if let Some(line) = first_removed {
        report(line, format!("{removed} control or direction-changing characters were left out"));
    }
    text
}

fn utf8(bytes: &[u8], report: &mut impl FnMut(usize, String)) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let line = 1 + String::from_utf8_lossy(&bytes[..error.valid_up_to()]).matches('\n').count();
            report(line, "not UTF-8; what cannot be read is shown as \u{FFFD}".to_owned());
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A command as it may be copied: hard spaces become spaces, tabs become spaces (a terminal completes on
/// them), nothing hidden remains.
pub(super) fn copyable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\n' => clean.push('\n'),
            '\t' => clean.push_str("    "),
            '\u{00A0}' | '\u{202F}' | '\u{2007}' => clean.push(' '),
            _ if is_hidden(ch) => {}
            _ => clean.push(ch),
        }
    }
    clean
}

/// `base`, or with the first number behind it that nothing in `taken` has: "a", "a", "a 2" are told apart too. `taken`
/// keeps each identifier with the last number tried behind it.
pub(super) fn unique(base: String, taken: &mut BTreeMap<String, usize>) -> String {
    let Some(&last) = taken.get(&base) else {
        taken.insert(base.clone(), 1);
        return base;
    };
    let mut count = last + 1;
    while taken.contains_key(&format!("{base}-{count}")) {
        count += 1;
    }
    let id = format!("{base}-{count}");
    taken.insert(base, count);
    taken.insert(id.clone(), 1);
    id
}

/// A heading as an identifier: lower case letters and digits joined by dashes.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for ch in text.chars().flat_map(char::to_lowercase) {
        if ch.is_alphanumeric() {
            slug.push(ch);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() > 80 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_every_origin_are_read() {
        let read = |bytes: &[u8]| {
            let mut problems = Vec::new();
            (decode("a.md", bytes, &mut problems), problems.iter().map(|p| p.line).collect::<Vec<_>>())
        };
        assert_eq!(read(b"\xEF\xBB\xBF# A\r\nb\rc"), ("# A\nb\nc".to_owned(), vec![]));
        assert_eq!(read(b"\xFF\xFEA\0\n\0"), ("A\n".to_owned(), vec![]));
        assert_eq!(read(b"one\ntw\xFFo"), ("one\ntw\u{FFFD}o".to_owned(), vec![2]));
        assert_eq!(read("a\nb\u{202E}c\u{7}".as_bytes()), ("a\nbc".to_owned(), vec![2]));
        assert_eq!(read("עברית 👩‍🚀".as_bytes()), ("עברית 👩‍🚀".to_owned(), vec![]));
    }

    #[test]
    fn copied_text_hides_nothing() {
        assert_eq!(copyable("a\u{A0}b\tc\u{200B}\u{FEFF}d\ne"), "a b    cd\ne");
    }
}
