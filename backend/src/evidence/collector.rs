//! How often the garbage collector runs.

use model::evidence::{EvidenceKind, Finding, FindingState};

use super::ask::{Amounts, Ask};
use super::settle;
use crate::profiles::Signal;

const WINDOW_SECS: f64 = 300.0;
/// Collections in a second, of all generations, from which it is an alert.
const COLLECTIONS_PER_SECOND: f64 = 10.0;

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let answer = ask.amounts(Signal::Collections, |selector| selector.applied("rate", WINDOW_SECS)).await;
    let answer = answer.map(|amounts| {
        let (state, sentence) = judge(&amounts);
        (state, sentence, amounts.query)
    });
    settle(EvidenceKind::GcRate, "how often the collector runs", answer)
}

fn judge(amounts: &Amounts) -> (FindingState, String) {
    let by: Vec<_> = amounts
        .by
        .iter()
        .map(|(generation, rate)| format!("generation {generation} {}/s", rounded(*rate)))
        .collect();
    let sentence = format!("{} collections/s over 5 min: {}", rounded(amounts.total()), by.join(", "));
    (
        if amounts.total() > COLLECTIONS_PER_SECOND { FindingState::Attention } else { FindingState::Ok },
        sentence,
    )
}

/// Two digits that count, however rare a generation is.
fn rounded(rate: f64) -> String {
    let digits = if rate >= 10.0 {
        0
    } else if rate >= 0.1 {
        2
    } else {
        4
    };
    format!("{rate:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_is_said() {
        let by = [("0", 12.4), ("1", 1.1), ("2", 0.0042)].map(|(name, rate)| (name.to_owned(), rate));
        let (state, sentence) = judge(&Amounts { query: String::new(), by: by.into() });
        assert_eq!(state, FindingState::Attention);
        assert_eq!(
            sentence,
            "14 collections/s over 5 min: generation 0 12/s, generation 1 1.10/s, generation 2 0.0042/s"
        );
    }
}
