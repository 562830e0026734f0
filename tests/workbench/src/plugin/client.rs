//! Calls of a plugin, in Grafana's terms.

use anyhow::{Context as _, Result};
use axum::body::Bytes;
use grafana_plugin_sdk::pluginv2::{
    CallResourceRequest, CallResourceResponse, CheckHealthRequest, CheckHealthResponse, DataQuery,
    PluginContext, QueryDataRequest, QueryDataResponse, data_client::DataClient,
    diagnostics_client::DiagnosticsClient, resource_client::ResourceClient,
};
use tonic::transport::Channel;

/// A client of one running process.
#[derive(Debug, Clone)]
pub struct Client(Channel);

/// An HTTP request to a plugin's resource.
#[derive(Debug)]
pub struct ResourceCall {
    /// GET, POST and so on.
    pub method: String,
    /// Below `resources/`.
    pub path: String,
    /// The path with its parameters.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// As the browser sent it.
    pub body: Bytes,
}

impl Client {
    pub(super) fn new(channel: Channel) -> Self {
        Self(channel)
    }

    /// Queries of one data source.
    pub async fn query(&self, context: PluginContext, queries: Vec<DataQuery>) -> Result<QueryDataResponse> {
        let request = QueryDataRequest { plugin_context: Some(context), queries, ..Default::default() };
        let mut client = DataClient::new(self.0.clone()).max_decoding_message_size(usize::MAX);
        Ok(client.query_data(request).await?.into_inner())
    }

    /// "Save & test".
    pub async fn check_health(&self, context: PluginContext) -> Result<CheckHealthResponse> {
        let request = CheckHealthRequest { plugin_context: Some(context), ..Default::default() };
        Ok(DiagnosticsClient::new(self.0.clone()).check_health(request).await?.into_inner())
    }

    /// A resource, its answer in one piece.
    pub async fn call_resource(
        &self,
        context: PluginContext,
        call: ResourceCall,
    ) -> Result<CallResourceResponse> {
        let mut request = CallResourceRequest {
            plugin_context: Some(context),
            path: call.path,
            method: call.method,
            url: call.url,
            body: call.body,
            ..Default::default()
        };
        for (name, value) in call.headers {
            request.headers.entry(name).or_default().values.push(value);
        }
        let mut client = ResourceClient::new(self.0.clone()).max_decoding_message_size(usize::MAX);
        let mut parts = client.call_resource(request).await?.into_inner();
        let mut whole = parts.message().await?.context("resource call without an answer")?;
        let mut body = whole.body.to_vec();
        while let Some(part) = parts.message().await? {
            body.extend_from_slice(&part.body);
        }
        whole.body = body.into();
        Ok(whole)
    }
}
