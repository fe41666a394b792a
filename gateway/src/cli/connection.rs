//! The way to a running server: any method of the API, requests and answers as JSON.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::Value;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::call::Call;
use super::failure::Failure;
use super::secret::{Secret, TokenSource};
use super::{grpc_status, words};

/// Which server, and who asks.
#[derive(Args)]
pub(crate) struct ServerArgs {
    /// The server
    #[arg(long, env = "REFERRAL_SERVER", default_value = DEFAULT_SERVER, value_name = "URL")]
    #[arg(global = true, help_heading = "Server")]
    server: String,
    /// The certificate that signs the server's, for https
    #[arg(long, value_name = "PEM", global = true, help_heading = "Server")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    token: TokenSource,
}

/// Where a server of our own listens unless told otherwise.
pub(crate) const DEFAULT_SERVER: &str = "http://127.0.0.1:50551";

/// An open way to a server.
pub(crate) struct Connection {
    channel: Channel,
    server: String,
    token: Secret,
    authorization: MetadataValue<Ascii>,
}

impl Connection {
    /// Connects, or says why not.
    pub(crate) async fn open(args: &ServerArgs) -> Result<Self, Failure> {
        let token = args.token.read()?;
        let header = format!("Bearer {}", token.reveal()).parse();
        let mut authorization: MetadataValue<Ascii> =
            header.map_err(|_| Failure::Usage("the token is not plain text".to_owned()))?;
        authorization.set_sensitive(true);
        let channel = endpoint(args)?.connect().await.map_err(|error| {
            let cause = innermost(&error);
            Failure::Unreachable(format!(
                "no server at {}: {cause}{}",
                args.server,
                protocol_hint(&args.server, &cause)
            ))
        })?;
        Ok(Self {
            channel,
            server: args.server.clone(),
            token,
            authorization,
        })
    }

    /// The channel, for callers that bring typed clients of their own.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The token that goes with every call.
    pub(crate) fn token(&self) -> &str {
        self.token.reveal()
    }

    /// Calls a method and waits for its one answer.
    pub(crate) async fn call(&self, call: Call) -> Result<Value, Failure> {
        let (mut client, request, path, codec) = self.prepare(call)?;
        ready(&mut client).await?;
        let answer = client.unary(request, path, codec).await;
        let answer = answer.map_err(|refused| self.failure(&refused))?;
        words::to_json(answer.get_ref()).map_err(Failure::Broken)
    }

    /// Calls a method that answers with a stream, and hands over each item until it ends.
    pub(crate) async fn follow(
        &self,
        call: Call,
        mut item: impl FnMut(Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (mut client, mut request, path, codec) = self.prepare(call)?;
        // A stream goes on for as long as somebody watches.
        request.metadata_mut().remove("grpc-timeout");
        ready(&mut client).await?;
        let stream = client.server_streaming(request, path, codec).await;
        let mut stream = stream
            .map_err(|refused| self.failure(&refused))?
            .into_inner();
        loop {
            let next = stream.message().await;
            let Some(message) = next.map_err(|refused| self.failure(&refused))? else {
                return Ok(());
            };
            item(words::to_json(&message).map_err(Failure::Broken)?)?;
        }
    }

    /// What a status means; a connection that broke off may have spoken the wrong protocol.
    pub(crate) fn failure(&self, refused: &Status) -> Failure {
        let broke = std::error::Error::source(refused).map(innermost);
        match (grpc_status::failure(refused), broke) {
            (Failure::Broken(_) | Failure::Unreachable(_), Some(cause)) => {
                let hint = protocol_hint(&self.server, &cause);
                Failure::Unreachable(format!(
                    "the server at {} broke off: {cause}{hint}",
                    self.server
                ))
            }
            (failure, _) => failure,
        }
    }

    fn prepare(&self, call: Call) -> Result<Prepared, Failure> {
        let Some(method) = words::method(call.path) else {
            let wrong = format!("this program does not know {}", call.path);
            return Err(Failure::Broken(wrong));
        };
        let message = words::to_message(method.input(), call.body).map_err(Failure::Usage)?;
        let mut request = Request::new(message);
        request.set_timeout(CALL_TIMEOUT);
        request
            .metadata_mut()
            .insert("authorization", self.authorization.clone());
        let path = format!("/{}", call.path).parse();
        let path = path.map_err(|_| Failure::Broken(format!("{} is no path", call.path)))?;
        let client = Grpc::new(self.channel.clone());
        Ok((client, request, path, Dynamic(method.output())))
    }
}

type Prepared = (
    Grpc<Channel>,
    Request<DynamicMessage>,
    tonic::codegen::http::uri::PathAndQuery,
    Dynamic,
);

async fn ready(client: &mut Grpc<Channel>) -> Result<(), Failure> {
    let ready = client.ready().await;
    ready.map_err(|error| Failure::Unreachable(innermost(&error)))
}

fn endpoint(args: &ServerArgs) -> Result<Endpoint, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("--server {}: {error}", args.server))
    };
    if !args.server.contains("://") {
        return Err(wrong(&format!(
            "begins with neither http:// nor https://; http://{} is on this machine without TLS",
            args.server
        )));
    }
    let endpoint = Endpoint::from_shared(args.server.clone()).map_err(|error| wrong(&error))?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT);
    if !args.server.starts_with("https://") {
        return local_only(&args.server).map(|()| endpoint);
    }
    let Some(ca) = &args.ca else {
        return Err(wrong(&"https needs --ca PEM, the certificate to trust"));
    };
    let pem = std::fs::read(ca)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", ca.display())))?;
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
    endpoint.tls_config(tls).map_err(|error| wrong(&error))
}

/// A token and personal data go over a clear connection only inside this machine.
fn local_only(server: &str) -> Result<(), Failure> {
    let rest = server.strip_prefix("http://").unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let address: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--server {server}: without https only a server on this machine is spoken to"
    )))
}

/// What to try if a peer does not speak as expected, which clients only see as a broken connection.
fn protocol_hint(server: &str, cause: &str) -> String {
    let refused =
        cause.contains("refused") || cause.contains("timed out") || cause.contains("lookup");
    if refused {
        String::new()
    } else if let Some(place) = server.strip_prefix("http://") {
        format!("; if it speaks TLS, give --server https://{place} and --ca PEM")
    } else {
        "; if it speaks no TLS, begin --server with http://; if it does, --ca PEM must be the \
         certificate that signed its own, and the name must be the one in it"
            .to_owned()
    }
}

/// The cause that says most: the last of the chain.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A codec for messages known by descriptor only.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(into)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), from);
        message
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// How long reaching the server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one answer may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_connection_stays_inside_this_machine() {
        for local in [
            "http://127.0.0.1:50551",
            "http://localhost",
            "http://[::1]:1/",
        ] {
            assert!(local_only(local).is_ok(), "{local}");
        }
        for remote in [
            "http://10.0.0.1:50551",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org:1",
            "127.0.0.1:50551",
            "ftp://127.0.0.1",
        ] {
            assert!(local_only(remote).is_err(), "{remote}");
        }
    }
}
