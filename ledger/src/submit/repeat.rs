//! Repeats: the same request id from the same caller gets the same answer, also after a restart.
//!
//! The index holds `r ‖ HMAC(caller, request id)` → first position ‖ count ‖ frame ‖ HMAC(kind ‖
//! subjects ‖ expected version) (SPEC §5.1). Refusals are not remembered.

use crate::domain::command::{Caller, Command, Request};
use crate::error::Fault;
use crate::keys::{IndexKeys, IndexRecord};
use crate::refusal::{Refusal, Refused};
use crate::shared::Shared;

use super::answer::Rejection;

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
}

impl Earlier {
    /// What a request that is being staged leaves in the index.
    pub(crate) fn staged(
        keys: &IndexKeys,
        named: &Named,
        (first, count): (u64, u32),
        frame: u64,
    ) -> Self {
        Self {
            first,
            count,
            frame,
            command: named.command_tag(keys),
        }
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
        let mut value = Vec::with_capacity(36);
        value.extend_from_slice(&self.first.to_be_bytes());
        value.extend_from_slice(&self.count.to_be_bytes());
        value.extend_from_slice(&self.frame.to_be_bytes());
        value.extend_from_slice(&self.command);
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
        let command = rest.try_into().map_err(|_| damaged())?;
        Ok(Self {
            first: u64::from_be_bytes(*first),
            count: u32::from_be_bytes(*count),
            frame: u64::from_be_bytes(*frame),
            command,
        })
    }
}

/// The parts of a request that name it.
pub(crate) struct Named {
    caller: Vec<u8>,
    request: [u8; 16],
    kind: &'static str,
    subjects: Vec<u8>,
    expected_version: Option<u64>,
}

impl Named {
    pub(crate) fn of(request: &Request) -> Self {
        let caller = match request.caller {
            Caller::Staff(staff) => staff.0.to_vec(),
            Caller::System => b"system".to_vec(),
            Caller::Founder => b"founder".to_vec(),
        };
        Self {
            caller,
            request: request.request.0,
            kind: request.command.action().name(),
            subjects: subject_bytes(&request.command),
            expected_version: request.expected_version,
        }
    }

    /// The index key for this caller and request id.
    pub(crate) fn index_key(&self, keys: &IndexKeys) -> Vec<u8> {
        [b"r".as_slice(), &keys.request(&self.caller, &self.request)].concat()
    }

    fn command_tag(&self, keys: &IndexKeys) -> [u8; 16] {
        keys.command(self.kind.as_bytes(), &self.subjects, self.expected_version)
    }
}

/// What the command is about, as ids. Content is left out, so that nothing is ever derived from a
/// person's data.
fn subject_bytes(command: &Command) -> Vec<u8> {
    let subjects = [
        command.case().map(|id| id.0),
        command.referral().map(|id| id.0),
        command.service().map(|id| id.0),
        command.staff().map(|id| id.0),
        command.subject_request().map(|id| id.0),
        command.any_sweep().map(|id| id.0),
        command.mirror().map(|id| id.0),
    ];
    let mut bytes = Vec::with_capacity(7 * 17);
    for subject in subjects {
        bytes.push(u8::from(subject.is_some()));
        bytes.extend_from_slice(&subject.unwrap_or_default());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::CarryingOut;
    use crate::domain::ids::{CaseId, RequestId, StaffId, SubjectRequestId};

    #[test]
    fn one_name_for_two_answers_to_two_requests_of_a_person_is_noticed() {
        let tag = |number: u8| {
            let request = Request {
                request: RequestId([1; 16]),
                caller: Caller::Staff(StaffId([2; 16])),
                expected_version: None,
                occurred: None,
                command: Command::CarryOutRequest(CarryingOut {
                    case: CaseId([3; 16]),
                    request: SubjectRequestId([number; 16]),
                }),
            };
            Named::of(&request).subjects
        };
        assert_eq!(tag(4), tag(4));
        assert_ne!(tag(4), tag(5));
    }
}
