//! What can go wrong between us and the server, each told apart and each with what to do about it.

use thiserror::Error;

/// Why the server gave no answer. No variant holds a secret, or a URL with credentials or parameters.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PrometheusError {
    /// The data source has no URL.
    #[error("the data source has no server: set `url`, such as http://prometheus:9090")]
    NoUrl,
    /// A certificate or key in the settings cannot be used, or the machine has no CA store.
    #[error("TLS cannot be set up from `{key}`: {reason}")]
    TlsSettings {
        /// The settings key at fault.
        key: &'static str,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// A header name or value in the settings is no HTTP header.
    #[error("`{key}` in the data source's settings cannot be sent as an HTTP header")]
    Header {
        /// The settings key at fault.
        key: String,
    },
    /// The server's name does not resolve.
    #[error(
        "the server's name does not resolve: check the host in `url` and the DNS of the machine Grafana runs on: {host}"
    )]
    Dns {
        /// Host name without port.
        host: String,
    },
    /// Nobody listens there.
    #[error("the connection is refused: check that the server runs and the port in `url`: {host}")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No connection for another reason.
    #[error("the server cannot be reached ({reason}): {host}")]
    Unreachable {
        /// What the network said.
        reason: String,
        /// Host and port.
        host: String,
    },
    /// No answer within the time allowed.
    #[error("no answer within {secs} s: narrow the query or the time range, or raise `timeout`: {host}")]
    Timeout {
        /// The time allowed, seconds.
        secs: f64,
        /// Host and port.
        host: String,
    },
    /// The requests before this one took all the time there was.
    #[error("waited {secs} s for earlier requests to end: ask for less at once, or raise `concurrency`")]
    Queued {
        /// The time allowed, seconds.
        secs: f64,
    },
    /// The TLS handshake failed.
    #[error("TLS failed: {reason}: {host}")]
    Tls {
        /// What failed and what to do.
        reason: String,
        /// Host and port.
        host: String,
    },
    /// 401.
    #[error(
        "the server wants other credentials (401): check user and password, or the token, of the data source"
    )]
    Unauthorized,
    /// 403.
    #[error("the server forbids this (403): check what these credentials may read, and the tenant header")]
    Forbidden,
    /// 405, to POST and to GET.
    #[error("the server takes neither POST nor GET there (405): check `url`")]
    MethodNotAllowed,
    /// A redirect, which is not followed, so that credentials go nowhere else.
    #[error(
        "the server redirects ({status}) and credentials are not sent after it: if that place is right, set `url` to it: {to}"
    )]
    Redirected {
        /// HTTP status.
        status: u16,
        /// Where to, without credentials and parameters.
        to: String,
    },
    /// An answer, but not one of a Prometheus-compatible API.
    #[error(
        "the answer is not Prometheus' ({got}): check `url`, and whether the server's API is under a path prefix"
    )]
    NotPrometheus {
        /// What came instead, such as `an HTML page, status 200`.
        got: String,
    },
    /// The server understood and refuses the query.
    #[error("the server refuses the query ({status}): {message}")]
    BadQuery {
        /// HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// The query costs more than the server allows.
    #[error("the query is too expensive for the server ({status}): narrow it or the time range: {message}")]
    TooExpensive {
        /// HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// 429, 502, 503, 504: not now.
    #[error("the server cannot answer now ({status}{}): {message}", again(*retry_after_secs))]
    Busy {
        /// HTTP status.
        status: u16,
        /// The server's own words, or what the status means.
        message: String,
        /// Seconds after which it may be asked again, where it says so.
        retry_after_secs: Option<f64>,
    },
    /// Another failure of the server.
    #[error("the server failed ({status}): {message}")]
    Server {
        /// HTTP status.
        status: u16,
        /// The server's own words, or what the status means.
        message: String,
    },
    /// The answer is larger than `maxResponseBytes`.
    #[error(
        "the answer is larger than {limit_bytes} bytes{}: narrow the query, or raise `maxResponseBytes`",
        announced(*announced_bytes)
    )]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
        /// How large the server said it would be, or 0.
        announced_bytes: u64,
    },
    /// The connection ended in the middle of the answer.
    #[error(
        "the answer was cut off after {read_bytes} bytes: try again; if it stays so, look at the server's log and at proxies on the way"
    )]
    CutOff {
        /// How much had come.
        read_bytes: u64,
    },
    /// Prometheus' envelope around something else than asked for.
    #[error("the answer cannot be read ({reason}): the server may be of a kind not known here")]
    Malformed {
        /// Where and why decoding stopped.
        reason: String,
    },
}

fn announced(bytes: u64) -> String {
    if bytes == 0 { String::new() } else { format!(", it has {bytes}") }
}

impl PrometheusError {
    /// Which of them it is, for counters and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoUrl => "no_url",
            Self::TlsSettings { .. } => "tls_settings",
            Self::Header { .. } => "header",
            Self::Dns { .. } => "dns",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Queued { .. } => "queued",
            Self::Tls { .. } => "tls",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Redirected { .. } => "redirected",
            Self::NotPrometheus { .. } => "not_prometheus",
            Self::BadQuery { .. } => "bad_query",
            Self::TooExpensive { .. } => "too_expensive",
            Self::Busy { .. } => "busy",
            Self::Server { .. } => "server",
            Self::TooLarge { .. } => "too_large",
            Self::CutOff { .. } => "cut_off",
            Self::Malformed { .. } => "malformed",
        }
    }
}

fn again(retry_after_secs: Option<f64>) -> String {
    retry_after_secs.map(|secs| format!(", again in {secs:.0} s")).unwrap_or_default()
}
