//! What the types of a command leave open: parts that must not be empty or contradict each other.

use crate::clock::Day;
use crate::domain::breach::Counted;
use crate::domain::codes::{
    ExceptionKind, ExceptionReason, ExceptionTold, IncomingDecision, InquiryAnswer, NoticeState,
    PersonTold, Purpose, RequestAnswer, RequestReason,
};
use crate::domain::command::{AnsweringInquiry, Command, Extending, Lifting};
use crate::domain::event::PublicText;
use crate::domain::scope::Scope;
use crate::limits::{
    AREA_CODE_MAX, FIGURES_BYTES_MAX, FIGURES_MONTHS_MAX, HANDOVER_FILES_MAX, REFERENCE_MAX,
    SENDER_REFERENCE_MAX, WAIT_DAYS_MAX,
};
use crate::refusal::{Refusal, Refused};

/// Refuses a command whose parts cannot mean anything.
pub(super) fn well_formed(command: &Command) -> Result<(), Refused> {
    let wrong = wrong_field(command);
    wrong.map_or(Ok(()), |field| {
        Err(Refused::about(Refusal::Malformed, field))
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands leave anything open that their types do not settle"
)]
fn wrong_field(command: &Command) -> Option<&'static str> {
    match command {
        Command::GiveConsent { scope, .. } => empty_part(scope),
        Command::RefuseConsent { scope, .. } => {
            scope.purposes.is_empty().then_some("scope.purposes")
        }
        Command::OpenCase {
            identity,
            consent: Some(_),
            categories,
            ..
        } => (identity.is_some() && categories.is_empty()).then_some("categories"),
        Command::SendReferral {
            follow_up: Some(agreed),
            ..
        } => agreed.items.is_empty().then_some("follow_up.items"),
        Command::InvokeException { kind, reason, .. } if !fits(*kind, *reason) => Some("reason"),
        // Only a report that a law obliges to goes by a procedure.
        Command::InvokeException {
            kind: ExceptionKind::ImmediateRisk,
            procedure: Some(_),
            ..
        } => Some("procedure"),
        Command::InvokeException { told, .. } => {
            told.is_some_and(|it| !it.is_whole()).then_some("told")
        }
        // That somebody was told before is said with the exception, and not afterwards.
        Command::TellOfException(it) => {
            let before = it.telling.told == ExceptionTold::Before;
            (before || !it.telling.is_whole()).then_some("told")
        }
        Command::ReviewException(it) => (!it.is_whole()).then_some("measures"),
        Command::RaiseConcern(it) => it.concerns.is_empty().then_some("concerns"),
        Command::AgreeContact(it) => {
            let wrong = |(from, until): (u16, u16)| from >= until || until > MINUTES_OF_DAY;
            it.contact
                .hours
                .is_some_and(wrong)
                .then_some("contact.hours")
        }
        // Who confirmed says what it did, of what it was asked; nobody else did anything yet.
        Command::RecordNotice(it) => {
            let confirmed = it.state == NoticeState::Confirmed;
            let fits = it
                .outcome
                .is_none_or(|outcome| it.about.may_come_to(outcome));
            (confirmed != it.outcome.is_some() || !fits).then_some("outcome")
        }
        // Who was told was told somehow, and nobody else was (B10).
        Command::ExtendRequest(Extending { told, channel, .. })
        | Command::LiftRestriction(Lifting { told, channel, .. }) => {
            ((*told == PersonTold::Told) != channel.is_some()).then_some("channel")
        }
        Command::AdviseRequest(it) => (!reasoned(it.answer, it.reason)).then_some("reason"),
        Command::DecideRequest(it) if !reasoned(it.answer, it.reason) => Some("reason"),
        Command::DecideRequest(it) => {
            let part = it.answer == RequestAnswer::GrantInPart;
            (part == it.categories.is_empty()).then_some("categories")
        }
        Command::OfferHandover { case, with, .. } | Command::TakeHandover { case, with, .. } => {
            let wrong = with.contains(case) || with.len() > HANDOVER_FILES_MAX;
            wrong.then_some("with_case_ids")
        }
        Command::LinkCases(it) => (it.case == it.other).then_some("other_case_id"),
        Command::AskMerge(it) => (it.case == it.other).then_some("other_case_id"),
        Command::NoteUnmetNeed { unmet } => {
            let wrong = |area: &PublicText| !is_area(&area.0);
            unmet.area.as_ref().is_some_and(wrong).then_some("area")
        }
        Command::PublishFigures { made } => {
            let too_long = made.figures.0.len() > FIGURES_BYTES_MAX;
            wrong_cohort(made.from, made.until).or_else(|| too_long.then_some("figures"))
        }
        _ => wrong_of_others(command).or_else(|| wrong_about_a_breach(command)),
    }
}

/// What services are asked, what came from outside, and between which days files are looked for.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands are about questions to services, referrals from outside or duplicates"
)]
fn wrong_of_others(command: &Command) -> Option<&'static str> {
    match command {
        Command::FindDuplicates(it) => it.ends_before_it_begins().then_some("opened_until"),
        Command::AskService(it) => {
            let area = it.asked.area.as_ref();
            let wrong = area.is_some_and(|area| !is_area(&area.0)).then_some("area");
            let nothing = it.asked.questions.is_empty();
            nothing.then_some("questions").or(wrong)
        }
        Command::AnswerInquiry(it) => wrong_answer(it),
        Command::RecordIncoming(it) => {
            let wrong = |text: &PublicText| !is_senders_reference(&text.0);
            it.reference
                .as_ref()
                .is_some_and(wrong)
                .then_some("reference")
        }
        Command::DecideIncoming(it) => {
            let (not, on) = (IncomingDecision::NotTaken, IncomingDecision::PassedOn);
            let reason = (it.decision == not) != it.reason.is_some();
            let passed = it.decision != on && it.passed_to.is_some();
            reason
                .then_some("reason")
                .or_else(|| passed.then_some("passed_to_id"))
        }
        _ => None,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands about breaches leave anything open that their types do not settle"
)]
fn wrong_about_a_breach(command: &Command) -> Option<&'static str> {
    match command {
        Command::AssessBreach(it) => {
            let unsound = |counted: Counted| !counted.is_sound();
            let wrong = [
                (it.harms.is_empty(), "harms"),
                (unsound(it.people), "people"),
                (unsound(it.records), "records"),
            ];
            wrong.iter().find(|one| one.0).map(|one| one.1)
        }
        Command::TellBreach(it) => (!it.people.is_sound()).then_some("people"),
        Command::NotifyBreach(it) => {
            let wrong = |reference: &PublicText| !is_reference(&reference.0);
            it.reference
                .as_ref()
                .is_some_and(wrong)
                .then_some("reference")
        }
        Command::TraceBreach(it) => {
            let turned = it.until.is_some() && it.from >= it.until;
            turned.then_some("until")
        }
        _ => None,
    }
}

/// An answer says something, and days with a wait only; where none came there is no fee either.
fn wrong_answer(it: &AnsweringInquiry) -> Option<&'static str> {
    let waits = it.answer == Some(InquiryAnswer::Wait);
    let days = match it.wait_days {
        Some(days) => waits && (1..=WAIT_DAYS_MAX).contains(&days),
        None => !waits,
    };
    let silent = it.answer.is_none() && it.fee.is_none();
    let none = it.answer == Some(InquiryAnswer::NoAnswer);
    silent
        .then_some("answer")
        .or_else(|| (!days).then_some("wait_days"))
        .or_else(|| (none && it.fee.is_some()).then_some("fee"))
}

/// Minutes from midnight to midnight.
const MINUTES_OF_DAY: u16 = 24 * 60;

/// What an organisation calls a referral of theirs: as an authority's number, but shorter and
/// without a space, which would let a name with a year pass more easily.
fn is_senders_reference(number: &str) -> bool {
    number.len() <= SENDER_REFERENCE_MAX && !number.contains(' ') && is_reference(number)
}

/// What an authority calls a file of theirs: capitals, digits and what stands between, with a
/// digit in it. A bare name is none; a name with a number behind it cannot be told from a reference
/// (SECURITY.md, "Known holes").
fn is_reference(number: &str) -> bool {
    let plain = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || "-/. ".contains(letter)
    };
    number.len() <= REFERENCE_MAX
        && number.chars().all(plain)
        && number.contains(|letter: char| letter.is_ascii_digit())
}

/// A place code: two capital letters for the country, then capitals and digits. A word that could
/// be somebody's name or address is none.
fn is_area(code: &str) -> bool {
    let (country, rest) = code.split_at_checked(2).unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    code.len() <= AREA_CODE_MAX
        && country.chars().all(|letter| letter.is_ascii_uppercase())
        && rest.chars().all(plain)
        && rest.contains(|letter: char| letter.is_ascii_digit())
}

/// Whole months, at least one and no more than a year of them.
fn wrong_cohort(from: Day, until: Day) -> Option<&'static str> {
    let months = until.month().checked_sub(from.month());
    let months = months.and_then(|months| usize::try_from(months).ok());
    if !from.begins_month() {
        Some("first_day")
    } else if !until.begins_month()
        || !months.is_some_and(|months| (1..=FIGURES_MONTHS_MAX).contains(&months))
    {
        Some("until_day")
    } else {
        None
    }
}

/// A consent names purposes, categories and, beyond keeping a record, recipients (MISSION B1).
fn empty_part(scope: &Scope) -> Option<&'static str> {
    let record_only = scope.purposes.iter().all(|one| *one == Purpose::Record);
    if scope.purposes.is_empty() {
        Some("scope.purposes")
    } else if scope.recipients.is_empty() && !record_only {
        Some("scope.recipients")
    } else if scope.categories.is_empty() {
        Some("scope.categories")
    } else {
        None
    }
}

/// Whatever is not granted has a reason, and nothing else has.
fn reasoned(answer: RequestAnswer, reason: Option<RequestReason>) -> bool {
    (answer == RequestAnswer::Grant) != reason.is_some()
}

/// A law's mandate and a person's own risk are different reasons (MISSION B5).
fn fits(kind: ExceptionKind, reason: ExceptionReason) -> bool {
    let mandate = match reason {
        ExceptionReason::MandatoryReport => true,
        ExceptionReason::RiskToSelf
        | ExceptionReason::RiskToOthers
        | ExceptionReason::CannotRespond => false,
    };
    mandate == (kind == ExceptionKind::LegalMandate)
}
