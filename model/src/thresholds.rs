//! Thresholds, in the units people set them in.

use serde::{Deserialize, Serialize};

/// Bytes in a mebibyte.
pub const MIB: f64 = 1_048_576.0;

/// What counts as too much. The same keys stand in the data source's `jsonData` and in the panel's options;
/// every one may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Thresholds {
    /// Growth that makes a leak, bytes per hour.
    pub growth_bytes_per_hour: f64,
    /// Growth that makes it critical, bytes per hour.
    pub critical_growth_bytes_per_hour: f64,
    /// Usage worth a warning, bytes.
    pub usage_bytes: f64,
    /// Usage that is critical, bytes.
    pub critical_usage_bytes: f64,
    /// Shortest history from which anything is concluded, seconds.
    pub min_evidence_secs: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            growth_bytes_per_hour: 10.0 * MIB,
            critical_growth_bytes_per_hour: 50.0 * MIB,
            usage_bytes: 500.0 * MIB,
            critical_usage_bytes: 1000.0 * MIB,
            min_evidence_secs: 1800.0,
        }
    }
}
