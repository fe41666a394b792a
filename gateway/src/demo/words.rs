//! The story's requests in short: consents, identities, items, steps of a referral.

use ledger::clock::{DAY_MS, Timestamp};
use ledger::domain::ids::{OrganisationId, ServiceId};
use proto::common::v1::{
    AgeGroup, Capacity, Channel, CommandMeta, ConsentForm, ConsentNote, ConsentTaken, DataCategory,
    Explained, Identity, Item, Purpose, Scope, Sensitivity, Urgency, ViewPurpose,
};
use proto::intake::v1::OpenCaseRequest;
use proto::referral::v1 as referral;
use proto::tracking::v1::ViewPersonalDataRequest;

/// Who somebody in the story is. Every one of them is invented, and says so.
pub(super) fn person(name: &str, birth: &str, languages: &str, contact: Option<&str>) -> Identity {
    Identity {
        name: format!("{name} (invented)"),
        birth: Some(birth.to_owned()),
        languages: Some(languages.to_owned()),
        safe_contact: contact.map(str::to_owned),
        ..Identity::default()
    }
}

/// A spoken consent after everything was explained, for half a year.
pub(super) fn spoken(
    capacity: Capacity,
    language: &str,
    note: Option<&str>,
    now: Timestamp,
) -> ConsentTaken {
    ConsentTaken {
        capacity: capacity.into(),
        form: ConsentForm::Oral.into(),
        explained: EXPLAINED.iter().map(|one| i32::from(*one)).collect(),
        interpreter: None,
        expires_at: Some(moment(now.plus_ms(180 * DAY_MS))),
        best_interests: None,
        note: Some(ConsentNote {
            language: language.to_owned(),
            present: None,
            note: note.map(str::to_owned),
            support: None,
        }),
    }
}

/// An adult's case, opened with consent to a record and to that alone. Age and language are
/// recorded of everybody in the story.
pub(super) fn open_adult(
    identity: Identity,
    recorded: &[DataCategory],
    now: Timestamp,
) -> OpenCaseRequest {
    let language = identity.languages.clone().unwrap_or_default();
    OpenCaseRequest {
        identity: Some(identity),
        age_group: AgeGroup::Adult.into(),
        sensitivity: Sensitivity::Standard.into(),
        consent: Some(spoken(Capacity::Own, &language, None, now)),
        categories: numbers(&[recorded, &[DataCategory::Age, DataCategory::Language]].concat()),
        meta: None,
    }
}

/// A consent to refer to some organisations, with some kinds of data.
pub(super) fn to_refer(recipients: &[OrganisationId], categories: &[DataCategory]) -> Scope {
    Scope {
        purposes: vec![Purpose::Referral.into()],
        recipient_ids: recipients.iter().map(ToString::to_string).collect(),
        categories: numbers(categories),
        withheld: Vec::new(),
    }
}

/// Data categories as they stand in a message.
pub(super) fn numbers(categories: &[DataCategory]) -> Vec<i32> {
    categories.iter().map(|one| i32::from(*one)).collect()
}

/// A draft.
pub(super) fn draft(
    case: &str,
    service: ServiceId,
    urgency: Urgency,
    items: &[(DataCategory, &str)],
) -> referral::DraftReferralRequest {
    let items = items.iter().map(|(category, text)| Item {
        category: i32::from(*category),
        text: (*text).to_owned(),
    });
    referral::DraftReferralRequest {
        case_id: case.to_owned(),
        service_id: service.to_string(),
        urgency: urgency.into(),
        items: items.collect(),
        ..referral::DraftReferralRequest::default()
    }
}

/// The sign-off of a draft.
pub(super) fn review(case: &str, id: &str) -> referral::ReviewReferralRequest {
    referral::ReviewReferralRequest {
        case_id: Some(case.to_owned()),
        referral_id: id.to_owned(),
        read_back: true,
        copy_given: false,
        meta: None,
    }
}

/// Sending through this system.
pub(super) fn send(case: &str, id: &str) -> referral::SendReferralRequest {
    referral::SendReferralRequest {
        case_id: Some(case.to_owned()),
        referral_id: id.to_owned(),
        channel: Channel::Portal.into(),
        meta: None,
        follow_up: None,
    }
}

/// The service's answers know the referral only, not the case.
pub(super) fn receive(id: &str) -> referral::ReceiveReferralRequest {
    referral::ReceiveReferralRequest {
        referral_id: id.to_owned(),
        ..referral::ReceiveReferralRequest::default()
    }
}

/// The service accepts.
pub(super) fn accept(id: &str) -> referral::AcceptReferralRequest {
    referral::AcceptReferralRequest {
        referral_id: id.to_owned(),
        ..referral::AcceptReferralRequest::default()
    }
}

/// The help was given.
pub(super) fn complete(id: &str) -> referral::CompleteReferralRequest {
    referral::CompleteReferralRequest {
        referral_id: id.to_owned(),
        ..referral::CompleteReferralRequest::default()
    }
}

/// A look at what a referral says.
pub(super) fn view(id: &str, purpose: ViewPurpose) -> ViewPersonalDataRequest {
    ViewPersonalDataRequest {
        referral_id: Some(id.to_owned()),
        purpose: purpose.into(),
        ..ViewPersonalDataRequest::default()
    }
}

/// What comes with a command that was decided on a version read earlier.
pub(super) fn decided_on(version: u64) -> Option<CommandMeta> {
    Some(CommandMeta {
        expected_version: Some(version),
        ..CommandMeta::default()
    })
}

/// A moment as it stands in a message.
pub(super) fn moment(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: i64::try_from(at.0 / 1000).unwrap_or(i64::MAX),
        nanos: 0,
    }
}

const EXPLAINED: &[Explained] = &[
    Explained::Options,
    Explained::Recipient,
    Explained::Fees,
    Explained::Risks,
    Explained::ConfidentialityLimits,
    Explained::RightToRefuse,
    Explained::RightToWithdraw,
    Explained::DecideLater,
    Explained::Complaints,
];
