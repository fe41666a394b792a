//! B1, B10. Contact with the person and a consent given anew, over the wire.

use proto::consent::v1::{AgreeContactRequest, RenewConsentRequest};

use super::*;

fn agreeing(case: &OpenCaseResponse) -> AgreeContactRequest {
    AgreeContactRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        person_id: case.client_person_id.clone(),
        contact: Some(common::SafeContact {
            // The case may hold no number: they meet.
            channels: vec![common::Channel::InPerson.into()],
            from: Some("00:00".to_owned()),
            until: Some("24:00".to_owned()),
            words: common::ContactWords::CallBack.into(),
            ..Default::default()
        }),
    }
}

fn calling(person: &str, referral: &str, by: common::Channel) -> referral::RecordFollowUpRequest {
    referral::RecordFollowUpRequest {
        meta: meta(),
        referral_id: referral.to_owned(),
        person_id: Some(person.to_owned()),
        outcome: common::FollowUpOutcome::MessageLeft.into(),
        channel: by.into(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_contact_is_agreed_shown_and_kept_to_and_a_consent_given_anew_over_the_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, referral) = running.sent_referral().await;
    let person = case.client_person_id.as_str();
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let mut give = consent_to_refer(&case.case_id, person);
    give.scope = give.scope.map(|scope| common::Scope {
        purposes: vec![common::Purpose::FollowUp.into()],
        ..scope
    });
    let soon = running_out();
    give.consent = Some(common::ConsentTaken {
        expires_at: Some(soon),
        ..taken()
    });
    let given = consents.give_consent(by(FOCAL, give)).await;
    let consent_id = given.expect("given").into_inner().consent_id;

    let call = calling(person, &referral, common::Channel::InPerson);
    let refused = referrals.record_follow_up(by(FOCAL, call.clone())).await;
    let refused = refused.expect_err("nothing agreed");
    assert_eq!(refusal(&refused), Some(Refusal::ContactNotSafe));
    let stranger = consents.agree_contact(by(STRANGER, agreeing(&case))).await;
    assert!(stranger.is_err());
    let agreed = consents.agree_contact(by(FOCAL, agreeing(&case))).await;
    agreed.expect("agreed");
    let call = calling(person, &referral, common::Channel::InPerson);
    let called = referrals.record_follow_up(by(FOCAL, call)).await;
    called.expect("as agreed");
    let mail = calling(person, &referral, common::Channel::Email);
    let refused = referrals.record_follow_up(by(FOCAL, mail)).await;
    let refused = refused_of(&refused.expect_err("not so"));
    let expected = Refused::about(Refusal::ContactNotSafe, "channel");
    assert_eq!(refused, Some(expected));

    let again = RenewConsentRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        consent_id,
        consent: Some(common::ConsentTaken {
            expires_at: Some(prost_types::Timestamp {
                seconds: soon.seconds + 86_400,
                nanos: 0,
            }),
            ..taken()
        }),
    };
    let renewed = consents.renew_consent(by(FOCAL, again)).await;
    renewed.expect("renewed");
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let asked = tracking::GetCaseRequest {
        case: Some(tracking::get_case_request::Case::CaseId(
            case.case_id.clone(),
        )),
    };
    let shown = views.get_case(by(FOCAL, asked)).await.expect("shown");
    let shown = shown.into_inner().case_record.expect("a case");
    let contact = shown.contacts.first().and_then(|one| one.contact.clone());
    assert_eq!(contact, agreeing(&case).contact);
    assert_eq!(shown.restricted_by_id, None);
    running.stop().await;
}

/// An hour from now.
fn running_out() -> prost_types::Timestamp {
    let now = SystemClock.now().0 / 1000;
    prost_types::Timestamp {
        seconds: i64::try_from(now).expect("soon") + 3_600,
        nanos: 0,
    }
}
