//! A real TLS server with certificates made on the spot.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use backend::prometheus::{Client, PrometheusError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::canned::{Canned, http};
use crate::{client, error_of, settings};

type Issuer = CertifiedIssuer<'static, KeyPair>;

const ANSWER: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}"#;

fn ca(name: &str) -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name, signed, and its key.
fn signed(by: &Issuer, name: &str, expired: bool) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if expired {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    (params.signed_by(&key, by).unwrap(), key)
}

/// Answers every request of everyone who gets through the handshake.
async fn serve(certificate: &(rcgen::Certificate, KeyPair), clients_of: Option<&Issuer>) -> String {
    let chain = vec![certificate.0.der().clone()];
    let key = PrivateKeyDer::try_from(certificate.1.serialize_der()).unwrap();
    let builder = ServerConfig::builder();
    let builder = match clients_of {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(ca.der().clone()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        }
    };
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let read = stream.read(&mut [0; 8192]).await?;
                assert_ne!(read, 0);
                stream.write_all(&http("200 OK", "", ANSWER)).await?;
                stream.shutdown().await
            });
        }
    });
    url
}

fn trusting(url: &str, ca: &Issuer) -> Client {
    let json = json!({ "tlsAuthWithCACert": true });
    Client::new(&settings(url, &json, &[("tlsCACert", &ca.pem())])).unwrap()
}

async fn assert_answers(client: &Client) {
    assert_eq!(client.query("2", 1.0).await.unwrap().value[0].value, 2.0);
}

fn assert_tls(error: &PrometheusError, words: &str) {
    assert!(matches!(error, PrometheusError::Tls { reason, .. } if reason.contains(words)), "{error:?}");
}

#[tokio::test]
async fn own_ca() {
    let ca = ca("ours");
    let url = serve(&signed(&ca, "127.0.0.1", false), None).await;
    assert_answers(&trusting(&url, &ca)).await;
}

#[tokio::test]
async fn only_the_given_ca_is_trusted() {
    let url = serve(&signed(&ca("theirs"), "127.0.0.1", false), None).await;
    assert_tls(&error_of(&trusting(&url, &ca("ours"))).await, "no CA trusted here");
    let skipping = Client::new(&settings(&url, &json!({ "tlsSkipVerify": true }), &[])).unwrap();
    assert_answers(&skipping).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_or_time() {
    let ca = ca("ours");
    let url = serve(&signed(&ca, "other.example", false), None).await;
    assert_tls(&error_of(&trusting(&url, &ca)).await, "another name");
    let url = serve(&signed(&ca, "127.0.0.1", true), None).await;
    assert_tls(&error_of(&trusting(&url, &ca)).await, "has expired");
}

#[tokio::test]
async fn a_client_certificate() {
    let (ca, strange_ca) = (ca("ours"), ca("strange"));
    let url = serve(&signed(&ca, "127.0.0.1", false), Some(&ca)).await;
    assert_tls(&error_of(&trusting(&url, &ca)).await, "wants a client certificate");

    let showing = |by: &Issuer| {
        let (certificate, key) = signed(by, "leaklens", false);
        let secure = [
            ("tlsCACert", ca.pem()),
            ("tlsClientCert", certificate.pem()),
            ("tlsClientKey", key.serialize_pem()),
        ];
        let secure: Vec<(&str, &str)> = secure.iter().map(|(key, pem)| (*key, pem.as_str())).collect();
        let json = json!({ "tlsAuthWithCACert": true, "tlsAuth": true });
        Client::new(&settings(&url, &json, &secure)).unwrap()
    };
    assert_answers(&showing(&ca)).await;
    let error = error_of(&showing(&strange_ca)).await;
    assert!(matches!(error, PrometheusError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn certificates_that_are_none() {
    let key_of = |json, secure: &[(&str, &str)]| match Client::new(&settings("https://x", &json, secure)) {
        Err(PrometheusError::TlsSettings { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    let own_ca = json!({ "tlsAuthWithCACert": true });
    assert_eq!(key_of(own_ca.clone(), &[("tlsCACert", "no PEM")]), "tlsCACert");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(key_of(own_ca, &[("tlsCACert", broken)]), "tlsCACert");
    let client = json!({ "tlsAuth": true });
    assert_eq!(key_of(client, &[("tlsClientCert", "x"), ("tlsClientKey", "y")]), "tlsClientCert");
}

#[tokio::test]
async fn tls_where_none_is_spoken_and_none_where_it_is() {
    let plain = Canned::json(ANSWER);
    let ca = ca("ours");
    let error = error_of(&trusting(&plain.url.replace("http:", "https:"), &ca)).await;
    assert_tls(&error, "use http://");
}

#[tokio::test]
async fn plain_http_needs_no_ca() {
    assert_answers(&client(&Canned::json(ANSWER).url)).await;
}

/// The two tests above that must pass on a machine without any CA store run again as on one.
#[test]
fn a_machine_without_a_ca_store() {
    let nowhere = "/nonexistent/ca-store";
    let this = std::env::current_exe().unwrap();
    for test in
        ["tls::own_ca", "tls::plain_http_needs_no_ca", "tls::without_a_ca_store_https_says_what_to_set"]
    {
        let mut command = Command::new(&this);
        command
            .args(["--exact", test, "--include-ignored"])
            .env("SSL_CERT_FILE", nowhere)
            .env("SSL_CERT_DIR", nowhere);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("1 passed"), "{test}: {text}");
    }
}

#[test]
#[ignore = "run by a_machine_without_a_ca_store"]
fn without_a_ca_store_https_says_what_to_set() {
    let error = Client::new(&settings("https://127.0.0.1:1", &json!({}), &[])).unwrap_err();
    assert!(
        matches!(&error, PrometheusError::TlsSettings { reason, .. } if reason.contains("tlsCACert")),
        "{error:?}"
    );
}
