//! The laws under proptest, with inputs that come close to what is meant: pieces of it in any order.

use proptest::prelude::*;
use proptest::sample::select;

/// Pieces of runbooks.
const MARKDOWN: &[&str] = &[
    "# ",
    "## ",
    "### 1. ",
    "HighMemoryUsage",
    " / ",
    "**Trigger**: ",
    "**Immediate actions**:",
    "\n",
    "\n\n",
    "\r\n",
    "1. ",
    "- ",
    "- [ ] ",
    "   ",
    "```bash\n",
    "```\n",
    "~~~\n",
    "`kubectl get pod <pod-name>`",
    "kubectl -n ",
    "<namespace>",
    "$POD",
    "${NAMESPACE}",
    "{{ $labels.pod }}",
    "<!-- leaklens: evidence=growth,nonsense -->",
    "<div>",
    "| a | b |\n|---|---|\n",
    "---\nalert: X\n---\n",
    "cat <<EOF\n",
    "EOF\n",
    "\"",
    "'",
    "\\",
    "\u{feff}",
    "\u{202e}",
    "\u{1f980}",
    "\0",
    "&amp;",
    "[a](b)",
];
/// Pieces of shell text and of label values.
const SHELL: &[&str] = &[
    "",
    " ",
    "a",
    "\"",
    "'",
    "\\",
    "$(",
    ")",
    "`",
    ";",
    "&",
    "|",
    ">",
    "#",
    "\n",
    "\t",
    "sh -c '",
    "sh -c \"",
    "eval ",
    "awk '{",
    "}'",
    "${x:-",
    "<<EOF\n",
    "-",
    "/",
    "..",
    "日",
    "\u{202e}",
    "\u{7f}",
    "<pod-name>",
    "printf %s ",
];
/// Pieces of selectors.
const SELECTOR: &[&str] = &[
    "up",
    "{",
    "}",
    "a",
    "job",
    "__name__",
    "=",
    "!=",
    "=~",
    "!~",
    "\"",
    "'",
    "`",
    "\\",
    "x.*",
    "|",
    ",",
    " ",
    "[5m]",
    " offset 5m",
    " @ 1",
    " or ",
    ":",
    "k8s.pod",
    "\"k8s.pod\"",
    "\\n",
    "1",
    "(",
    ")",
    "日",
    "\n",
];
/// Pieces of answers.
const ANSWER: &[&str] = &[
    r#"{"status":"success","data":{"resultType":"matrix","result":["#,
    r#"{"status":"success","data":{"resultType":"vector","result":["#,
    r#"{"metric":{"a":"b"},"values":[[1,"2"],[3,"NaN"]]}"#,
    r#"{"metric":{},"value":[1,"7"]}"#,
    r#"{"metric":{},"histograms":[[1,{"count":"3"}]]}"#,
    "]}}",
    ",",
    "{",
    "}",
    "[",
    "]",
    "null",
    "1e999",
    r#""warnings":["w"]"#,
    r#"{"status":"error","errorType":"t","error":"e"}"#,
    "\"",
    "\\u0000",
    " ",
    "<html>",
    "true",
];

fn pieces(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(of), 0..most).prop_map(|pieces| pieces.concat())
}

/// Pieces, or anything at all.
fn text(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop_oneof![4 => pieces(of, most), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn every_file_is_read(markdown in text(MARKDOWN, 60), bytes: Vec<u8>) {
        fuzz::file_is_read(markdown.as_bytes());
        fuzz::file_is_read(&bytes);
    }

    #[test]
    fn every_value_is_filled_in_or_left_out(before in text(SHELL, 8), after in text(SHELL, 8), value in text(SHELL, 8)) {
        fuzz::value_is_filled_in_or_left_out(&before, &after, &value);
    }

    #[test]
    fn every_value_comes_back_from_promql(
        metric in prop_oneof![Just(String::new()), "[a-z_:.]{1,8}", any::<String>()],
        equal: String,
        others in prop::collection::vec(text(SELECTOR, 6), 0..4),
    ) {
        let others: Vec<_> = others.iter().map(String::as_str).collect();
        fuzz::values_come_back_from_promql(&metric, &equal, &others);
    }

    #[test]
    fn every_selector_is_read_as_it_is_written(text in text(SELECTOR, 12)) {
        fuzz::selector_is_read_as_it_is_written(&text);
    }

    #[test]
    fn every_answer_is_decoded_or_refused(answer in text(ANSWER, 12)) {
        fuzz::answer_is_decoded_or_refused(answer.as_bytes());
    }
}
