//! Repeats: the same request id from the same caller gets the same answer, also after a restart.
//!
//! The index holds `r ‖ HMAC(caller, request id)` → first position ‖ count ‖ frame ‖ HMAC(kind ‖
//! subjects ‖ expected version) ‖ keyed digest of what was said (SPEC §5.1). Refusals are not
//! remembered.
//!
//! - What was said is compared while every leaf that it rests on lives, and no longer: behind a
//!   fence, and for ever after a shredding, a repetition is answered as the first time. Which
//!   leaves these are is read from the events, so that nothing new ties a request to a leaf.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::clear::is_clear;
use crate::clock::Timestamp;
use crate::domain::command::{Caller, Command, Request};
use crate::error::Fault;
use crate::keys::{IndexKeys, IndexRecord, KeyId, KeyIndex, KeyState, LeafHandle, Overlay, said};
use crate::refusal::{Refusal, Refused};
use crate::seal::{codec, segment_grants};
use crate::shared::Shared;

use super::answer::Rejection;
use super::staged::Staged;
use super::writer::Writer;

/// Where an earlier answer to the same request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// Position of its first event.
    pub(crate) first: u64,
    /// How many events.
    pub(crate) count: u32,
    /// The frame they went into.
    pub(crate) frame: u64,
    command: [u8; 16],
    said: [u8; 16],
}

impl Writer {
    /// Where the answer to an earlier request of this id stands; none if there is none. What is not
    /// the same request is refused.
    pub(super) fn repeated(
        &self,
        staged: &Staged,
        named: &Named,
        command: &Command,
    ) -> Result<Option<Earlier>, Rejection> {
        let index = Overlay {
            base: &self.shared.reader,
            staged: &[&staged.index],
        };
        let key = named.index_key(&self.shared.index_keys);
        let Some(value) = index.value(&key)? else {
            return Ok(None);
        };
        let earlier = Earlier::from_value(&value)?;
        let reused = || Err(Refused::from(Refusal::RequestIdReused).into());
        let same = earlier.is_for(&self.shared.index_keys, named);
        if command.opens_personal_data() || !same {
            return reused();
        }
        earlier.must_be_readable(&self.shared, staged.first)?;
        let same = match staged.said.get(&key) {
            Some(digest) => *digest == named.said,
            None => earlier.says(&self.shared, named)?,
        };
        if same { Ok(Some(earlier)) } else { reused() }
    }
}

impl Earlier {
    /// What a request that is being staged leaves in the index.
    pub(crate) fn staged(
        keys: &IndexKeys,
        named: &Named,
        (first, count): (u64, u32),
        frame: u64,
        leaves: &[LeafHandle],
    ) -> Self {
        Self {
            first,
            count,
            frame,
            command: named.command_tag(keys),
            said: named.said_tag(keys, leaves),
        }
    }

    /// Whether the first request said the same, as far as that can be known still.
    fn says(&self, shared: &Shared, named: &Named) -> Result<bool, Fault> {
        let mut leaves = Vec::new();
        for id in self.rests_on(shared)? {
            match shared.keys().key(&shared.reader, id)? {
                KeyState::Live(leaf) => leaves.push(leaf),
                KeyState::Fenced | KeyState::Shredded => return Ok(true),
                KeyState::Unknown => {
                    let what = "a leaf that no record names";
                    return Err(Fault::damaged("request index", what));
                }
            }
        }
        Ok(leaves.is_empty() || self.said == named.said_tag(&shared.index_keys, &leaves))
    }

    /// The leaves that its events are sealed under, in order; none once something was cut out.
    fn rests_on(&self, shared: &Shared) -> Result<BTreeSet<KeyId>, Fault> {
        let mut leaves = BTreeSet::new();
        let all = usize::try_from(self.count).unwrap_or(0);
        for (_, event) in shared.reader.events(self.first, all)? {
            for segment in event.segments {
                if segment.iter().all(|byte| *byte == 0) {
                    return Ok(BTreeSet::new());
                }
                if !is_clear(&segment) {
                    leaves.extend(segment_grants(&segment)?.into_iter().flatten());
                }
            }
        }
        Ok(leaves)
    }

    /// Whether this answer belongs to the same command.
    pub(crate) fn is_for(&self, keys: &IndexKeys, named: &Named) -> bool {
        self.command == named.command_tag(keys)
    }

    /// Refuses an answer whose events are of a closed stream: it can be told no more.
    pub(crate) fn must_be_readable(&self, shared: &Shared, durable: u64) -> Result<(), Rejection> {
        let all = usize::try_from(self.count).unwrap_or(0);
        for position in (self.first..durable).take(all) {
            if shared.is_closed_at(position)? {
                return Err(Refused::from(Refusal::RecordEnded).into());
            }
        }
        Ok(())
    }

    /// The index record for it.
    pub(crate) fn index_record(&self, key: Vec<u8>) -> IndexRecord {
        let mut value = Vec::with_capacity(52);
        value.extend_from_slice(&self.first.to_be_bytes());
        value.extend_from_slice(&self.count.to_be_bytes());
        value.extend_from_slice(&self.frame.to_be_bytes());
        value.extend_from_slice(&self.command);
        value.extend_from_slice(&self.said);
        IndexRecord {
            key,
            value: Some(value),
        }
    }

    /// Reads an index value.
    pub(crate) fn from_value(value: &[u8]) -> Result<Self, Fault> {
        let damaged = || Fault::damaged("request index", "a value of another length");
        let (first, rest) = value.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (frame, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (command, rest) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
        let said = rest.try_into().map_err(|_| damaged())?;
        Ok(Self {
            first: u64::from_be_bytes(*first),
            count: u32::from_be_bytes(*count),
            frame: u64::from_be_bytes(*frame),
            command: *command,
            said,
        })
    }
}

/// The parts of a request that name it, and what it says.
pub(crate) struct Named {
    caller: Vec<u8>,
    request: [u8; 16],
    kind: &'static str,
    subjects: Vec<u8>,
    expected_version: Option<u64>,
    /// SHA-256 of the command and of when it is said to have happened; never stored.
    said: Zeroizing<[u8; 32]>,
}

impl Named {
    pub(crate) fn of(request: &Request) -> Result<Self, Fault> {
        let caller = match request.caller {
            Caller::Staff(staff) => staff.0.to_vec(),
            Caller::System => b"system".to_vec(),
            Caller::Founder => b"founder".to_vec(),
        };
        let said: (&Command, Option<Timestamp>) = (&request.command, request.occurred);
        Ok(Self {
            caller,
            request: request.request.0,
            kind: request.command.action().name(),
            subjects: subject_bytes(&request.command),
            expected_version: request.expected_version,
            said: codec::digest(&said)?,
        })
    }

    /// SHA-256 of what it says.
    pub(crate) fn said(&self) -> Zeroizing<[u8; 32]> {
        self.said.clone()
    }

    /// The index key for this caller and request id.
    pub(crate) fn index_key(&self, keys: &IndexKeys) -> Vec<u8> {
        [b"r".as_slice(), &keys.request(&self.caller, &self.request)].concat()
    }

    fn said_tag(&self, keys: &IndexKeys, leaves: &[LeafHandle]) -> [u8; 16] {
        let name = keys.request(&self.caller, &self.request);
        said(leaves, (&self.request, &name), &self.said)
    }

    fn command_tag(&self, keys: &IndexKeys) -> [u8; 16] {
        keys.command(self.kind.as_bytes(), &self.subjects, self.expected_version)
    }
}

/// What the command is about, as ids. Content is left out: this hash outlives every shredding. So
/// are another file, a link, and beside a case where it came from: a tag over both would tie them
/// for whoever has the index key.
fn subject_bytes(command: &Command) -> Vec<u8> {
    let subjects = [
        command.case().map(|id| id.0),
        command.referral().map(|id| id.0),
        command.service().map(|id| id.0),
        command.staff().map(|id| id.0),
        command.subject_request().map(|id| id.0),
        command.any_sweep().map(|id| id.0),
        command.mirror().map(|id| id.0),
        command.complaint().map(|id| id.0),
        command.member().map(|id| id.0),
        command.pathway().map(|id| id.0),
        command.breach().map(|id| id.0),
    ];
    let mut bytes = Vec::with_capacity((subjects.len() + 1) * 17);
    for subject in subjects {
        bytes.push(u8::from(subject.is_some()));
        bytes.extend_from_slice(&subject.unwrap_or_default());
    }
    // Came later: of other commands nothing is said of it, so that their tags stay what they were.
    let alone = command.incoming().filter(|_| command.case().is_none());
    if let Some(incoming) = alone {
        bytes.push(1);
        bytes.extend_from_slice(&incoming.0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::{Channel, PersonTold};
    use crate::domain::command::{AnsweringIncoming, CarryingOut};
    use crate::domain::ids::{
        CaseId, ComplaintId, IncomingId, PathwayId, RequestId, StaffId, SubjectRequestId,
    };

    fn subjects(command: Command) -> Vec<u8> {
        let request = Request {
            request: RequestId([1; 16]),
            caller: Caller::Staff(StaffId([2; 16])),
            expected_version: None,
            occurred: None,
            command,
        };
        Named::of(&request).unwrap().subjects
    }

    #[test]
    fn one_name_for_two_answers_to_two_requests_of_a_person_is_noticed() {
        let tag = |number: u8| {
            subjects(Command::CarryOutRequest(CarryingOut {
                case: CaseId([3; 16]),
                request: SubjectRequestId([number; 16]),
            }))
        };
        assert_eq!(tag(4), tag(4));
        assert_ne!(tag(4), tag(5));
    }

    #[test]
    fn one_name_for_two_pathways_is_noticed() {
        let tag = |number: u8| {
            let pathway = PathwayId([number; 16]);
            subjects(Command::RetirePathway { pathway })
        };
        assert_eq!(tag(4), tag(4));
        assert_ne!(tag(4), tag(5));
    }

    #[test]
    fn one_name_for_steps_of_two_incoming_referrals_is_noticed() {
        let tag = |number: u8| {
            subjects(Command::AnswerIncoming(AnsweringIncoming {
                incoming: IncomingId([number; 16]),
                told: PersonTold::Told,
                channel: Channel::Phone,
            }))
        };
        assert_eq!(tag(4), tag(4));
        assert_ne!(tag(4), tag(5));
    }

    #[test]
    fn one_name_for_steps_of_two_complaints_is_noticed() {
        let tag = |number: u8| {
            subjects(Command::AcknowledgeComplaint {
                complaint: ComplaintId([number; 16]),
                told: PersonTold::Told,
            })
        };
        assert_eq!(tag(4), tag(4));
        assert_ne!(tag(4), tag(5));
    }
}
