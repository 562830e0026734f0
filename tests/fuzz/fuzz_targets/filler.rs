//! See [`fuzz::value_is_filled_in_or_left_out`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&str, &str, &str)| {
    let (before, after, value) = input;
    fuzz::value_is_filled_in_or_left_out(before, after, value);
});
