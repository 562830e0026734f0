//! A query in parts, where the server finds it too large whole.

use std::collections::{BTreeSet, VecDeque};

use futures_util::future::try_join;
use model::query::Selection;

use super::Window;
use crate::prometheus::{Answer, Client, PrometheusError, Range, RangeSeries};
use crate::promql::Selector;

/// Most parts: a server that cannot answer a sixteenth is asked in vain.
const MAX_PARTS: usize = 16;
/// Most values of a label by which halves are told: servers and proxies bound how long a query may be.
const MAX_VALUES: usize = 200;

/// What is asked of a selector.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// Every sample of the range.
    Samples,
    /// Every sample of the range, of series whose labels have no other names than these.
    SamplesOf(&'a BTreeSet<&'a str>),
    /// The lowest value of each window that ends at a step of so many seconds.
    Minima {
        /// The length of a window, seconds.
        secs: f64,
    },
}

impl What<'_> {
    async fn ask(
        self,
        client: &Client,
        selector: &Selector,
        range: Window,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        match self {
            Self::Samples => client.samples(&selector.over(range.length_secs()), range.to_secs).await,
            Self::SamplesOf(names) => {
                client.samples_of(selector, names, range.length_secs(), range.to_secs).await
            }
            Self::Minima { secs } => {
                let range = Range { start_secs: range.from_secs, end_secs: range.to_secs, step_secs: secs };
                client.query_range(&selector.applied("min_over_time", secs), range).await
            }
        }
    }
}

/// Asks two halves at once, which a server with more than one core answers sooner than the whole; the whole where no
/// label tells halves.
pub(super) async fn ask_in_halves(
    client: &Client,
    selector: &Selector,
    split_by: &[&str],
    what: What<'_>,
    range: Window,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let mut found = None;
    // One after the other: the first, the coarsest, mostly does, and the last have as many values as there are series.
    for label in split_by {
        // Whether the server can be asked at all, the query itself will tell.
        let values = values_of(client, selector, label, range).await.unwrap_or_default();
        if (2..=MAX_VALUES).contains(&values.len()) {
            found = Some((label, values));
            break;
        }
    }
    let Some((label, values)) = found else { return ask(client, selector, split_by, what, range).await };
    let [first, _] = halves(values).map(Selection);
    // The second half holds series without the label, and those that have come since.
    let halves = (selector.clone().selected(label, &first), selector.clone().not_selected(label, &first));
    let asked = |half| async move { ask(client, half, split_by, what, range).await };
    let (mut merged, other) = try_join(asked(&halves.0), asked(&halves.1)).await?;
    add(&mut merged, other);
    Ok(merged)
}

/// Asks; in halves by the values of a label, two at once, as long as the server says that it is too much or does not
/// answer in time. `split_by` are the labels to choose from, the best first.
///
/// The notices say when it was split.
pub(super) async fn ask(
    client: &Client,
    selector: &Selector,
    split_by: &[&str],
    what: What<'_>,
    range: Window,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let refused = match what.ask(client, selector, range).await {
        Err(error @ (PrometheusError::TooExpensive { .. } | PrometheusError::Timeout { .. })) => error,
        answer => return answer,
    };
    let Some((label, values)) = most_varied(client, selector, split_by, range).await? else {
        return Err(refused);
    };
    let (mut merged, mut parts) = (Answer::<Vec<RangeSeries>>::default(), 0);
    // Series without the label are in none of the halves.
    add(&mut merged, what.ask(client, &selector.clone().equal(&label, ""), range).await?);
    let mut halves = VecDeque::from(halves(values));
    let ask = |values: Vec<String>| {
        let part = selector.clone().selected(&label, &Selection(values.clone()));
        async move {
            match what.ask(client, &part, range).await {
                Ok(answer) => Ok((Some(answer), values)),
                Err(PrometheusError::TooExpensive { .. } | PrometheusError::Timeout { .. })
                    if values.len() > 1 =>
                {
                    Ok((None, values))
                }
                Err(error) => Err(error),
            }
        }
    };
    while let Some(one) = halves.pop_front() {
        let answers = match halves.pop_front() {
            Some(other) => {
                let (one, other) = try_join(ask(one), ask(other)).await?;
                vec![one, other]
            }
            None => vec![ask(one).await?],
        };
        for (answer, values) in answers {
            match answer {
                Some(answer) => {
                    parts += 1;
                    add(&mut merged, answer);
                }
                None => halves.extend(self::halves(values)),
            }
            if parts + halves.len() > MAX_PARTS {
                return Err(refused);
            }
        }
    }
    merged.notices.push(format!(
        "the server did not answer the whole query, so that it was asked in {parts} parts by {label}: {refused}"
    ));
    Ok(merged)
}

/// The first of the labels that has more than one value, and its values.
async fn most_varied(
    client: &Client,
    selector: &Selector,
    labels: &[&str],
    range: Window,
) -> Result<Option<(String, Vec<String>)>, PrometheusError> {
    for label in labels {
        let values = values_of(client, selector, label, range).await?;
        if values.len() > 1 {
            return Ok(Some(((*label).to_owned(), values)));
        }
    }
    Ok(None)
}

async fn values_of(
    client: &Client,
    selector: &Selector,
    label: &str,
    range: Window,
) -> Result<Vec<String>, PrometheusError> {
    // How finely is all the same for labels.
    let range = Range { start_secs: range.from_secs, end_secs: range.to_secs, step_secs: 1.0 };
    Ok(client.label_values(label, &[selector.to_string()], range).await?.value)
}

fn halves(mut values: Vec<String>) -> [Vec<String>; 2] {
    let second = values.split_off(values.len() / 2);
    [values, second]
}

fn add(to: &mut Answer<Vec<RangeSeries>>, answer: Answer<Vec<RangeSeries>>) {
    to.value.extend(answer.value);
    for notice in answer.notices {
        if !to.notices.contains(&notice) {
            to.notices.push(notice);
        }
    }
}
