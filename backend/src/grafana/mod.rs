//! The plugin protocol: go-plugin's handshake and Grafana's `pluginv2` services over a unix socket.
//!
//! Nothing outside this module knows the protocol, and nothing inside it knows what a leak is: it turns calls
//! into [`DataSource`]'s plain types and its frames into Arrow. The SDK gives the messages, the service traits,
//! Arrow and the log format; its own services are passed by because they refuse users without a role, fail all
//! queries for one malformed one, and cannot be told to stop.

mod arrow;
mod context;
mod controller;
mod handshake;
mod serve;
mod services;
mod source;
#[cfg(test)]
mod tests;

pub use handshake::HandshakeError;
pub use serve::{RunError, run};
pub use source::{
    DataSource, Health, Instance, QueryError, QueryRequest, ResourceAnswer, ResourceRequest, User,
};
