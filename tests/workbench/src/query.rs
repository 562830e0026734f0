//! Grafana's `/api/ds/query`: from the browser's JSON to calls of a plugin.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use grafana_plugin_sdk::pluginv2::{DataQuery, QueryDataResponse, TimeRange};
use serde::Deserialize;
use serde_json::Value;

use crate::args::Query as QueryArgs;
use crate::plugin::Plugin;
use crate::provisioning::DataSource;
use crate::{frame_json, time_range};

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

/// One request to a plugin that is started for it; prints the answer.
pub(crate) async fn once(args: &QueryArgs) -> Result<()> {
    let read = |path: &std::path::Path| {
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
    };
    let source = DataSource::parse(&read(&args.settings)?)?;
    let body: Body = serde_json::from_str(&read(&args.request)?)?;
    let plugin = Plugin::start(args.plugin.clone()).await?;
    let mut responses = QueryDataResponse::default();
    for queries in body.by_source()?.into_values() {
        let answer = plugin.client()?.query(source.context(args.role), queries).await?;
        responses.responses.extend(answer.responses);
    }
    let (json, _) = frame_json::response(responses)?;
    println!("{json}");
    plugin.stop().await
}
