//! `--match`: which series, in PromQL's words.

use model::labels::{Labels, Role};
use model::query::{Scope, Selection};
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, parse};

use crate::promql::{Selector, quoted};

/// A series selector: a metric, or matchers of labels, or both.
#[derive(Debug, Clone)]
pub struct Match {
    metric: Option<String>,
    matchers: Vec<Matcher>,
}

/// Stands for the metric while matchers without one are parsed.
const ANY_METRIC: &str = "any";
/// Labels that name a role whatever the profile calls it.
const ROLES: [(&str, Role); 5] = [
    ("namespace", Role::Namespace),
    ("pod", Role::Pod),
    ("container", Role::Container),
    ("instance", Role::Instance),
    ("job", Role::Job),
];

impl Match {
    /// Reads `metric`, `metric{label="value"}`, `{label=~"a|b"}`, or one matcher such as `namespace=shop`.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let named = !text.starts_with('{') && (text.contains('{') || !text.contains(['=', '!']));
        // Whole as it stands; a metric may be put before matchers only where none of them names it.
        let selector = if named || parse(text).is_ok() {
            text.to_owned()
        } else if text.starts_with('{') {
            format!("{ANY_METRIC}{text}")
        } else {
            format!("{ANY_METRIC}{{{}}}", with_quotes(text))
        };
        let Ok(Expr::VectorSelector(found)) = parse(&selector) else {
            return Err("write a series selector, such as namespace=shop or '{job=~\"api|web\"}'".to_owned());
        };
        if found.offset.is_some() || found.at.is_some() || !found.matchers.or_matchers.is_empty() {
            return Err("write a series selector without `offset`, `@` and `or`".to_owned());
        }
        let mut metric = if named { found.name } else { None };
        let mut matchers = found.matchers.matchers;
        if let Some(at) = matchers.iter().position(|one| one.name == "__name__" && one.op == MatchOp::Equal) {
            metric = Some(matchers.remove(at).value);
        }
        Ok(Self { metric, matchers })
    }

    /// The metric it names, where it names one.
    pub fn metric(&self) -> Option<&str> {
        self.metric.as_deref()
    }

    /// The selector of its series on a server.
    pub fn selector(&self) -> Selector {
        let metric = Selector::metric(self.metric.clone().unwrap_or_default());
        self.matchers.iter().fold(metric, Selector::matching)
    }

    /// What of it a profile can ask the server for: equality of labels that name a role.
    pub fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        for (matcher, role) in self.matchers.iter().filter_map(|matcher| Some((matcher, role(matcher)?))) {
            let selection = Selection::one(matcher.value.as_str());
            match role {
                Role::Namespace => scope.namespace = selection,
                Role::Pod => scope.pod = selection,
                Role::Container => scope.container = selection,
                Role::Instance => scope.instance = selection,
                _ => scope.job = selection,
            }
        }
        scope
    }

    /// Whether it takes a series with these labels, the metric among them; `role_of` answers what plays a role.
    pub fn takes<'l>(&self, labels: &'l Labels, role_of: impl Fn(Role) -> Option<&'l str>) -> bool {
        let metric = self.metric.as_deref().is_none_or(|metric| labels.get("__name__") == Some(metric));
        metric
            && self.matchers.iter().all(|matcher| {
                let own = labels.get(&matcher.name).unwrap_or_default();
                matcher.is_match(own) || role(matcher).and_then(&role_of) == Some(matcher.value.as_str())
            })
    }
}

fn role(matcher: &Matcher) -> Option<Role> {
    let names = ROLES.iter().find(|(name, _)| *name == matcher.name);
    names.map(|(_, role)| *role).filter(|_| matcher.op == MatchOp::Equal && !matcher.value.is_empty())
}

/// `label=value` with the value in quotes, which a shell has often taken off.
fn with_quotes(text: &str) -> String {
    let Some(at) = text.find(['=', '!']) else { return text.to_owned() };
    let operator = if text[at + 1..].starts_with(['~', '=']) { 2 } else { 1 };
    let (label, value) = (&text[..at], text[at..].get(operator..).unwrap_or_default());
    if value.starts_with(['"', '\'', '`']) {
        return text.to_owned();
    }
    format!("{label}{}{}", &text[at..at + operator], quoted(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().copied().collect()
    }

    #[test]
    fn selectors_are_read_in_every_usual_form() {
        for (text, selector) in [
            ("up", "up"),
            ("up{job=\"a\"}", "up{job=\"a\"}"),
            ("{job=~\"a|b\"}", "{job=~\"a|b\"}"),
            ("{__name__=\"up\",job=\"a\"}", "up{job=\"a\"}"),
            ("namespace=shop", "{namespace=\"shop\"}"),
            ("namespace=\"shop\"", "{namespace=\"shop\"}"),
            ("pod!~web-.*", "{pod!~\"web-.*\"}"),
            ("pod!=we\"b", "{pod!=\"we\\\"b\"}"),
        ] {
            assert_eq!(Match::read(text).expect(text).selector().to_string(), selector, "{text}");
        }
        for text in ["", "rate(up[5m])", "up offset 5m", "up[5m]", "{", "a=~(", "1"] {
            assert!(Match::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn matchers_hold_of_labels_and_of_roles() {
        let series = labels(&[("__name__", "rss"), ("kubernetes_namespace", "shop"), ("app", "web")]);
        let takes = |text: &str| {
            let role_of = |role| if role == Role::Namespace { Some("shop") } else { None };
            Match::read(text).expect(text).takes(&series, role_of)
        };
        assert!(
            takes("namespace=shop") && takes("app=~w.*") && takes("rss{app=\"web\"}") && takes("pod=~|x")
        );
        assert!(!takes("namespace=bank") && !takes("app=api") && !takes("other{app=\"web\"}"));
    }
}
