use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::prelude::*;
use prost::Message as _;

use super::frames::{Bounds, read};
use super::messages::{Chunk, ChunkedReadResponse, ChunkedSeries, Label, XOR};
use super::xor::tests::chunk;
use crate::prometheus::decode::Limits;
use crate::prometheus::{Answer, PrometheusError, RangeSeries};

const LIMITS: Limits = Limits { max_series: 100, max_samples: 10_000 };
const ALL: Bounds = Bounds { start_ms: i64::MIN, end_ms: i64::MAX };
const STALE: u64 = 0x7ff0_0000_0000_0002;

fn xor(samples: &[(i64, f64)]) -> Chunk {
    Chunk { encoding: XOR, data: chunk(samples).into() }
}

fn series(pod: &str, chunks: Vec<Chunk>) -> ChunkedSeries {
    let label = |name: &str, value: &str| Label { name: name.to_owned(), value: value.to_owned() };
    ChunkedSeries { labels: vec![label("cluster", "a"), label("pod", pod)], chunks }
}

fn frame(chunked_series: Vec<ChunkedSeries>) -> Vec<u8> {
    let message = ChunkedReadResponse { chunked_series }.encode_to_vec();
    let mut frame = Vec::new();
    prost::encoding::encode_varint(message.len() as u64, &mut frame);
    frame.extend(crc32c::crc32c(&message).to_be_bytes());
    frame.extend(message);
    frame
}

fn answer(
    body: &[u8],
    cut: Option<u64>,
    bounds: Bounds,
    limits: Limits,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    read(&Bytes::copy_from_slice(body), cut, bounds, &BTreeSet::from(["cluster".to_owned()]), limits)
}

/// Pods and their samples.
fn samples(body: &[u8]) -> Vec<(String, Vec<(f64, f64)>)> {
    let told = answer(body, None, ALL, LIMITS).unwrap();
    assert_eq!(told.notices, [""; 0]);
    let one = |one: RangeSeries| {
        assert!(one.labels.get("cluster").is_none(), "the server's own label");
        (one.labels.get("pod").unwrap().to_owned(), one.series.iter().collect())
    };
    told.value.into_iter().map(one).collect()
}

fn refused(body: &[u8]) -> String {
    answer(body, None, ALL, LIMITS).unwrap_err().to_string()
}

#[test]
fn a_series_goes_on_in_the_next_frame() {
    let body = [
        frame(vec![series("a", vec![xor(&[(1000, 1.0), (2500, 2.0)])])]),
        frame(vec![series("a", vec![xor(&[(3000, 3.0)])]), series("b", vec![xor(&[(1000, 9.0)])])]),
    ];
    let told =
        [("a".to_owned(), vec![(1.0, 1.0), (2.5, 2.0), (3.0, 3.0)]), ("b".to_owned(), vec![(1.0, 9.0)])];
    assert_eq!(samples(&body.concat()), told);
    assert!(samples(&[]).is_empty(), "nothing was found");
}

#[test]
fn only_what_a_range_selector_shows_is_kept() {
    let stale = f64::from_bits(STALE);
    let body = frame(vec![
        series("a", vec![xor(&[(1000, 1.0), (2000, f64::NAN), (3000, stale), (4000, 4.0), (5000, 5.0)])]),
        series("b", vec![xor(&[(1000, 1.0), (3000, stale), (5000, 5.0)])]),
    ]);
    let told = answer(&body, None, Bounds { start_ms: 2000, end_ms: 4000 }, LIMITS).unwrap().value;
    assert_eq!(told.len(), 1, "b has none within");
    assert_eq!(told[0].series.times_secs, [2.0, 4.0]);
    assert!(told[0].series.values[0].is_nan());
}

#[test]
fn what_overlapping_chunks_repeat_is_kept_once() {
    let body = frame(vec![series(
        "a",
        vec![xor(&[(1000, 1.0), (3000, 3.0)]), xor(&[(2000, 2.0), (3000, 3.0), (4000, 4.0)])],
    )]);
    assert_eq!(samples(&body)[0].1, [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0)]);
    let body = frame(vec![series("a", vec![xor(&[(1000, 1.0)]), xor(&[(1000, 2.0)])])]);
    assert!(refused(&body).contains("frame 1 of the samples: a series has two values at one time"));
}

#[test]
fn two_series_that_look_like_one_are_refused() {
    let a = || series("a", vec![xor(&[(1000, 1.0)])]);
    let mut own = a();
    own.labels.remove(0);
    assert!(refused(&frame(vec![a(), own])).contains("two series have the same labels"));
}

#[test]
fn native_histograms_are_left_out_and_counted() {
    let histogram = || Chunk { encoding: 2, data: Bytes::from_static(b"whatever") };
    let body =
        frame(vec![series("a", vec![histogram()]), series("b", vec![histogram(), xor(&[(1000, 1.0)])])]);
    let told = answer(&body, None, ALL, LIMITS).unwrap();
    assert_eq!((told.value.len(), told.value[0].series.len()), (1, 1));
    assert_eq!(told.notices, ["1 native histogram series left out: memory is read from plain numbers"]);
}

#[test]
fn limits_keep_whole_series_and_count_the_rest() {
    let pods = (0..12).map(|pod| series(&pod.to_string(), vec![xor(&[(1, 1.0)]), xor(&[(2, 2.0)])]));
    let body = frame(pods.collect());
    let read = |max_series, max_samples| {
        let told = answer(&body, None, ALL, Limits { max_series, max_samples }).unwrap();
        (told.value.iter().map(|one| one.series.len()).collect::<Vec<_>>(), told.notices)
    };
    assert_eq!(read(12, 24), (vec![2; 12], Vec::new()));
    let rest = "narrow the query, for example by namespace, or raise it";
    assert_eq!(read(5, 24), (vec![2; 5], vec![format!("5 of 12 series read (`maxSeries` is 5): {rest}")]));
    assert_eq!(read(12, 7), (vec![2; 3], vec![format!("3 of 12 series read (`maxSamples` is 7): {rest}")]));
}

#[test]
fn of_a_cut_answer_the_whole_series_are_kept() {
    let pod = |pod| frame(vec![series(pod, vec![xor(&[(1000, 1.0)])])]);
    let body = [pod("a"), pod("b"), pod("c")].concat();
    // Between two frames, the last that came may go on in what did not; in the middle of one, so may the one before.
    for cut in [body.len() - pod("c").len(), body.len() - 1] {
        let told = answer(&body[..cut], Some(cut as u64), ALL, LIMITS).unwrap();
        assert_eq!(told.value.len(), 1);
        assert!(told.notices[0].starts_with("1 series read, and there were more (`maxResponseBytes` is "));
    }
    let error = answer(&body[..10], Some(10), ALL, LIMITS).unwrap_err();
    assert_eq!(error, PrometheusError::TooLarge { limit_bytes: 10, announced_bytes: 0 });
}

#[test]
fn what_is_no_answer_is_told_by_its_frame() {
    let good = frame(vec![series("a", vec![xor(&[(1000, 1.0), (2000, 2.0)])])]);
    let with = |change: fn(&mut Vec<u8>)| {
        let mut second = good.clone();
        change(&mut second);
        refused(&[good.clone(), second].concat())
    };
    let says = |told: String, what: &str| {
        assert!(told.contains(&format!("frame 2 of the samples: {what}")), "{told}");
    };
    says(with(|frame| *frame.last_mut().unwrap() ^= 1), "its checksum is wrong");
    says(with(|frame| frame.truncate(frame.len() - 1)), "it ends in the middle");
    says(with(|frame| frame[0] = 0x7f), "it ends in the middle");
    says(with(|frame| *frame = vec![0xff; 20]), "its length cannot be read");
    says(with(|frame| *frame = vec![0xff, 0xff, 0xff, 0xff, 0x0f]), "it is said to be too large");
    let unread = |message: &[u8]| {
        let mut second = vec![message.len() as u8];
        second.extend(crc32c::crc32c(message).to_be_bytes());
        second.extend(message);
        refused(&[good.clone(), second].concat())
    };
    says(unread(b"\x0a\xff"), "it holds no chunks of series");
    let mut short = xor(&[(1000, 1.0), (2000, 2.0)]);
    short.data.truncate(10);
    let body = [good.clone(), frame(vec![series("b", vec![short])])].concat();
    says(refused(&body), "a chunk cannot be read");
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(body: Vec<u8>) {
        drop(answer(&body, None, ALL, LIMITS));
        drop(answer(&body, Some(1), ALL, LIMITS));
    }

    #[test]
    fn a_damaged_frame_is_an_error(at: prop::sample::Index, flipped in 1_u8..) {
        let mut body = frame(vec![series("a", vec![xor(&[(1000, 1.0), (2000, 2.0), (2500, 7.0)])])]);
        let at = at.index(body.len());
        body[at] ^= flipped;
        prop_assert!(answer(&body, None, ALL, LIMITS).is_err());
        body.truncate(at);
        prop_assert!(at == 0 || answer(&body, None, ALL, LIMITS).is_err());
    }

    /// With the right checksum, whatever a frame holds.
    #[test]
    fn any_message_is_an_answer_or_an_error(at: prop::sample::Index, byte: u8, more: Vec<u8>) {
        let mut message = ChunkedReadResponse {
            chunked_series: vec![series("a", vec![xor(&[(1000, 1.0), (2000, 2.0), (2500, 7.0)])])],
        }.encode_to_vec();
        let at = at.index(message.len());
        message[at] = byte;
        message.extend(more);
        let mut body = Vec::new();
        prost::encoding::encode_varint(message.len() as u64, &mut body);
        body.extend(crc32c::crc32c(&message).to_be_bytes());
        body.extend(message);
        drop(answer(&body, None, ALL, LIMITS));
    }
}
