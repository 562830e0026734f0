//! Rows of `growth`.

use super::table::table;

table! {
    /// A row per suspect in scope, healthy ones too, for Grafana alert rules: text columns for the labels, unique per row, and exactly one number.
    GrowthRow in "growth" {
        /// Kubernetes namespace, or empty.
        namespace: String = "",
        /// Pod, or empty.
        pod: String = "",
        /// Container, or empty.
        container: String = "",
        /// Scraped target, or empty.
        instance: String = "",
        /// Scrape job, or empty.
        job: String = "",
        /// The metric that was judged.
        metric: String = "",
        /// The number asked for: score (0 to 1, default), growth in bytes per hour (0 for what does not leak) or seconds to the limit.
        value: f64 = "none",
    }
}
