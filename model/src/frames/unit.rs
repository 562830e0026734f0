//! Units of memory, by Grafana's unit ids.

/// Bytes in one of a field's unit; `None` where it is a unit of something else.
pub fn bytes_in(unit: &str) -> Option<f64> {
    let (base, prefix): (f64, _) = match unit.strip_prefix("dec") {
        Some(prefix) => (1000.0, prefix),
        None => (1024.0, unit),
    };
    Some(match prefix {
        "" | "none" | "short" | "bytes" => 1.0,
        "kbytes" => base,
        "mbytes" => base.powi(2),
        "gbytes" => base.powi(3),
        "tbytes" => base.powi(4),
        "bits" => 1.0 / 8.0,
        _ => return None,
    })
}
