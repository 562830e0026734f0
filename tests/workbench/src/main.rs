//! Stands in for Grafana in demo and tests.
fn main() {}
