//! What the stack asks Prometheus.

use anyhow::{Result, ensure};
use serde_json::Value;

/// Asks Prometheus' API; returns the answer's `data`.
pub(crate) fn get(port: u16, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let reply = parts::get(port, &format!("/api/v1/{path}?{query}"))?;
    ensure!(reply.status == 200, "Prometheus answers {path} with {}: {}", reply.status, reply.body);
    let mut answer: Value = serde_json::from_str(&reply.body)?;
    Ok(answer["data"].take())
}
