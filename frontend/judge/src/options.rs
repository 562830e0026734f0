//! What the panel's options say of series that come without a verdict.

use model::thresholds::{MIB, Thresholds};
use serde_json::Value;

/// Labels that play a role where the options name none, in order of preference.
const ROLES: [(&str, &[&str]); 4] = [
    ("namespace", &["exported_namespace", "namespace", "kubernetes_namespace"]),
    ("pod", &["exported_pod", "pod", "pod_name", "kubernetes_pod_name"]),
    ("container", &["exported_container", "container", "container_name"]),
    ("workload", &["workload", "deployment", "app"]),
];

/// The options. Whatever a dashboard's JSON says instead of what it should is as if it said nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// What counts as too much.
    pub thresholds: Thresholds,
    /// The memory limit of every series, bytes.
    pub limit_bytes: Option<f64>,
    /// The query whose series are limits, or empty.
    pub limit_query: String,
    roles: Vec<(&'static str, Vec<String>)>,
}

impl Options {
    /// Reads the options as the host has them.
    pub fn read(json: &Value) -> Self {
        let positive = |key: &str| json[key].as_f64().filter(|number| *number > 0.0 && number.is_finite());
        let defaults = Thresholds::default();
        let names = |role: &str| {
            let text = json["roles"][role].as_str().unwrap_or_default();
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        Self {
            thresholds: Thresholds {
                growth_bytes_per_hour: positive("growth")
                    .map_or(defaults.growth_bytes_per_hour, |mib| mib * MIB),
                critical_growth_bytes_per_hour: positive("criticalGrowth")
                    .map_or(defaults.critical_growth_bytes_per_hour, |mib| mib * MIB),
                usage_bytes: positive("usage").map_or(defaults.usage_bytes, |mib| mib * MIB),
                critical_usage_bytes: positive("criticalUsage")
                    .map_or(defaults.critical_usage_bytes, |mib| mib * MIB),
                min_evidence_secs: positive("minEvidence")
                    .map_or(defaults.min_evidence_secs, |min| min * 60.0),
            },
            limit_bytes: positive("limit").map(|mib| mib * MIB),
            limit_query: json["limitQuery"].as_str().unwrap_or_default().trim().to_owned(),
            roles: ROLES.iter().map(|(role, _)| (*role, names(role))).collect(),
        }
    }

    /// What plays a role, by the labels of a series; empty where none does.
    pub fn role<'a>(&self, role: &str, label: impl Fn(&str) -> Option<&'a str>) -> &'a str {
        let own = self
            .roles
            .iter()
            .find(|(own, _)| *own == role)
            .map(|(_, names)| names.as_slice())
            .unwrap_or_default();
        let usual = ROLES.iter().filter(|(known, _)| *known == role).flat_map(|(_, names)| *names);
        let names = own.iter().map(String::as_str);
        let found =
            if own.is_empty() { usual.copied().find_map(label) } else { names.into_iter().find_map(label) };
        found.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_or_makes_no_sense_is_the_default() {
        let odd = json!({"growth": "much", "usage": -1, "limit": null, "roles": [1]});
        let options = Options::read(&odd);
        assert_eq!(options.thresholds, Thresholds::default());
        assert_eq!(options.limit_bytes, None);
        assert_eq!(options.role("pod", |name| (name == "pod_name").then_some("a")), "a");
    }

    #[test]
    fn what_is_set_counts() {
        let options = Options::read(&json!({
            "growth": 2, "minEvidence": 5, "limit": 64, "limitQuery": " B ", "roles": {"pod": "unit, host"},
        }));
        assert_eq!(options.thresholds.growth_bytes_per_hour, 2.0 * MIB);
        assert_eq!(options.thresholds.min_evidence_secs, 300.0);
        assert_eq!((options.limit_bytes, options.limit_query.as_str()), (Some(64.0 * MIB), "B"));
        let labels = |name: &str| (name == "host").then_some("h").or((name == "pod").then_some("p"));
        assert_eq!(options.role("pod", labels), "h", "the usual names count no more");
    }
}
