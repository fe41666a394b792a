//! The register of breaches on the wire.

use ledger::clock::Timestamp;
use ledger::domain::breach::{Breach, Counted};
use ledger::domain::codes::BreachState;
use ledger::domain::complaint::Against;
use ledger::domain::event::{BreachAssessed, BreachNotified, BreachTold, Event, ViewTarget};
use ledger::domain::ids::StaffId;
use ledger::ledger::Entry;
use ledger::retention::RetentionRules;
use proto::breach::v1 as wire;
use proto::common::v1::Outcome;

use super::answer::AnswerMessage;
use super::codes::{Code, numbers};
use super::given::disclosed;
use super::retention::end_by_rule;
use super::time::to_wire;
use crate::api::breaches::Affected;

impl AnswerMessage for wire::ReportBreachResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::BreachReported(it) = &entry.record.event {
                message.breach_id = it.breach.to_string();
            }
        }
        message
    }
}

/// A breach and where it stands, without words about it.
pub fn breach(it: &Breach, (now, rules): (Timestamp, &RetentionRules)) -> wire::BreachRecord {
    let reported = &it.reported;
    wire::BreachRecord {
        breach_id: it.id.to_string(),
        organisation_id: reported.organisation.to_string(),
        kind: reported.kind.number(),
        suspected: reported.suspected.map(|suspected| match suspected {
            Against::Staff(id) => wire::breach_record::Suspected::StaffId(id.to_string()),
            Against::Service(id) => wire::breach_record::Suspected::ServiceId(id.to_string()),
            Against::Organisation(id) => {
                wire::breach_record::Suspected::SuspectedOrganisationId(id.to_string())
            }
        }),
        happened_from: reported.happened_from.map(to_wire),
        happened_until: reported.happened_until.map(to_wire),
        suspected_at: reported.suspected_at.map(to_wire),
        known_at: Some(to_wire(reported.known_at)),
        reported_by_id: named(it.reported_by),
        words: it.words,
        state: it.state.number(),
        notify_by: Some(to_wire(it.notify_by())),
        due: it.due().is_some(),
        late: it.due().is_some_and(|due| due < now) && it.state != BreachState::Closed,
        assessment: it.assessed.as_ref().map(|(it, by)| assessment(it, *by)),
        notifications: it.notified.iter().map(notification).collect(),
        told: it.told.iter().map(told).collect(),
        withheld: it.withheld.map(Code::number),
        version: it.version,
        ends: Some(end_by_rule(&it.into(), rules)),
    }
}

/// What left or was opened.
pub fn affected(it: &Affected) -> wire::Affected {
    let what = match it {
        Affected::Left(left) => wire::affected::What::Left(disclosed(left)),
        Affected::Opened(opened, code) => wire::affected::What::Opened(wire::SeenData {
            position: opened.position,
            case_id: opened.case.to_string(),
            client_code: code.to_string(),
            staff_id: named(opened.by),
            referral_id: match opened.target {
                ViewTarget::Case | ViewTarget::Interview(_) | ViewTarget::Profile(_) => None,
                ViewTarget::Referral(id) => Some(id.to_string()),
            },
            purpose: opened.purpose.number(),
            seen_at: Some(to_wire(opened.at)),
        }),
    };
    wire::Affected { what: Some(what) }
}

/// At least and at most.
pub fn counted(it: Counted) -> wire::Counted {
    wire::Counted {
        at_least: it.at_least,
        at_most: it.at_most,
    }
}

fn assessment(it: &BreachAssessed, by: Option<StaffId>) -> wire::BreachAssessment {
    wire::BreachAssessment {
        harms: numbers(&it.harms),
        categories: numbers(&it.categories),
        people: Some(counted(it.people)),
        records: Some(counted(it.records)),
        consequences: numbers(&it.consequences),
        measures: numbers(&it.measures),
        risk: it.risk.number(),
        assessed_by_id: named(by),
    }
}

fn notification(it: &BreachNotified) -> wire::BreachNotification {
    wire::BreachNotification {
        to: it.to.number(),
        phase: it.phase.number(),
        notified_at: Some(to_wire(it.at)),
        reference: it.reference.as_ref().map(|reference| reference.0.clone()),
        late: it.late.map(Code::number),
    }
}

fn told(it: &BreachTold) -> wire::ToldOfBreach {
    wire::ToldOfBreach {
        how: it.how.number(),
        people: Some(counted(it.people)),
        told_at: Some(to_wire(it.at)),
    }
}

fn named(staff: Option<StaffId>) -> String {
    staff.map(|staff| staff.to_string()).unwrap_or_default()
}
