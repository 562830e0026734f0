//! See [`fuzz::values_come_back_from_promql`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&str, &str, Vec<&str>)| {
    let (metric, equal, others) = input;
    fuzz::values_come_back_from_promql(metric, equal, &others);
});
