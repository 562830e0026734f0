//! Whom we trust and who we are, over https.

use reqwest::{Certificate, Client, ClientBuilder, Identity, Url};

use super::PrometheusError;
use super::failure::causes;
use crate::settings::Tls;

/// Builds a client whose trust is what the settings say. Over http:// no CA store is asked for: a machine may
/// have none.
pub(super) fn build(mut builder: ClientBuilder, tls: &Tls, url: &Url) -> Result<Client, PrometheusError> {
    let wrong = |key: &'static str, problem: &str, error: &reqwest::Error| {
        let cause = causes(error).last().unwrap_or_default();
        PrometheusError::TlsSettings { key, reason: format!("{problem} ({cause})") }
    };
    let key_problem = "certificate or key is no PEM, or the key is encrypted";
    let ca_problem = "it holds no certificate in PEM";
    if let Some(client) = &tls.client {
        let pem = format!("{}\n{}", client.certificate_pem.reveal(), client.key_pem.reveal());
        let identity = Identity::from_pem(pem.as_bytes());
        builder = builder.identity(identity.map_err(|error| wrong("tlsClientCert", key_problem, &error))?);
    }
    // What `build` would complain of in each case.
    let (key, problem) = if tls.skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
        ("tlsClientCert", key_problem)
    } else if let Some(pem) = &tls.ca_pem {
        let cas = Certificate::from_pem_bundle(pem.reveal().as_bytes());
        let cas = cas.map_err(|error| wrong("tlsCACert", ca_problem, &error))?;
        if cas.is_empty() {
            return Err(PrometheusError::TlsSettings { key: "tlsCACert", reason: ca_problem.to_owned() });
        }
        builder = builder.tls_certs_only(cas);
        ("tlsCACert", ca_problem)
    } else if url.scheme() == "http" {
        builder = builder.tls_certs_only([]);
        ("tlsClientCert", key_problem)
    } else {
        (
            "url",
            "https needs the CAs of this machine and it has none: set `tlsAuthWithCACert` and `tlsCACert`",
        )
    };
    builder.build().map_err(|error| wrong(key, problem, &error))
}
