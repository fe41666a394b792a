//! Commands of `BreachService`.

use ledger::domain::breach::Counted;
use ledger::domain::command::{
    AssessingBreach, Command, NotifyingBreach, ReportingBreach, TellingBreach, TracingBreach,
};
use ledger::domain::complaint::Against;
use proto::breach::v1::report_breach_request::Suspected;
use proto::breach::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{code, optional, set};
use crate::wire::field::{id, optional_id, required};
use crate::wire::text::{optional_long, public_name};
use crate::wire::time;

command_message!(ReportBreachRequest => ReportBreachResponse, |message| {
    Command::ReportBreach(ReportingBreach {
        organisation: optional_id(message.organisation_id.as_deref(), "organisation_id")?,
        kind: code(message.kind, "kind")?,
        suspected: message.suspected.map(suspected).transpose()?,
        happened_from: time::optional(message.happened_from, "happened_from")?,
        happened_until: time::optional(message.happened_until, "happened_until")?,
        suspected_at: time::optional(message.suspected_at, "suspected_at")?,
        known_at: time::optional(message.known_at, "known_at")?,
        words: optional_long(message.words, "words")?,
    })
});

fn suspected(named: Suspected) -> Checked<Against> {
    Ok(match named {
        Suspected::StaffId(text) => Against::Staff(id(&text, "staff_id")?),
        Suspected::ServiceId(text) => Against::Service(id(&text, "service_id")?),
        Suspected::SuspectedOrganisationId(text) => {
            Against::Organisation(id(&text, "suspected_organisation_id")?)
        }
    })
}

command_message!(ViewBreachRequest => ViewBreachResponse, |message| {
    Command::ViewBreach { breach: id(&message.breach_id, "breach_id")? }
});

command_message!(AssessBreachRequest => AssessBreachResponse, |message| {
    Command::AssessBreach(AssessingBreach {
        breach: id(&message.breach_id, "breach_id")?,
        harms: set(&message.harms, "harms")?,
        categories: set(&message.categories, "categories")?,
        people: counted(message.people, "people")?,
        records: counted(message.records, "records")?,
        consequences: set(&message.consequences, "consequences")?,
        measures: set(&message.measures, "measures")?,
        risk: code(message.risk, "risk")?,
    })
});

command_message!(NotifyBreachRequest => NotifyBreachResponse, |message| {
    Command::NotifyBreach(NotifyingBreach {
        breach: id(&message.breach_id, "breach_id")?,
        to: code(message.to, "to")?,
        phase: code(message.phase, "phase")?,
        reference: message
            .reference
            .map(|text| public_name(text, "reference"))
            .transpose()?,
        late: optional(message.late, "late")?,
    })
});

command_message!(TellBreachRequest => TellBreachResponse, |message| {
    Command::TellBreach(TellingBreach {
        breach: id(&message.breach_id, "breach_id")?,
        how: code(message.way, "way")?,
        people: counted(message.people, "people")?,
    })
});

command_message!(WithholdBreachRequest => WithholdBreachResponse, |message| {
    Command::WithholdBreach {
        breach: id(&message.breach_id, "breach_id")?,
        ground: code(message.ground, "ground")?,
    }
});

command_message!(CloseBreachRequest => CloseBreachResponse, |message| {
    Command::CloseBreach { breach: id(&message.breach_id, "breach_id")? }
});

command_message!(TraceBreachRequest => TraceBreachResponse, |message| {
    Command::TraceBreach(TracingBreach {
        breach: id(&message.breach_id, "breach_id")?,
        recipient: optional_id(message.recipient_id.as_deref(), "recipient_id")?,
        service: optional_id(message.service_id.as_deref(), "service_id")?,
        staff: optional_id(message.staff_id.as_deref(), "staff_id")?,
        from: time::optional(message.not_before, "not_before")?,
        until: time::optional(message.until, "until")?,
    })
});

fn counted(from: Option<proto::breach::v1::Counted>, field: &str) -> Checked<Counted> {
    let from = required(from, field)?;
    Ok(Counted {
        at_least: from.at_least,
        at_most: from.at_most,
    })
}
