//! The frames of an answer into series: each frame has its length, its checksum and a message with chunks of some series.
//! A series that is too large for one frame goes on in the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use model::labels::Labels;
use model::series::Series;
use prost::Message as _;

use super::messages::{Chunk, ChunkedReadResponse, Label, XOR};
use super::xor;
use crate::prometheus::decode::{Limits, Tally};
use crate::prometheus::{Answer, PrometheusError, RangeSeries};

/// No server sends larger frames: Prometheus' own bound is a mebibyte, and a chunk.
const MAX_FRAME_BYTES: u64 = 16 << 20;
const CHECKSUM_BYTES: usize = 4;
/// Most bytes of a frame's length.
const LENGTH_BYTES: usize = 10;
/// The value that says that a series has ended here; `PromQL` never shows it.
const STALE: u64 = 0x7ff0_0000_0000_0002;

/// Which samples of the chunks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The first wanted time, milliseconds since the epoch.
    pub(super) start_ms: i64,
    /// The last, milliseconds since the epoch.
    pub(super) end_ms: i64,
}

/// The samples within the bounds, as a range selector has them; `external` are the names of labels that the server adds
/// to each series. Of a body that was cut, the series that had come whole. O(samples).
pub(super) fn read(
    body: &Bytes,
    cut_at_bytes: Option<u64>,
    bounds: Bounds,
    external: &BTreeSet<String>,
    limits: Limits,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let mut reader = Reader { bounds, external, tally: Tally::new(limits), current: None };
    let mut rest = body.clone();
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        match frame(&mut rest) {
            Ok(message) => reader.frame(message).map_err(|reason| malformed(number, reason))?,
            Err(Fault::TooShort) if cut_at_bytes.is_some() => break,
            Err(Fault::TooShort) => return Err(malformed(number, "it ends in the middle")),
            Err(Fault::Wrong(reason)) => return Err(malformed(number, reason)),
        }
    }
    let mut notices = Vec::new();
    if let Some(limit_bytes) = cut_at_bytes {
        // The last series may go on in what was cut away, also where it was cut between two frames.
        reader.current = None;
        let Some(notice) = reader.tally.cut(limit_bytes) else {
            return Err(PrometheusError::TooLarge { limit_bytes, announced_bytes: 0 });
        };
        notices.push(notice);
    } else {
        reader.end_series().map_err(|reason| malformed(number, reason))?;
    }
    reader.tally.tell(&mut notices);
    let value = reader.tally.kept;
    // Labels that a server adds can make two series look like one.
    let mut all: Vec<&Arc<Labels>> = value.iter().map(|one| &one.labels).collect();
    all.sort();
    if all.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(malformed(number, "two series have the same labels"));
    }
    Ok(Answer { value, notices })
}

enum Fault {
    TooShort,
    Wrong(&'static str),
}

fn malformed(frame: usize, reason: &str) -> PrometheusError {
    PrometheusError::Malformed { reason: format!("frame {frame} of the samples: {reason}") }
}

/// Takes the next frame off.
fn frame(rest: &mut Bytes) -> Result<ChunkedReadResponse, Fault> {
    let (length, head_bytes) = length(rest)?;
    if length > MAX_FRAME_BYTES {
        return Err(Fault::Wrong("it is said to be too large"));
    }
    let length = length as usize;
    if rest.len() < head_bytes + CHECKSUM_BYTES + length {
        return Err(Fault::TooShort);
    }
    let mut frame = rest.split_to(head_bytes + CHECKSUM_BYTES + length);
    let data = frame.split_off(head_bytes + CHECKSUM_BYTES);
    if frame[head_bytes..] != crc32c::crc32c(&data).to_be_bytes() {
        return Err(Fault::Wrong("its checksum is wrong"));
    }
    ChunkedReadResponse::decode(data).map_err(|_not_a_message| Fault::Wrong("it holds no chunks of series"))
}

/// The length of the next frame, and how many bytes say it.
fn length(rest: &Bytes) -> Result<(u64, usize), Fault> {
    let mut length = 0;
    for (place, byte) in rest.iter().take(LENGTH_BYTES).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            return Ok((length, place + 1));
        }
    }
    Err(if rest.len() < LENGTH_BYTES { Fault::TooShort } else { Fault::Wrong("its length cannot be read") })
}

struct Reader<'a> {
    bounds: Bounds,
    external: &'a BTreeSet<String>,
    tally: Tally,
    /// The series whose chunks are being read.
    current: Option<Current>,
}

struct Current {
    labels: Vec<Label>,
    times_ms: Vec<i64>,
    values: Vec<f64>,
    has_histograms: bool,
}

impl Reader<'_> {
    fn frame(&mut self, message: ChunkedReadResponse) -> Result<(), &'static str> {
        for series in message.chunked_series {
            if self.current.as_ref().is_none_or(|current| current.labels != series.labels) {
                self.end_series()?;
                let room = self.tally.points_hint();
                self.current = Some(Current {
                    labels: series.labels,
                    times_ms: Vec::with_capacity(room),
                    values: Vec::with_capacity(room),
                    has_histograms: false,
                });
            }
            let Some(current) = &mut self.current else { continue };
            let most = self.tally.samples_left();
            for chunk in series.chunks {
                current.add(&chunk, self.bounds, most)?;
            }
        }
        Ok(())
    }

    /// Keeps what was read of a series, if there is room.
    fn end_series(&mut self) -> Result<(), &'static str> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        if current.times_ms.is_empty() && !current.has_histograms {
            return Ok(());
        }
        current.order()?;
        let labels = current.labels.into_iter().filter(|label| !self.external.contains(&label.name));
        let labels: Labels = labels.map(|label| (label.name, label.value)).collect();
        let times_secs = current.times_ms.iter().map(|time_ms| *time_ms as f64 / 1000.0).collect();
        let series = Series::new(times_secs, current.values);
        self.tally.offer(labels, Some(series).filter(|one| !one.is_empty()), current.has_histograms);
        Ok(())
    }
}

impl Current {
    fn add(&mut self, chunk: &Chunk, bounds: Bounds, most: usize) -> Result<(), &'static str> {
        if chunk.encoding != XOR {
            self.has_histograms = true;
            return Ok(());
        }
        // One more than there is room for tells that it is too much.
        let read = xor::samples(&chunk.data, |time_ms, value| {
            let is_wanted = (bounds.start_ms..=bounds.end_ms).contains(&time_ms) && value.to_bits() != STALE;
            if is_wanted && self.times_ms.len() <= most {
                self.times_ms.push(time_ms);
                self.values.push(value);
            }
            self.times_ms.len() <= most
        });
        read.ok_or("a chunk cannot be read")
    }

    /// Where chunks overlap, puts their samples in order and keeps each once.
    fn order(&mut self) -> Result<(), &'static str> {
        if self.times_ms.windows(2).all(|pair| pair[0] < pair[1]) {
            return Ok(());
        }
        let mut samples: Vec<(i64, f64)> = self.times_ms.drain(..).zip(self.values.drain(..)).collect();
        samples.sort_by_key(|(time_ms, _)| *time_ms);
        samples.dedup_by_key(|(time_ms, value)| (*time_ms, value.to_bits()));
        if samples.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err("a series has two values at one time");
        }
        (self.times_ms, self.values) = samples.into_iter().unzip();
        Ok(())
    }
}
