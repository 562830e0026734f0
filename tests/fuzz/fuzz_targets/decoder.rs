//! See [`fuzz::answer_is_decoded_or_refused`].
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| fuzz::answer_is_decoded_or_refused(body));
