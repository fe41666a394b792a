//! What no proper client sends: any bytes as a message, any frames as a request.

use std::net::SocketAddr;

use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use prost::bytes::{Buf as _, BufMut as _};
use tonic::Status;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{Bytes, http};
use tonic::transport::Channel;

use crate::described::Api;
use crate::office::with_token;

/// Calls a method with bytes that are taken as they are; answers the bytes of the answer.
pub async fn call(
    channel: &Channel,
    token: &str,
    path: &str,
    message: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.expect("the connection is open");
    let path = path.parse().expect("a path");
    let answer = client.unary(with_token(token, message), path, Raw).await?;
    Ok(answer.into_inner())
}

/// Every unary method of the API, from its description.
pub fn methods() -> Vec<String> {
    let unary = Api::described()
        .methods
        .into_iter()
        .filter(|it| !it.streams);
    unary.map(|it| it.path).collect()
}

/// Bytes instead of a message, both ways.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}

/// An HTTP/2 connection below gRPC.
pub async fn connect(address: &str) -> SendRequest<Bytes> {
    let address: SocketAddr = address.parse().expect("an address");
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("the server is there");
    let (sender, connection) = h2::client::handshake(stream)
        .await
        .expect("it speaks HTTP/2");
    tokio::spawn(async move {
        // Its end shows at the sender.
        drop(connection.await);
    });
    sender
}

/// Begins a gRPC request: headers only, the message is to follow.
pub async fn begin(
    sender: &SendRequest<Bytes>,
    token: &str,
    path: &str,
) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
    let request = http::Request::post(format!("http://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .expect("a request");
    let mut sender = sender.clone().ready().await?;
    sender.send_request(request, false)
}

/// The gRPC status that ends an answer, and whether anything was said besides.
pub async fn status(response: ResponseFuture) -> Result<Option<u32>, h2::Error> {
    let response = response.await?;
    if let Some(code) = code_in(response.headers()) {
        return Ok(Some(code));
    }
    let mut body: RecvStream = response.into_body();
    while let Some(chunk) = body.data().await {
        let chunk = chunk?;
        body.flow_control().release_capacity(chunk.len())?;
    }
    let trailers = body.trailers().await?;
    Ok(trailers.as_ref().and_then(code_in))
}

fn code_in(headers: &http::HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}
