//! Which suspects are listed, and in what order.

use model::frames::SuspectRow;

use super::suspects::Verdict;
use crate::strings;

/// What the list is sorted by. Each puts what is most urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As the detector ranks them.
    #[default]
    Suspicion,
    /// Fastest growth first.
    Growth,
    /// Least time to the limit first.
    TimeToLimit,
    /// Most memory first.
    Usage,
    /// By name.
    Name,
}

impl Order {
    /// Every order, as the reader is offered them.
    pub const ALL: [Self; 5] = [Self::Suspicion, Self::Growth, Self::TimeToLimit, Self::Usage, Self::Name];

    /// Its name for the reader.
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspicion => strings::ORDER_SUSPICION,
            Self::Growth => strings::FIGURE_RATE,
            Self::TimeToLimit => strings::FIGURE_LIMIT,
            Self::Usage => strings::FIGURE_USAGE,
            Self::Name => strings::ORDER_NAME,
        }
    }

    /// What a row is sorted by, smallest first; what is unknown comes last.
    fn key(self, row: &SuspectRow) -> f64 {
        let key = match self {
            Self::Suspicion | Self::Name => Some(0.0),
            Self::Growth => row.rate_bytes_per_hour.map(|rate| -rate),
            Self::TimeToLimit => match (row.limit_bytes, row.current_bytes) {
                (Some(limit), Some(current)) if current >= limit => Some(limit - current),
                _ => row.secs_to_limit,
            },
            Self::Usage => row.current_bytes.map(|bytes| -bytes),
        };
        key.unwrap_or(f64::INFINITY)
    }
}

/// Places in `rows` of those that pass the filter, in that order. Equal ones stay as the detector ranks them.
pub fn listed(rows: &[SuspectRow], filter: &str, order: Order) -> Vec<usize> {
    let filter = filter.to_ascii_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    let mut listed: Vec<usize> = (0..rows.len()).filter(|at| passes(&rows[*at], &words)).collect();
    if order != Order::Suspicion {
        listed.sort_by(|a, b| {
            let (a, b) = (&rows[*a], &rows[*b]);
            let name = |row: &SuspectRow| {
                if order == Order::Name { row.id.to_ascii_lowercase() } else { String::new() }
            };
            order.key(a).total_cmp(&order.key(b)).then_with(|| name(a).cmp(&name(b)))
        });
    }
    listed
}

/// Whether every word is in a label, its own or of one it stands for, or is the verdict.
fn passes(row: &SuspectRow, words: &[&str]) -> bool {
    if words.is_empty() {
        return true;
    }
    let hay = format!("{} {} {} {}", row.id, row.stands_for, Verdict::of(row).word(), row.verdict)
        .to_ascii_lowercase();
    words.iter().all(|word| hay.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_looks_at_labels_and_verdict() {
        let row = SuspectRow {
            id: r#"namespace="shop",pod="Cart-1""#.to_owned(),
            verdict: "bounded".to_owned(),
            stands_for: r#"["pod=\"cart-0\""]"#.to_owned(),
            ..SuspectRow::default()
        };
        for (filter, found) in [("", 1), ("cart shop", 1), ("cart-0", 1), ("levelled", 1), ("cart web", 0)] {
            assert_eq!(listed(std::slice::from_ref(&row), filter, Order::Name).len(), found, "{filter}");
        }
    }

    #[test]
    fn the_most_urgent_comes_first_and_the_unknown_last() {
        let row = |id: &str, rate: Option<f64>, current: f64, secs: Option<f64>| SuspectRow {
            id: id.to_owned(),
            rate_bytes_per_hour: rate,
            current_bytes: Some(current),
            limit_bytes: Some(100.0),
            secs_to_limit: secs,
            ..SuspectRow::default()
        };
        let rows = [
            row("c", Some(1.0), 50.0, Some(60.0)),
            row("A", None, 40.0, None),
            row("b", Some(2.0), 120.0, None),
        ];
        assert_eq!(listed(&rows, "", Order::Suspicion), [0, 1, 2]);
        assert_eq!(listed(&rows, "", Order::Growth), [2, 0, 1]);
        assert_eq!(
            listed(&rows, "", Order::TimeToLimit),
            [2, 0, 1],
            "what is over its limit has no time left"
        );
        assert_eq!(listed(&rows, "", Order::Usage), [2, 0, 1]);
        assert_eq!(listed(&rows, "", Order::Name), [1, 2, 0]);
    }
}
