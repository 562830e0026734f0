//! An answer with samples, decoded while it is still arriving: the server writes on one core, we read on another, and no
//! more than a part of the text is ever held.
//!
//! Servers write a matrix without spaces, so that `,{"metric":{` stands between two series and, a quote in a string being
//! escaped, nowhere else. What comes before the first series and after the last part is an answer of its own, with the
//! last series in it, and is read as one. An answer that is written otherwise is read when it is whole.

use std::sync::Arc;

use serde::de::DeserializeSeed as _;

use super::matrix::{Matrix, SeriesList};
use super::{Limits, Tally, envelope, plain};
use crate::prometheus::{Answer, PrometheusError, RangeSeries};

/// So many bytes are worth a part: few enough to stay in the processor's caches.
const PART_BYTES: usize = 256 << 10;
/// Where the head of an answer ends at the latest.
const MAX_HEAD_BYTES: usize = 1024;
const HEAD_END: &[u8] = br#""data":{"resultType":"matrix","result":["#;
const SERIES: &[u8] = br#"{"metric":{"#;

/// An answer of which some has come.
#[derive(Debug)]
pub struct Arriving {
    tally: Tally,
    part_bytes: usize,
    /// What comes before the first series, where it is known to be such.
    head: Option<Vec<u8>>,
    /// What has come and is not read; from the `[` before its first series on, where there is a head.
    pending: Vec<u8>,
    /// How much of it has been looked at.
    looked_at: usize,
    /// Bytes of the parts that have been read.
    done_bytes: u64,
    failure: Option<PrometheusError>,
}

impl Arriving {
    /// Nothing has come yet.
    pub fn new(limits: Limits) -> Self {
        Self::in_parts_of(PART_BYTES, limits)
    }

    /// As [`Self::new`], with parts of so many bytes at least.
    pub fn in_parts_of(part_bytes: usize, limits: Limits) -> Self {
        Self {
            tally: Tally::new(limits),
            part_bytes,
            head: None,
            pending: Vec::new(),
            looked_at: 0,
            done_bytes: 0,
            failure: None,
        }
    }

    /// Takes in what has come, and reads it once it is enough.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        self.pending.extend_from_slice(bytes);
        if self.looked_at == 0 && self.pending.len() >= self.part_bytes {
            self.find_head();
        }
        if self.head.is_some() && self.pending.len() - self.looked_at >= self.part_bytes {
            self.read_part();
        }
    }

    fn find_head(&mut self) {
        self.looked_at = 1;
        let beginning = &self.pending[..self.pending.len().min(MAX_HEAD_BYTES)];
        let Some(at) = beginning.windows(HEAD_END.len()).position(|part| part == HEAD_END) else { return };
        let head = &self.pending[..at + HEAD_END.len()];
        if !self.pending[head.len()..].starts_with(SERIES) || !begins_an_answer(head) {
            return;
        }
        self.done_bytes = head.len() as u64 - 1;
        self.head = Some(head.to_vec());
        self.pending.drain(..self.done_bytes as usize);
    }

    /// Reads all series but the last, which may not have come whole.
    fn read_part(&mut self) {
        let end = last_series(&self.pending, self.looked_at.max(1));
        self.looked_at = self.pending.len();
        let Some(comma) = end else { return };
        self.pending[comma] = b']';
        if let Err(error) = read(&self.pending[..=comma], &mut self.tally) {
            let reason =
                format!("{:?} error after byte {}", error.classify(), self.done_bytes).to_lowercase();
            self.failure = Some(PrometheusError::Malformed { reason });
            return;
        }
        self.done_bytes += comma as u64;
        // The comma makes room for the `[` of the next.
        self.pending.drain(..comma);
        self.pending[0] = b'[';
        self.looked_at = self.pending.len();
    }

    /// What has come, be it all or what was left when it was cut.
    pub fn end(self, cut_at_bytes: Option<u64>) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let Self { tally, head, pending, done_bytes, failure, .. } = self;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let body = match head {
            Some(mut head) => {
                // Its `[` is there already.
                head.extend_from_slice(&pending[1..]);
                head
            }
            None => pending,
        };
        super::range_into(tally, &body, cut_at_bytes).map_err(|error| match error {
            PrometheusError::CutOff { read_bytes } => {
                PrometheusError::CutOff { read_bytes: done_bytes + read_bytes }
            }
            error => error,
        })
    }
}

/// A list of series.
fn read(part: &[u8], tally: &mut Tally) -> Result<(), serde_json::Error> {
    let before = tally.kept.last().map(|one| Arc::clone(&one.labels)).unwrap_or_default();
    if let Some(all) = plain::series(part, &before, tally.points_hint()) {
        for (labels, series) in all {
            tally.offer(labels, Some(series), false);
        }
        return Ok(());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(part);
    SeriesList(tally).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Whether what follows are the series of a matrix: closed at once, it is an answer with none.
fn begins_an_answer(head: &[u8]) -> bool {
    let whole = [head, b"]}}"].concat();
    let limits = Limits { max_series: 0, max_samples: 0 };
    envelope(&whole, Matrix(&mut Tally::new(limits))).is_ok_and(|envelope| envelope.data.is_some())
}

/// Where the comma before the last series is, if that begins after a place.
fn last_series(text: &[u8], after: usize) -> Option<usize> {
    // A series may begin at the end of what was looked at before.
    let from = after.saturating_sub(SERIES.len()).max(1);
    let mut to = text.len();
    while let Some(brace) = text[from..to].iter().rposition(|byte| *byte == b'{') {
        let at = from + brace;
        if text[at - 1] == b',' && text[at..].starts_with(SERIES) {
            return Some(at - 1);
        }
        to = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{LIMITS, answer_text, bits, matrix};
    use super::*;
    use crate::prometheus::decode::range;

    fn in_pieces(body: &[u8], part_bytes: usize, piece_bytes: usize) -> Arriving {
        let mut arriving = Arriving::in_parts_of(part_bytes, LIMITS);
        for piece in body.chunks(piece_bytes) {
            arriving.push(piece);
        }
        arriving
    }

    /// All that an answer tells, its numbers by their bits.
    fn told(answer: Result<Answer<Vec<RangeSeries>>, PrometheusError>) -> Option<(Vec<String>, Vec<String>)> {
        let Answer { value, notices } = answer.ok()?;
        let one = |one: RangeSeries| {
            let samples: Vec<_> = one.series.iter().map(|(time, value)| bits(time, value)).collect();
            format!("{:?} {samples:?}", one.labels)
        };
        Some((value.into_iter().map(one).collect(), notices))
    }

    #[test]
    fn all_series_but_the_last_are_read_before_the_end_has_come() {
        let body = matrix(
            r#"{"metric":{"a":"},{\"metric\":{"},"values":[[1,"1"]]},{"metric":{"metric":"b"},"values":[[1,"2"]]},{"metric":{},"values":[]}"#,
        );
        let arriving = in_pieces(body.as_bytes(), 1, body.len());
        assert_eq!(arriving.tally.kept.len(), 2);
        assert_eq!(told(arriving.end(None)), told(range(body.as_bytes(), None, LIMITS)));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        let series =
            r#"{"metric":{"a":"b"},"values":[[1,"1"]]},{"metric":{"a":"c"},"values":[[1,"s3cret"]]}"#;
        let body = matrix(&[series; 3].join(","));
        let error = in_pieces(body.as_bytes(), 80, 64).end(None).unwrap_err();
        let told = error.to_string();
        assert!(told.contains("data error after byte ") && !told.contains("s3cret"), "{told}");
        let body = &body.as_bytes()[..100];
        let error = in_pieces(&body[..90], 1, 8).end(None).unwrap_err();
        assert_eq!(error, PrometheusError::CutOff { read_bytes: 90 });
    }

    proptest! {
        #[test]
        fn in_pieces_an_answer_says_the_same(text in answer_text(), part_bytes in 1_usize..200, piece_bytes in 1_usize..100) {
            let body = text.as_bytes();
            prop_assert_eq!(told(in_pieces(body, part_bytes, piece_bytes).end(None)), told(range(body, None, LIMITS)));
        }

        #[test]
        fn in_pieces_a_damaged_answer_says_the_same(
            text in answer_text(), at: prop::sample::Index, byte: u8, part_bytes in 1_usize..200, piece_bytes in 1_usize..100,
        ) {
            let mut body = text.into_bytes();
            let at = at.index(body.len());
            body[at] = byte;
            prop_assert_eq!(told(in_pieces(&body, part_bytes, piece_bytes).end(None)), told(range(&body, None, LIMITS)));
            body.truncate(at);
            for cut in [None, Some(at as u64)] {
                prop_assert_eq!(told(in_pieces(&body, part_bytes, piece_bytes).end(cut)), told(range(&body, cut, LIMITS)));
            }
        }
    }
}
