//! Rows of the frames that answer `history`: one suspect in full resolution.

use super::cell::Millis;
use super::table::table;

table! {
    /// The samples as scraped.
    HistorySample in "samples" {
        /// When.
        time: Millis = "",
        /// Bytes; null where a scrape is missing.
        value_bytes: Option<f64> = "bytes",
    }
}

table! {
    /// The floor under collector teeth and spikes, which is what is judged.
    HistoryFloor in "floor" {
        /// When.
        time: Millis = "",
        /// Bytes.
        floor_bytes: f64 = "bytes",
    }
}

table! {
    /// The fitted trend since its onset, with its 90 % band.
    HistoryTrend in "trend" {
        /// When.
        time: Millis = "",
        /// The trend, bytes.
        trend_bytes: f64 = "bytes",
        /// Lower edge of the band, bytes.
        low_bytes: f64 = "bytes",
        /// Upper edge of the band, bytes.
        high_bytes: f64 = "bytes",
    }
}

table! {
    /// The trend drawn on to the limit, or as far again as the range; empty when nothing leaks.
    HistoryForecast in "forecast" {
        /// When.
        time: Millis = "",
        /// The forecast, bytes.
        forecast_bytes: f64 = "bytes",
        /// Lower edge of the band, bytes.
        low_bytes: f64 = "bytes",
        /// Upper edge of the band, bytes.
        high_bytes: f64 = "bytes",
    }
}

table! {
    /// Levels worth a line.
    HistoryLine in "lines" {
        /// `limit` or `request`.
        line: String = "",
        /// Bytes.
        level_bytes: f64 = "bytes",
    }
}

table! {
    /// Where to look further; only what is set up.
    HistoryLink in "links" {
        /// `explore`, `logs`, `profiles` or `changes`.
        link: String = "",
        /// An http(s) address or a path in Grafana, filled in.
        url: String = "",
    }
}

table! {
    /// Moments worth a mark.
    HistoryEvent in "events" {
        /// When.
        time: Millis = "",
        /// `restart`, `oom_kill` (a restart after a kill at the memory limit), `deploy` or `onset`.
        event: String = "",
        /// A few words.
        text: String = "",
    }
}
