//! A server that answers as a test says.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What one request gets.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, then this many times these, then the end.
    Repeated(Vec<u8>, Vec<u8>, usize),
    /// A byte a second of these.
    Drip(Vec<u8>),
    /// Nothing, and the connection stays open.
    Stall,
}

/// A server on loopback, for as long as the runtime lives.
pub(crate) struct Upstream {
    pub(crate) url: String,
    /// How many requests have come.
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Upstream {
    /// Each request, head and body as one text, gets what `answer` says.
    pub(crate) async fn serve(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (Arc::new(answer), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
                tokio::spawn(async move {
                    let mut stream = stream;
                    let request = read(&mut stream).await;
                    count.fetch_add(1, Ordering::SeqCst);
                    // Who has read enough closes early.
                    drop(send(&mut stream, answer(&request)).await);
                });
            }
        });
        Self { url, requests }
    }

    /// A server that says the same to every request.
    pub(crate) async fn always(reply: Reply) -> Self {
        Self::serve(move |_| reply.clone()).await
    }

    /// A Prometheus that has these series, as JSON, for whoever asks for samples, and nothing else.
    pub(crate) async fn prometheus(series: String) -> Self {
        Self::serve(move |request| Reply::Bytes(json(&prometheus(request, &series)))).await
    }
}

async fn send(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
        Reply::Repeated(first, again, times) => {
            stream.write_all(&first).await?;
            for _ in 0..times {
                stream.write_all(&again).await?;
            }
        }
        Reply::Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Reply::Stall => {
            // Until the other side has gone.
            while stream.read(&mut [0]).await? > 0 {}
        }
    }
    stream.shutdown().await
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
}

/// An HTTP answer.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}

/// A good one around JSON.
pub(crate) fn json(body: &str) -> Vec<u8> {
    http("200 OK", "Content-Type: application/json\r\n", body)
}

/// What a Prometheus with these series answers: a range selector and a range query select them all.
fn prometheus(request: &str, series: &str) -> String {
    let data = |data: &str| format!(r#"{{"status":"success","data":{data}}}"#);
    let matrix = || data(&format!(r#"{{"resultType":"matrix","result":[{series}]}}"#));
    let asked = |path: &str| request.split(' ').nth(1).is_some_and(|target| target.starts_with(path));
    if asked("/api/v1/query_range") {
        return matrix();
    }
    if asked("/api/v1/query") {
        // A range selector ends in `]`.
        return if request.contains("%5D&time=") {
            matrix()
        } else {
            data(r#"{"resultType":"vector","result":[]}"#)
        };
    }
    if asked("/api/v1/alerts") {
        return data(r#"{"alerts":[]}"#);
    }
    if asked("/api/v1/rules") {
        return data(r#"{"groups":[]}"#);
    }
    if asked("/api/v1/targets") {
        return data(r#"{"activeTargets":[]}"#);
    }
    if asked("/api/v1/status/buildinfo") {
        return data(r#"{"version":"3.5.0","revision":"abc"}"#);
    }
    data("[]")
}

/// One series of a process whose memory grows from 200 MiB by 40 MiB/h over the last eight hours before `to_secs`, with
/// these labels besides, as JSON.
pub(crate) fn growing(labels: &str, to_secs: i64) -> String {
    let mut values = String::new();
    for minute in 0..480_i64 {
        let comma = if minute == 0 { "" } else { "," };
        let bytes = 209_715_200 + minute * 699_051 + (minute * 7919 % 13) * 10_000;
        write!(values, r#"{comma}[{},"{bytes}"]"#, to_secs - (479 - minute) * 60).unwrap();
    }
    format!(r#"{{"metric":{{"__name__":"process_resident_memory_bytes"{labels}}},"values":[{values}]}}"#)
}
