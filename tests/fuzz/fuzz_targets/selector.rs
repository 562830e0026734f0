//! See [`fuzz::selector_is_read_as_it_is_written`].
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::selector_is_read_as_it_is_written(text));
