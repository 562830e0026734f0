//! Leaklens.
fn main() {}
