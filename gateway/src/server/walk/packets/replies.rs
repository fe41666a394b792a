//! What comes back changes, comes twice, or goes to somebody else (MISSION C3, C7).

use super::*;

impl Running {
    async fn decided(&self, it: intake::DecideIncomingRequest) -> Result<(), Refused> {
        let decided = self.receiving().decide_incoming(by(FOCAL, it)).await;
        let refused = |status| refused_of(&status).expect("a refusal");
        decided.map(drop).map_err(refused)
    }

    async fn heard(&self, referral_id: &str, reply: Vec<u8>) -> referral::TakeReplyResponse {
        let mut sending = self.sending();
        let taken = sending.take_reply(by(FOCAL, back(referral_id, reply)));
        taken.await.expect("taken in").into_inner()
    }

    async fn refused_packet(&self, who: StaffId, note: &str) -> Option<Refusal> {
        let taking = take(note.to_owned());
        let refused = self.receiving().take_packet(by(who, taking)).await;
        refusal(&refused.expect_err("refused"))
    }

    /// A packet that came, and what it was taken in as.
    async fn came(&self, theirs: &Self, referral_id: &str) -> String {
        let made = self.packet(referral_id).await;
        theirs.taken(&made).await
    }
}

fn folders() -> [tempfile::TempDir; 2] {
    [(); 2].map(|()| tempfile::tempdir().expect("a folder"))
}

fn events(outcome: Option<&common::Outcome>) -> Vec<&str> {
    let receipts = outcome.expect("an outcome").receipts.iter();
    receipts.map(|one| one.event_name.as_str()).collect()
}

fn passed_on(incoming_id: &str, to: OrganisationId) -> intake::DecideIncomingRequest {
    intake::DecideIncomingRequest {
        decision: common::IncomingDecision::PassedOn.into(),
        passed_to_id: Some(to.to_string()),
        ..decide(incoming_id, true)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_not_taken_after_all_reaches_who_sent_the_referral_with_its_reason() {
    let [from, to] = folders();
    let (ours, theirs) = both(from.path(), to.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let incoming_id = ours.came(&theirs, &referral_id).await;
    theirs.assessed_and_decided(&incoming_id, true).await;
    let accepted = theirs.reply(&incoming_id).await.reply;
    ours.heard(&referral_id, accepted.clone()).await;

    theirs
        .decided(decide(&incoming_id, false))
        .await
        .expect("decided");
    let not_after_all = theirs.reply(&incoming_id).await.reply;
    let heard = ours.heard(&referral_id, not_after_all.clone()).await;
    assert_eq!(heard.state(), common::ReferralState::NotCompleted);
    assert_eq!(heard.reason(), common::ReferralReason::NoCapacity);
    assert_eq!(events(heard.outcome.as_ref()), ["ReferralNotCompleted"]);
    let again = ours.refused_reply(&referral_id, not_after_all).await;
    let recorded = Refused::about(Refusal::ReplyRecorded, "no_capacity");
    assert_eq!(again, recorded);
    let older = ours.refused_reply(&referral_id, accepted).await;
    assert_eq!(older, Refused::about(Refusal::ReplyOlder, "accepted"));
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_reply_in_two_steps_shows_both_receipts_and_is_asked_for_again_as_one() {
    let [from, to] = folders();
    let (ours, theirs) = both(from.path(), to.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let incoming_id = ours.came(&theirs, &referral_id).await;
    theirs.assessed_and_decided(&incoming_id, false).await;
    let declined = theirs.reply(&incoming_id).await.reply;
    let asked = back(&referral_id, declined);
    let mut answers = Vec::new();
    for repeated in [false, true] {
        let taken = ours.sending().take_reply(by(FOCAL, asked.clone())).await;
        let mut outcome = taken.expect("taken in").into_inner().outcome;
        let outcome = outcome.take().expect("an outcome");
        assert_eq!(outcome.repeated, repeated);
        answers.push(outcome.receipts);
    }
    let both = ["ReferralReceived", "ReferralNotAccepted"];
    let names = answers[0].iter().map(|one| one.event_name.as_str());
    assert!(names.eq(both), "{answers:?}");
    let positions = |of: &[common::Receipt]| of.iter().map(|it| it.position).collect::<Vec<_>>();
    assert_eq!(positions(&answers[0]), positions(&answers[1]));
    // Another reply under the same name is refused, and not mixed up with it.
    let mut other = asked;
    other.referral_id = ours.sent_referral().await.1;
    let refused = ours.sending().take_reply(by(FOCAL, other)).await;
    let refused = refusal(&refused.expect_err("of another"));
    assert_eq!(refused, Some(Refusal::PacketOfAnother));
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_packet_is_taken_in_by_the_organisation_that_it_is_for_and_by_no_other() {
    let [from, to] = folders();
    let third = tempfile::tempdir().expect("a folder");
    let (vkey, reply_key) = (made(from.path()), made(to.path()));
    made(third.path());
    let ours = knowing(from.path(), &recipient(&reply_key)).await;
    let theirs = knowing(to.path(), &(sender(&vkey) + &calls_us())).await;
    // It knows the sender, and is not whom the packet is for.
    let elsewhere = knowing(third.path(), &sender(&vkey)).await;
    let (_, referral_id) = ours.sent_referral().await;
    let made = ours.packet(&referral_id).await;
    let note = Letter::open(&made.packet, &made.passphrase)
        .expect("opened")
        .note;
    let wrong = Some(Refusal::PacketRecipient);
    assert_eq!(elsewhere.refused_packet(FOCAL, &note).await, wrong);
    // Another organisation of the right ledger is refused before and after it came.
    assert_eq!(theirs.refused_packet(STRANGER, &note).await, wrong);
    theirs.taken(&made).await;
    assert_eq!(theirs.refused_packet(STRANGER, &note).await, wrong);
    let taken = Some(Refusal::PacketTaken);
    assert_eq!(theirs.refused_packet(FOCAL, &note).await, taken);
    for running in [ours, theirs, elsewhere] {
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_second_packet_of_a_referral_makes_no_second_one_and_its_reply_counts() {
    let [from, to] = folders();
    let (ours, theirs) = both(from.path(), to.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let first = ours.came(&theirs, &referral_id).await;
    let made = ours.packet(&referral_id).await;
    let note = Letter::open(&made.packet, &made.passphrase)
        .expect("opened")
        .note;
    let again = theirs.receiving().take_packet(by(FOCAL, take(note))).await;
    let again = again.expect("taken in").into_inner();
    assert_eq!(
        (again.incoming_id, again.came_before),
        (first.clone(), true)
    );
    assert_eq!(events(again.outcome.as_ref()), ["PacketTaken"]);
    let listed = intake::ListIncomingRequest::default();
    let listed = theirs.receiving().list_incoming(by(FOCAL, listed)).await;
    assert_eq!(listed.expect("a list").into_inner().incoming.len(), 1);

    theirs.assessed_and_decided(&first, true).await;
    let reply = theirs.reply(&first).await;
    assert_eq!(reply.file_name, format!("{}.reply", made.packet_id));
    let heard = ours.heard(&referral_id, reply.reply).await;
    assert_eq!(heard.state(), common::ReferralState::Accepted);
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_who_takes_such_referrals_is_known_here_and_the_sender_hears_of_it() {
    let [from, to] = folders();
    let (ours, theirs) = both(from.path(), to.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let incoming_id = ours.came(&theirs, &referral_id).await;
    let assess = intake::AssessIncomingRequest {
        meta: meta(),
        incoming_id: incoming_id.clone(),
        finding: common::IncomingFinding::OutOfScope.into(),
        urgency: None,
    };
    let assessed = theirs.receiving().assess_incoming(by(FOCAL, assess)).await;
    assessed.expect("assessed");
    let nobody = passed_on(&incoming_id, OrganisationId([0x99; 16]));
    let unknown = Refused::about(Refusal::NotFound, "passed_to_id");
    assert_eq!(theirs.decided(nobody).await, Err(unknown));
    let known = theirs.decided(passed_on(&incoming_id, CLINIC)).await;
    known.expect("a service of it is in the directory");

    let asked = reply_of(&incoming_id);
    let mut outcomes = Vec::new();
    for repeated in [false, true] {
        let made = theirs
            .receiving()
            .make_reply(by(FOCAL, asked.clone()))
            .await;
        let outcome = made.expect("a reply").into_inner().outcome;
        assert_eq!(outcome.as_ref().map(|it| it.repeated), Some(repeated));
        let receipts = outcome.expect("an outcome").receipts;
        outcomes.push(receipts.iter().map(|it| it.position).collect::<Vec<_>>());
    }
    assert_eq!(outcomes[0], outcomes[1]);
    let reply = theirs.reply(&incoming_id).await.reply;
    // Answered by now: nothing is recorded, and another version in view is refused all the same.
    let mut expecting = reply_of(&incoming_id);
    let seen = expecting.meta.as_mut().expect("meta");
    seen.expected_version = Some(1);
    let conflict = theirs.receiving().make_reply(by(FOCAL, expecting)).await;
    let conflict = refused_of(&conflict.expect_err("another version"));
    let expected = Refused::about(Refusal::VersionConflict, "5");
    assert_eq!(conflict, Some(expected));

    let heard = ours.heard(&referral_id, reply).await;
    assert_eq!(heard.state(), common::ReferralState::NotAccepted);
    assert_eq!(heard.reason(), common::ReferralReason::WrongService);
    let passed_to = Some(CLINIC.to_string());
    assert_eq!((heard.passed_on, heard.passed_to_id), (true, passed_to));
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c3_a_packet_leaves_under_the_agreement_that_the_file_wants_and_not_without() {
    let folder = tempfile::tempdir().expect("a folder");
    made(folder.path());
    let file = DEFAULT_ORGANISATION.replacen("version = 1", "version = 2", 1);
    let wanted = file.replacen(
        "agreement = \"not_required\"",
        "agreement = \"required\"",
        1,
    );
    assert_ne!(file, wanted);
    let running = by_file(folder.path(), wanted).await;
    let mut directory = DirectoryServiceClient::new(running.channel.clone());
    let member = directory::RecordMemberRequest {
        meta: meta(),
        organisation_id: CLINIC.to_string(),
        membership: Some(directory::Membership {
            name: "Invented helpers".to_owned(),
            roles: vec![common::MechanismRole::Serves.into()],
            since: "2020-01-01".to_owned(),
            focal_point: "Desk".to_owned(),
            ..Default::default()
        }),
    };
    let recorded = directory.record_member(by(COORDINATOR, member)).await;
    recorded.expect("a member");
    let agreement = |until: Option<&str>| directory::RecordAgreementRequest {
        meta: meta(),
        organisation_id: CLINIC.to_string(),
        agreement_id: "3b0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18".to_owned(),
        agreement: Some(directory::Agreement {
            kind: common::AgreementKind::DataSharing.into(),
            party_ids: vec![OWN.to_string()],
            starts: "2020-01-01".to_owned(),
            ends: until.map(str::to_owned),
            ..Default::default()
        }),
    };
    let agreed = directory
        .record_agreement(by(COORDINATOR, agreement(None)))
        .await;
    agreed.expect("agreed");
    let (_, referral_id) = running.sent_referral().await;
    running.packet(&referral_id).await;
    let over = directory
        .record_agreement(by(COORDINATOR, agreement(Some("2020-12-31"))))
        .await;
    over.expect("ended");
    let again = make(&referral_id);
    let refused = running.sending().make_packet(by(FOCAL, again)).await;
    let refused = refusal(&refused.expect_err("no agreement"));
    assert_eq!(refused, Some(Refusal::AgreementMissing));
    running.stop().await;
}
