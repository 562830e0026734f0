//! The Leaklens data source.
//!
//! Modules in the order a query takes: [`grafana`] speaks the plugin protocol, [`service`] holds what is set up,
//! [`answers`] has one module per query type, which read suspects ([`scan`]), alerts ([`alerts`]) and findings
//! ([`evidence`]) through the HTTP client ([`prometheus`]). [`profiles`] name the metrics, [`promql`] builds the
//! expressions, [`settings`] holds what an operator chose. [`call`] and [`metrics`] tell what happened. [`cli`] does without
//! Grafana.

pub mod alerts;
pub mod answers;
pub mod call;
pub mod cli;
pub mod evidence;
pub mod grafana;
pub mod health;
pub mod library;
pub mod links;
pub mod metrics;
pub mod profiles;
pub mod prometheus;
pub mod promql;
pub mod scan;
pub mod service;
pub mod settings;
pub mod variables;
