//! Untrusted text made fit to be looked at.

/// A name longer than this is cut on the page; nobody reads further.
pub const NAME_CHARS: usize = 160;

/// The text with every character that is invisible or turns its neighbours around replaced by something to
/// see, and cut after `max_chars` characters.
pub fn visible(text: &str, max_chars: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * max_chars));
    for (count, character) in text.chars().enumerate() {
        if count == max_chars {
            shown.push('…');
            break;
        }
        match character {
            '\n' => shown.push('⏎'),
            '\t' => shown.push('⇥'),
            _ if reorders(character) => shown.extend(["⟨U+", &code_point(character), "⟩"]),
            _ if character.is_control() => shown.push('�'),
            _ => shown.push(character),
        }
    }
    shown
}

/// Whether a character changes the direction of text or is not seen at all.
fn reorders(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn code_point(character: char) -> String {
    format!("{:04X}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_and_what_is_long_is_cut() {
        assert_eq!(visible("a\nb\u{202e}c\u{7}", 100), "a⏎b⟨U+202E⟩c�");
        assert_eq!(visible(&"x".repeat(10_000), 3), "xxx…");
        assert_eq!(visible("<img onerror=x>", 100), "<img onerror=x>");
    }
}
