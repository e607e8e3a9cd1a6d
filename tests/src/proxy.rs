//! A TCP proxy in front of a database server, that can freeze: connections stay open, and nothing comes through. That is what
//! a client sees of a network that drops packets, or of a machine that has died.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::{oneshot, watch};

/// What comes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Passage {
    /// Nothing at all.
    frozen: bool,
    /// Nothing of connections before this one, ever again.
    dead_before: u64,
    /// How many connections there have been.
    connections: u64,
}

/// A running proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    passage: Arc<watch::Sender<Passage>>,
    _stop: oneshot::Sender<()>,
}

impl Proxy {
    /// One on a port of its own, in front of a server that listens on a socket of the file system.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(server: PathBuf) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        let passage = Arc::new(watch::Sender::new(Passage {
            frozen: false,
            dead_before: 0,
            connections: 0,
        }));
        let passing = Arc::clone(&passage);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                ready
                    .send(listener.local_addr().expect("an address"))
                    .expect("somebody waits for it");
                let accepting = async {
                    loop {
                        let Ok((client, _)) = listener.accept().await else {
                            continue;
                        };
                        client.set_nodelay(true).expect("a socket");
                        let server = server.clone();
                        let mut number = 0;
                        passing.send_modify(|passage| {
                            number = passage.connections;
                            passage.connections += 1;
                        });
                        let (there, back) = (passing.subscribe(), passing.subscribe());
                        tokio::spawn(async move {
                            let Ok(server) = UnixStream::connect(server).await else {
                                return;
                            };
                            let (from_client, to_client) = client.into_split();
                            let (from_server, to_server) = server.into_split();
                            tokio::select! {
                                () = copy(from_client, to_server, there, number) => {}
                                () = copy(from_server, to_client, back, number) => {}
                            }
                        });
                    }
                };
                tokio::select! {
                    () = accepting => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: address.recv().expect("the proxy starts"),
            passage,
            _stop: stop,
        }
    }

    /// The URL of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://rapport@{}/{database}?sslmode=disable", self.address)
    }

    /// Nothing comes through any more. New connections are accepted, and that is all.
    pub fn freeze(&self) {
        self.passage.send_modify(|passage| passage.frozen = true);
    }

    /// What was held up comes through, and everything else.
    pub fn thaw(&self) {
        self.passage.send_modify(|passage| passage.frozen = false);
    }

    /// New connections come through; those that there were stay open, and are dead for ever.
    pub fn thaw_for_new_ones(&self) {
        self.passage.send_modify(|passage| {
            passage.frozen = false;
            passage.dead_before = passage.connections;
        });
    }

    /// How many connections there have been.
    pub fn connections(&self) -> u64 {
        self.passage.borrow().connections
    }
}

/// Hands on what comes, when it may.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut passage: watch::Receiver<Passage>,
    number: u64,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if passage
            .wait_for(|passage| !passage.frozen || number < passage.dead_before)
            .await
            .is_err()
        {
            return;
        }
        if number < passage.borrow().dead_before {
            // Open, and nothing more.
            return std::future::pending().await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    // An end is news, too.
    let _ = passage
        .wait_for(|passage| !passage.frozen && number >= passage.dead_before)
        .await;
}
