//! go-plugin's handshake, as Grafana's Go plugins do it: a cookie in, a unix socket and one line on stdout out.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::{env, process};

use tokio::net::UnixListener;

const COOKIE_NAME: &str = "grafana_plugin_type";
const COOKIE_VALUE: &str = "datasource";
/// go-plugin's own protocol version, then the version of Grafana's services.
const VERSIONS: &str = "1|2";

/// Why the handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// Not started by Grafana.
    #[error(
        "this is the backend of the Leaklens data source: Grafana starts it, it does nothing on its own; \
         install the plugin into Grafana, or use the `leaklens` command line"
    )]
    NotByGrafana,
    /// No socket to listen on.
    #[error("listening on {path:?}: {source}", path = path.display())]
    Listen {
        /// The socket's path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The line could not be written.
    #[error("writing the handshake to stdout: {0}")]
    Announce(#[source] io::Error),
}

/// A socket that is removed when dropped.
#[derive(Debug)]
pub(super) struct SocketPath(PathBuf);

impl Drop for SocketPath {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the socket could not be removed");
        }
    }
}

/// Whether Grafana is the one who starts us.
pub(super) fn check_cookie() -> Result<(), HandshakeError> {
    match env::var(COOKIE_NAME) {
        Ok(value) if value == COOKIE_VALUE => Ok(()),
        _ => Err(HandshakeError::NotByGrafana),
    }
}

/// Listens on a socket of our own. Only the user we run as may connect: its directory is the host's choice
/// (`PLUGIN_UNIX_SOCKET_DIR`) or the temporary one, and a socket takes the process's umask.
pub(super) fn listen() -> Result<(UnixListener, SocketPath), HandshakeError> {
    let directory = env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|directory| !directory.is_empty());
    let directory = directory.map_or_else(env::temp_dir, PathBuf::from);
    let path = directory.join(format!("leaklens-{}.sock", process::id()));
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(HandshakeError::Listen { path, source });
        }
        // A process with our id died without cleaning up.
        _ => {}
    }
    match UnixListener::bind(&path) {
        Ok(listener) => Ok((listener, SocketPath(path))),
        Err(source) => Err(HandshakeError::Listen { path, source }),
    }
}

/// Tells the host where we listen. The only line that ever goes to stdout.
pub(super) fn announce(socket: &SocketPath) -> Result<(), HandshakeError> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{VERSIONS}|unix|{}|grpc", socket.0.display())
        .and_then(|()| stdout.flush())
        .map_err(HandshakeError::Announce)
}
