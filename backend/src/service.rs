//! The data source: settings become a client and a library once, then every call is answered with them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use model::frames::Frame;
use model::runbook::Library;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::answers::{self, AnswerError, Asked};
use crate::call;
use crate::grafana::{
    DataSource, Health, Instance, QueryError, QueryRequest, ResourceAnswer, ResourceRequest,
};
use crate::health::{self, Expected};
use crate::library::Shelf;
use crate::prometheus::{Client, PrometheusError};
use crate::scan::{ScanError, Window, Windows, chosen_profiles};
use crate::settings::{Secret, Settings, Source};
use crate::variables;

/// An answer may take as long as so many requests that each take all the time they may.
const REQUESTS_IN_A_ROW: f64 = 2.0;
/// Longest range that is looked at, seconds: twenty years. Of a longer one it is the end.
const LONGEST_SECS: f64 = 20.0 * 365.25 * 86_400.0;
/// The last second of the year 9999, beyond which servers take no time.
const LAST_SECS: f64 = 253_402_300_799.0;

/// What is set up, by organisation and uid.
type ByInstance = HashMap<(i64, String), Arc<Ready>>;

/// Leaklens as Grafana sees it. Clones share what is set up.
#[derive(Debug, Clone, Default)]
pub struct Leaklens {
    ready: Arc<Mutex<ByInstance>>,
}

/// A data source that is set up.
#[derive(Debug)]
struct Ready {
    instance: Instance,
    client: Client,
    windows: Windows,
    settings: Settings,
    shelf: Shelf,
}

impl Leaklens {
    /// The data source of an instance, set up anew when its settings have changed.
    fn ready(&self, instance: &Instance) -> Result<Arc<Ready>, String> {
        let key = (instance.org_id, instance.uid.clone());
        // Who asks is no part of the settings.
        let instance = Instance { user: None, from_alert: false, ..instance.clone() };
        // A poisoned lock only means that another set-up panicked; the map itself is whole.
        let known = self.ready.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known.filter(|known| known.instance == instance) {
            return Ok(known);
        }
        let ready = Arc::new(Ready::set_up(instance)?);
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&ready));
        Ok(ready)
    }
}

impl Ready {
    fn set_up(instance: Instance) -> Result<Self, String> {
        let secrets =
            instance.secrets.iter().map(|(key, value)| (key.clone(), Secret::new(value.as_str()))).collect();
        let source = Source {
            url: &instance.url,
            basic_auth_enabled: instance.basic_auth_enabled,
            basic_auth_user: &instance.basic_auth_user,
            json_data: &instance.json_data,
            secure_json_data: &secrets,
        };
        let settings = Settings::read(source).map_err(|error| error.to_string())?;
        let client = Client::new(&settings).map_err(|error| error.to_string())?;
        let shelf = Shelf::new(&settings.runbooks);
        Ok(Self { instance, client, windows: Windows::default(), settings, shelf })
    }

    /// However many requests an answer takes one after the other, they have so long together.
    async fn in_time<F: Future>(&self, answer: F) -> F::Output {
        let secs = REQUESTS_IN_A_ROW * self.settings.timeout_secs;
        call::within(Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX), answer).await
    }

    async fn health(&self) -> Health {
        let profiles = match chosen_profiles(&self.settings) {
            Ok(profiles) => profiles,
            Err(error) => return Health { ok: false, message: error.to_string(), details: json!({}) },
        };
        let metrics: Vec<Vec<&str>> = profiles
            .iter()
            .map(|profile| profile.memory.iter().map(|source| source.metric.as_str()).collect())
            .collect();
        let named: Vec<_> = profiles
            .iter()
            .zip(&metrics)
            .map(|(profile, metrics)| (profile.name.as_str(), &metrics[..]))
            .collect();
        let pack = Library::builtin();
        let alert_names: Vec<&str> =
            pack.pages().flat_map(|page| page.alerts.iter().map(String::as_str)).collect();
        let expected = Expected { profiles: &named, alert_names: &alert_names };
        let report = health::check(&self.client, &self.settings, expected).await;
        let mut message = report.message;
        let mut ok = report.ok;
        if let Some(alertmanager) = self.client.alertmanager() {
            match alertmanager.get::<Vec<IgnoredAny>>("silences").await {
                Ok(_) => message = format!("{message}. Alertmanager answers"),
                Err(error) => (ok, message) = (false, format!("{message}. {error}")),
            }
        }
        let runbooks = self.shelf.current();
        for problem in &runbooks.problems {
            message = format!("{message}; {problem}");
        }
        // Runbooks that cannot be read fail the check: whoever wrote them must not find out at night.
        Health { ok: ok && runbooks.problems.is_empty(), message, details: report.details }
    }
}

impl DataSource for Leaklens {
    async fn query(&self, instance: &Instance, request: QueryRequest) -> Result<Vec<Frame>, QueryError> {
        let fault = |message| QueryError { message, kind: "settings", status: StatusCode::BAD_REQUEST };
        let ready = self.ready(instance).map_err(fault)?;
        let runbooks = ready.shelf.current();
        let asked = Asked {
            client: &ready.client,
            windows: &ready.windows,
            settings: &ready.settings,
            library: &runbooks.library,
            uid: &instance.uid,
            query: &request.query,
            window: window(request.from_ms, request.to_ms),
        };
        // All that an answer may ask is a large state.
        let answer = Box::pin(answers::answer(asked));
        ready.in_time(answer).await.map_err(|error| QueryError {
            status: status(&error),
            kind: error.kind(),
            message: error.to_string(),
        })
    }

    async fn check_health(&self, instance: &Instance) -> Health {
        match self.ready(instance) {
            Ok(ready) => ready.in_time(ready.health()).await,
            Err(message) => Health { ok: false, message, details: json!({}) },
        }
    }

    async fn call_resource(&self, instance: &Instance, request: ResourceRequest) -> ResourceAnswer {
        let refuse = |status, message: &str| ResourceAnswer::json(status, &json!({ "message": message }));
        let Some(kind) = request.path.strip_prefix("variables/") else {
            return refuse(StatusCode::NOT_FOUND, "no such resource: there is variables/<kind>");
        };
        if request.method != Method::GET {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "ask with GET");
        }
        let ready = match self.ready(instance) {
            Ok(ready) => ready,
            Err(message) => return refuse(StatusCode::BAD_REQUEST, &message),
        };
        let values = variables::values(&ready.client, &ready.settings, kind, &request.params);
        match ready.in_time(values).await {
            Ok(values) => ResourceAnswer::json(StatusCode::OK, &json!(values)),
            Err(error) => refuse(error.status(), &error.to_string()),
        }
    }
}

/// The range in seconds. One that is turned round or empty is what a hand-made link may hold.
fn window(from_ms: i64, to_ms: i64) -> Window {
    let secs = |ms: i64| (ms as f64 / 1000.0).clamp(0.0, LAST_SECS);
    let (from_secs, to_secs) = (secs(from_ms.min(to_ms)), secs(from_ms.max(to_ms)));
    Window { from_secs: from_secs.max(to_secs - LONGEST_SECS), to_secs }
}

fn status(error: &AnswerError) -> StatusCode {
    match error {
        AnswerError::Scan(ScanError::Prometheus(error)) | AnswerError::Prometheus(error) => upstream(error),
        AnswerError::Scan(ScanError::Interrupted) => StatusCode::INTERNAL_SERVER_ERROR,
        AnswerError::Scan(ScanError::UnknownProfile { .. } | ScanError::NoSuchSuspect { .. }) => {
            StatusCode::BAD_REQUEST
        }
        AnswerError::NoHistory => StatusCode::NOT_FOUND,
    }
}

fn upstream(error: &PrometheusError) -> StatusCode {
    match error {
        PrometheusError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}

#[cfg(test)]
mod tests {
    use model::query::Query;

    use super::*;
    use crate::settings::keys::{KEYS, Place};

    /// Keys of caches, settings, the client with its headers: whatever may once be logged.
    #[tokio::test]
    async fn what_is_kept_between_calls_shows_no_secret() {
        let names =
            KEYS.iter().filter(|key| key.place == Place::Secure).map(|key| key.name.replace('*', "1"));
        let secrets = names
            .filter(|name| !name.starts_with("tls"))
            .map(|name| (name.clone(), format!("planted-{name}")))
            .collect::<std::collections::BTreeMap<_, _>>();
        assert!(secrets.len() >= 5, "{secrets:?}");
        let url = "http://someone:planted@127.0.0.1:1".to_owned();
        let instance = Instance {
            org_id: 1,
            uid: "leaklens".into(),
            name: "Leaklens".into(),
            json_data: json!({ "httpHeaderName1": "X-Key", "alertmanagerUrl": url, "alertmanagerUser": "someone" }),
            url,
            basic_auth_enabled: true,
            basic_auth_user: "someone".into(),
            secrets,
            updated_ms: 0,
            user: None,
            from_alert: false,
        };
        let request = QueryRequest {
            query: Query::default(),
            from_ms: 0,
            to_ms: 86_400_000,
            max_data_points: 0,
            interval_ms: 0,
        };
        let leaklens = Leaklens::default();
        leaklens.query(&instance, request).await.unwrap_err();
        let kept = format!("{leaklens:?}");
        assert!(kept.contains("process_resident_memory_bytes"), "no window was asked for: {kept}");
        assert!(!kept.contains("planted"), "{kept}");
    }
}
