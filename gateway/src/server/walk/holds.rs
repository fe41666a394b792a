//! Keeping what stands apart from cases from the retention rules, over the wire: who may, until
//! when, and that nobody else learns whether it is there.

use proto::complaint::v1::complaint_service_client::ComplaintServiceClient;
use proto::complaint::v1::*;
use proto::intake::v1 as intake;
use proto::protection::v1::hold_apart_request::What;
use proto::protection::v1::{HoldApartRequest, HoldReason};

use super::*;

const NEVER_WAS: &str = "00000000-0000-4000-8000-000000000001";

fn in_days(days: u64) -> Option<prost_types::Timestamp> {
    let until = SystemClock.now().plus_ms(days * ledger::clock::DAY_MS);
    Some(crate::wire::time::to_wire(until))
}

fn hold(what: What, days: u64) -> HoldApartRequest {
    HoldApartRequest {
        meta: meta(),
        reason: HoldReason::LegalClaim.into(),
        until: in_days(days),
        what: Some(what),
    }
}

impl Running {
    async fn complaint_against(&self, accused: Option<StaffId>) -> String {
        let mut client = ComplaintServiceClient::new(self.channel.clone());
        let against = accused.map(|it| record_complaint_request::Against::StaffId(it.to_string()));
        let asked = RecordComplaintRequest {
            meta: meta(),
            kind: common::ComplaintKind::Conduct.into(),
            against,
            anonymous: true,
            words: "Invented words".to_owned(),
            contact: None,
        };
        let done = client.record_complaint(by(FOCAL, asked)).await;
        done.expect("taken down").into_inner().complaint_id
    }

    async fn came_in(&self) -> String {
        let mut desk = IntakeServiceClient::new(self.channel.clone());
        let sender = common::SenderClass::School.into();
        let asked = intake::RecordIncomingRequest {
            meta: meta(),
            channel: common::Channel::Paper.into(),
            urgency: common::Urgency::Routine.into(),
            reference: None,
            consent_claim: common::ConsentClaim::Shown.into(),
            sender: Some(intake::record_incoming_request::Sender::SenderClass(sender)),
        };
        let done = desk.record_incoming(by(FOCAL, asked)).await;
        done.expect("taken down").into_inner().incoming_id
    }

    /// Where the hold was recorded, or why it was not.
    async fn held(&self, who: StaffId, asked: HoldApartRequest) -> Result<u64, Option<Refused>> {
        let mut client = DataProtectionServiceClient::new(self.channel.clone());
        let done = client.hold_apart(by(who, asked)).await;
        let done = done.map_err(|status| refused_of(&status))?.into_inner();
        let receipts = done.outcome.expect("an outcome").receipts;
        assert_eq!(receipts[0].event_name, "EndHeld");
        Ok(receipts[0].position)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_who_may_know_of_a_complaint_keeps_it_until_a_day_and_to_others_it_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let id = running.complaint_against(None).await;
    let about_them = running.complaint_against(Some(COORDINATOR)).await;
    let of = |id: &str| What::ComplaintId(id.to_owned());
    // given who may not know of it, and one that never was: the same words
    let unknown = Err(Some(Refused::about(Refusal::NotFound, "complaint")));
    for (who, id) in [
        (STRANGER, id.as_str()),
        (FOCAL, &id),
        (OFFICER, &id),
        (COORDINATOR, &about_them),
        (COORDINATOR, NEVER_WAS),
    ] {
        assert_eq!(running.held(who, hold(of(id), 9)).await, unknown, "{who}");
    }
    // when the coordinator holds it, then it is held until that day, and for longer only
    let about = |refusal, field| Err(Some(Refused::about(refusal, field)));
    let wrong = [hold(of(&id), 0), hold(of(&id), 1828), hold(of(&id), 9_999)];
    for asked in wrong {
        let told = running.held(COORDINATOR, asked).await;
        assert_eq!(told, about(Refusal::TimeInvalid, "until"));
    }
    let asked = hold(of(&id), 9);
    let until = asked.until;
    let at = running.held(COORDINATOR, asked).await.expect("held");
    let sooner = running.held(COORDINATOR, hold(of(&id), 8)).await;
    assert_eq!(sooner, about(Refusal::NothingToDo, "until"));
    let asked = ListComplaintsRequest {
        open_only: false,
        page: Some(common::PageRequest {
            at_least_position: Some(at),
            ..Default::default()
        }),
    };
    let mut client = ComplaintServiceClient::new(running.channel.clone());
    let rows = client.list_complaints(by(COORDINATOR, asked)).await;
    let rows = rows.expect("a list").into_inner().complaints;
    let held: Vec<_> = rows
        .iter()
        .map(|row| row.ends.and_then(|it| it.held_until))
        .collect();
    assert_eq!((rows.len(), held), (1, vec![until]));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_a_referral_from_outside_is_held_by_a_focal_point_and_what_is_not_said_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let id = running.came_in().await;
    let of = || What::IncomingId(id.clone());
    for who in [STRANGER, COORDINATOR, OFFICER] {
        let told = running
            .held(who, hold(of(), 9))
            .await
            .expect_err("not theirs");
        assert_eq!(told.map(|it| it.refusal), Some(Refusal::NotFound), "{who}");
    }
    let told = running
        .held(AUDITOR, hold(of(), 9))
        .await
        .expect_err("only reads");
    assert_eq!(told.map(|it| it.refusal), Some(Refusal::NotAllowed));
    let unsaid = [
        HoldApartRequest {
            what: None,
            ..hold(of(), 9)
        },
        HoldApartRequest {
            until: None,
            ..hold(of(), 9)
        },
        HoldApartRequest {
            reason: 0,
            ..hold(of(), 9)
        },
        hold(What::IncomingId("no id".to_owned()), 9),
    ];
    for asked in unsaid {
        let told = running.held(FOCAL, asked).await.expect_err("not whole");
        assert_eq!(told.map(|it| it.refusal), Some(Refusal::Malformed));
    }
    let at = running.held(FOCAL, hold(of(), 9)).await.expect("held");
    let asked = intake::ListIncomingRequest {
        page: Some(common::PageRequest {
            at_least_position: Some(at),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut desk = IntakeServiceClient::new(running.channel.clone());
    let rows = desk.list_incoming(by(FOCAL, asked)).await;
    let rows = rows.expect("a list").into_inner().incoming;
    let held = |row: &intake::IncomingRecord| row.ends.and_then(|it| it.held_until).is_some();
    assert!(rows.len() == 1 && rows[0].incoming_id == id && held(&rows[0]));
    running.stop().await;
}
