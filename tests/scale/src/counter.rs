//! A way to a server that counts what goes over it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Counts until the process ends.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    port: u16,
    open: Arc<AtomicUsize>,
    answered: Arc<AtomicU64>,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Counter {
    /// Passes everything on to a port of loopback.
    pub(crate) async fn before(server: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let counter = Self {
            port: listener.local_addr()?.port(),
            open: Arc::default(),
            answered: Arc::default(),
            asked: Arc::default(),
        };
        let counts = counter.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let counts = counts.clone();
                tokio::spawn(async move {
                    counts.open.fetch_add(1, Ordering::Relaxed);
                    // Whoever hangs up ends both ways; there is nobody to tell.
                    drop(counts.pass_on(client, server).await);
                    counts.open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Ok(counter)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Connections that are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Bytes of all answers, and how many requests asked for the lowest values of windows, since the last call.
    pub(crate) fn take(&self) -> (u64, usize) {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        let coarse =
            asked.windows(14).filter(|part| part == b"min_over_time(" || part == b"min_over_time%").count();
        (self.answered.swap(0, Ordering::Relaxed), coarse)
    }

    async fn pass_on(&self, client: TcpStream, server: u16) -> Result<()> {
        let server = TcpStream::connect(("127.0.0.1", server)).await?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let there = copy(from_client, to_server, |bytes| {
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        });
        let back = copy(from_server, to_client, |bytes| {
            self.answered.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        });
        tokio::select! { one = there => one, other = back => other }
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, seen: impl Fn(&[u8])) -> Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        seen(&buffer[..read]);
        to.write_all(&buffer[..read]).await?;
    }
}
