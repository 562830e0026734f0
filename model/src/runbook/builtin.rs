//! The pack that is compiled in: `provisioning/runbooks`.

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// File names and contents, in the order in which the general sections are shown.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../provisioning/runbooks/", $name)))),+];
    };
}

files![
    "HighMemoryGrowthRate.md",
    "HighMemoryUsage.md",
    "MemoryLeakEventsDetected.md",
    "HighPythonObjectGrowth.md",
    "ExcessiveGarbageCollection.md",
    "ContainerMemoryGrowthRate.md",
    "ContainerHighMemoryUsage.md",
    "MemoryMetricsMissing.md",
    "MetricsAuthenticationFailure.md",
    "overview.md",
    "troubleshooting.md",
    "mitigation.md",
    "causes.md",
    "prevention.md",
    "escalation.md",
    "commands.md",
    "configuration.md",
];
