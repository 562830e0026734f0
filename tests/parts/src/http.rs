//! The HTTP requests that waiting for a server and filling it take.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
}

/// Gets a path (with query) from a port of loopback, without following anything.
pub fn get(port: u16, path: &str) -> Result<Reply> {
    ask(port, &format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n"), "")
}

/// Posts a text to a path of a port of loopback.
pub fn post(port: u16, path: &str, body: &str) -> Result<Reply> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n");
    ask(port, &head, body)
}

fn ask(port: u16, head: &str, body: &str) -> Result<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    // HTTP/1.0, so that the body comes plain and the connection closes after it.
    write!(stream, "{head}\r\n{body}")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    let status = head.split(' ').nth(1).context("no HTTP status")?.parse()?;
    Ok(Reply { status, body: body.to_owned() })
}
