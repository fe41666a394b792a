//! Connections: a bounded number at a time; further ones wait until one of them ends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::limits::{ACCEPT_REST, CONNECTIONS_MAX};

/// Connections that were let in.
pub(super) type Incoming = ReceiverStream<io::Result<Admitted>>;

/// A connection, and its place among those that may be open.
pub(super) struct Admitted {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
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
        Pin::new(&mut self.stream).poll_read(context, buffer)
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
