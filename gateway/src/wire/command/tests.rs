//! Bad commands, and that what is good arrives as it was meant.

use ledger::domain::command::ShredWish;
use ledger::domain::event::ViewTarget;
use ledger::domain::ids::StaffId;
use proto::common::v1 as common;
use proto::{consent, directory, intake, protection, referral, tracking};

use super::*;

const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";
const CASE: CaseId = CaseId([9; 16]);

fn with_meta() -> Option<CommandMeta> {
    Some(CommandMeta {
        request_id: ID.to_owned(),
        ..Default::default()
    })
}

fn asked<M: CommandMessage>(message: M) -> Checked<Command> {
    let caller = Caller::Staff(StaffId([1; 16]));
    request(message, caller, Some(CASE)).map(|request| request.command)
}

fn refused<M: CommandMessage>(message: M) -> Option<(Refusal, Option<String>)> {
    asked(message)
        .err()
        .map(|refused| (refused.refusal, refused.about))
}

fn malformed(field: &str) -> Option<(Refusal, Option<String>)> {
    Some((Refusal::Malformed, Some(field.to_owned())))
}

#[test]
fn an_empty_message_is_refused_for_its_meta() {
    assert_eq!(
        refused(intake::v1::OpenCaseRequest::default()),
        malformed("meta")
    );
    assert_eq!(
        refused(referral::v1::SendReferralRequest::default()),
        malformed("meta")
    );
}

#[test]
fn an_open_case_without_codes_is_refused_at_the_first_one_missing() {
    let message = intake::v1::OpenCaseRequest {
        meta: with_meta(),
        ..Default::default()
    };
    assert_eq!(refused(message), malformed("age_group"));
}

#[test]
fn a_referral_is_enough_to_find_its_case() {
    let message = referral::v1::AcceptReferralRequest {
        meta: with_meta(),
        case_id: None,
        referral_id: ID.to_owned(),
    };
    assert_eq!(message.case_sought(), Some(ID));
    let command = asked(message.clone()).expect("understood");
    assert_eq!(command.case(), Some(CASE));
    let caller = Caller::Staff(StaffId([1; 16]));
    let unknown = request(message, caller, None).err();
    assert_eq!(
        unknown,
        Some(Refused::about(Refusal::NotFound, "referral_id"))
    );
}

#[test]
fn a_case_that_is_named_is_not_looked_up() {
    let message = referral::v1::AcceptReferralRequest {
        meta: with_meta(),
        case_id: Some(ID.to_owned()),
        referral_id: ID.to_owned(),
    };
    assert_eq!(asked(message).expect("understood").case(), ID.parse().ok());
    let message = referral::v1::AcceptReferralRequest {
        meta: with_meta(),
        case_id: Some(String::new()),
        referral_id: ID.to_owned(),
    };
    assert_eq!(refused(message), malformed("case_id"));
}

#[test]
fn an_empty_consent_id_never_withdraws_everything() {
    let message = protection::v1::WithdrawConsentRequest {
        meta: with_meta(),
        case_id: ID.to_owned(),
        consent_id: Some(String::new()),
        ..Default::default()
    };
    assert_eq!(refused(message), malformed("consent_id"));
}

#[test]
fn a_withdrawal_without_a_wish_can_still_be_undone() {
    let mut message = protection::v1::WithdrawConsentRequest {
        meta: with_meta(),
        case_id: ID.to_owned(),
        ..Default::default()
    };
    let Command::WithdrawConsent {
        shred,
        person: None,
        consent: None,
        part: None,
        ..
    } = asked(message.clone()).expect("understood")
    else {
        panic!("another command");
    };
    assert_eq!(shred, ShredWish::AfterPeriod);
    message.shred = 3;
    assert_eq!(refused(message), malformed("shred"));
}

#[test]
fn an_exception_must_say_why_in_words() {
    let message = consent::v1::InvokeExceptionRequest {
        meta: with_meta(),
        case_id: ID.to_owned(),
        kind: 1,
        reason: 1,
        scope: Some(common::Scope::default()),
        told: None,
        told_by: None,
        procedure: None,
        note: " \n".to_owned(),
    };
    assert_eq!(refused(message), malformed("note"));
}

#[test]
fn a_view_names_a_case_or_a_referral() {
    let purpose = common::ViewPurpose::CaseWork.into();
    let mut message = tracking::v1::ViewPersonalDataRequest {
        meta: with_meta(),
        case_id: None,
        referral_id: None,
        purpose,
    };
    assert_eq!(refused(message.clone()), malformed("case_id"));
    message.referral_id = Some(ID.to_owned());
    let Command::ViewPersonalData { case, target, .. } = asked(message).expect("understood") else {
        panic!("another command");
    };
    assert_eq!(case, CASE);
    assert_eq!(target, ViewTarget::Referral(ID.parse().expect("an id")));
}

#[test]
fn a_directory_entry_is_refused_at_the_line_that_is_wrong() {
    let entry = directory::v1::ServiceEntry {
        name: "Clinic".to_owned(),
        organisation_id: ID.to_owned(),
        organisation_name: "Org".to_owned(),
        recipient_class: 1,
        locations: vec!["Amman".to_owned(), "Zarqa\u{202E}".to_owned()],
        ..Default::default()
    };
    let mut message = directory::v1::RegisterServiceRequest {
        meta: with_meta(),
        service_id: ID.to_owned(),
        entry: Some(entry),
    };
    assert_eq!(refused(message.clone()), malformed("entry.locations[1]"));
    if let Some(entry) = &mut message.entry {
        entry.locations.pop();
        entry.assured_on = Some("yesterday".to_owned());
    }
    assert_eq!(refused(message), malformed("entry.assured_on"));
}

#[test]
fn more_items_than_any_form_has_are_too_large() {
    let item = common::Item {
        category: 1,
        text: "x".to_owned(),
    };
    let message = referral::v1::DraftReferralRequest {
        meta: with_meta(),
        case_id: ID.to_owned(),
        service_id: ID.to_owned(),
        urgency: 1,
        ground_id: None,
        items: vec![item; crate::limits::LIST_ITEMS_MAX + 1],
        follows_id: None,
    };
    assert_eq!(
        refused(message),
        Some((Refusal::TooLarge, Some("items".to_owned())))
    );
}
