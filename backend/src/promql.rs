//! Builds PromQL. Every label value that reaches a server goes through [`Selector`]; nothing joins strings.

use std::fmt::{self, Display, Write as _};

use model::query::Selection;

/// An instant vector selector under construction; `Display` writes it.
///
/// ```
/// use backend::promql::Selector;
/// let selector = Selector::metric("up").equal("job", "a\"b").to_string();
/// assert_eq!(selector, r#"up{job="a\"b"}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    metric: String,
    matchers: Vec<Matcher>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Matcher {
    label: String,
    kind: MatchKind,
    value: String,
}

/// How a label's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchKind {
    /// It is the text.
    Equal,
    /// It is another.
    NotEqual,
    /// The pattern takes the whole of it.
    Regex,
    /// It does not.
    NotRegex,
}

impl MatchKind {
    fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

impl Selector {
    /// All series of a metric; of any metric where the name is empty (then a matcher must follow).
    pub fn metric(name: impl Into<String>) -> Self {
        Self { metric: name.into(), matchers: Vec::new() }
    }

    /// The same matchers of another metric.
    #[must_use]
    pub fn of_metric(self, name: impl Into<String>) -> Self {
        Self { metric: name.into(), ..self }
    }

    /// Only series whose label has this value; the empty value means "absent".
    #[must_use]
    pub fn equal(self, label: &str, value: &str) -> Self {
        self.matcher(label, MatchKind::Equal, value.to_owned())
    }

    /// Only series whose label has another value.
    #[must_use]
    pub fn not_equal(self, label: &str, value: &str) -> Self {
        self.matcher(label, MatchKind::NotEqual, value.to_owned())
    }

    /// Only series whose label is one of those selected; no matcher where anything is.
    #[must_use]
    pub fn selected(self, label: &str, selection: &Selection) -> Self {
        match selection.0.as_slice() {
            [] => self,
            [value] => self.equal(label, value),
            values => self.matcher(label, MatchKind::Regex, any_of(values)),
        }
    }

    /// Only series that [`Selector::selected`] leaves out; all where anything is selected.
    #[must_use]
    pub fn not_selected(self, label: &str, selection: &Selection) -> Self {
        match selection.0.as_slice() {
            [] => self,
            [value] => self.not_equal(label, value),
            values => self.matcher(label, MatchKind::NotRegex, any_of(values)),
        }
    }

    /// As [`Selector::selected`], but series without the label pass as well.
    #[must_use]
    pub fn selected_or_absent(self, label: &str, selection: &Selection) -> Self {
        if selection.is_any() {
            return self;
        }
        self.matcher(label, MatchKind::Regex, any_of(&selection.0) + "|")
    }

    /// Only series that a parsed matcher takes.
    #[must_use]
    pub fn matching(self, matcher: &promql_parser::label::Matcher) -> Self {
        use promql_parser::label::MatchOp;
        let kind = match matcher.op {
            MatchOp::Equal => MatchKind::Equal,
            MatchOp::NotEqual => MatchKind::NotEqual,
            MatchOp::Re(_) => MatchKind::Regex,
            MatchOp::NotRe(_) => MatchKind::NotRegex,
        };
        self.matcher(&matcher.name, kind, matcher.value.clone())
    }

    fn matcher(mut self, label: &str, kind: MatchKind, value: String) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), kind, value });
        self
    }

    /// What it asks of which label, the metric's name among them.
    pub(crate) fn matchers(&self) -> impl Iterator<Item = (MatchKind, &str, &str)> {
        let name = (MatchKind::Equal, "__name__", self.metric.as_str());
        let matchers = self.matchers.iter().map(|one| (one.kind, one.label.as_str(), one.value.as_str()));
        (!self.metric.is_empty()).then_some(name).into_iter().chain(matchers)
    }

    /// A function of the samples of the last so many seconds, such as `rate`, as an expression.
    pub fn applied(&self, function: &str, window_secs: f64) -> String {
        format!("{function}({})", self.over(window_secs))
    }

    /// The last value within the last so many seconds, as an expression.
    pub fn last_over(&self, window_secs: f64) -> String {
        self.applied("last_over_time", window_secs)
    }

    /// The samples of the last so many seconds, as an expression.
    pub fn over(&self, window_secs: f64) -> String {
        format!("{self}[{}]", duration(window_secs))
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = is_name(&self.metric, true);
        if plain {
            f.write_str(&self.metric)?;
            if self.matchers.is_empty() {
                return Ok(());
            }
        }
        f.write_char('{')?;
        let mut separator = "";
        if !plain && !self.metric.is_empty() {
            write!(f, "__name__={}", quoted(&self.metric))?;
            separator = ",";
        }
        for Matcher { label, kind, value } in &self.matchers {
            let label = if is_name(label, false) { label.clone() } else { quoted(label) };
            write!(f, "{separator}{label}{}{}", kind.operator(), quoted(value))?;
            separator = ",";
        }
        f.write_char('}')
    }
}

/// What any of the selectors finds, each put into an expression.
pub fn any_of_these(selectors: &[Selector], expression: impl Fn(&Selector) -> String) -> String {
    selectors.iter().map(expression).collect::<Vec<_>>().join(" or ")
}

/// The sum of what an expression finds for each combination of these labels.
pub fn sum_by<'l>(labels: impl IntoIterator<Item = &'l str>, expression: &str) -> String {
    let name = |label: &str| if is_name(label, false) { label.to_owned() } else { quoted(label) };
    let labels: Vec<String> = labels.into_iter().map(name).collect();
    format!("sum by ({}) ({expression})", labels.join(", "))
}

/// A PromQL duration of at least a millisecond, in the largest unit that divides it.
pub fn duration(secs: f64) -> String {
    let millis = duration_ms(secs);
    if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}

/// The same as a number.
pub(crate) fn duration_ms(secs: f64) -> u64 {
    if secs.is_finite() { (secs * 1000.0).round().max(1.0) as u64 } else { 1 }
}

/// Whether a name may stand unquoted: letters, digits, underscores, and colons in metric names.
fn is_name(name: &str, colons: bool) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    name.starts_with(start) && name.chars().all(|c| start(c) || c.is_ascii_digit())
}

/// A double-quoted PromQL string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                // Control characters are below U+10000, so four digits are enough.
                let escaped = format!("\\u{:04x}", u32::from(c));
                quoted.push_str(&escaped);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn any_of(values: &[String]) -> String {
    let alternatives: Vec<_> = values.iter().map(|value| regex_escape(value)).collect();
    alternatives.join("|")
}

/// Text as an RE2 pattern that matches only itself.
fn regex_escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn selectors_read_as_promql() {
        let several = Selection::of(vec!["a.b".to_owned(), "c|d".to_owned()]);
        let selector =
            Selector::metric("up").equal("job", "x\n\"y\\").selected("pod", &several).not_equal("a", "");
        assert_eq!(selector.to_string(), r#"up{job="x\n\"y\\",pod=~"a\\.b|c\\|d",a!=""}"#);
        assert_eq!(Selector::metric("up").selected("pod", &Selection::default()).to_string(), "up");
        assert_eq!(Selector::metric("up").over(86_400.0), "up[86400s]");
        let summed = sum_by(["job", "k8s.pod"], &Selector::metric("up").over(60.0));
        assert_eq!(summed, "sum by (job, \"k8s.pod\") (up[60s])");
        let two = [Selector::metric("a"), Selector::metric("b")];
        assert_eq!(any_of_these(&two, |one| one.applied("rate", 60.0)), "rate(a[60s]) or rate(b[60s])");
        assert_eq!(
            Selector::metric("we.ird").equal("k8s.pod", "p").to_string(),
            r#"{__name__="we.ird","k8s.pod"="p"}"#
        );
    }

    proptest! {
        #[test]
        fn any_value_comes_back_from_the_parser(value in any::<String>(), other in any::<String>()) {
            let selection = Selection(vec![value.clone(), other.clone()]);
            let text = Selector::metric("m").equal("a", &value).selected("b", &selection).to_string();
            let parsed = promql_parser::parser::parse(&text).map_err(TestCaseError::fail)?;
            let promql_parser::parser::Expr::VectorSelector(selector) = parsed else {
                return Err(TestCaseError::fail("not a selector"));
            };
            let matchers = selector.matchers.matchers;
            prop_assert_eq!(matchers.len(), 2);
            prop_assert_eq!(&matchers[0].value, &value);
            prop_assert!(matchers[1].is_match(&value), "{} does not match {:?}", text, value);
            prop_assert!(matchers[1].is_match(&other));
        }
    }
}
