//! Alertmanager's API v2, asked over the same transport as Prometheus, with credentials of its own.

use std::fmt;

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::PrometheusError;
use super::transport::Transport;
use crate::settings::{AlertmanagerAccess, Settings};

/// Longest wait: an Alertmanager that hangs must not hold up what the server itself says, seconds.
const MAX_TIMEOUT_SECS: f64 = 5.0;

/// Why an Alertmanager gave no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AlertmanagerError {
    /// 401 or 403.
    #[error(
        "Alertmanager at {host}: {status}; set `alertmanagerUser` and `alertmanagerPassword`, or `alertmanagerToken`"
    )]
    Refused {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// An answer, but not one of Alertmanager's.
    #[error(
        "Alertmanager at {host}: the answer is not that of its API v2 ({reason}): check `alertmanagerUrl` and its path prefix"
    )]
    NotAlertmanager {
        /// Host and port.
        host: String,
        /// Where decoding stopped, or the status.
        reason: String,
    },
    /// Anything else that kept the answer away.
    #[error("Alertmanager at {host}: {reason}")]
    Failed {
        /// Host and port.
        host: String,
        /// What and what to do.
        reason: String,
    },
}

/// An Alertmanager.
pub struct Alertmanager(Transport);

impl fmt::Debug for Alertmanager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Alertmanager").field("host", &self.0.host()).finish_non_exhaustive()
    }
}

impl Alertmanager {
    /// The one that the settings name. Connects to nothing yet.
    pub(super) fn new(access: &AlertmanagerAccess, settings: &Settings) -> Result<Self, PrometheusError> {
        let timeout_secs = settings.timeout_secs.min(MAX_TIMEOUT_SECS);
        let mut own = Settings {
            url: Some(access.url.clone()),
            query_params: Vec::new(),
            timeout_secs,
            query_timeout_secs: timeout_secs,
            ..settings.clone()
        };
        // Credentials and tenant headers are for the server they were set for, and for nobody else.
        let same_server = settings.url.as_ref().is_some_and(|url| url.origin() == access.url.origin());
        if !same_server {
            (own.basic_auth, own.bearer_token, own.headers) = (None, None, Vec::new());
        }
        if access.basic_auth.is_some() || access.bearer_token.is_some() {
            own.basic_auth.clone_from(&access.basic_auth);
            own.bearer_token.clone_from(&access.bearer_token);
            own.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        }
        Ok(Self(Transport::new(&own)?))
    }

    /// `alerts` or `silences`.
    pub async fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, AlertmanagerError> {
        let host = self.0.host();
        let body = match self.0.get(&["api", "v2", what], &[]).await {
            Ok(body) => body,
            Err(PrometheusError::Unauthorized) => {
                return Err(AlertmanagerError::Refused { host, status: 401 });
            }
            Err(PrometheusError::Forbidden) => return Err(AlertmanagerError::Refused { host, status: 403 }),
            Err(PrometheusError::NotPrometheus { got: reason }) => {
                return Err(AlertmanagerError::NotAlertmanager { host, reason });
            }
            Err(error) => {
                // The transport's remedies name the server's own setting.
                let reason = error.to_string().replace("`url`", "`alertmanagerUrl`");
                return Err(AlertmanagerError::Failed { host, reason });
            }
        };
        serde_json::from_slice(&body)
            .map_err(|error| AlertmanagerError::NotAlertmanager { host, reason: error.to_string() })
    }
}
