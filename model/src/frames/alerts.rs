//! Rows of `alerts`.

use super::cell::Millis;
use super::table::table;

table! {
    /// Firing and pending alerts, worst first.
    AlertRow in "alerts" {
        /// The rule's name.
        alertname: String = "",
        /// `firing` or `pending`.
        state: String = "",
        /// The label `severity`, or empty.
        severity: String = "",
        /// Since when the condition holds.
        since: Option<Millis> = "dateTimeAsIso",
        /// Value of the expression, in the expression's unit.
        value: Option<f64> = "none",
        /// What the value is compared with, in the same unit; null when the expression shows none.
        threshold: Option<f64> = "none",
        /// Grafana's unit id of value and threshold, or empty when unknown.
        value_unit: String = "",
        /// Kubernetes namespace, or empty.
        namespace: String = "",
        /// Pod, or empty.
        pod: String = "",
        /// Container, or empty.
        container: String = "",
        /// Scraped target, or empty.
        instance: String = "",
        /// Annotation `summary`, or empty.
        summary: String = "",
        /// Annotation `runbook_url` when it is an http(s) address, else empty.
        runbook_url: String = "",
        /// The rule's expression, or empty.
        expr: String = "",
        /// The rule's `for`, seconds.
        for_secs: Option<f64> = "s",
        /// Who says so, such as `Prometheus, Alertmanager`.
        source: String = "",
        /// All labels but `alertname`, a JSON object.
        labels: String = "",
        /// All annotations, a JSON object.
        annotations: String = "",
        /// Scrape job, or empty.
        job: String = "",
        /// Alertmanager's fingerprint of its labels, `alertname` among them.
        fingerprint: String = "",
        /// `silenced` or `inhibited` where nobody is told of it, else empty. It fires all the same.
        suppression: String = "",
        /// Who silenced it and why, or which alert stands for it; empty where nothing does.
        suppressed_by: String = "",
        /// Until when it is silenced.
        suppressed_until: Option<Millis> = "dateTimeAsIso",
        /// Its rule: an http(s) address or a path in Grafana, or empty.
        rule_url: String = "",
        /// A form that silences it: an http(s) address or a path in Grafana, or empty.
        silence_url: String = "",
    }
}
