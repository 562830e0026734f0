//! What an alert's expression compares, read from its syntax tree.

use promql_parser::label::Matchers;
use promql_parser::parser::{Expr, token};

/// Seconds in an hour: the factor that turns a per-second rate into one per hour.
const SECS_PER_HOUR: f64 = 3600.0;

/// The threshold of an expression and the unit of both its sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What the value is compared with.
    pub threshold: f64,
    /// `bytes`, `bytes_per_hour`, `s`, or empty when the names do not tell.
    pub unit: &'static str,
}

/// The comparison with a number that an expression makes last; `None` when it makes none or does not parse.
///
/// With several, such as `a > 5 and b > 7`, the first decides the alert's value and is the one returned.
pub fn comparison(expr: &str) -> Option<Comparison> {
    find(&promql_parser::parser::parse(expr).ok()?)
}

fn find(expr: &Expr) -> Option<Comparison> {
    match expr {
        Expr::Paren(inner) => find(&inner.expr),
        Expr::Aggregate(inner) => find(&inner.expr),
        Expr::Binary(binary) => {
            if binary.op.is_comparison_operator() {
                let threshold = constant(&binary.rhs)?;
                return Some(Comparison { threshold, unit: unit(&binary.lhs) });
            }
            let logical = matches!(binary.op.id(), token::T_LAND | token::T_LUNLESS | token::T_LOR);
            logical.then(|| find(&binary.lhs).or_else(|| find(&binary.rhs))).flatten()
        }
        _ => None,
    }
}

/// The value of an expression of numbers alone.
fn constant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(inner) => constant(&inner.expr),
        Expr::Unary(inner) => constant(&inner.expr).map(|value| -value),
        Expr::Binary(binary) => {
            let (left, right) = (constant(&binary.lhs)?, constant(&binary.rhs)?);
            match binary.op.id() {
                token::T_ADD => Some(left + right),
                token::T_SUB => Some(left - right),
                token::T_MUL => Some(left * right),
                token::T_DIV => Some(left / right),
                token::T_POW => Some(left.powf(right)),
                _ => None,
            }
            .filter(|value| value.is_finite())
        }
        _ => None,
    }
}

/// The unit the names and functions of an expression imply.
fn unit(expr: &Expr) -> &'static str {
    let mut seen = Seen::default();
    seen.walk(expr);
    match seen {
        Seen { bytes: true, others: false, per_second: false, .. } => "bytes",
        Seen { bytes: true, others: false, per_second: true, hourly: true, .. } => "bytes_per_hour",
        Seen { seconds: true, others: false, bytes: false, .. } => "s",
        _ => "",
    }
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent observations")]
struct Seen {
    bytes: bool,
    seconds: bool,
    others: bool,
    per_second: bool,
    hourly: bool,
}

impl Seen {
    fn name(&mut self, name: Option<&String>, matchers: &Matchers) {
        let by_matcher =
            || matchers.matchers.iter().find(|matcher| matcher.name == "__name__").map(|m| &m.value);
        match name.or_else(by_matcher) {
            // A recording rule says its unit in the middle: `pod:memory_bytes:floor`.
            Some(name) if name.split(':').any(|part| part.ends_with("_bytes")) => self.bytes = true,
            Some(name) if name.ends_with("_seconds") => self.seconds = true,
            _ => self.others = true,
        }
    }

    fn walk(&mut self, expr: &Expr) {
        match expr {
            Expr::VectorSelector(selector) => self.name(selector.name.as_ref(), &selector.matchers),
            Expr::MatrixSelector(selector) => self.name(selector.vs.name.as_ref(), &selector.vs.matchers),
            Expr::Paren(inner) => self.walk(&inner.expr),
            Expr::Unary(inner) => self.walk(&inner.expr),
            Expr::Subquery(inner) => self.walk(&inner.expr),
            Expr::Aggregate(inner) => self.walk(&inner.expr),
            Expr::Call(call) => {
                self.per_second |= matches!(call.func.name, "deriv" | "rate" | "irate");
                call.args.args.iter().for_each(|arg| self.walk(arg));
            }
            Expr::Binary(binary) => {
                let factor = constant(&binary.rhs).or_else(|| constant(&binary.lhs));
                self.hourly |= binary.op.id() == token::T_MUL && factor == Some(SECS_PER_HOUR);
                // Conditions beside the value (`and on (...) ...`) have no part in its unit.
                let condition = matches!(binary.op.id(), token::T_LAND | token::T_LUNLESS);
                self.walk(&binary.lhs);
                if !condition {
                    self.walk(&binary.rhs);
                }
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_and_units_are_read_from_the_syntax_tree() {
        let cases: [(&str, Option<(f64, &str)>); 9] = [
            ("m_bytes > 1048576000", Some((1_048_576_000.0, "bytes"))),
            ("m_bytes > 1000 * 2^20", Some((1_048_576_000.0, "bytes"))),
            ("max by (pod) (deriv(m_bytes[1h]) * 3600) > 10485760", Some((10_485_760.0, "bytes_per_hour"))),
            (
                "(deriv(min_over_time(m_bytes[5m])[1h:5m]) * 3600 > 10) and on (pod) up == 1",
                Some((10.0, "bytes_per_hour")),
            ),
            ("rate(gc_total[5m]) > 10", Some((10.0, ""))),
            ("deriv(m_bytes[1h]) > 5", Some((5.0, ""))),
            ("up == 0", Some((0.0, ""))),
            ("absent(m_bytes)", None),
            ("not promql (", None),
        ];
        for (expr, expected) in cases {
            let found = comparison(expr).map(|found| (found.threshold, found.unit));
            assert_eq!(found, expected, "{expr}");
        }
    }
}
