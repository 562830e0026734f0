//! Sends requests, keeps credentials where they belong, and tells failures apart.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Identity, RequestBuilder, Response, StatusCode, Url};
use serde::de::IgnoredAny;

use super::status::without_url_secrets;
use super::{PrometheusError, decode};
use crate::settings::{BasicAuth, Gzip, HttpMethod, Secret, Settings};

/// Most bytes read of an answer that tells an error.
const MAX_ERROR_BYTES: u64 = 64 << 10;
/// Longest part of the server's own words that is passed on, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

enum Credentials {
    /// None, or those of a custom header.
    None,
    Basic(BasicAuth),
    Bearer(Secret),
}

pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    credentials: Credentials,
    /// Whether queries go by POST; turned off for good by a server that does not take it.
    by_post: AtomicBool,
    extra_params: Vec<(String, String)>,
    timeout_secs: f64,
    query_timeout_secs: f64,
    max_response_bytes: u64,
    gzip: Gzip,
    on_loopback: bool,
}

impl Transport {
    pub(super) fn new(settings: &Settings) -> Result<Self, PrometheusError> {
        let base = settings.url.clone().ok_or(PrometheusError::NoUrl)?;
        let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let on_loopback =
            host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let builder = reqwest::Client::builder()
            .user_agent(concat!("leaklens/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(settings)?)
            .connect_timeout(Duration::from_secs_f64(settings.timeout_secs.min(10.0)))
            // Credentials and custom headers go to the configured server only.
            .redirect(reqwest::redirect::Policy::none());
        let http = with_tls(builder, settings, base.scheme())?;
        Ok(Self {
            http,
            base,
            credentials: credentials(settings)?,
            by_post: AtomicBool::new(settings.http_method == HttpMethod::Post),
            extra_params: settings.query_params.clone(),
            timeout_secs: settings.timeout_secs,
            // A little earlier than we hang up, so that the server's own reason still arrives.
            query_timeout_secs: settings.query_timeout_secs.min(settings.timeout_secs * 0.9),
            max_response_bytes: settings.max_response_bytes,
            gzip: settings.gzip,
            on_loopback,
        })
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// An endpoint that evaluates something: by POST as a form, or by GET.
    pub(super) async fn query(
        &self,
        path: &str,
        params: &[(&str, String)],
        small: bool,
    ) -> Result<Vec<u8>, PrometheusError> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let url = self.url(&segments);
        let mut form: Vec<(&str, &str)> =
            params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let timeout = format!("{}ms", (self.query_timeout_secs * 1000.0).ceil());
        form.push(("timeout", &timeout));
        form.extend(self.extra_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if self.by_post.load(Ordering::Relaxed) {
            let response = self.send(self.http.post(url.clone()).form(&form), small).await?;
            if response.status() != StatusCode::METHOD_NOT_ALLOWED {
                return self.read(response).await;
            }
            self.by_post.store(false, Ordering::Relaxed);
        }
        self.read(self.send(self.http.get(url).query(&form), small).await?).await
    }

    /// An endpoint that only takes GET.
    pub(super) async fn get(
        &self,
        path: &[&str],
        params: &[(&str, String)],
    ) -> Result<Vec<u8>, PrometheusError> {
        let request = self.http.get(self.url(path)).query(params).query(&self.extra_params);
        self.read(self.send(request, true).await?).await
    }

    /// As [`Self::get`], and how far the server's clock is ahead of ours in seconds, where it tells its time.
    pub(super) async fn get_with_clock(
        &self,
        path: &[&str],
    ) -> Result<(Vec<u8>, Option<f64>), PrometheusError> {
        let response = self.send(self.http.get(self.url(path)).query(&self.extra_params), true).await?;
        let skew_secs = clock_skew_secs(response.headers());
        Ok((self.read(response).await?, skew_secs))
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    async fn send(&self, request: RequestBuilder, small: bool) -> Result<Response, PrometheusError> {
        let compressed = match self.gzip {
            Gzip::On => true,
            Gzip::Off => false,
            Gzip::Auto => small && !self.on_loopback,
        };
        let encoding = HeaderValue::from_static(if compressed { "gzip" } else { "identity" });
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Basic(basic) => request.basic_auth(&basic.user, Some(basic.password.reveal())),
            Credentials::Bearer(token) => request.bearer_auth(token.reveal()),
        };
        let request =
            request.header(ACCEPT_ENCODING, encoding).timeout(Duration::from_secs_f64(self.timeout_secs));
        request.send().await.map_err(|error| self.failure(&error, 0))
    }

    /// The body of a good answer, or what the status says.
    async fn read(&self, response: Response) -> Result<Vec<u8>, PrometheusError> {
        let status = response.status();
        if status.is_success() {
            return self.body(response, self.max_response_bytes).await;
        }
        if status == StatusCode::UNAUTHORIZED {
            return Err(PrometheusError::Unauthorized);
        }
        if status == StatusCode::FORBIDDEN {
            return Err(PrometheusError::Forbidden);
        }
        if status.is_redirection() {
            let location =
                response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let to = self.base.join(location).map_or_else(|_| "an unreadable place".to_owned(), String::from);
            return Err(PrometheusError::Redirected {
                status: status.as_u16(),
                to: without_url_secrets(&to),
            });
        }
        let retry_after_secs = retry_after_secs(response.headers());
        let body = match self.body(response, MAX_ERROR_BYTES).await {
            Ok(body) => body,
            // The status says enough.
            Err(PrometheusError::TooLarge { .. } | PrometheusError::CutOff { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        Err(refusal(status, &body, retry_after_secs))
    }

    async fn body(&self, mut response: Response, limit_bytes: u64) -> Result<Vec<u8>, PrometheusError> {
        let announced = response.content_length().unwrap_or(0);
        if announced > limit_bytes {
            return Err(PrometheusError::TooLarge { limit_bytes });
        }
        let mut body = Vec::with_capacity(announced as usize);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(&error, body.len()))? {
            if (body.len() + chunk.len()) as u64 > limit_bytes {
                return Err(PrometheusError::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What a failed request means.
    fn failure(&self, error: &reqwest::Error, read_bytes: usize) -> PrometheusError {
        let host = self.host();
        if error.is_timeout() {
            return PrometheusError::Timeout { secs: self.timeout_secs, host };
        }
        let causes: Vec<String> = causes(error).collect();
        if let Some(reason) = causes.iter().find_map(|cause| tls_reason(cause)) {
            return PrometheusError::Tls { reason, host };
        }
        let said = |word: &str| causes.iter().any(|cause| cause.contains(word));
        if said("dns error") {
            return PrometheusError::Dns { host: self.base.host_str().unwrap_or_default().to_owned() };
        }
        if said("Connection refused") {
            return PrometheusError::Refused { host };
        }
        if error.is_body() || error.is_decode() {
            return PrometheusError::CutOff { read_bytes: read_bytes as u64 };
        }
        PrometheusError::Unreachable { reason: causes.last().cloned().unwrap_or_default(), host }
    }
}

/// The texts of what lies below an error; the error's own would show the URL.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = String> {
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
        ("Expired", "its certificate has expired, or this machine's clock is wrong"),
        ("NotValidYet", "its certificate is not valid yet, or this machine's clock is wrong"),
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
fn refusal(status: StatusCode, body: &[u8], retry_after_secs: Option<f64>) -> PrometheusError {
    let code = status.as_u16();
    let envelope = decode::envelope(body, std::marker::PhantomData::<IgnoredAny>).ok();
    let (kind, said) = envelope.map(|envelope| (envelope.error_type, envelope.error)).unwrap_or_default();
    let fallback = || status.canonical_reason().unwrap_or("no reason given").to_lowercase();
    let message = if said.is_empty() { fallback() } else { without_url_secrets(&said) };
    let message: String = message.chars().take(MAX_MESSAGE_CHARS).collect();
    let too_expensive =
        kind == "timeout" || said.contains("too many") || said.contains("exceed") || said.contains("limit");
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

fn retry_after_secs(headers: &HeaderMap) -> Option<f64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let secs = text.parse().ok().or_else(|| Some(http_date_secs(text)? - now_secs()))?;
    Some(secs.max(0.0))
}

fn clock_skew_secs(headers: &HeaderMap) -> Option<f64> {
    let server_secs = http_date_secs(headers.get(DATE)?.to_str().ok()?)?;
    // The header has whole seconds: its middle is the best guess.
    Some(server_secs + 0.5 - now_secs())
}

fn http_date_secs(text: &str) -> Option<f64> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().as_second() as f64)
}

fn now_secs() -> f64 {
    jiff::Timestamp::now().as_millisecond() as f64 / 1000.0
}

/// Custom headers, each marked so that no log shows its value.
fn headers(settings: &Settings) -> Result<HeaderMap, PrometheusError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers {
        let wrong = || PrometheusError::Header { key: name.clone() };
        let header = HeaderName::from_bytes(name.as_bytes()).ok().ok_or_else(wrong)?;
        let mut value = HeaderValue::from_str(value.reveal()).ok().ok_or_else(wrong)?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// A custom `Authorization` goes before a bearer token, and that before basic auth.
fn credentials(settings: &Settings) -> Result<Credentials, PrometheusError> {
    if settings.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        return Ok(Credentials::None);
    }
    if let Some(token) = &settings.bearer_token {
        let token = token.reveal().trim();
        if HeaderValue::from_str(token).is_err() {
            return Err(PrometheusError::Header { key: "bearerToken".into() });
        }
        return Ok(Credentials::Bearer(Secret::new(token)));
    }
    Ok(settings.basic_auth.clone().map_or(Credentials::None, Credentials::Basic))
}

/// A client whose trust is what the settings say. Over http:// no CA store is asked for: a machine may have none.
fn with_tls(
    mut builder: reqwest::ClientBuilder,
    settings: &Settings,
    scheme: &str,
) -> Result<reqwest::Client, PrometheusError> {
    let tls = &settings.tls;
    let wrong =
        |key: &'static str, reason: &str| PrometheusError::TlsSettings { key, reason: reason.to_owned() };
    if let Some(client) = &tls.client {
        let pem = format!("{}\n{}", client.certificate_pem.reveal(), client.key_pem.reveal());
        let identity = Identity::from_pem(pem.as_bytes())
            .map_err(|_| wrong("tlsClientCert", "certificate or key is no PEM, or the key is encrypted"))?;
        builder = builder.identity(identity);
    }
    if tls.skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    } else if let Some(pem) = &tls.ca_pem {
        let cas = Certificate::from_pem_bundle(pem.reveal().as_bytes()).unwrap_or_default();
        if cas.is_empty() {
            return Err(wrong("tlsCACert", "it holds no certificate in PEM"));
        }
        builder = builder.tls_certs_only(cas);
    } else if scheme == "http" {
        builder = builder.tls_certs_only([]);
    }
    builder
        .build()
        .map_err(|_| wrong("url", "https needs the CAs of this machine and it has none: set `tlsCACert`"))
}
