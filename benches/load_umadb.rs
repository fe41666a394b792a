//! A client of UmaDB 0.7 that appends one plain event per request.
//!
//! - Only the messages that it needs, by the field numbers of `umadb.v1` as published.

use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::{Client, Failure, Options, connect};
use benches::Corpus;
use ledger::clock::Entropy;
use ledger::domain::ids::RequestId;

pub(crate) struct UmaDb {
    grpc: Grpc<Channel>,
    corpus: Corpus,
    bytes: usize,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Event {
    #[prost(string, tag = "1")]
    event_type: String,
    #[prost(string, repeated, tag = "2")]
    tags: Vec<String>,
    #[prost(bytes = "vec", tag = "3")]
    data: Vec<u8>,
    #[prost(string, tag = "4")]
    uuid: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Append {
    #[prost(message, repeated, tag = "1")]
    events: Vec<Event>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Appended {
    #[prost(uint64, tag = "1")]
    position: u64,
}

impl UmaDb {
    pub(crate) async fn connect(options: &Options, number: usize) -> Result<Self, Failure> {
        let grpc = Grpc::new(connect(options).await?);
        let corpus = Corpus::seeded(u64::try_from(number)?);
        Ok(Self {
            grpc,
            corpus,
            bytes: options.bytes,
        })
    }

    fn event(&mut self) -> Event {
        let mut data = vec![0; self.bytes];
        self.corpus.fill(&mut data);
        let uuid = RequestId::fresh(&mut self.corpus).to_string();
        Event {
            event_type: "revised".to_owned(),
            tags: vec![format!("case:{}", uuid)],
            data,
            uuid,
        }
    }
}

impl Client for UmaDb {
    async fn request(&mut self) -> Result<(), Status> {
        let append = Append {
            events: vec![self.event()],
        };
        self.grpc
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static("/umadb.v1.DCB/Append");
        let codec = ProstCodec::<Append, Appended>::default();
        self.grpc
            .unary(Request::new(append), path, codec)
            .await
            .map(drop)
    }
}
