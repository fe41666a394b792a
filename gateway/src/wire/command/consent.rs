//! Commands of `ConsentService`.

use ledger::domain::command::{Agreeing, Command, Renewing, Reviewing, Telling, TellingOf};
use proto::consent::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{code, optional, set};
use crate::wire::contact::contact;
use crate::wire::field::{id, malformed, optional_id};
use crate::wire::shared::{consent, scope};
use crate::wire::text::long;

command_message!(GiveConsentRequest => GiveConsentResponse, |message| {
    Command::GiveConsent {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        given_by: optional_id(message.given_by_id.as_deref(), "given_by_id")?,
        scope: scope(message.scope, "scope")?,
        consent: consent(message.consent)?,
    }
});

command_message!(RefuseConsentRequest => RefuseConsentResponse, |message| {
    Command::RefuseConsent {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        scope: scope(message.scope, "scope")?,
    }
});

command_message!(InvokeExceptionRequest => InvokeExceptionResponse, |message| {
    Command::InvokeException {
        case: id(&message.case_id, "case_id")?,
        kind: code(message.kind, "kind")?,
        reason: code(message.reason, "reason")?,
        scope: scope(message.scope, "scope")?,
        told: match message.told {
            None if message.told_by.is_some() => return Err(malformed("told")),
            None => None,
            Some(told) => Some(telling(told, message.told_by)?),
        },
        procedure: optional_id(message.procedure.as_deref(), "procedure")?,
        note: long(message.note, "note")?,
    }
});

command_message!(TellOfExceptionRequest => TellOfExceptionResponse, |message| {
    Command::TellOfException(TellingOf {
        case: id(&message.case_id, "case_id")?,
        exception: id(&message.exception_id, "exception_id")?,
        telling: telling(message.told, message.told_by)?,
    })
});

command_message!(ReviewExceptionRequest => ReviewExceptionResponse, |message| {
    Command::ReviewException(Reviewing {
        case: id(&message.case_id, "case_id")?,
        exception: id(&message.exception_id, "exception_id")?,
        outcome: code(message.found, "found")?,
        measures: set(&message.measures, "measures")?,
    })
});

command_message!(DecideExceptionRequest => DecideExceptionResponse, |message| {
    Command::DecideException {
        case: id(&message.case_id, "case_id")?,
        exception: id(&message.exception_id, "exception_id")?,
        confirm: message.confirm,
    }
});

command_message!(RenewConsentRequest => RenewConsentResponse, |message| {
    Command::RenewConsent(Renewing {
        case: id(&message.case_id, "case_id")?,
        consent: id(&message.consent_id, "consent_id")?,
        taken: consent(message.consent)?,
    })
});

command_message!(AgreeContactRequest => AgreeContactResponse, |message| {
    Command::AgreeContact(Agreeing {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        contact: contact(message.contact, "contact")?,
    })
});

/// Whether somebody was told, and how.
fn telling(told: i32, by: Option<i32>) -> Checked<Telling> {
    Ok(Telling {
        told: code(told, "told")?,
        channel: optional(by, "told_by")?,
    })
}
