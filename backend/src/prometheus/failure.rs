//! Tells failures apart: what the network, TLS and HTTP say, and what it means for the person who reads it.

use std::marker::PhantomData;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::de::IgnoredAny;

use super::status::without_url_secrets;
use super::{PrometheusError, decode};

/// Longest part of the server's own words that is passed on, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// Host and port of a URL, which are no secret.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What a failed request means, after so many bytes of its answer.
pub(super) fn of_request(
    error: &reqwest::Error,
    url: &Url,
    timeout_secs: f64,
    read_bytes: u64,
) -> PrometheusError {
    let host = host_and_port(url);
    if error.is_timeout() && error.is_connect() {
        return PrometheusError::Unreachable {
            reason: "no answer to the attempt to connect".to_owned(),
            host,
        };
    }
    if error.is_timeout() {
        return PrometheusError::Timeout { secs: timeout_secs, host };
    }
    let causes: Vec<String> = causes(error).collect();
    if let Some(reason) = causes.iter().find_map(|cause| tls_reason(cause)) {
        return PrometheusError::Tls { reason, host };
    }
    let said = |word: &str| causes.iter().any(|cause| cause.contains(word));
    if said("dns error") {
        return PrometheusError::Dns { host: url.host_str().unwrap_or_default().to_owned() };
    }
    if said("Connection refused") {
        return PrometheusError::Refused { host };
    }
    let is_closed = !error.is_connect()
        && (said("closed before message completed") || said("Connection reset") || said("Broken pipe"));
    if is_closed || error.is_body() || error.is_decode() {
        return PrometheusError::CutOff { read_bytes };
    }
    PrometheusError::Unreachable { reason: causes.last().cloned().unwrap_or_default(), host }
}

/// The texts of what lies below an error; the error's own would show the URL.
pub(super) fn causes(error: &reqwest::Error) -> impl Iterator<Item = String> {
    use std::error::Error as _;
    std::iter::successors(error.source(), |cause: &&dyn std::error::Error| (*cause).source())
        .map(ToString::to_string)
}

/// What to do about a failed handshake, from what rustls says of it.
fn tls_reason(cause: &str) -> Option<String> {
    let known = [
        (
            "UnknownIssuer",
            "its certificate is signed by no CA trusted here: set `tlsAuthWithCACert` and `tlsCACert`",
        ),
        ("not valid for name", "its certificate is for another name than the host in `url`"),
        ("expired", "its certificate has expired, or this machine's clock is wrong"),
        ("not valid yet", "its certificate is not valid yet, or this machine's clock is wrong"),
        (
            "CertificateRequired",
            "it wants a client certificate: set `tlsAuth`, `tlsClientCert` and `tlsClientKey`",
        ),
        ("BadCertificate", "it does not take the client certificate: check `tlsClientCert`"),
        ("UnknownCA", "it does not know the CA of the client certificate: check `tlsClientCert`"),
        ("InvalidContentType", "no TLS is spoken there: use http:// in `url`"),
    ];
    let reason = known.iter().find(|(word, _)| cause.contains(word)).map(|(_, reason)| (*reason).to_owned());
    let other = || ["certificate", "fatal alert", "handshake"].iter().any(|word| cause.contains(word));
    reason.or_else(|| other().then(|| cause.to_owned()))
}

/// What a bad status means.
pub(super) fn of_status(status: StatusCode, body: &[u8], retry_after_secs: Option<f64>) -> PrometheusError {
    let code = status.as_u16();
    let envelope = decode::envelope(body, PhantomData::<IgnoredAny>).ok();
    let (kind, said) = envelope.map(|envelope| (envelope.error_type, envelope.error)).unwrap_or_default();
    let fallback = || status.canonical_reason().unwrap_or("no reason given").to_lowercase();
    let message = if said.is_empty() { fallback() } else { without_url_secrets(&said) };
    let message: String = message.chars().take(MAX_MESSAGE_CHARS).collect();
    // The last two are VictoriaMetrics' way to say it.
    let limits = ["too many", "exceed", "limit", "cannot select more than", "-search.max"];
    let too_expensive = kind == "timeout" || limits.iter().any(|words| said.contains(words));
    match code {
        400 if body.windows(15).any(|part| part == b"to an HTTPS ser") => {
            PrometheusError::NotPrometheus { got: "a demand for TLS; use https:// in `url`".into() }
        }
        429 | 502 | 503 | 504 if kind != "timeout" => {
            PrometheusError::Busy { status: code, message, retry_after_secs }
        }
        400..=499 | 501 if said.is_empty() => {
            PrometheusError::NotPrometheus { got: format!("status {code}") }
        }
        _ if too_expensive => PrometheusError::TooExpensive { status: code, message },
        400..=499 => PrometheusError::BadQuery { status: code, message },
        _ => PrometheusError::Server { status: code, message },
    }
}

/// Seconds to wait, from a number or from a date.
pub(super) fn retry_after_secs(headers: &HeaderMap) -> Option<f64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let secs = text.parse().ok().or_else(|| Some(http_date_secs(text)? - now_secs()))?;
    Some(secs.max(0.0))
}

/// Seconds since the epoch of a date as HTTP writes it.
pub(super) fn http_date_secs(text: &str) -> Option<f64> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().as_second() as f64)
}

/// Seconds since the epoch, by our own clock.
pub(super) fn now_secs() -> f64 {
    jiff::Timestamp::now().as_millisecond() as f64 / 1000.0
}
