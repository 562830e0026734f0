//! Text from runbooks: plain text in set styles, never HTML.

use model::runbook::{Block, Span, SpanStyle};
use yew::prelude::*;

/// A run of spans.
pub fn spans(spans: &[Span]) -> Html {
    html! { for span in spans { {one(span)} } }
}

fn one(span: &Span) -> Html {
    let text = span.text.as_str();
    let styled = match span.style {
        SpanStyle::Plain => html! { {text} },
        SpanStyle::Strong => html! { <strong>{text}</strong> },
        SpanStyle::Emphasis => html! { <em>{text}</em> },
        SpanStyle::Code => html! { <code class="ll-code">{text}</code> },
    };
    match web_address(&span.href) {
        Some(href) => link(href, styled),
        None => styled,
    }
}

/// A link out of the dashboard.
pub fn link(href: &str, content: Html) -> Html {
    html! { <a class="ll-link" href={href.to_owned()} target="_blank" rel="noopener noreferrer">{content}</a> }
}

/// The address, where it is one of the web: nothing else may be followed from a page.
pub fn web_address(href: &str) -> Option<&str> {
    (href.starts_with("https://") || href.starts_with("http://")).then_some(href)
}

/// Paragraphs, lists, tables and code.
pub fn blocks(blocks: &[Block]) -> Html {
    html! { for block in blocks { {self::block(block)} } }
}

fn block(block: &Block) -> Html {
    match block {
        Block::Paragraph { spans } => html! { <p class="ll-paragraph">{self::spans(spans)}</p> },
        Block::List { items } => html! {
            <ul class="ll-list">
                for (depth, item) in items {
                    <li style={format!("margin-left:{}em", depth.min(&6))}>{self::spans(item)}</li>
                }
            </ul>
        },
        Block::Table { head, rows } => html! {
            <div class="ll-scroll-x">
                <table class="ll-table">
                    <thead><tr>for cell in head { <th scope="col">{self::spans(cell)}</th> }</tr></thead>
                    <tbody>
                        for row in rows {
                            <tr>for cell in row { <td>{self::spans(cell)}</td> }</tr>
                        }
                    </tbody>
                </table>
            </div>
        },
        Block::Code { text, .. } => html! { <pre class="ll-pre" tabindex="0">{text.as_str()}</pre> },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_followed() {
        assert_eq!(web_address("https://example.org/a"), Some("https://example.org/a"));
        for href in ["", "javascript:alert(1)", "data:text/html,x", "//example.org", "HTTP:evil"] {
            assert_eq!(web_address(href), None, "{href}");
        }
    }
}
