//! Server streams: changes of referrals, and sealed entries. Each is bounded and ends with the
//! server.
//!
//! - A slow reader holds back its own stream only: few items wait for it.
//! - Who asks is checked again with every step, so a revoked token ends the stream.

use std::sync::Arc;

use ledger::ledger::Rejection;
use ledger::refusal::{Refusal, Refused};
use projections::worklist::Cursor;
use proto::audit::v1::{StreamSealedEntriesRequest, StreamSealedEntriesResponse};
use proto::tracking::v1::{WatchReferralsRequest, WatchReferralsResponse};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status};

use super::status::rejected;
use super::{Answered, Rpc, finish};
use crate::api::worklist::{self, Filter, Rows};
use crate::api::{Outcome, Reader};
use crate::caller::Known;
use crate::limits::{SEALED_ENTRIES_AT_ONCE, STREAM_ITEMS_WAITING_MAX};
use crate::telemetry::Line;
use crate::wire::{filter, row};

/// Items of a server stream.
pub(super) type Items<T> = ReceiverStream<Result<T, Status>>;

type Sender<T> = mpsc::Sender<Result<T, Status>>;

/// The one who reads has gone away.
struct Gone;

impl Rpc {
    /// Follows referrals until the reader goes away or the server stops.
    pub(super) async fn watched(
        &self,
        request: Request<WatchReferralsRequest>,
    ) -> Answered<Items<WatchReferralsResponse>> {
        let line = Line::begin("WatchReferrals");
        let outcome = async {
            let known = self.known(&request).await?;
            let message = request.into_inner();
            let filter = filter::referrals(message.filter)?;
            self.api.read(&known, |reader| reader.may_watch()).await?;
            let permit = admitted(&self.watchers, "watchers")?;
            let from = message
                .from_position
                .unwrap_or_else(|| self.api.views().position());
            let (sender, items) = mpsc::channel(STREAM_ITEMS_WAITING_MAX);
            let watch = self
                .clone()
                .watch(known, filter, Cursor::at(from), sender, permit);
            tokio::spawn(watch);
            Ok(ReceiverStream::new(items))
        };
        finish(line, outcome.await)
    }

    /// Streams stored bytes from a position on.
    pub(super) async fn sealed_entries(
        &self,
        request: Request<StreamSealedEntriesRequest>,
    ) -> Answered<Items<StreamSealedEntriesResponse>> {
        let line = Line::begin("StreamSealedEntries");
        let outcome = async {
            let known = self.known(&request).await?;
            let message = request.into_inner();
            self.api
                .read(&known, |reader| reader.checkpoint().map(drop))
                .await?;
            let permit = admitted(&self.sealed, "sealed_streams")?;
            let end = self.api.ledger().size();
            let asked = message
                .count
                .map(|count| message.from_position.saturating_add(count));
            let end = asked.map_or(end, |asked| asked.min(end));
            let (sender, items) = mpsc::channel(STREAM_ITEMS_WAITING_MAX);
            let places = message.from_position..end;
            tokio::spawn(self.clone().send_sealed(known, places, sender, permit));
            Ok(ReceiverStream::new(items))
        };
        finish(line, outcome.await)
    }

    async fn watch(
        mut self,
        known: Known,
        filter: Filter,
        mut from: Cursor,
        sender: Sender<WatchReferralsResponse>,
        _permit: OwnedSemaphorePermit,
    ) {
        let filter = Arc::new(filter);
        loop {
            self.reached.mark_unchanged();
            let step = self.changes(&known, Arc::clone(&filter), from).await;
            let (items, next) = match step {
                Ok(step) => step,
                Err(rejection) => return end(&sender, rejected(rejection)).await,
            };
            let moved = next != from;
            from = next;
            if send_all(&sender, items).await.is_err() {
                return;
            }
            if moved {
                continue;
            }
            let stopped = tokio::select! {
                changed = self.reached.changed() => changed.is_err(),
                () = sender.closed() => return,
            };
            if stopped {
                return end(&sender, Status::unavailable("the server stops")).await;
            }
        }
    }

    /// One step of following: what changed, for who still may see it.
    async fn changes(
        &self,
        known: &Known,
        filter: Arc<Filter>,
        from: Cursor,
    ) -> Outcome<(Vec<WatchReferralsResponse>, Cursor)> {
        let known = self.api.known(known.digest).await?;
        let read = self.api.read(&known, move |reader| {
            let (rows, next) = reader.changes(&filter, from)?;
            Ok((named(reader, &rows)?, next))
        });
        read.await
    }

    async fn send_sealed(
        self,
        known: Known,
        mut places: std::ops::Range<u64>,
        sender: Sender<StreamSealedEntriesResponse>,
        _permit: OwnedSemaphorePermit,
    ) {
        let stopped = self.reached.clone();
        while !places.is_empty() && stopped.has_changed().is_ok() {
            let some: Vec<u64> = places.by_ref().take(SEALED_ENTRIES_AT_ONCE).collect();
            match self.stored(&known, some).await {
                Ok(items) => {
                    if send_all(&sender, items).await.is_err() {
                        return;
                    }
                }
                Err(rejection) => return end(&sender, rejected(rejection)).await,
            }
        }
        if !places.is_empty() {
            end(&sender, Status::unavailable("the server stops")).await;
        }
    }

    async fn stored(
        &self,
        known: &Known,
        places: Vec<u64>,
    ) -> Outcome<Vec<StreamSealedEntriesResponse>> {
        let known = self.api.known(known.digest).await?;
        let read = self.api.read(&known, move |reader| {
            let mut items = Vec::with_capacity(places.len());
            for position in places {
                reader.go_on()?;
                if let Some(stored) = reader.sealed(position)? {
                    let (header, segments) = (stored.header, stored.segments);
                    items.push(StreamSealedEntriesResponse {
                        position,
                        header,
                        segments,
                    });
                }
            }
            Ok(items)
        });
        read.await
    }
}

fn named(reader: &Reader<'_>, rows: &Rows) -> Outcome<Vec<WatchReferralsResponse>> {
    let named = |row: &worklist::Row| {
        reader.go_on()?;
        Ok(WatchReferralsResponse {
            position: row.item.place.position(),
            event_name: reader.event_name(row.item.place.position())?,
            referral: Some(row::referral(row)),
        })
    };
    rows.iter().map(named).collect()
}

/// A place among a bounded number of streams, at once or not at all.
fn admitted(places: &Arc<Semaphore>, name: &str) -> Outcome<OwnedSemaphorePermit> {
    let permit = Arc::clone(places).try_acquire_owned();
    permit.map_err(|_| Rejection::Refused(Refused::about(Refusal::Unavailable, name)))
}

async fn send_all<T>(sender: &Sender<T>, items: Vec<T>) -> Result<(), Gone> {
    for item in items {
        sender.send(Ok(item)).await.map_err(|_| Gone)?;
    }
    Ok(())
}

/// The last item of a stream; a reader that has gone away does not need it.
async fn end<T>(sender: &Sender<T>, status: Status) {
    drop(sender.send(Err(status)).await);
}
