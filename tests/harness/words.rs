//! Words for commands, so that a test reads as what happens.

use std::collections::BTreeSet;

use ledger::clock::{DAY_MS, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::command::{Assessing, Caller, Command, ConsentTaken, Request, ShredWish};
use ledger::domain::event::{Event, PublicText, ServiceEntry, ViewTarget};
use ledger::domain::ids::*;
use ledger::domain::personal::{ConsentNote, Identity, Item, Text};
use ledger::domain::scope::Scope;
use ledger::ledger::Answer;
use ledger::organisation::DEFAULT_ORGANISATION;

use crate::scratch::fresh_request;

/// The organisation's file that ships, but for how many cases one member of staff may have
/// destroyed at once within a day.
pub fn busy_organisation(at_once_per_day: u32) -> String {
    let limit = format!("at_once_per_day = {at_once_per_day}");
    DEFAULT_ORGANISATION.replace("at_once_per_day = 20", &limit)
}

/// A request with a fresh id.
pub fn request(caller: Caller, command: Command) -> Request {
    let request = fresh_request();
    Request {
        request,
        caller,
        expected_version: None,
        occurred: None,
        command,
    }
}

/// Text about an invented person.
pub fn text(words: &str) -> Text {
    Text::new(words.to_owned())
}

/// An invented person of this name, and what else is known of them.
pub fn described(name: &str, details: &[(DataCategory, &str)]) -> Identity {
    let details = details.iter();
    Identity {
        details: details.map(|(one, said)| (*one, text(said))).collect(),
        ..identity(name)
    }
}

/// An invented person of this name.
pub fn identity(name: &str) -> Identity {
    Identity::named(text(name))
}

/// A consent after everything was explained.
pub fn consent(capacity: Capacity) -> ConsentTaken {
    ConsentTaken {
        capacity,
        form: ConsentForm::Oral,
        explained: Explained::ALL.iter().copied().collect(),
        interpreter: None,
        expires: None,
        best_interests: None,
        note: ConsentNote {
            language: text("invented language"),
            present: None,
            note: None,
            support: None,
        },
    }
}

/// A case of an adult.
pub fn open_case(name: &str) -> Command {
    open_case_of(identity(name))
}

/// A case of an adult of whom more is known.
pub fn open_case_of(identity: Identity) -> Command {
    Command::OpenCase {
        identity: Some(identity),
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: Some(consent(Capacity::Own)),
        categories: DataCategory::ALL.iter().copied().collect(),
    }
}

/// A case of a minor who assents.
pub fn open_case_of_minor(name: &str) -> Command {
    Command::OpenCase {
        identity: Some(identity(name)),
        age_group: AgeGroup::Minor,
        sensitivity: Sensitivity::Standard,
        consent: Some(consent(Capacity::Assent)),
        categories: DataCategory::ALL.iter().copied().collect(),
    }
}

/// A scope for one referral.
pub fn scope(recipient: OrganisationId, categories: &[DataCategory]) -> Scope {
    Scope {
        purposes: [Purpose::Referral].into(),
        recipients: [recipient].into(),
        categories: categories.iter().copied().collect(),
        withheld: BTreeSet::new(),
    }
}

/// Consent of the client.
pub fn give(case: CaseId, client: PersonId, scope: Scope, capacity: Capacity) -> Command {
    let given_by = Some(client);
    Command::GiveConsent {
        case,
        person: client,
        given_by,
        scope,
        consent: consent(capacity),
    }
}

/// A draft with one item per category.
pub fn draft(
    case: CaseId,
    service: ServiceId,
    ground: Option<GroundId>,
    items: &[(DataCategory, &str)],
) -> Command {
    let item = |(category, words): &(DataCategory, &str)| Item {
        category: *category,
        text: text(words),
    };
    let items = items.iter().map(item).collect();
    Command::DraftReferral {
        case,
        service,
        urgency: Urgency::Routine,
        ground,
        items,
        follows: None,
    }
}

/// Sign-off.
pub fn review(case: CaseId, referral: ReferralId) -> Command {
    Command::ReviewReferral {
        case,
        referral,
        read_back: true,
        copy_given: false,
    }
}

/// Sending through the portal.
pub fn send(case: CaseId, referral: ReferralId) -> Command {
    Command::SendReferral {
        case,
        referral,
        channel: Channel::Portal,
        follow_up: None,
    }
}

/// Withdrawal of one consent, destroyed at once.
pub fn withdraw_now(case: CaseId, consent: ConsentId) -> Command {
    Command::WithdrawConsent {
        case,
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AtOnce,
    }
}

/// Withdrawal of one consent, destroyed after the period.
pub fn withdraw_later(case: CaseId, consent: ConsentId) -> Command {
    Command::WithdrawConsent {
        case,
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AfterPeriod,
    }
}

/// Taking a withdrawal back.
pub fn undo(case: CaseId, consent: ConsentId) -> Command {
    Command::UndoWithdrawal { case, consent }
}

/// Opening the whole case.
pub fn view(case: CaseId) -> Command {
    Command::ViewPersonalData {
        case,
        target: ViewTarget::Case,
        purpose: ViewPurpose::CaseWork,
    }
}

/// An invented directory entry that needs every category.
pub fn entry(organisation: OrganisationId) -> ServiceEntry {
    let empty = || PublicText(String::new());
    ServiceEntry {
        name: PublicText("Invented help desk".to_owned()),
        organisation,
        organisation_name: PublicText("Invented helpers".to_owned()),
        class: RecipientClass::Service,
        sectors: Vec::new(),
        description: empty(),
        locations: Vec::new(),
        languages: Vec::new(),
        eligibility: empty(),
        fees: empty(),
        schedules: Vec::new(),
        documents: Vec::new(),
        accessibility: Vec::new(),
        how_to_refer: empty(),
        contact: empty(),
        accepts_referrals: true,
        needs: DataCategory::ALL.iter().copied().collect(),
        assured_on: None,
        confidential: false,
        details: Default::default(),
    }
}

/// Assessed and approved for a year.
pub fn approve(service: ServiceId, now: Timestamp) -> Command {
    let review_on = now.plus_ms(365 * DAY_MS).day();
    Command::AssessService(Assessing::of(service, Assessment::Approved, review_on))
}

/// The case and the client that an answer opened.
pub fn opened(answer: &Answer) -> (CaseId, PersonId) {
    let found = answer
        .entries
        .iter()
        .find_map(|entry| match &entry.record.event {
            Event::CaseOpened(opened) => Some((opened.case, opened.client)),
            _ => None,
        });
    found.expect("a case was opened")
}

/// The consent that an answer recorded.
pub fn given(answer: &Answer) -> ConsentId {
    let found = answer
        .entries
        .iter()
        .find_map(|entry| match &entry.record.event {
            Event::ConsentGiven(given) => Some(given.consent),
            _ => None,
        });
    found.expect("a consent was given")
}

/// The referral that an answer drafted.
pub fn drafted(answer: &Answer) -> ReferralId {
    let found = answer
        .entries
        .iter()
        .find_map(|entry| match &entry.record.event {
            Event::ReferralDrafted(drafted) => Some(drafted.referral),
            _ => None,
        });
    found.expect("a referral was drafted")
}
