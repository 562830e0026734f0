//! What is taken from HTML inside Markdown: its text, and our own comments.

/// Tags that only arrange or set text. Any other tag is shown as it was written: `<pod-name>` is one.
const ARRANGING: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "center",
    "code",
    "details",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// A stretch of HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// The title of a folded section.
    Summary(String),
    Break,
    /// `key=value` pairs of a `<!-- leaklens: ... -->` comment.
    Directive(Vec<(String, String)>),
}

/// Takes HTML apart. Comments go, ours are read, arranging tags go, all else stays text.
pub(super) fn pieces(raw: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = raw;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        text.push_str(before);
        if let Some((body, after)) = tag.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
            if let Some(words) = body.trim().strip_prefix("leaklens:") {
                take_text(&mut text, &mut pieces);
                pieces.push(Piece::Directive(pairs_of_words(words)));
            }
            rest = after;
            continue;
        }
        let Some(end) = tag.find('>') else {
            rest = tag;
            break;
        };
        let name = tag_name(&tag[1..end]);
        rest = &tag[end + 1..];
        if name == "br" {
            take_text(&mut text, &mut pieces);
            pieces.push(Piece::Break);
        } else if name == "summary" {
            take_text(&mut text, &mut pieces);
            if let Some((title, after)) = rest.split_once("</summary>") {
                pieces.push(Piece::Summary(title.to_owned()));
                rest = after;
            }
        } else if !ARRANGING.contains(&name.as_str()) {
            text.push_str(&tag[..=end]);
        }
    }
    text.push_str(rest);
    take_text(&mut text, &mut pieces);
    pieces
}

fn take_text(text: &mut String, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(std::mem::take(text)));
    }
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches('/');
    name.split(|ch: char| ch.is_whitespace() || ch == '/').next().unwrap_or_default().to_ascii_lowercase()
}

/// `evidence=growth,usage title=x` as pairs; a word without `=` has an empty value.
fn pairs_of_words(words: &str) -> Vec<(String, String)> {
    let pair = |word: &str| {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        (key.trim().to_owned(), value.trim().to_owned())
    };
    words.split_whitespace().map(pair).collect()
}

/// `key: value` lines of front matter; `key = value` in its TOML form.
pub(super) fn pairs_of_lines(text: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (key, value) = line.split_once([':', '='])?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!key.starts_with([' ', '#', '-'])).then(|| (key.trim().to_lowercase(), value.to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_and_placeholders_stay() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(pieces("<pod-name>"), [text("<pod-name>")]);
        assert_eq!(pieces("<b>now</b><br/>x <"), [text("now"), Piece::Break, text("x <")]);
        assert_eq!(pieces("<img onerror=alert(1)>"), [text("<img onerror=alert(1)>")]);
        assert_eq!(pieces("a<!-- note -->b"), [text("ab")]);
        assert_eq!(pieces("<!-- never closed"), [text("<!-- never closed")]);
        assert_eq!(
            pieces("<details><summary>More</summary>\n\ntext</details>"),
            [Piece::Summary("More".to_owned()), text("\n\ntext")]
        );
        assert_eq!(
            pieces("<!-- leaklens: evidence=growth,usage -->"),
            [Piece::Directive(vec![("evidence".to_owned(), "growth,usage".to_owned())])]
        );
    }
}
