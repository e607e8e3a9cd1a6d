//! Opens the port and serves until told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, rt, web};
use service::monitoring::Monitor;
use tokio::runtime::Handle;

use crate::graphql::{build_schema, schema_types};
use crate::http::{self, Crowd, CrowdLimits};
use crate::live::Live;
use crate::state::AppState;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the service could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another process listens there.
    #[error("{address} is in use by another process: stop it, or choose another address with {setting}")]
    PortBusy {
        address: String,
        /// What the address is set with.
        setting: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        address: String,
        #[source]
        source: io::Error,
    },
    /// A template of a page is none.
    #[error("the pages cannot be written")]
    Pages(#[source] minijinja::Error),
    /// The server broke.
    #[error("the HTTP server stopped")]
    Server(#[source] io::Error),
}

/// How to serve.
#[derive(Debug)]
pub struct ApiConfig {
    /// The open port, from [`bind`].
    pub listener: TcpListener,
    /// Threads that speak with clients.
    pub workers: usize,
    /// How many connections there may be.
    pub crowd: CrowdLimits,
    /// How long requests in flight may take once the service is told to stop.
    pub drain: Duration,
}

impl ApiConfig {
    /// Serves on an open port, with a thread per core.
    pub fn new(listener: TcpListener, crowd: CrowdLimits, drain: Duration) -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            listener,
            workers,
            crowd,
            drain,
        }
    }

    /// Where the service is to be reached; port 0 has become a real one.
    ///
    /// # Errors
    /// When the listener's address cannot be read.
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        self.listener.local_addr().map_err(ServeError::Server)
    }
}

/// Opens a port such as `127.0.0.1:8080`.
///
/// # Errors
/// [`ServeError::PortBusy`] when somebody listens there already, [`ServeError::Bind`] when the address is not ours or no address.
pub fn bind(address: &str) -> Result<TcpListener, ServeError> {
    bind_for("RAPPORT_BIND", address)
}

/// The same, for an address that is set elsewhere.
///
/// # Errors
/// As [`bind`]; a busy port is said with the name of the setting.
pub fn bind_for(setting: &'static str, address: &str) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortBusy {
            address: address.to_owned(),
            setting,
        },
        _ => ServeError::Bind {
            address: address.to_owned(),
            source,
        },
    })?;
    listener
        .set_nonblocking(true)
        .map_err(|source| ServeError::Bind {
            address: address.to_owned(),
            source,
        })?;
    Ok(listener)
}

/// Serves until `shutdown` is done; then takes no new requests, finishes the ones in flight and returns.
///
/// # Errors
/// When the server cannot start or breaks.
pub async fn serve(
    config: ApiConfig,
    state: AppState,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let live = Live::new(state.clone());
    let watched = web::Data::new(live.clone());
    let monitor = web::Data::new(state.monitor.clone());
    let runtime = web::Data::new(Handle::current());
    let state = web::Data::new(state);
    // Both here, where there is stack and nobody waits, and not in the first request.
    let schema = web::Data::new(build_schema());
    schema_types();
    let pages = web::Data::new(http::Pages::new().map_err(ServeError::Pages)?);
    let crowd = Crowd::new(config.crowd);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(schema.clone())
            .app_data(pages.clone())
            .app_data(watched.clone())
            .app_data(monitor.clone())
            .app_data(runtime.clone())
            .wrap(Compress::default())
            .wrap(from_fn(http::log_request))
            .wrap(from_fn(http::keep_count))
            .configure(http::routes)
    })
    .on_connect(move |connection, data| {
        if let Some(connection) = connection.downcast_ref::<rt::net::TcpStream>()
            && let Some(membership) = crowd.join(connection)
        {
            data.insert(membership);
        }
    })
    .workers(config.workers.max(1))
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(config.drain.as_secs())
    .disable_signals()
    .listen(config.listener)
    .map_err(ServeError::Server)?
    .run();
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => ended.map_err(ServeError::Server),
        () = shutdown => {
            // Connections that are watched over never end by themselves.
            live.close();
            let ((), ended) = tokio::join!(handle.stop(true), server);
            ended.map_err(ServeError::Server)
        }
    }
}

/// Serves `/healthz`, `/readyz` and `/metrics` alone, until `shutdown` is done: for a process without the API, or on an
/// address that only machines reach which watch.
///
/// # Errors
/// When the server cannot start or breaks.
pub async fn serve_health(
    listener: TcpListener,
    monitor: Monitor,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (monitor, runtime) = (web::Data::new(monitor), web::Data::new(Handle::current()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(monitor.clone())
            .app_data(runtime.clone())
            .configure(http::health_routes)
    })
    .workers(1)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)
    .map_err(ServeError::Server)?
    .run();
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => ended.map_err(ServeError::Server),
        () = shutdown => {
            let ((), ended) = tokio::join!(handle.stop(true), server);
            ended.map_err(ServeError::Server)
        }
    }
}
