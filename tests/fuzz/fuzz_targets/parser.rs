//! See [`fuzz::file_is_read`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::file_is_read(bytes));
