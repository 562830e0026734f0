//! A server that gives every connection the same bytes and remembers what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// Requests arrive on `requests`, head and body, one text each.
pub(crate) struct Canned {
    pub(crate) url: String,
    pub(crate) requests: Receiver<String>,
}

/// What follows the answer's last byte.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    Close,
    /// Keep the connection open and say nothing more.
    Stall,
}

impl Canned {
    /// Serves until the process ends.
    pub(crate) fn serve(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::serve_each(vec![answer.into()], then)
    }

    /// The first connection gets the first answer, and so on; the last answer is repeated.
    pub(crate) fn serve_each(answers: Vec<Vec<u8>>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let answer = answers[number.min(answers.len() - 1)].clone();
                let sender = sender.clone();
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let request = read_request(&mut stream);
                    // A test that does not look at its requests has dropped the receiver; a client that has
                    // read enough closes early.
                    drop(sender.send(request));
                    drop(stream.write_all(&answer));
                    if matches!(then, Then::Stall) {
                        drop(stream.read(&mut [0]));
                        drop(sender.send("closed".into()));
                    }
                });
            }
        });
        Self { url, requests }
    }

    /// A good HTTP answer around a JSON body.
    pub(crate) fn json(body: &str) -> Self {
        Self::serve(http("200 OK", "Content-Type: application/json\r\n", body), Then::Close)
    }

    /// An HTTP answer with a status.
    pub(crate) fn status(status: &str, headers: &str, body: &str) -> Self {
        Self::serve(http(status, headers, body), Then::Close)
    }
}

pub(crate) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        // Someone speaks TLS: there is no request to wait for.
        if request.first() == Some(&0x16) {
            return String::new();
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return text,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
}
