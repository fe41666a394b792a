//! Stream states held in memory: folded from record parts, bounded, loaded again when they are
//! asked for.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::domain::breach::Breach;
use crate::domain::case::Case;
use crate::domain::complaint::Complaint;
use crate::domain::directory::Service;
use crate::domain::event::{Event, Record};
use crate::domain::ids::OrganisationId;
use crate::domain::incoming::Incoming;
use crate::domain::link::Link;
use crate::domain::mechanism::{Member, Pathway};
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::KeyId;
use crate::limits::STATES_CACHED_MAX;
use crate::shared::Shared;

use super::closing::ended;

/// A stream as the spine holds it.
#[derive(Clone)]
pub(crate) struct Held {
    /// Events in the stream.
    pub(crate) version: u64,
    /// The leaf that its record parts are sealed under.
    pub(crate) record_key: KeyId,
    /// What decisions see of it.
    pub(crate) state: State,
}

/// The folded state by kind of stream.
#[derive(Clone)]
pub(crate) enum State {
    /// The ledger's own stream decides nothing by itself.
    Ledger,
    /// A case.
    Case(Arc<Case>),
    /// A directory entry.
    Service(Arc<Service>),
    /// A member of staff.
    Staff(Arc<Staff>),
    /// Feedback or a complaint.
    Complaint(Arc<Complaint>),
    /// A member of the mechanism.
    Member(Arc<Member>),
    /// A pathway.
    Pathway(Arc<Pathway>),
    /// A breach of data.
    Breach(Arc<Breach>),
    /// A referral that came in from outside.
    Incoming(Arc<Incoming>),
    /// A link between two files.
    Link(Arc<Link>),
    /// Closed: nothing of it is readable any more, and nothing is appended. Who held it, as far as
    /// the log tells.
    Closed(OrganisationId),
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the one kind of stream that it is about"
)]
impl Held {
    /// The stream after one more event.
    pub(crate) fn after(
        earlier: Option<Self>,
        record: &Record,
        record_key: KeyId,
    ) -> Result<Self, Fault> {
        let state = match earlier {
            Some(held) => held.state.after(record),
            None => State::first(record).ok_or_else(|| {
                Fault::damaged("stream", format!("first event is {}", record.event.name()))
            })?,
        };
        Ok(Self {
            version: record.version,
            record_key,
            state,
        })
    }

    /// A stream that was closed at this version.
    pub(crate) fn closed(version: u64, record_key: KeyId, organisation: OrganisationId) -> Self {
        Self {
            version,
            record_key,
            state: State::Closed(organisation),
        }
    }

    /// Who held the stream, if it was closed.
    pub(crate) fn closed_of(&self) -> Option<OrganisationId> {
        match self.state {
            State::Closed(organisation) => Some(organisation),
            _ => None,
        }
    }

    /// The case that it is; none if it is another kind of stream.
    pub(crate) fn case(self) -> Option<Arc<Case>> {
        match self.state {
            State::Case(case) => Some(case),
            _ => None,
        }
    }

    /// The directory entry that it is.
    pub(crate) fn service(self) -> Option<Arc<Service>> {
        match self.state {
            State::Service(service) => Some(service),
            _ => None,
        }
    }

    /// The member of staff that it is.
    pub(crate) fn staff(self) -> Option<Arc<Staff>> {
        match self.state {
            State::Staff(staff) => Some(staff),
            _ => None,
        }
    }

    /// The complaint that it is.
    pub(crate) fn complaint(self) -> Option<Arc<Complaint>> {
        match self.state {
            State::Complaint(complaint) => Some(complaint),
            _ => None,
        }
    }

    /// The member of the mechanism that it is.
    pub(crate) fn member(self) -> Option<Arc<Member>> {
        match self.state {
            State::Member(member) => Some(member),
            _ => None,
        }
    }

    /// The incoming referral that it is.
    pub(crate) fn incoming(self) -> Option<Arc<Incoming>> {
        match self.state {
            State::Incoming(incoming) => Some(incoming),
            _ => None,
        }
    }

    /// The pathway that it is.
    pub(crate) fn pathway(self) -> Option<Arc<Pathway>> {
        match self.state {
            State::Pathway(pathway) => Some(pathway),
            _ => None,
        }
    }

    /// The breach that it is.
    pub(crate) fn breach(self) -> Option<Arc<Breach>> {
        match self.state {
            State::Breach(breach) => Some(breach),
            _ => None,
        }
    }

    /// The link that it is.
    pub(crate) fn link(self) -> Option<Arc<Link>> {
        match self.state {
            State::Link(link) => Some(link),
            _ => None,
        }
    }
}

impl State {
    fn first(record: &Record) -> Option<Self> {
        match record.stream {
            StreamId::Ledger => Some(Self::Ledger),
            StreamId::Case(_) => Case::opened(record).map(Arc::new).map(Self::Case),
            StreamId::Service(_) => Service::registered(record).map(Arc::new).map(Self::Service),
            StreamId::Staff(_) => Staff::registered(record).map(Arc::new).map(Self::Staff),
            StreamId::Complaint(_) => Complaint::received(record)
                .map(Arc::new)
                .map(Self::Complaint),
            StreamId::Member(_) => Member::recorded(record).map(Arc::new).map(Self::Member),
            StreamId::Pathway(_) => Pathway::recorded(record).map(Arc::new).map(Self::Pathway),
            StreamId::Breach(_) => Breach::reported(record).map(Arc::new).map(Self::Breach),
            StreamId::Incoming(_) => Incoming::received(record).map(Arc::new).map(Self::Incoming),
            StreamId::Link(_) => Link::made(record).map(Arc::new).map(Self::Link),
        }
    }

    fn after(mut self, record: &Record) -> Self {
        match &mut self {
            Self::Ledger | Self::Closed(_) => {}
            Self::Case(case) => Arc::make_mut(case).apply(record),
            Self::Service(service) => Arc::make_mut(service).apply(record),
            Self::Staff(staff) => Arc::make_mut(staff).apply(record),
            Self::Complaint(complaint) => Arc::make_mut(complaint).apply(record),
            Self::Member(member) => Arc::make_mut(member).apply(record),
            Self::Pathway(pathway) => Arc::make_mut(pathway).apply(record),
            Self::Breach(breach) => Arc::make_mut(breach).apply(record),
            Self::Incoming(incoming) => Arc::make_mut(incoming).apply(record),
            Self::Link(link) => Arc::make_mut(link).apply(record),
        }
        self
    }
}

/// The states of durable streams, the ones used last; the writer's and the readers' alike.
///
/// A state in here is never older than its stream: the writer adopts every change after it is in
/// the log, and what a reader loaded is kept only if the log says, under the same lock, that
/// nothing came since.
pub(crate) struct HeldStates {
    states: Mutex<LruCache<StreamId, Held>>,
}

impl HeldStates {
    pub(crate) fn new() -> Self {
        let most = NonZeroUsize::new(STATES_CACHED_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            states: Mutex::new(LruCache::new(most)),
        }
    }

    /// The state of a durable stream; nothing if there is no such stream.
    pub(crate) fn held(&self, shared: &Shared, stream: StreamId) -> Result<Option<Held>, Fault> {
        if let Some(held) = self.lock().get(&stream) {
            return Ok(Some(held.clone()));
        }
        let Some(held) = load(shared, stream)? else {
            return Ok(None);
        };
        let mut states = self.lock();
        let head = shared.stream_head(stream)?;
        if head.is_some_and(|(version, _)| version == held.version) {
            states.put(stream, held.clone());
        }
        Ok(Some(held))
    }

    /// Takes over what a group changed, once it is durable.
    pub(crate) fn adopt(&self, changed: impl IntoIterator<Item = (StreamId, Held)>) {
        let mut states = self.lock();
        for (stream, held) in changed {
            states.put(stream, held);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<StreamId, Held>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Folds a stream from the log. Of the ledger's own stream only the head is looked up.
pub(crate) fn load(shared: &Shared, stream: StreamId) -> Result<Option<Held>, Fault> {
    let Some((version, position)) = shared.stream_head(stream)? else {
        // Where the events of a closed stream stand is forgotten.
        let ended = ended(shared, stream)?;
        return Ok(ended.map(|of| Held::closed(0, KeyId([0; 16]), of)));
    };
    if stream == StreamId::Ledger {
        let record_key = shared.record_key_at(position)?;
        return Ok(Some(Held {
            version,
            record_key,
            state: State::Ledger,
        }));
    }
    // Closed where this log did not see it: it was restored from a copy older than that.
    if shared.is_closed_at(position)? {
        let nobody = OrganisationId([0; 16]);
        return Ok(Some(Held::closed(version, KeyId([0; 16]), nobody)));
    }
    let mut held = None;
    for entry in shared.stream(stream)? {
        let record_key = match &held {
            Some(Held { record_key, .. }) => *record_key,
            None => shared.record_key_at(entry.position)?,
        };
        held = Some(Held::after(held, &entry.record, record_key)?);
    }
    Ok(held)
}

/// Whether somebody can act from this event on; two such events complete a new ledger's set-up.
pub(crate) fn issues_token(event: &Event) -> bool {
    matches!(event, Event::TokenIssued(_))
}
