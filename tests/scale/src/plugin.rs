//! The plugin as it ships, spoken to as Grafana does.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use grafana_plugin_sdk::pluginv2::{DataQuery, DataSourceInstanceSettings, PluginContext, TimeRange};
use serde_json::{Value, json};
use workbench::frame_json;
use workbench::plugin::Process;

use crate::memory::{self, Memory};

/// A running plugin and the data source it is asked as.
#[derive(Debug)]
pub(crate) struct Plugin {
    process: Process,
    context: PluginContext,
}

/// One row of `suspects`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The pod.
    pub(crate) pod: String,
    /// What is concluded.
    pub(crate) verdict: String,
}

/// What `suspects` said, and how long it took.
#[derive(Debug, Clone)]
pub(crate) struct Suspects {
    /// From the call to its answer, seconds.
    pub(crate) secs: f64,
    /// The most suspicious first.
    pub(crate) rows: Vec<Row>,
    /// What was remarked.
    pub(crate) notices: Vec<String>,
}

impl Plugin {
    /// Starts it and asks once whether it is well; tells how long that took, seconds.
    pub(crate) async fn start(executable: &Path, url: &str, settings: &Value) -> Result<(Self, f64)> {
        let began = Instant::now();
        let process = Process::start(executable).await?;
        let instance = DataSourceInstanceSettings {
            uid: "leaklens".to_owned(),
            url: url.to_owned(),
            json_data: settings.to_string().into_bytes(),
            ..Default::default()
        };
        let context = PluginContext {
            org_id: 1,
            plugin_id: "leaklens-datasource".to_owned(),
            data_source_instance_settings: Some(instance),
            ..Default::default()
        };
        let plugin = Self { process, context };
        plugin.process.client().check_health(plugin.context.clone()).await?;
        Ok((plugin, began.elapsed().as_secs_f64()))
    }

    /// `suspects` of a scope over the day up to a time.
    pub(crate) async fn suspects(&self, to_secs: u64, more: &Value) -> Result<Suspects> {
        let mut query = json!({ "queryType": "suspects" });
        for (key, value) in more.as_object().into_iter().flatten() {
            query[key.as_str()] = value.clone();
        }
        let to_epoch_ms = i64::try_from(to_secs)? * 1000;
        let query = DataQuery {
            ref_id: "A".to_owned(),
            max_data_points: 100,
            interval_ms: 1000,
            time_range: Some(TimeRange { from_epoch_ms: to_epoch_ms - 86_400_000, to_epoch_ms }),
            query_type: String::new(),
            json: query.to_string().into_bytes(),
        };
        let began = Instant::now();
        let answer = self.process.client().query(self.context.clone(), vec![query]).await?;
        let secs = began.elapsed().as_secs_f64();
        let (answer, failed) = frame_json::response(answer)?;
        ensure!(!failed, "the plugin has no answer: {}", answer["results"]["A"]["error"]);
        let frame = &answer["results"]["A"]["frames"][0];
        let (pods, verdicts) = (column(frame, "pod")?, column(frame, "verdict")?);
        let rows = pods.iter().zip(verdicts).map(|(pod, verdict)| Row {
            pod: pod.as_str().unwrap_or_default().to_owned(),
            verdict: verdict.as_str().unwrap_or_default().to_owned(),
        });
        let notices = frame["schema"]["meta"]["notices"].as_array().into_iter().flatten();
        let text = |notice: &Value| notice["text"].as_str().unwrap_or_default().to_owned();
        Ok(Suspects { secs, rows: rows.collect(), notices: notices.map(text).collect() })
    }

    /// The memory it takes.
    pub(crate) fn memory(&self) -> Result<Memory> {
        memory::of(self.process.id().context("the plugin has ended")?)
    }

    /// Ends it as Grafana does.
    pub(crate) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

fn column<'a>(frame: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    let fields = frame["schema"]["fields"].as_array().context("a frame without fields")?;
    let index = fields.iter().position(|field| field["name"] == name);
    let index = index.with_context(|| format!("no column {name}"))?;
    frame["data"]["values"][index].as_array().with_context(|| format!("column {name} without values"))
}
