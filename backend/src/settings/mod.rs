//! The data source's settings, under the keys of Grafana's own Prometheus data source and a few of our own.
//!
//! Everything is optional. A malformed value is an error that names its key; a key of Grafana's that asks for
//! something not built here is kept in [`Settings::unsupported`] and fails the health check by name. What each
//! key means stands in [`keys`] once, and docs/settings.md is written from there.

pub mod keys;
mod reader;
mod secret;

use std::collections::BTreeMap;

use model::thresholds::Thresholds;
use reqwest::Url;
use serde_json::{Map, Value};
use thiserror::Error;

use self::reader::Reader;
pub(crate) use self::reader::parse_duration_secs;
pub use self::secret::Secret;

/// What Grafana hands over of a data source, decrypted.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Field `url`.
    pub url: &'a str,
    /// Field `basicAuth`.
    pub basic_auth_enabled: bool,
    /// Field `basicAuthUser`.
    pub basic_auth_user: &'a str,
    /// Field `jsonData`.
    pub json_data: &'a Value,
    /// Field `secureJsonData`, decrypted.
    pub secure_json_data: &'a BTreeMap<String, Secret>,
}

/// A setting that cannot be used. Never shows the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the data source's setting `{key}` {problem}")]
pub struct SettingsError {
    /// The key at fault.
    pub key: String,
    /// What is wrong with it, to be read after the key.
    pub problem: String,
}

impl SettingsError {
    fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

/// How queries are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HttpMethod {
    /// As a form, with GET where the server does not take it.
    #[default]
    Post,
    /// In the URL.
    Get,
}

/// When answers are asked for compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gzip {
    /// For small answers over a network; not on loopback and not for raw samples, which a server compresses
    /// several times slower than it sends them.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// User and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicAuth {
    /// User name.
    pub user: String,
    /// Password, or empty.
    pub password: Secret,
}

/// A client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate and its chain, PEM.
    pub certificate_pem: Secret,
    /// Its private key, PEM.
    pub key_pem: Secret,
}

/// How the server's certificate is judged and which one is shown to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Accept any certificate.
    pub skip_verify: bool,
    /// The only CAs to trust, PEM; without them the machine's own.
    pub ca_pem: Option<Secret>,
    /// Shown to the server.
    pub client: Option<ClientCertificate>,
}

/// Where an Alertmanager is and how to ask it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertmanagerAccess {
    /// Its address with its path prefix, without credentials.
    pub url: Url,
    /// Its own user and password.
    pub basic_auth: Option<BasicAuth>,
    /// Its own token.
    pub bearer_token: Option<Secret>,
}

/// What an operator may set. See [`keys::KEYS`] for each field's key, default and meaning.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each field's meaning stands in the key table, once
pub struct Settings {
    pub url: Option<Url>,
    pub http_method: HttpMethod,
    pub timeout_secs: f64,
    pub query_timeout_secs: f64,
    pub query_params: Vec<(String, String)>,
    pub basic_auth: Option<BasicAuth>,
    pub bearer_token: Option<Secret>,
    pub headers: Vec<(String, Secret)>,
    pub tls: Tls,
    pub profile: String,
    pub thresholds: Thresholds,
    pub gzip: Gzip,
    pub clusters: BTreeMap<String, String>,
    pub runbooks: Vec<String>,
    pub runbook_parameters: BTreeMap<String, String>,
    pub user_activity_metric: Option<String>,
    /// Read by the panel; here it is only held to be text.
    pub prometheus_uid: Option<String>,
    pub ruler_url: Option<Url>,
    pub alertmanager: Option<AlertmanagerAccess>,
    pub logs_link: Option<String>,
    pub profiles_link: Option<String>,
    pub changes_link: Option<String>,
    pub explore_link: Option<String>,
    pub rule_link: Option<String>,
    pub silence_link: Option<String>,
    pub recorded_metric: Option<String>,
    pub max_series: usize,
    pub max_samples: usize,
    pub max_response_bytes: u64,
    pub concurrency: usize,
    /// Keys that are set and ask for what is not built: the health check fails by their names.
    pub unsupported: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: None,
            http_method: HttpMethod::Post,
            timeout_secs: 30.0,
            query_timeout_secs: 30.0,
            query_params: Vec::new(),
            basic_auth: None,
            bearer_token: None,
            headers: Vec::new(),
            tls: Tls::default(),
            profile: "auto".into(),
            thresholds: Thresholds::default(),
            gzip: Gzip::Auto,
            clusters: BTreeMap::new(),
            runbooks: Vec::new(),
            runbook_parameters: BTreeMap::new(),
            user_activity_metric: None,
            prometheus_uid: None,
            ruler_url: None,
            alertmanager: None,
            logs_link: None,
            profiles_link: None,
            changes_link: None,
            explore_link: None,
            rule_link: None,
            silence_link: None,
            recorded_metric: None,
            max_series: 100_000,
            max_samples: 20_000_000,
            max_response_bytes: 512 << 20,
            concurrency: 4,
            unsupported: Vec::new(),
        }
    }
}

impl Settings {
    /// Settings that hold a server's URL and defaults otherwise.
    pub fn for_url(url: &str) -> Result<Self, SettingsError> {
        let (json_data, secure_json_data) = (Value::Null, BTreeMap::new());
        Self::read(Source {
            url,
            basic_auth_enabled: false,
            basic_auth_user: "",
            json_data: &json_data,
            secure_json_data: &secure_json_data,
        })
    }

    /// Reads what Grafana hands over.
    pub fn read(source: Source<'_>) -> Result<Self, SettingsError> {
        let no_keys = Map::new();
        let json = match source.json_data {
            Value::Null => &no_keys,
            Value::Object(map) => map,
            _ => return Err(SettingsError::new("jsonData", "is not an object")),
        };
        let reader = Reader(Some(json));
        let secure = |key: &str| {
            source.secure_json_data.get(key).filter(|secret| !secret.reveal().is_empty()).cloned()
        };
        let defaults = Self::default();

        let (url, url_credentials) = read_url("url", source.url)?;
        let password = secure("basicAuthPassword").unwrap_or_else(|| Secret::new(""));
        let basic_auth = if source.basic_auth_enabled {
            Some(BasicAuth { user: source.basic_auth_user.to_owned(), password })
        } else {
            url_credentials
        };
        let timeout_secs = reader.duration_secs("timeout")?.unwrap_or(defaults.timeout_secs);
        let count = |key: &str, default: u64| Ok(reader.count(key, 1)?.unwrap_or(default));

        Ok(Self {
            url,
            http_method: read_choice(
                &reader,
                "httpMethod",
                &[("POST", HttpMethod::Post), ("GET", HttpMethod::Get)],
            )?
            .unwrap_or_default(),
            timeout_secs,
            query_timeout_secs: reader.duration_secs("queryTimeout")?.unwrap_or(timeout_secs),
            query_params: read_query_params(&reader)?,
            basic_auth,
            bearer_token: secure("bearerToken"),
            headers: read_headers(&reader, json, source.secure_json_data)?,
            tls: read_tls(&reader, &secure)?,
            profile: reader.text("profile")?.map_or(defaults.profile, str::to_owned),
            thresholds: read_thresholds(&reader)?,
            gzip: read_choice(
                &reader,
                "gzip",
                &[("auto", Gzip::Auto), ("on", Gzip::On), ("off", Gzip::Off)],
            )?
            .unwrap_or_default(),
            clusters: reader.pairs("clusters")?.into_iter().collect(),
            runbooks: reader.texts("runbooks")?,
            runbook_parameters: reader.pairs("runbookParameters")?.into_iter().collect(),
            user_activity_metric: reader.text("userActivityMetric")?.map(str::to_owned),
            prometheus_uid: reader.text("prometheusUid")?.map(str::to_owned),
            ruler_url: read_url("rulerUrl", reader.text("rulerUrl")?.unwrap_or_default())?.0,
            alertmanager: read_alertmanager(&reader, &secure)?,
            logs_link: read_link(&reader, "logsLink")?,
            profiles_link: read_link(&reader, "profilesLink")?,
            changes_link: read_link(&reader, "changesLink")?,
            explore_link: read_link(&reader, "exploreLink")?,
            rule_link: read_link(&reader, "ruleLink")?,
            silence_link: read_link(&reader, "silenceLink")?,
            recorded_metric: read_recorded_metric(&reader)?,
            max_series: count("maxSeries", defaults.max_series as u64)? as usize,
            max_samples: count("maxSamples", defaults.max_samples as u64)? as usize,
            max_response_bytes: count("maxResponseBytes", defaults.max_response_bytes)?,
            concurrency: count("concurrency", defaults.concurrency as u64)?.min(64) as usize,
            unsupported: keys::unsupported_in(json),
        })
    }
}

/// The Alertmanager, where one is set.
fn read_alertmanager(
    reader: &Reader<'_>,
    secure: &dyn Fn(&str) -> Option<Secret>,
) -> Result<Option<AlertmanagerAccess>, SettingsError> {
    let user = reader.text("alertmanagerUser")?;
    let (url, in_url) = read_url("alertmanagerUrl", reader.text("alertmanagerUrl")?.unwrap_or_default())?;
    let own = user.map(|user| BasicAuth {
        user: user.to_owned(),
        password: secure("alertmanagerPassword").unwrap_or_else(|| Secret::new("")),
    });
    Ok(url.map(|url| AlertmanagerAccess {
        url,
        basic_auth: own.or(in_url),
        bearer_token: secure("alertmanagerToken"),
    }))
}

/// A server's URL without credentials, and the credentials.
fn read_url(key: &str, text: &str) -> Result<(Option<Url>, Option<BasicAuth>), SettingsError> {
    if text.trim().is_empty() {
        return Ok((None, None));
    }
    let wrong = |problem: &str| SettingsError::new(key, problem);
    let example = "is no URL, such as http://prometheus:9090";
    let mut url = Url::parse(text.trim()).map_err(|error| wrong(&format!("{example} ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("does not start with http:// or https:// and a host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has parameters: put them into `customQueryParameters`"));
    }
    let user = percent_decoded(url.username());
    let password = percent_decoded(url.password().unwrap_or_default());
    let credentials = (!user.is_empty()).then(|| BasicAuth { user, password: Secret::new(password) });
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    cleared.map_err(|()| wrong("has credentials that cannot be taken out of it"))?;
    Ok((Some(url), credentials))
}

fn percent_decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B"));
    // A one-key form decodes to exactly that key's value.
    let base = Url::parse(&format!("http://x/?{form}")).ok();
    base.and_then(|url| url.query_pairs().next().map(|(_, value)| value.into_owned())).unwrap_or_default()
}

/// One of several words, in any case.
fn read_choice<T: Copy>(
    reader: &Reader<'_>,
    key: &str,
    choices: &[(&str, T)],
) -> Result<Option<T>, SettingsError> {
    let Some(text) = reader.text(key)? else { return Ok(None) };
    let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, choice)| Some(*choice)).ok_or_else(|| {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        SettingsError::new(key, format!("is none of {}", words.join(", ")))
    })
}

fn read_query_params(reader: &Reader<'_>) -> Result<Vec<(String, String)>, SettingsError> {
    let Some(text) = reader.text("customQueryParameters")? else { return Ok(Vec::new()) };
    let url = Url::parse(&format!("http://x/?{}", text.trim_start_matches('?')));
    let url = url.map_err(|error| {
        SettingsError::new("customQueryParameters", format!("is no query string ({error})"))
    })?;
    Ok(url.query_pairs().into_owned().collect())
}

/// `httpHeaderName1` of `jsonData` with `httpHeaderValue1` of `secureJsonData`, and so on.
fn read_headers(
    reader: &Reader<'_>,
    json: &Map<String, Value>,
    secure: &BTreeMap<String, Secret>,
) -> Result<Vec<(String, Secret)>, SettingsError> {
    let mut headers = Vec::new();
    for key in json.keys() {
        let Some(number) = key.strip_prefix("httpHeaderName") else { continue };
        let Some(name) = reader.text(key)? else { continue };
        let value_key = format!("httpHeaderValue{number}");
        let value = secure.get(&value_key).ok_or_else(|| {
            SettingsError::new(
                value_key.as_str(),
                format!("is missing, though `{key}` is set: put it into secureJsonData"),
            )
        })?;
        headers.push((name.to_owned(), value.clone()));
    }
    Ok(headers)
}

fn read_tls(reader: &Reader<'_>, secure: &dyn Fn(&str) -> Option<Secret>) -> Result<Tls, SettingsError> {
    let wanted = |flag: &str, key: &'static str| {
        secure(key).ok_or_else(|| SettingsError::new(key, format!("is missing, though `{flag}` is set")))
    };
    let mut tls = Tls { skip_verify: reader.bool("tlsSkipVerify")?.unwrap_or(false), ..Tls::default() };
    if reader.bool("tlsAuthWithCACert")?.unwrap_or(false) {
        tls.ca_pem = Some(wanted("tlsAuthWithCACert", "tlsCACert")?);
    }
    if reader.bool("tlsAuth")?.unwrap_or(false) {
        tls.client = Some(ClientCertificate {
            certificate_pem: wanted("tlsAuth", "tlsClientCert")?,
            key_pem: wanted("tlsAuth", "tlsClientKey")?,
        });
    }
    Ok(tls)
}

/// Each threshold stands under its own name beside the other keys.
fn read_thresholds(reader: &Reader<'_>) -> Result<Thresholds, SettingsError> {
    let unreadable =
        |error: serde_json::Error| SettingsError::new("thresholds", format!("cannot be read: {error}"));
    let mut fields = serde_json::to_value(Thresholds::default()).map_err(unreadable)?;
    for (key, value) in fields.as_object_mut().into_iter().flatten() {
        if let Some(number) = reader.number(key, 0.0)? {
            *value = number.into();
        }
    }
    serde_json::from_value(fields).map_err(unreadable)
}

/// Without the placeholder all metrics would be taken for one.
fn read_recorded_metric(reader: &Reader<'_>) -> Result<Option<String>, SettingsError> {
    let Some(text) = reader.text("recordedMetric")? else { return Ok(None) };
    if !text.contains("${metric}") {
        return Err(SettingsError::new(
            "recordedMetric",
            "has no ${metric}, such as leaklens:${metric}:min5m",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// A link to http(s) or into Grafana itself; anything else could run script when clicked.
fn read_link(reader: &Reader<'_>, key: &str) -> Result<Option<String>, SettingsError> {
    let Some(text) = reader.text(key)? else { return Ok(None) };
    let inside_grafana = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    if inside_grafana || text.starts_with("http://") || text.starts_with("https://") {
        return Ok(Some(text.to_owned()));
    }
    Err(SettingsError::new(key, "starts neither with http://, https:// nor /"))
}
