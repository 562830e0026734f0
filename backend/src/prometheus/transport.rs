//! Sends requests and keeps credentials where they belong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::Instant;

use super::status::without_url_secrets;
use super::{PrometheusError, failure, tls};
use crate::call;
use crate::metrics::metrics;
use crate::settings::{BasicAuth, Gzip, HttpMethod, Secret, Settings};

/// Most bytes read of an answer that tells an error.
const MAX_ERROR_BYTES: u64 = 64 << 10;
/// How often a busy server is asked again.
const MAX_RETRIES: u32 = 3;
/// The first wait where the server does not say how long.
const FIRST_PAUSE_SECS: f64 = 0.5;
/// A server that can be reached at all accepts within this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// No setting waits longer: a deadline must fit into a clock.
const MAX_TIMEOUT: Duration = Duration::from_hours(24);

enum Credentials {
    /// None, or those of a custom header.
    None,
    Basic(BasicAuth),
    Bearer(Secret),
}

/// What is known of an answer before it comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// Small enough to be worth compressing.
    pub(super) small: bool,
    /// Of use even if it is cut at `maxResponseBytes`.
    pub(super) may_be_cut: bool,
    /// Who takes it while it comes.
    pub(super) taker: Option<&'a Taker>,
}

/// What is wanted whole, and is small.
pub(super) const SMALL: Expected<'_> = Expected { small: true, may_be_cut: false, taker: None };

/// The bytes of an answer.
#[derive(Debug)]
pub(super) struct Body {
    /// Empty where they were handed on while they came.
    pub(super) bytes: Vec<u8>,
    /// The limit at which it was cut, if it was.
    pub(super) cut_at_bytes: Option<u64>,
    /// How many came.
    read_bytes: u64,
}

/// Takes the bytes of a good answer while they come; where it is gone, nobody wants them.
pub(super) type Taker = mpsc::Sender<Bytes>;

pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    credentials: Credentials,
    /// Whether queries go by POST; turned off for good by a server that does not take it.
    by_post: AtomicBool,
    extra_params: Vec<(String, String)>,
    /// Requests at once.
    turns: Semaphore,
    /// From the wait for a turn to the last byte, retries included.
    timeout: Duration,
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
            .connect_timeout(CONNECT_TIMEOUT)
            // Credentials and custom headers go to the configured server only.
            .redirect(reqwest::redirect::Policy::none());
        let http = tls::build(builder, &settings.tls, &base)?;
        Ok(Self {
            http,
            base,
            credentials: credentials(settings)?,
            by_post: AtomicBool::new(settings.http_method == HttpMethod::Post),
            extra_params: settings.query_params.clone(),
            turns: Semaphore::new(settings.concurrency),
            timeout: Duration::try_from_secs_f64(settings.timeout_secs)
                .unwrap_or(MAX_TIMEOUT)
                .min(MAX_TIMEOUT),
            // A little earlier than we hang up, so that the server's own reason still arrives.
            query_timeout_secs: settings.query_timeout_secs.min(settings.timeout_secs * 0.9),
            max_response_bytes: settings.max_response_bytes,
            gzip: settings.gzip,
            on_loopback,
        })
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        failure::host_and_port(&self.base)
    }

    /// An endpoint that evaluates something: by POST as a form, or by GET.
    pub(super) async fn query(
        &self,
        path: &str,
        params: &[(&str, String)],
        expected: Expected<'_>,
    ) -> Result<Body, PrometheusError> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let url = self.url(&segments);
        let mut form: Vec<(&str, &str)> =
            params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let timeout = format!("{}ms", (self.query_timeout_secs * 1000.0).ceil());
        form.push(("timeout", &timeout));
        form.extend(self.extra_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if self.by_post.load(Ordering::Relaxed) {
            match self.exchange(|| self.http.post(url.clone()).form(&form), expected).await {
                Err(PrometheusError::MethodNotAllowed) => self.by_post.store(false, Ordering::Relaxed),
                other => return other.map(|(_, body)| body),
            }
        }
        Ok(self.exchange(|| self.http.get(url.clone()).query(&form), expected).await?.1)
    }

    /// An endpoint that only takes GET.
    pub(super) async fn get(
        &self,
        path: &[&str],
        params: &[(&str, String)],
    ) -> Result<Vec<u8>, PrometheusError> {
        let request = || self.http.get(self.url(path)).query(params).query(&self.extra_params);
        Ok(self.exchange(request, SMALL).await?.1.bytes)
    }

    /// Whether it has not been said that only GET is taken.
    pub(super) fn takes_post(&self) -> bool {
        self.by_post.load(Ordering::Relaxed)
    }

    /// An endpoint that takes a message of its own kind, which these headers tell.
    pub(super) async fn post(
        &self,
        path: &[&str],
        headers: &HeaderMap,
        message: Bytes,
    ) -> Result<(HeaderMap, Body), PrometheusError> {
        let request = || {
            let request = self.http.post(self.url(path)).query(&self.extra_params);
            request.headers(headers.clone()).body(message.clone())
        };
        self.exchange(request, Expected { small: false, may_be_cut: true, taker: None }).await
    }

    /// As [`Self::get`], and how far the server's clock is ahead of ours in seconds, where it tells its time.
    pub(super) async fn get_with_clock(
        &self,
        path: &[&str],
    ) -> Result<(Vec<u8>, Option<f64>), PrometheusError> {
        let request = || self.http.get(self.url(path)).query(&self.extra_params);
        let (headers, body) = self.exchange(request, SMALL).await?;
        Ok((body.bytes, clock_skew_secs(&headers)))
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Exchanges, counts and tells the log.
    async fn exchange(
        &self,
        request: impl Fn() -> RequestBuilder,
        expected: Expected<'_>,
    ) -> Result<(HeaderMap, Body), PrometheusError> {
        let began = Instant::now();
        let answer = self.exchange_patiently(request, expected).await;
        let outcome = answer.as_ref().map_or_else(PrometheusError::kind, |_| "ok");
        metrics().request(outcome, began.elapsed());
        let bytes = answer.as_ref().map_or(0, |(_, body)| body.read_bytes);
        metrics().read_bytes(bytes);
        let duration_ms = began.elapsed().as_millis() as u64;
        let (host, trace_id) = (self.host(), call::trace_id());
        tracing::debug!(
            traceID = &*trace_id,
            host,
            outcome,
            bytes,
            durationMS = duration_ms,
            "request ended"
        );
        answer
    }

    /// Waits for its turn, asks, and asks again while the server says "not now" and there is time.
    async fn exchange_patiently(
        &self,
        request: impl Fn() -> RequestBuilder,
        expected: Expected<'_>,
    ) -> Result<(HeaderMap, Body), PrometheusError> {
        let own = Instant::now() + self.timeout;
        let deadline = call::deadline().map_or(own, |whole| whole.min(own));
        // The turn is kept while backing off: a busy server gets fewer requests, not the next in the queue.
        let _turn = self.turn(deadline).await?;
        let mut attempt = 0;
        loop {
            let request = self.dressed(request(), expected.small);
            let answer = self.attempt(request, expected, deadline).await;
            let pause = match &answer {
                Err(PrometheusError::Busy { retry_after_secs, .. }) if attempt < MAX_RETRIES => {
                    pause(attempt, *retry_after_secs)
                }
                // An idle connection that the server had closed, as one that has restarted has.
                Err(PrometheusError::CutOff { read_bytes: 0 }) if attempt == 0 => Duration::ZERO,
                _ => return answer,
            };
            if pause >= deadline.saturating_duration_since(Instant::now()) {
                return answer;
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn turn(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, PrometheusError> {
        match tokio::time::timeout_at(deadline, self.turns.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed, so that only the time can be up.
            Ok(Err(_)) | Err(_) => Err(PrometheusError::Queued { secs: self.timeout.as_secs_f64() }),
        }
    }

    /// With credentials and the wanted encoding.
    fn dressed(&self, request: RequestBuilder, small: bool) -> RequestBuilder {
        let compressed = match self.gzip {
            Gzip::On => true,
            Gzip::Off => false,
            Gzip::Auto => small && !self.on_loopback,
        };
        let encoding = HeaderValue::from_static(if compressed { "gzip" } else { "identity" });
        let request = request.header(ACCEPT_ENCODING, encoding);
        match &self.credentials {
            Credentials::None => request,
            Credentials::Basic(basic) => request.basic_auth(&basic.user, Some(basic.password.reveal())),
            Credentials::Bearer(token) => request.bearer_auth(token.reveal()),
        }
    }

    async fn attempt(
        &self,
        request: RequestBuilder,
        expected: Expected<'_>,
        deadline: Instant,
    ) -> Result<(HeaderMap, Body), PrometheusError> {
        let request = request.timeout(deadline.saturating_duration_since(Instant::now()));
        let response = request.send().await.map_err(|error| self.failure(&error, 0))?;
        let headers = response.headers().clone();
        Ok((headers, self.read(response, expected).await?))
    }

    /// The body of a good answer, or what the status says.
    async fn read(&self, response: Response, expected: Expected<'_>) -> Result<Body, PrometheusError> {
        let status = response.status();
        if status.is_success() {
            return self.body(response, self.max_response_bytes, expected).await;
        }
        if status == StatusCode::UNAUTHORIZED {
            return Err(PrometheusError::Unauthorized);
        }
        if status == StatusCode::FORBIDDEN {
            return Err(PrometheusError::Forbidden);
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            return Err(PrometheusError::MethodNotAllowed);
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
        let retry_after_secs = failure::retry_after_secs(response.headers());
        let text = Expected { may_be_cut: true, ..SMALL };
        let body = match self.body(response, MAX_ERROR_BYTES, text).await {
            Ok(body) => body.bytes,
            // The status says enough.
            Err(PrometheusError::CutOff { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        Err(failure::of_status(status, &body, retry_after_secs))
    }

    async fn body(
        &self,
        mut response: Response,
        limit_bytes: u64,
        Expected { may_be_cut, taker, .. }: Expected<'_>,
    ) -> Result<Body, PrometheusError> {
        let announced_bytes = response.content_length().unwrap_or(0);
        let too_large = PrometheusError::TooLarge { limit_bytes, announced_bytes };
        if announced_bytes > limit_bytes && !may_be_cut {
            return Err(too_large);
        }
        let room_bytes = if taker.is_some() { 0 } else { announced_bytes.min(limit_bytes) };
        let mut bytes = Vec::with_capacity(room_bytes as usize);
        let mut read_bytes = 0;
        while let Some(mut chunk) =
            response.chunk().await.map_err(|error| self.failure(&error, read_bytes))?
        {
            let room = limit_bytes - read_bytes;
            let is_cut = chunk.len() as u64 > room;
            if is_cut {
                chunk.truncate(room as usize);
            }
            read_bytes += chunk.len() as u64;
            match taker {
                // Who has gone has all it wants, or has failed and says so.
                Some(taker) => drop(taker.send(chunk).await),
                None => bytes.extend_from_slice(&chunk),
            }
            if is_cut {
                let cut = Body { bytes, cut_at_bytes: Some(limit_bytes), read_bytes };
                return if may_be_cut { Ok(cut) } else { Err(too_large) };
            }
        }
        Ok(Body { bytes, cut_at_bytes: None, read_bytes })
    }

    fn failure(&self, error: &reqwest::Error, read_bytes: u64) -> PrometheusError {
        failure::of_request(error, &self.base, self.timeout.as_secs_f64(), read_bytes)
    }
}

/// How long to wait before asking again: what the server says, or twice as long each time.
fn pause(attempt: u32, retry_after_secs: Option<f64>) -> Duration {
    let secs = retry_after_secs.unwrap_or(FIRST_PAUSE_SECS * f64::from(1_u32 << attempt));
    Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX)
}

fn clock_skew_secs(headers: &HeaderMap) -> Option<f64> {
    let server_secs = failure::http_date_secs(headers.get(DATE)?.to_str().ok()?)?;
    // The header has whole seconds: its middle is the best guess.
    Some(server_secs + 0.5 - failure::now_secs())
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
