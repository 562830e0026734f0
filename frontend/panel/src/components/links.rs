//! Links out of the panel: to an alert's rule and silence, and from a suspect onward.

use model::frames::{AlertRow, HistoryLink};
use yew::prelude::*;

use super::text::{link, web_address};
use crate::strings;

/// Where the alert's rule is and where it can be silenced.
pub fn of_alert(alert: &AlertRow, app_sub_url: &str) -> Html {
    let all = [(&alert.rule_url, strings::LINK_RULE), (&alert.silence_url, strings::LINK_SILENCE)];
    html! { for (url, text) in all { {one(url, text, app_sub_url)} } }
}

/// Where to look further at a suspect.
pub fn of_suspect(links: &[HistoryLink], app_sub_url: &str) -> Html {
    html! {
        if !links.is_empty() {
            <nav class="ll-links" aria-label={strings::LINKS}>
                for found in links { {one(&found.url, strings::link(&found.link), app_sub_url)} }
            </nav>
        }
    }
}

fn one(url: &str, text: &str, app_sub_url: &str) -> Html {
    html! { if let Some(address) = address(url, app_sub_url) { {link(&address, html! { {text} })} } }
}

/// Where a browser may be sent: to the web, or to a page of Grafana, which may be served under a path of its own.
fn address(url: &str, app_sub_url: &str) -> Option<String> {
    let inside = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    if inside { Some(format!("{app_sub_url}{url}")) } else { web_address(url).map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn links_lead_to_the_web_or_stay_in_grafana() {
        assert_eq!(address("/explore?a=b", "/grafana").as_deref(), Some("/grafana/explore?a=b"));
        assert_eq!(address("/explore", "").as_deref(), Some("/explore"));
        assert_eq!(address("https://logs/x", "/grafana").as_deref(), Some("https://logs/x"));
        for hostile in
            ["", "//elsewhere", "/\\elsewhere", "javascript:alert(1)", "data:text/html,x", "explore"]
        {
            assert_eq!(address(hostile, ""), None, "{hostile}");
        }
    }
}
