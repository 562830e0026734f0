//! Grafana's `/api/ds/query`: from the browser's JSON to calls of a plugin.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use grafana_plugin_sdk::pluginv2::{DataQuery, TimeRange};
use serde::Deserialize;
use serde_json::Value;

use crate::time_range;

/// The body of the request.
#[derive(Debug, Deserialize)]
pub(crate) struct Body {
    from: String,
    to: String,
    queries: Vec<Value>,
}

impl Body {
    /// The queries by the uid of the data source they go to.
    pub(crate) fn by_source(self) -> Result<BTreeMap<String, Vec<DataQuery>>> {
        let range = TimeRange {
            from_epoch_ms: time_range::parse(&self.from)?,
            to_epoch_ms: time_range::parse(&self.to)?,
        };
        let mut by_source = BTreeMap::<_, Vec<_>>::new();
        for query in self.queries {
            let text = |key: &str| query[key].as_str().unwrap_or_default().to_owned();
            let uid = query["datasource"]["uid"].as_str().context("query without a data source")?;
            by_source.entry(uid.to_owned()).or_default().push(DataQuery {
                ref_id: text("refId"),
                query_type: text("queryType"),
                // Grafana's defaults.
                max_data_points: query["maxDataPoints"].as_i64().unwrap_or(100),
                interval_ms: query["intervalMs"].as_i64().unwrap_or(1_000),
                time_range: Some(range),
                json: query.to_string().into_bytes(),
            });
        }
        Ok(by_source)
    }
}
