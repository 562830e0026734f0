//! Starts the real parts that tests need: Prometheus, `VictoriaMetrics` and Alertmanager as Debian packages them.
//!
//! ```no_run
//! let prometheus = parts::prometheus().config("global: {scrape_interval: 1s}\n").start()?;
//! println!("{}", prometheus.url());
//! # anyhow::Ok(())
//! ```
//! Each server listens on a free loopback port, keeps its data in a directory of its own, and is stopped by
//! its process id when dropped.

mod http;
mod server;

pub use self::http::{Reply, get, post};
pub use self::server::{Builder, Server, free_port};

/// A Prometheus to be started; without a configuration it scrapes nothing and has no rules.
pub fn prometheus() -> Builder {
    Builder::new(server::Kind::Prometheus)
}

/// An Alertmanager to be started; without a configuration it drops every alert.
pub fn alertmanager() -> Builder {
    Builder::new(server::Kind::Alertmanager)
}

/// A `VictoriaMetrics` to be started, of one node. It has no configuration and keeps samples however old.
pub fn victoria_metrics() -> Builder {
    Builder::new(server::Kind::VictoriaMetrics)
}
