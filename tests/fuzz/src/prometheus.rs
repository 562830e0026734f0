//! Laws of what goes to a server and of what comes back.

use backend::cli::matching::Match;
use backend::prometheus::decode::{self, Limits};
use backend::promql::Selector;
use model::query::Selection;
use promql_parser::parser::{Expr, parse};

/// Small, so that they are met.
const LIMITS: Limits = Limits { max_series: 8, max_samples: 32 };

/// Whatever a metric is called and whatever labels hold, a server reads one selector of just these values: nothing in
/// them ends a string or begins another matcher.
pub fn values_come_back_from_promql(metric: &str, equal: &str, others: &[&str]) {
    let selection = Selection(others.iter().map(|value| (*value).to_owned()).collect());
    // A selector that takes every series is refused by servers: this one has a matcher that asks for something.
    let built = Selector::metric(metric).equal("there", "1").equal("a", equal).selected("b", &selection);
    let text = built.selected_or_absent("c", &selection).to_string();
    let Ok(Expr::VectorSelector(selector)) = parse(&text) else { panic!("not a selector: {text}") };
    let matchers = &selector.matchers;
    assert!(matchers.or_matchers.is_empty() && selector.offset.is_none() && selector.at.is_none(), "{text}");
    let by_label = |label: &str| matchers.matchers.iter().filter(|one| one.name == label).collect::<Vec<_>>();
    let (name, a, b, c) = (by_label("__name__"), by_label("a"), by_label("b"), by_label("c"));
    let known = name.len() + by_label("there").len() + a.len() + b.len() + c.len();
    assert_eq!(known, matchers.matchers.len(), "{text}");
    let name = selector.name.as_deref().or(name.first().map(|one| one.value.as_str()));
    assert_eq!(name.unwrap_or_default(), metric, "{text}");
    assert!(a.len() == 1 && a[0].value == equal, "{text}");
    for (label, found) in [("b", b), ("c", c)] {
        assert_eq!(found.len(), usize::from(!others.is_empty()), "{text}");
        for (matcher, other) in found.iter().flat_map(|one| others.iter().map(move |other| (one, other))) {
            assert!(matcher.is_match(other), "{label} does not take {other:?} in {text}");
            let longer = format!("{other}x");
            assert!(
                others.contains(&longer.as_str()) || !matcher.is_match(&longer),
                "{label} takes {longer:?} in {text}"
            );
        }
    }
}

/// Whatever someone gives as a selector, it is refused or says the same once it is written out.
pub fn selector_is_read_as_it_is_written(text: &str) {
    let Ok(read) = Match::read(text) else { return };
    let written = read.selector().to_string();
    if written == "{}" {
        return;
    }
    let again = Match::read(&written).unwrap_or_else(|error| panic!("{text:?} became {written:?}: {error}"));
    assert_eq!(again.selector(), read.selector(), "{text:?} became {written:?}");
}

/// Whatever a server answers, it is decoded within the limits or refused; and what lacks its end is refused.
pub fn answer_is_decoded_or_refused(body: &[u8]) {
    let range = decode::range(body, None, LIMITS);
    // As if the body were the beginning of a longer one, of which what came whole is kept.
    let beginning = decode::range(body, Some(body.len() as u64), LIMITS);
    assert!(range.is_err() || beginning.is_ok(), "a whole answer is no answer as a beginning");
    for answer in [&range, &beginning].into_iter().flatten() {
        assert!(answer.value.len() <= LIMITS.max_series, "{} series", answer.value.len());
        let samples: usize = answer.value.iter().map(|one| one.series.len()).sum();
        assert!(samples <= LIMITS.max_samples, "{samples} samples");
    }
    // In pieces, each series read as soon as it has come, it is the same answer.
    let mut arriving = decode::Arriving::in_parts_of(64, LIMITS);
    for piece in body.chunks(13) {
        arriving.push(piece);
    }
    let arrived = arriving.end(None);
    assert_eq!(arrived.is_ok(), range.is_ok(), "in pieces it is another answer");
    if let (Ok(arrived), Ok(range)) = (&arrived, &range) {
        assert_eq!(arrived.notices, range.notices);
        assert_eq!(format!("{:?}", arrived.value), format!("{:?}", range.value));
    }
    let instant = decode::instant(body, LIMITS);
    if let Ok(answer) = &instant {
        assert!(answer.value.len() <= LIMITS.max_series, "{} samples", answer.value.len());
    }
    let cut = body.trim_ascii_end();
    let cut = &cut[..cut.len().saturating_sub(1)];
    assert!(range.is_err() || decode::range(cut, None, LIMITS).is_err(), "an answer without its end");
    assert!(instant.is_err() || decode::instant(cut, LIMITS).is_err(), "an answer without its end");
}
