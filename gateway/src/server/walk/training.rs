//! What a lapse of training stops, and what it never stops.

use ledger::organisation::DEFAULT_ORGANISATION;
use proto::admin::v1::RecordTrainingRequest;

use super::*;

async fn trained(running: &Running, by_whom: StaffId, on: String) -> Result<(), Status> {
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let record = RecordTrainingRequest {
        meta: meta(),
        staff_id: FOCAL.to_string(),
        training: common::Training::CodeOfConduct.into(),
        on,
    };
    let recorded = admin.record_training(by(by_whom, record)).await;
    recorded.map(drop)
}

fn days_from_now(days: i64) -> String {
    let ms = days * i64::try_from(ledger::clock::DAY_MS).expect("a day");
    let now = SystemClock.now().0.checked_add_signed(ms).expect("a time");
    crate::wire::time::day_to_wire(ledger::clock::Timestamp(now).day())
}

#[tokio::test(flavor = "multi_thread")]
async fn e10_who_let_the_code_of_conduct_lapse_records_nobody_and_protects_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let wanted = ("# code_of_conduct_months", "code_of_conduct_months");
    let file = DEFAULT_ORGANISATION.replace(wanted.0, wanted.1);
    let running = start_with(folder.path(), false, Some(file)).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let lapsed = |status: Status| {
        assert_eq!(status.code(), Code::FailedPrecondition);
        refusal(&status) == Some(Refusal::TrainingLapsed)
    };
    let unsigned = intake.open_case(by(FOCAL, open_case())).await;
    assert!(lapsed(unsigned.expect_err("nothing is on record")));
    // Nobody for themselves, nobody of the front line, no day that is to come.
    for caller in [FOCAL, PROVIDER, STRANGER, AUDITOR] {
        let refused = trained(&running, caller, days_from_now(0)).await;
        let told = refusal(&refused.expect_err("not theirs to say")).expect("a refusal");
        assert!(
            matches!(told, Refusal::NotAllowed | Refusal::NotFound),
            "{caller}"
        );
    }
    let early = trained(&running, FOUNDER, days_from_now(2)).await;
    let early = early.expect_err("that day is to come");
    assert_eq!(refusal(&early), Some(Refusal::TimeInvalid));
    let old = trained(&running, FOUNDER, days_from_now(-500)).await;
    old.expect("recorded");
    let long_ago = intake.open_case(by(FOCAL, open_case())).await;
    assert!(lapsed(long_ago.expect_err("it holds for a year")));
    // A count without a person is no recording of anybody, and an emergency does not wait.
    let need = NoteUnmetNeedRequest {
        meta: meta(),
        need: 1,
        ..Default::default()
    };
    let noted = intake.note_unmet_need(by(FOCAL, need)).await;
    noted.expect("counted");

    // Whoever signed nothing takes a withdrawal all the same, and nobody's consent.
    let unsigned = StaffId([0x31; 16]);
    running.employ(unsigned, OWN, common::Role::FrontLine).await;
    let renewed = trained(&running, FOUNDER, days_from_now(0)).await;
    renewed.expect("recorded");
    let (case, _) = running.sent_referral().await;
    let older = trained(&running, FOUNDER, days_from_now(-1)).await;
    let older = older.expect_err("it takes nothing away");
    assert_eq!(refusal(&older), Some(Refusal::NothingToDo));
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let opened = intake.open_case(by(unsigned, open_case())).await;
    assert!(lapsed(opened.expect_err("nothing is on record")));
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: case.case_id,
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    let withdrawn = protection.withdraw_consent(by(unsigned, withdraw)).await;
    withdrawn.expect("withdrawn");
    running.stop().await;
}
