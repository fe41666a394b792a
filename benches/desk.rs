//! A desk at a running server: one member of staff who calls the real API over a socket, one call
//! after the other.
//!
//! - What the ledger refuses is counted by its code and gives nothing; anything else that goes
//!   wrong ends the program, since there is nothing to show then.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a server that fails has nothing to show"
)]

use std::collections::BTreeMap;

use gateway::answer::{refused, with_token};
use gateway::api::Api;
use gateway::server::{ServeOptions, Server};
use ledger::ledger::Ledger;
use tokio::runtime::Runtime;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

/// Who works here.
pub struct Desk {
    runtime: Runtime,
    channel: Channel,
    token: String,
    /// What the ledger refused, by its code.
    pub refused: BTreeMap<&'static str, u32>,
}

impl Desk {
    /// Serves a ledger on a port of this machine, for as long as the desk is there, and connects.
    pub fn at(ledger: Ledger, token: String) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let channel = runtime.block_on(async {
            let api = Api::open(ledger).expect("the views of a healthy ledger");
            let server = Server::bind(api, &options()).await.expect("a free port");
            let address = format!("http://{}", server.address());
            tokio::spawn(server.run(std::future::pending()));
            let endpoint = Channel::from_shared(address).expect("an address");
            endpoint.connect().await.expect("a server that was started")
        });
        Self {
            runtime,
            channel,
            token,
            refused: BTreeMap::new(),
        }
    }

    /// Makes a call; nothing if the ledger refuses. What got no answer in time is asked again under
    /// the same name, as every client may.
    pub fn ask<M, A, F>(&mut self, message: M, call: impl Fn(Channel, Request<M>) -> F) -> Option<A>
    where
        M: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        for _ in 0..TRIES {
            let request = with_token(&self.token, message.clone());
            match self.runtime.block_on(call(self.channel.clone(), request)) {
                Ok(answer) => return Some(answer.into_inner()),
                Err(status)
                    if matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded) => {}
                Err(status) => {
                    let refused = refused(&status);
                    let refused = refused.unwrap_or_else(|| panic!("a call failed: {status}"));
                    *self.refused.entry(refused.refusal.code()).or_default() += 1;
                    return None;
                }
            }
        }
        panic!("no answer after {TRIES} tries");
    }
}

const TRIES: u32 = 10;

fn options() -> ServeOptions {
    ServeOptions {
        address: ([127, 0, 0, 1], 0).into(),
        tls: None,
        insecure: false,
        reflection: false,
        cut_after_days: 7,
        metrics: None,
        sweep_at: None,
    }
}
