//! What others would say of a series: rules people run today and published detectors.

mod coroot;
mod least_squares;
mod mann_kendall;
mod precog;
mod promql;

use crate::generate::Labelled;

pub use least_squares::Line;
pub use promql::RATE_WINDOW_SECS;

/// The rate every baseline compares with, bytes per hour: the runbook's threshold.
pub const THRESHOLD: f64 = 10.0 * model::thresholds::MIB;

/// A detector to compare with.
#[derive(Debug, Clone, Copy)]
pub struct Baseline {
    /// Its name in tables.
    pub name: &'static str,
    /// What it is, for the documentation.
    pub what: &'static str,
    /// Whether it calls the series a leak.
    pub fires: fn(&Labelled) -> bool,
    /// The growth it goes by, bytes per hour, where that is a number of its own.
    pub rate: Option<fn(&Labelled) -> f64>,
}

/// Every baseline, in the order of the tables.
pub const ALL: [Baseline; 14] = [
    Baseline {
        name: "increase_1h",
        what: "`increase(m[1h]) > 10 MiB` for 10 min: a gauge read as a counter",
        fires: promql::increase_1h,
        rate: None,
    },
    Baseline {
        name: "delta_1h",
        what: "`delta(m[1h]) > 10 MiB` for 10 min",
        fires: promql::delta_1h,
        rate: None,
    },
    Baseline {
        name: "deriv_1h",
        what: "`deriv(m[1h]) * 3600 > 10 MiB` for 10 min",
        fires: promql::deriv_1h,
        rate: Some(promql::rate_1h),
    },
    Baseline {
        name: "deriv_6h",
        what: "`deriv(m[6h]) * 3600 > 10 MiB` for 10 min",
        fires: promql::deriv_6h,
        rate: Some(promql::rate_6h),
    },
    Baseline {
        name: "predict_4h",
        what: "`predict_linear(m[1h], 4h)` above the limit for 10 min",
        fires: promql::predict_4h,
        rate: None,
    },
    Baseline {
        name: "ols_r2",
        what: "least squares over everything: above 10 MiB/h with R² above 0.8",
        fires: least_squares::steep_and_straight,
        rate: Some(least_squares::rate),
    },
    Baseline {
        name: "lbr",
        what: "linear backward regression (arXiv 2106.08938): a window growing from the end, R² above 0.8, limit within a week",
        fires: precog::backward_regression,
        rate: None,
    },
    Baseline {
        name: "precog_cp",
        what: "the test phase of Precog (arXiv 2101.09799), untrained: lines from change points to the end",
        fires: precog::change_points,
        rate: None,
    },
    Baseline {
        name: "mk_alone",
        what: "Mann-Kendall, one-sided 5 %",
        fires: mann_kendall::alone,
        rate: None,
    },
    Baseline {
        name: "mk_sen",
        what: "Mann-Kendall and Sen's slope above 10 MiB/h",
        fires: mann_kendall::with_slope,
        rate: Some(mann_kendall::rate),
    },
    Baseline {
        name: "mmk_sen",
        what: "the same with the variance of Hamed and Rao (1998)",
        fires: mann_kendall::corrected_with_slope,
        rate: None,
    },
    Baseline {
        name: "coroot",
        what: "Coroot's memory growth check as shipped, limit known: above 10 %/h and 5 % of the limit an hour",
        fires: coroot::as_shipped,
        rate: None,
    },
    Baseline {
        name: "coroot_nolimit",
        what: "the same, limit unknown: above 10 %/h and 50 MiB an hour",
        fires: coroot::without_limit,
        rate: None,
    },
    Baseline {
        name: "coroot_10mb",
        what: "Coroot's algorithm at 10 MiB/h",
        fires: coroot::at_threshold,
        rate: None,
    },
];

/// The baseline of a name.
pub fn named(name: &str) -> Option<Baseline> {
    ALL.into_iter().find(|baseline| baseline.name == name)
}
