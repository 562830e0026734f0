//! Rows of `suspects`.

use super::cell::Millis;
use super::table::table;

table! {
    /// A row per suspect, most suspicious first.
    SuspectRow in "suspects" {
        /// Identifies the suspect across refreshes: its labels as a JSON object with sorted keys, the metric as `__name__`.
        id: String = "",
        /// All labels of the series, a JSON object.
        labels: String = "",
        /// Kubernetes namespace, or empty.
        namespace: String = "",
        /// Pod, or empty.
        pod: String = "",
        /// Container, or empty.
        container: String = "",
        /// Workload that owns the pod, or empty.
        workload: String = "",
        /// Scraped target, or empty.
        instance: String = "",
        /// Scrape job, or empty.
        job: String = "",
        /// The metric that was judged.
        metric: String = "",
        /// How sure this is a leak, 0 to 1; 0.5 and more is a leak.
        score: f64 = "percentunit",
        /// `leak`, `suspect`, `growing`, `bounded`, `stable`, `screened` or `insufficient`.
        verdict: String = "",
        /// The curve that fits best, such as `linear` or `saturating`; empty when there is too little data.
        shape: String = "",
        /// `critical`, `warning`, or empty: the growth and usage thresholds that are passed.
        severity: String = "",
        /// Growth of the floor, bytes per hour; null when there is too little data.
        rate_bytes_per_hour: Option<f64> = "bytes",
        /// Lower end of the rate's 90 % interval, bytes per hour.
        rate_low_bytes_per_hour: Option<f64> = "bytes",
        /// Upper end of the rate's 90 % interval, bytes per hour.
        rate_high_bytes_per_hour: Option<f64> = "bytes",
        /// Last sample, bytes; of what is `screened` the lowest value of the newest window.
        current_bytes: Option<f64> = "bytes",
        /// The floor now: the lower envelope without collector teeth, bytes.
        floor_bytes: Option<f64> = "bytes",
        /// Memory limit, bytes; null when none is known.
        limit_bytes: Option<f64> = "bytes",
        /// Seconds until the limit is reached at this rate; null when it will not be or cannot be told.
        secs_to_limit: Option<f64> = "s",
        /// Earliest end of that forecast, seconds.
        secs_to_limit_low: Option<f64> = "s",
        /// Latest end of that forecast, seconds; null when it may never be reached.
        secs_to_limit_high: Option<f64> = "s",
        /// When the growth began; null when nothing grows or it began before the range.
        onset: Option<Millis> = "dateTimeAsIso",
        /// Restarts in the range; null when they cannot be told.
        restarts: Option<f64> = "none",
        /// Samples judged.
        samples: f64 = "none",
        /// Time between the first and the last sample, seconds.
        span_secs: f64 = "s",
        /// Time of the last sample.
        last_sample: Option<Millis> = "dateTimeAsIso",
        /// Why, in plain sentences, a JSON array of strings.
        reasons: String = "",
        /// The `id`s of pods of its workload that came and went before it and for which this row stands, a JSON array.
        stands_for: String = "",
    }
}
