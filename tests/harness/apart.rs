//! What stands apart from cases, from its first word to where its time begins to run, and what is
//! left of it then.

use std::collections::BTreeSet;

use ledger::domain::apart::{Apart, HoldingApart};
use ledger::domain::breach::Counted;
use ledger::domain::codes::*;
use ledger::domain::command::*;
use ledger::domain::event::{Event, PublicText};
use ledger::domain::ids::{BreachId, ComplaintId, StaffId};
use ledger::domain::incoming::Sender;
use ledger::domain::personal::Personal;
use ledger::ledger::{Answer, Ledger, PersonalContent, Rejection};
use ledger::refusal::Refusal;

use crate::words;

/// How somebody with a role does something that must succeed.
pub type Does<'a> = &'a dyn Fn(Role, Command) -> Answer;

/// Takes down a complaint in these words.
pub fn complained(does: Does<'_>, said: &str) -> ComplaintId {
    let complain = Command::RecordComplaint(Complaining {
        kind: ComplaintKind::Conduct,
        against: None,
        anonymous: false,
        words: words::text(said),
        contact: None,
    });
    let answer = does(Role::FocalPoint, complain);
    match &answer.entries[0].record.event {
        Event::ComplaintReceived(it) => it.complaint,
        other => panic!("{other:?}"),
    }
}

/// Answers it: from then on its time runs.
pub fn answered(does: Does<'_>, complaint: ComplaintId) {
    let answer = Command::AnswerComplaint(AnsweringComplaint {
        complaint,
        outcome: ComplaintOutcome::Upheld,
        told: PersonTold::NotReached,
        note: None,
    });
    does(Role::Coordinator, answer);
}

/// Reports a breach in these words.
pub fn breached(does: Does<'_>, said: &str) -> BreachId {
    let report = Command::ReportBreach(ReportingBreach {
        organisation: None,
        kind: BreachKind::DeviceLost,
        suspected: None,
        happened_from: None,
        happened_until: None,
        suspected_at: None,
        known_at: None,
        words: Some(words::text(said)),
    });
    let answer = does(Role::FocalPoint, report);
    match &answer.entries[0].record.event {
        Event::BreachReported(it) => it.breach,
        other => panic!("{other:?}"),
    }
}

/// Assesses and closes it: from then on its time runs.
pub fn breach_closed(does: Does<'_>, breach: BreachId) {
    let one = Counted {
        at_least: 1,
        at_most: Some(1),
    };
    let assess = Command::AssessBreach(AssessingBreach {
        breach,
        harms: [BreachHarm::Confidentiality].into(),
        categories: [DataCategory::Needs].into(),
        people: one,
        records: one,
        consequences: BTreeSet::new(),
        measures: BTreeSet::new(),
        risk: BreachRisk::Unlikely,
    });
    does(Role::DataProtectionOfficer, assess);
    does(Role::ControllerDelegate, Command::CloseBreach { breach });
}

/// Takes down a referral that somebody phoned in: its time runs from then on.
pub fn came_in(does: Does<'_>, reference: &str) -> Apart {
    let taking = Command::RecordIncoming(TakingDown {
        from: Sender::Class(SenderClass::Health),
        channel: Channel::Phone,
        urgency: Urgency::Routine,
        reference: Some(PublicText(reference.to_owned())),
        consent: ConsentClaim::NotSaid,
        packet: None,
    });
    let answer = does(Role::FocalPoint, taking);
    match &answer.entries[0].record.event {
        Event::IncomingReceived(it) => Apart::Incoming(it.incoming),
        other => panic!("{other:?}"),
    }
}

/// Keeps it from the rules until then.
pub fn hold(what: Apart, until: ledger::clock::Timestamp) -> Command {
    Command::HoldApart(HoldingApart {
        what,
        reason: HoldReason::LegalClaim,
        until,
    })
}

/// Who may read what was said in one of them.
pub fn reader(what: Apart) -> Role {
    match what {
        Apart::Complaint(_) => Role::Coordinator,
        Apart::Breach(_) => Role::DataProtectionOfficer,
        Apart::Incoming(_) => Role::FocalPoint,
    }
}

/// What is there of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// All of it: these are its words, if it has any.
    Said(BTreeSet<String>),
    /// Its record, whose words are over.
    Record,
    /// Nothing: no lookup, no stream and no record names it.
    Nothing,
}

/// What a ledger has of one of them, by every way that leads to it; `records` is every record of
/// the log in words.
pub fn stands(ledger: &Ledger, who: StaffId, what: Apart, records: &[String]) -> Stands {
    let there = match what {
        Apart::Complaint(id) => ledger.complaint(id).expect("it is read").is_some(),
        Apart::Breach(id) => ledger.breach(id).expect("it is read").is_some(),
        Apart::Incoming(_) => is_there(ledger, what),
    };
    assert_eq!(there, is_there(ledger, what), "{what:?}");
    let id = match what {
        Apart::Complaint(id) => format!("{id:?}"),
        Apart::Breach(id) => format!("{id:?}"),
        Apart::Incoming(id) => format!("{id:?}"),
    };
    let named = records.iter().any(|it| it.contains(&id));
    assert_eq!(there, named, "{what:?}");
    let view = match what {
        _ if !there => return Stands::Nothing,
        Apart::Complaint(complaint) => Command::ViewComplaint { complaint },
        Apart::Breach(breach) => Command::ViewBreach { breach },
        Apart::Incoming(_) => return Stands::Said(BTreeSet::new()),
    };
    let seen = match ledger.submit(words::request(Caller::Staff(who), view)) {
        Ok(seen) => seen,
        Err(Rejection::Refused(no)) => {
            assert_eq!(no.refusal, Refusal::NothingToDo, "{what:?}");
            return Stands::Record;
        }
        Err(Rejection::Fault(fault)) => panic!("{what:?}: {fault}"),
    };
    let parts = ledger.open_personal(&seen).expect("it opens");
    let said = parts.into_iter().map(|part| match part.content {
        PersonalContent::Open(Personal::Complaint(it)) => it.words.reveal().to_owned(),
        PersonalContent::Open(Personal::Note(it)) => it.reveal().to_owned(),
        _ => panic!("{what:?}: its words are lost"),
    });
    Stands::Said(said.collect())
}

/// Every record of a log in words.
pub fn records(ledger: &Ledger) -> Vec<String> {
    let all = (0..ledger.size()).flat_map(|at| ledger.records(at, 1).expect("it is read"));
    all.map(|it| format!("{:?}", it.record)).collect()
}

fn is_there(ledger: &Ledger, what: Apart) -> bool {
    let stream = ledger.stream(what.stream()).expect("it is looked up");
    !stream.is_empty()
}
