//! go-plugin's handshake, as Grafana's Go plugins do it: a cookie in, a unix socket and one line on stdout out.

use std::env;
use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tempfile::TempDir;
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

/// A socket in a directory of its own, both removed when dropped.
#[derive(Debug)]
pub(super) struct SocketPath {
    path: PathBuf,
    directory: Option<TempDir>,
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.directory.take().map(TempDir::close) {
            tracing::warn!(path = %self.path.display(), %error, "the socket could not be removed");
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

/// Listens on a socket that only the user we run as can reach: in a directory of its own that nobody else may enter, whatever
/// the umask, below the host's choice (`PLUGIN_UNIX_SOCKET_DIR`) or the temporary one.
pub(super) fn listen() -> Result<(UnixListener, SocketPath), HandshakeError> {
    let parent = env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|directory| !directory.is_empty());
    let parent = parent.map_or_else(env::temp_dir, PathBuf::from);
    let directory = tempfile::Builder::new()
        .prefix("leaklens-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(|source| HandshakeError::Listen { path: parent, source })?;
    let path = directory.path().join("grafana.sock");
    match UnixListener::bind(&path) {
        Ok(listener) => Ok((listener, SocketPath { path, directory: Some(directory) })),
        Err(source) => Err(HandshakeError::Listen { path, source }),
    }
}

/// Tells the host where we listen. The only line that ever goes to stdout.
pub(super) fn announce(socket: &SocketPath) -> Result<(), HandshakeError> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{VERSIONS}|unix|{}|grpc", socket.path.display())
        .and_then(|()| stdout.flush())
        .map_err(HandshakeError::Announce)
}
