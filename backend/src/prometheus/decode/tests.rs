use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

pub(super) const LIMITS: Limits = Limits { max_series: 100, max_samples: 10_000 };

pub(super) fn matrix(series: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}}}"#)
}

#[test]
fn special_numbers_are_numbers() {
    let body = matrix(r#"{"metric":{},"values":[[1,"NaN"],[2.5,"+Inf"],[3,"-Inf"],[4,"1e+06"],[5,"-0"]]}"#);
    let series = range(body.as_bytes(), None, LIMITS).unwrap().value.remove(0).series;
    assert_eq!(series.times_secs, [1.0, 2.5, 3.0, 4.0, 5.0]);
    assert!(series.values[0].is_nan());
    assert_eq!(series.values[1..], [f64::INFINITY, f64::NEG_INFINITY, 1e6, 0.0]);
}

#[test]
fn order_and_duplicates_are_left_as_they_came() {
    let body = matrix(r#"{"values":[[3,"1"],[1,"2"],[1,"3"]],"metric":{"a":"b"}}"#);
    let series = range(body.as_bytes(), None, LIMITS).unwrap().value.remove(0);
    assert_eq!(*series.labels, [("a", "b")].into_iter().collect());
    assert_eq!(series.series.times_secs, [3.0, 1.0, 1.0]);
}

#[test]
fn native_histograms_are_left_out_and_counted() {
    let histogram =
        r#"{"metric":{"h":"1"},"histograms":[[1,{"count":"3","sum":"4","buckets":[[0,"1","2","3"]]}]]}"#;
    let mixed = r#"{"metric":{"m":"1"},"values":[[1,"1"]],"histograms":[[2,{"count":"3","sum":"4"}]]}"#;
    let answer = range(matrix(&format!("{histogram},{mixed}")).as_bytes(), None, LIMITS).unwrap();
    assert_eq!(answer.value.len(), 1);
    assert_eq!(answer.notices, ["1 native histogram series left out: memory is read from plain numbers"]);

    let vector = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{},"histogram":[1,{"count":"3","sum":"4"}]},{"metric":{},"value":[1,"7"]}]}}"#;
    let answer = instant(vector.as_bytes(), LIMITS).unwrap();
    assert_eq!((answer.value.len(), answer.value[0].value), (1, 7.0));
    assert_eq!(answer.notices.len(), 1);
}

#[test]
fn what_the_server_remarks_is_kept() {
    let body = r#"{"status":"success","isPartial":true,"warnings":["w"],"infos":["i"],"stats":{"x":[1]},
        "data":{"resultType":"matrix","result":[]}}"#;
    let notices = range(body.as_bytes(), None, LIMITS).unwrap().notices;
    assert_eq!(notices, ["the server answered in part: some of its storage did not reply", "w", "i"]);
    let body = r#"{"status":"success","warnings":null,"data":{"resultType":"vector","result":[]}}"#;
    assert!(instant(body.as_bytes(), LIMITS).unwrap().notices.is_empty());
}

#[test]
fn limits_keep_whole_series_and_count_the_rest() {
    let mut series = String::new();
    for number in 0..12 {
        let comma = if number == 0 { "" } else { "," };
        write!(series, r#"{comma}{{"metric":{{"n":"{number}"}},"values":[[1,"1"],[2,"2"]]}}"#).unwrap();
    }
    let body = matrix(&series);
    let read =
        |max_series, max_samples| range(body.as_bytes(), None, Limits { max_series, max_samples }).unwrap();
    assert_eq!(read(12, 24).value.len(), 12);
    assert!(read(12, 24).notices.is_empty());
    let answer = read(5, 24);
    assert_eq!(answer.value.len(), 5);
    let notice =
        "5 of 12 series read (`maxSeries` is 5): narrow the query, for example by namespace, or raise it";
    assert_eq!(answer.notices, [notice]);
    let answer = read(12, 7);
    assert_eq!(answer.value.len(), 3);
    let notice =
        "3 of 12 series read (`maxSamples` is 7): narrow the query, for example by namespace, or raise it";
    assert_eq!(answer.notices, [notice]);
}

#[test]
fn of_a_cut_answer_the_whole_series_are_kept() {
    let body = matrix(r#"{"metric":{"n":"1"},"values":[[1,"1"]]},{"metric":{"n":"2"},"values":[[1,"1"]]}"#);
    let cut = &body.as_bytes()[..body.len() - 10];
    let answer = range(cut, Some(100), LIMITS).unwrap();
    assert_eq!(answer.value.len(), 1);
    let notice = "1 series read, and there were more (`maxResponseBytes` is 100): narrow the query, for example by namespace, or raise it";
    assert_eq!(answer.notices, [notice]);
    assert!(range(cut, None, LIMITS).is_err(), "nobody here has cut it");
    assert!(range(b"<html>", Some(6), LIMITS).is_err());
}

#[test]
fn another_result_type_is_an_error() {
    let text = r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#;
    assert!(matches!(instant(text.as_bytes(), LIMITS), Err(PrometheusError::Malformed { .. })));
    assert!(matches!(range(text.as_bytes(), None, LIMITS), Err(PrometheusError::Malformed { .. })));
}

#[test]
fn an_error_does_not_quote_what_could_not_be_read() {
    let body = matrix(r#"{"metric":{},"values":[[1,"s3cret"]]}"#);
    let error = range(body.as_bytes(), None, LIMITS).unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

/// A matrix as `serde_json` reads it into plain types: what ours is held against.
#[derive(Deserialize)]
struct PlainAnswer {
    status: String,
    data: PlainData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainData {
    #[serde(default = "matrix_type")]
    result_type: String,
    result: Vec<PlainSeries>,
}

#[derive(Deserialize)]
struct PlainSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

fn matrix_type() -> String {
    "matrix".to_owned()
}

type Plain = Vec<(BTreeMap<String, String>, Vec<(u64, u64)>)>;

/// Times and values by their bits; all NaN are one.
pub(super) fn bits(time: f64, value: f64) -> (u64, u64) {
    (time.to_bits(), if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
}

fn plainly(body: &[u8]) -> Option<Plain> {
    let answer: PlainAnswer = serde_json::from_slice(body).ok()?;
    if answer.status != "success" || answer.data.result_type != "matrix" {
        return None;
    }
    let series = answer.data.result.into_iter().map(|one| {
        let values = one.values.iter().map(|(time, value)| Some(bits(*time, value.parse().ok()?)));
        Some((one.metric, values.collect::<Option<_>>()?))
    });
    series.collect()
}

fn ours(body: &[u8]) -> Option<Plain> {
    let answer = range(body, None, LIMITS).ok()?;
    let series = answer.value.into_iter();
    Some(
        series
            .map(|one| (plain_labels(&one.labels), one.series.iter().map(|(t, v)| bits(t, v)).collect()))
            .collect(),
    )
}

fn plain_labels(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What stands for a number in an answer, and what does not.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| format!("{value:e}")),
        any::<u32>().prop_map(|value| value.to_string()),
        prop::sample::select(vec![
            "NaN", "+Inf", "-Inf", "inf", "nan", "-0", "1e999", "", " 1", "1 ", "0x1", "1_0", "é"
        ])
        .prop_map(str::to_owned),
        "[0-9.eE+-]{1,8}",
    ]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u32>().prop_map(|secs| secs.to_string()),
        any::<u32>().prop_map(|millis| format!("{}", f64::from(millis) / 1000.0)),
        (-1.0e12..1.0e12_f64).prop_map(|secs| format!("{secs:e}")),
        prop::sample::select(vec!["-0", "01", "1.", "null", "\"1\""]).prop_map(str::to_owned),
    ]
}

/// An answer as text, its labels and numbers of every kind, perhaps with spaces between.
pub(super) fn answer_text() -> impl Strategy<Value = String> {
    let samples = prop::collection::vec((time(), number()), 0..5);
    // Names and texts among them that look like the beginning of a series.
    let names = prop_oneof![4 => "[a-z_]{1,3}", 1 => Just("metric".to_owned())];
    let texts = prop_oneof![4 => any::<String>(), 1 => Just(r#"},{"metric":{"#.to_owned())];
    let labels = prop::collection::btree_map(names, texts, 0..3);
    let series = prop::collection::vec((labels, samples, any::<bool>()), 0..4);
    (series, any::<bool>()).prop_map(|(series, spaced)| {
        let (colon, comma) = if spaced { (" : ", " ,\n ") } else { (":", ",") };
        let texts = series.into_iter().map(|(labels, samples, labels_first)| {
            let samples: Vec<String> = samples
                .into_iter()
                .map(|(time, number)| format!("[{time}{comma}{}]", serde_json::json!(number)))
                .collect();
            let labels = format!("\"metric\"{colon}{}", serde_json::json!(labels));
            let values = format!("\"values\"{colon}[{}]", samples.join(comma));
            let (first, second) = if labels_first { (labels, values) } else { (values, labels) };
            format!("{{{first}{comma}{second}}}")
        });
        matrix(&texts.collect::<Vec<_>>().join(comma))
    })
}

proptest! {
    #[test]
    fn an_answer_is_read_as_serde_json_reads_it(text in answer_text()) {
        prop_assert_eq!(ours(text.as_bytes()), plainly(text.as_bytes()));
    }

    #[test]
    fn a_damaged_answer_is_read_as_serde_json_reads_it(text in answer_text(), at: prop::sample::Index, byte: u8) {
        let mut body = text.into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        prop_assert_eq!(ours(&body), plainly(&body));
        body.truncate(at);
        prop_assert_eq!(ours(&body), plainly(&body));
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(body: Vec<u8>) {
        drop(range(&body, None, LIMITS));
        drop(instant(&body, LIMITS));
    }

    #[test]
    fn a_damaged_answer_is_an_answer_or_an_error(at in 0_usize..200, byte: u8) {
        let mut body = matrix(r#"{"metric":{"a":"b"},"values":[[1,"2"],[3,"4"]]},{"metric":{},"values":[]}"#).into_bytes();
        let at = at % body.len();
        body[at] = byte;
        drop(range(&body, None, LIMITS));
        body.truncate(at);
        prop_assert!(range(&body, None, LIMITS).is_err());
    }

    #[test]
    fn what_is_written_is_read(
        series in prop::collection::vec(
            (prop::collection::btree_map("[a-z]{1,4}", any::<String>(), 0..4), prop::collection::vec(any::<(i32, f64)>(), 0..8)),
            0..6,
        ),
    ) {
        let texts: Vec<String> = series.iter().map(|(labels, samples)| {
            let samples: Vec<_> = samples.iter().map(|(time, value)| (time, value.to_string())).collect();
            serde_json::json!({ "metric": labels, "values": samples }).to_string()
        }).collect();
        let read = range(matrix(&texts.join(",")).as_bytes(), None, LIMITS).unwrap();
        prop_assert!(read.notices.is_empty());
        prop_assert_eq!(read.value.len(), series.len());
        for (read, (labels, samples)) in read.value.iter().zip(&series) {
            prop_assert_eq!(&plain_labels(&read.labels), labels);
            prop_assert_eq!(read.series.len(), samples.len());
            for ((read_time, read_value), (time, value)) in read.series.iter().zip(samples) {
                prop_assert_eq!(read_time, f64::from(*time));
                prop_assert!(read_value == *value || (read_value.is_nan() && value.is_nan()));
            }
        }
    }
}
