//! The few requests the stack makes itself: is a server ready, and what does Prometheus say.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Gets a path from a port of loopback; returns status and body.
pub(crate) fn get(port: u16, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    // HTTP/1.0, so that the body comes plain and the connection closes after it.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    let status = head.split(' ').nth(1).context("no HTTP status")?.parse()?;
    Ok((status, body.to_owned()))
}

/// Asks Prometheus' API; returns the answer's `data`.
pub(crate) fn prometheus(port: u16, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let (status, body) = get(port, &format!("/api/v1/{path}?{query}"))?;
    ensure!(status == 200, "Prometheus answers {path} with {status}: {body}");
    let mut answer: Value = serde_json::from_str(&body)?;
    Ok(answer["data"].take())
}
