//! Connections: a bounded number at a time; further ones wait until one of them ends.
//!
//! - Whoever does not begin, or says nothing for long, loses the place: strangers that only hold
//!   connections open keep nobody out. A client that lives answers our keepalive pings.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::limits::{ACCEPT_REST, CONNECTIONS_MAX, HANDSHAKE_TIME_MAX, SILENCE_TIME_MAX};

/// Connections that were let in.
pub(super) type Incoming = ReceiverStream<io::Result<Admitted>>;

/// A connection, and its place among those that may be open.
pub(super) struct Admitted {
    stream: TcpStream,
    patience: Patience,
    _place: OwnedSemaphorePermit,
}

/// How long a peer may go on without saying anything.
struct Patience {
    /// Bytes of an opening that are still to come.
    opening: usize,
    heard: Instant,
    ends: Pin<Box<Sleep>>,
}

/// Accepts connections until nobody takes them any more.
pub(super) fn incoming(listener: TcpListener) -> Incoming {
    let (let_in, incoming) = mpsc::channel(1);
    tokio::spawn(accept(listener, let_in));
    ReceiverStream::new(incoming)
}

async fn accept(listener: TcpListener, let_in: mpsc::Sender<io::Result<Admitted>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // The place comes first: without one, connections wait in the system's own queue.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = let_in.closed() => return,
        };
        let Ok(place) = place else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = let_in.closed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                // Answers are small and wanted at once; a system that cannot is only slower.
                drop(stream.set_nodelay(true));
                let admitted = Admitted {
                    stream,
                    patience: Patience::new(),
                    _place: place,
                };
                if let_in.send(Ok(admitted)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                // Out of file descriptors, or the peer has gone: the listener itself is whole.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

impl Patience {
    fn new() -> Self {
        let heard = Instant::now();
        Self {
            opening: OPENING_BYTES,
            heard,
            ends: Box::pin(sleep_until(heard + HANDSHAKE_TIME_MAX)),
        }
    }

    /// Something came. The time for the opening is not prolonged by parts of it.
    fn heard(&mut self, bytes: usize) {
        self.opening = self.opening.saturating_sub(bytes);
        if self.opening == 0 {
            self.heard = Instant::now();
        }
    }

    /// Ready when the peer has been silent for too long.
    fn poll_ends(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.ends.as_mut().poll(context).is_ready() {
            // The clock is only set anew when it rings, not with every byte.
            let ends = self.heard + SILENCE_TIME_MAX;
            if self.opening > 0 || ends <= Instant::now() {
                return Poll::Ready(());
            }
            self.ends.as_mut().reset(ends);
        }
        Poll::Pending
    }
}

impl Connected for Admitted {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            let came = buffer.filled().len().saturating_sub(before);
            self.patience.heard(came);
            return Poll::Ready(read);
        }
        let ended = self.patience.poll_ends(context);
        ended.map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Bytes that open an HTTP/2 connection (RFC 9113 §3.4); a TLS connection's begins with more.
const OPENING_BYTES: usize = 24;
