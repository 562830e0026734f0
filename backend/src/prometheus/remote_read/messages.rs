//! What is said, as `prompb/remote.proto` and `prompb/types.proto` of Prometheus have it; fields that are not used are
//! left out.

use bytes::Bytes;

use crate::promql::{MatchKind, Selector};

/// Of the encodings of a chunk, the one of plain numbers.
pub(super) const XOR: i32 = 1;
/// Of the kinds of answer, chunks in frames.
const STREAMED_XOR_CHUNKS: i32 = 1;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadRequest {
    #[prost(message, repeated, tag = "1")]
    queries: Vec<Query>,
    #[prost(int32, repeated, tag = "2")]
    accepted_response_types: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Query {
    #[prost(int64, tag = "1")]
    start_timestamp_ms: i64,
    #[prost(int64, tag = "2")]
    end_timestamp_ms: i64,
    #[prost(message, repeated, tag = "3")]
    matchers: Vec<LabelMatcher>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct LabelMatcher {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    value: String,
}

/// One frame of the answer.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ChunkedReadResponse {
    #[prost(message, repeated, tag = "1")]
    pub(super) chunked_series: Vec<ChunkedSeries>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ChunkedSeries {
    #[prost(message, repeated, tag = "1")]
    pub(super) labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub(super) chunks: Vec<Chunk>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(super) struct Label {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(super) struct Chunk {
    #[prost(int32, tag = "3")]
    pub(super) encoding: i32,
    #[prost(bytes = "bytes", tag = "4")]
    pub(super) data: Bytes,
}

impl ReadRequest {
    /// Asks for the chunks of a selector's series that reach into a range.
    pub(super) fn new(selector: &Selector, start_timestamp_ms: i64, end_timestamp_ms: i64) -> Self {
        let matcher = |(kind, name, value): (MatchKind, &str, &str)| LabelMatcher {
            kind: match kind {
                MatchKind::Equal => 0,
                MatchKind::NotEqual => 1,
                MatchKind::Regex => 2,
                MatchKind::NotRegex => 3,
            },
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let matchers = selector.matchers().map(matcher).collect();
        Self {
            queries: vec![Query { start_timestamp_ms, end_timestamp_ms, matchers }],
            accepted_response_types: vec![STREAMED_XOR_CHUNKS],
        }
    }
}
