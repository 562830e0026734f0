//! Series from a server: the data source's own client and scan.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::ProgressBar;
use model::detect::{Assessment, assess};
use model::query::Scope;
use model::thresholds::Thresholds;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::input::{Input, InputError, read, selector};
use super::matching::Match;
use super::together;
use crate::prometheus::{Client, PrometheusError};
use crate::scan::{self, Rows, ScanError, Server, Subject, Suspect, Window, chosen_profiles, judge_together};
use crate::settings::{Secret, Settings, SettingsError, Source, parse_duration_secs};

/// How the server is reached and what is asked of it.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// A Prometheus-compatible server, such as <http://prometheus:9090>
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// How far back to look, such as 6h, 1d12h
    #[arg(long, value_name = "DURATION", default_value = "6h", value_parser = range, requires = "url")]
    range: f64,
    /// Which metrics mean memory: auto, django, process or kubernetes
    #[arg(long, value_name = "NAME", default_value = "auto", requires = "url")]
    profile: String,
    /// Only these series: namespace=shop, '{job=~"api|web"}', or a metric of your own; repeated, any of them
    #[arg(long = "match", value_name = "SELECTOR", value_parser = Match::read, requires = "url")]
    matches: Vec<Match>,
    /// User of basic authentication
    #[arg(long, env = "LEAKLENS_USER", value_name = "NAME")]
    user: Option<String>,
    /// Its password; the environment is safer, others see arguments
    #[arg(long, env = "LEAKLENS_PASSWORD", hide_env_values = true, value_name = "TEXT")]
    password: Option<String>,
    /// Bearer token; the environment is safer, others see arguments
    #[arg(long, env = "LEAKLENS_BEARER_TOKEN", hide_env_values = true, value_name = "TEXT")]
    bearer_token: Option<String>,
    /// A further header, such as 'X-Scope-OrgID: tenant'
    #[arg(long, value_name = "NAME: VALUE", value_parser = header, requires = "url")]
    header: Vec<(String, String)>,
    /// The only CA to trust, PEM
    #[arg(long, value_name = "FILE", requires = "url")]
    ca_file: Option<PathBuf>,
    /// Client certificate, PEM
    #[arg(long, value_name = "FILE", requires = "key_file")]
    cert_file: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    key_file: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long, requires = "url")]
    insecure: bool,
    /// How long a query may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = range, requires = "url")]
    timeout: f64,
}

fn range(text: &str) -> Result<f64, String> {
    let secs = parse_duration_secs(text).filter(|secs| *secs >= 1.0 && *secs <= 366.0 * 86_400.0);
    secs.ok_or_else(|| "write a duration of at most a year, such as 6h or 1d12h".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once([':', '=']).ok_or("write NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// What was judged, and what could not be read or was remarked.
type Judged = (Vec<(Input, Assessment)>, Vec<String>);

/// Why the server has no answer.
#[derive(Debug, Error)]
pub(super) enum ServerError {
    #[error(transparent)]
    File(#[from] InputError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Prometheus(#[from] PrometheusError),
    #[error(transparent)]
    Scan(#[from] ScanError),
    #[error("the clock of this machine is before 1970: set it")]
    Clock,
    #[error("the runtime cannot be started: {0}")]
    Runtime(std::io::Error),
}

/// Judges what the server has.
pub(super) fn judged(
    options: &Options,
    limit_bytes: Option<f64>,
    thresholds: &Thresholds,
) -> Result<Judged, ServerError> {
    let settings = settings(options, thresholds)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_earlier| ServerError::Clock)?;
    let to_secs = now.as_secs_f64();
    let window = Window { from_secs: to_secs - options.range, to_secs };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let spinner = spinner();
    let answer =
        runtime.map_err(ServerError::Runtime)?.block_on(ask(options, &settings, window, limit_bytes));
    spinner.finish_and_clear();
    answer
}

async fn ask(
    options: &Options,
    settings: &Settings,
    window: Window,
    limit_bytes: Option<f64>,
) -> Result<Judged, ServerError> {
    let client = Client::new(settings)?;
    let profiles = chosen_profiles(settings)?;
    let known = |metric: &str| {
        profiles.iter().any(|profile| profile.memory.iter().any(|source| source.metric == metric))
    };
    let (foreign, ours): (Vec<&Match>, Vec<&Match>) =
        options.matches.iter().partition(|one| one.metric().is_some_and(|metric| !known(metric)));
    let (mut judged, mut notices) = (Vec::new(), Vec::new());
    if foreign.is_empty() || !ours.is_empty() {
        let scope = if let [only] = ours.as_slice() { only.scope() } else { Scope::default() };
        let server = Server { client: &client, settings };
        let mut found = scan::each_in_full(server, &Subject::Scope(scope), window).await?;
        if limit_bytes.is_some() {
            for Suspect { series, context, assessment, .. } in &mut found.suspects {
                let context = Arc::make_mut(context);
                context.limit_bytes = context.limit_bytes.or(limit_bytes);
                **assessment = assess(series, context);
            }
        }
        // What nobody asked for must not stand for what was asked for.
        found.suspects.retain(|suspect| {
            let role_of = |role| suspect.profile.role(&suspect.labels, role);
            ours.is_empty() || ours.iter().any(|one| one.takes(&suspect.labels, role_of))
        });
        judge_together(&mut found, rows(&ours));
        notices.extend(found.notices);
        judged.extend(found.suspects.into_iter().map(together::row));
    }
    let mut others = Vec::new();
    for one in &foreign {
        let selected = one.selector().over(window.length_secs());
        let answer = client.samples(&selected, window.to_secs).await?;
        notices.extend(answer.notices);
        for found in answer.value {
            let input = Input::of(selector(&found.labels), found.labels, found.series);
            let input = Input { limit_bytes, ..input };
            let assessment = assess(&input.series, &input.context(&settings.thresholds));
            others.push((input, assessment));
        }
    }
    judged.extend(together::judged(others, rows(&foreign), &settings.thresholds));
    Ok((judged, notices))
}

/// Who is named has a row of its own.
fn rows(matches: &[&Match]) -> Rows {
    let names_each = |one: &&Match| Subject::Scope(one.scope()).rows() == Rows::Each;
    if matches.iter().any(names_each) { Rows::Each } else { Rows::Latest }
}

/// The data source's settings, from arguments instead of from Grafana.
fn settings(options: &Options, thresholds: &Thresholds) -> Result<Settings, ServerError> {
    let mut json_data = Map::new();
    let mut secrets: Vec<(String, Secret)> = Vec::new();
    let mut put = |key: &str, value: Value| json_data.insert(key.to_owned(), value);
    put("profile", json!(options.profile));
    put("timeout", json!(options.timeout));
    put("tlsSkipVerify", json!(options.insecure));
    put("tlsAuthWithCACert", json!(options.ca_file.is_some()));
    put("tlsAuth", json!(options.cert_file.is_some()));
    for (index, (name, value)) in options.header.iter().enumerate() {
        put(&format!("httpHeaderName{}", index + 1), json!(name));
        secrets.push((format!("httpHeaderValue{}", index + 1), Secret::new(value.as_str())));
    }
    let text = |key: &str, text: &Option<String>| Some((key.to_owned(), Secret::new(text.as_deref()?)));
    secrets.extend(text("basicAuthPassword", &options.password));
    secrets.extend(text("bearerToken", &options.bearer_token));
    for (key, path) in [
        ("tlsCACert", &options.ca_file),
        ("tlsClientCert", &options.cert_file),
        ("tlsClientKey", &options.key_file),
    ] {
        secrets.extend(pem(key, path.as_deref())?);
    }
    let mut settings = Settings::read(Source {
        url: options.url.as_deref().unwrap_or_default(),
        basic_auth_enabled: options.user.is_some(),
        basic_auth_user: options.user.as_deref().unwrap_or_default(),
        json_data: &Value::Object(json_data),
        secure_json_data: &secrets.into_iter().collect(),
    })?;
    settings.thresholds = thresholds.clone();
    Ok(settings)
}

fn pem(key: &str, path: Option<&Path>) -> Result<Option<(String, Secret)>, InputError> {
    path.map(|path| Ok((key.to_owned(), Secret::new(read(path)?)))).transpose()
}

fn spinner() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("asking the server, joining and judging");
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
