//! The Prometheus client against real Prometheus servers, a real TLS server, and servers that misbehave.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

mod canned;
mod faults;
mod health;
mod manners;
mod real;
mod remote_read;
mod requests;
mod tls;

use std::collections::BTreeMap;

use backend::prometheus::{Client, PrometheusError};
use backend::settings::{Secret, Settings, Source};
use serde_json::Value;

/// Settings as Grafana would hand them over.
fn settings(url: &str, json_data: &Value, secure: &[(&str, &str)]) -> Settings {
    let secure: BTreeMap<String, Secret> =
        secure.iter().map(|(key, text)| ((*key).to_owned(), Secret::new(*text))).collect();
    let user = json_data["user"].as_str().unwrap_or_default().to_owned();
    let source = Source {
        url,
        basic_auth_enabled: !user.is_empty(),
        basic_auth_user: &user,
        json_data,
        secure_json_data: &secure,
    };
    Settings::read(source).unwrap()
}

fn client(url: &str) -> Client {
    Client::new(&Settings::for_url(url).unwrap()).unwrap()
}

/// The error of the simplest query.
async fn error_of(client: &Client) -> PrometheusError {
    client.query("vector(1)", 1_700_000_000.0).await.unwrap_err()
}
