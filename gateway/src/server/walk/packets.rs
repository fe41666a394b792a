//! Two ledgers of two organisations, each behind its own socket: a referral goes over in a file,
//! and where it stands comes back in another (MISSION C3, C7).

use ledger::organisation::DEFAULT_ORGANISATION;
use ledger::packet::{Letter, packet_of};
use proto::intake::v1 as intake;

use super::*;

/// What the recipient's ledger calls the organisation that sends.
const SENDER: OrganisationId = OrganisationId([0x0d; 16]);
/// Works with people, and sends nothing.
const FRONT: StaffId = StaffId([0x0f; 16]);

/// A ledger that was made and is closed again, and its verifier key.
fn made(folder: &Path) -> String {
    let (data, vault) = (folder.join("data"), folder.join("vault"));
    init(&InitOptions {
        data: data.clone(),
        vault: vault.clone(),
        origin: "test.invalid/log".to_owned(),
        test_tier: true,
        protection: Protection::default(),
        organisation: None,
    })
    .expect("a new ledger");
    let ledger = Ledger::open(OpenOptions::of(data, vault)).expect("opened");
    found(&ledger);
    let key = ledger.vkey();
    ledger.close().expect("closed");
    key
}

/// The same ledger running, with a file that names another one's key.
async fn knowing(folder: &Path, entry: &str) -> Running {
    let file = DEFAULT_ORGANISATION.replacen("version = 1", "version = 2", 1);
    by_file(folder, format!("{file}[[exchange]]\n{entry}")).await
}

async fn by_file(folder: &Path, file: String) -> Running {
    let mut options = OpenOptions::of(folder.join("data"), folder.join("vault"));
    options.organisation = Some(file);
    let ledger = Ledger::open(options).expect("opened");
    let running = serving(ledger, false).await;
    running.staff_and_service().await;
    running
}

/// The recipient's ledger, by the key and as the sender's directory calls it.
fn recipient(vkey: &str) -> String {
    format!("organisation = \"{CLINIC}\"\nvkey = \"{vkey}\"\n")
}

/// The sender's ledger, which calls itself as the recipient does itself.
fn sender(vkey: &str) -> String {
    format!("organisation = \"{SENDER}\"\nvkey = \"{vkey}\"\ncalls_itself = \"{OWN}\"\n")
}

/// What the sender's directory calls the recipient.
fn calls_us() -> String {
    format!("calls_us = [{{ organisation = \"{OWN}\", as = \"{CLINIC}\" }}]\n")
}

/// Both, knowing of each other.
async fn both(from: &Path, to: &Path) -> (Running, Running) {
    let (ours, theirs) = (made(from), made(to));
    let one = knowing(from, &recipient(&theirs)).await;
    let other = knowing(to, &(sender(&ours) + &calls_us())).await;
    (one, other)
}

fn make(referral_id: &str) -> referral::MakePacketRequest {
    referral::MakePacketRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
    }
}

fn take(note: String) -> intake::TakePacketRequest {
    intake::TakePacketRequest {
        meta: meta(),
        note,
        channel: common::Channel::Email.into(),
    }
}

fn reply_of(incoming_id: &str) -> intake::MakeReplyRequest {
    intake::MakeReplyRequest {
        meta: meta(),
        incoming_id: incoming_id.to_owned(),
        channel: common::Channel::Email.into(),
    }
}

fn back(referral_id: &str, reply: Vec<u8>) -> referral::TakeReplyRequest {
    referral::TakeReplyRequest {
        meta: meta(),
        referral_id: referral_id.to_owned(),
        reply,
    }
}

fn decide(incoming_id: &str, taken: bool) -> intake::DecideIncomingRequest {
    let (decision, reason) = match taken {
        true => (common::IncomingDecision::Taken, None),
        false => (
            common::IncomingDecision::NotTaken,
            Some(common::ReferralReason::NoCapacity.into()),
        ),
    };
    intake::DecideIncomingRequest {
        meta: meta(),
        incoming_id: incoming_id.to_owned(),
        decision: decision.into(),
        reason,
        passed_to_id: None,
    }
}

impl Running {
    fn sending(&self) -> ReferralServiceClient<Channel> {
        ReferralServiceClient::new(self.channel.clone())
    }

    fn receiving(&self) -> IntakeServiceClient<Channel> {
        IntakeServiceClient::new(self.channel.clone())
    }

    async fn packet(&self, referral_id: &str) -> referral::MakePacketResponse {
        let made = self
            .sending()
            .make_packet(by(FOCAL, make(referral_id)))
            .await;
        made.expect("made").into_inner()
    }

    /// Opens a packet as its recipient does, and takes it in.
    async fn taken(&self, made: &referral::MakePacketResponse) -> String {
        let letter = Letter::open(&made.packet, &made.passphrase).expect("opened");
        let taken = self
            .receiving()
            .take_packet(by(FOCAL, take(letter.note)))
            .await;
        taken.expect("taken in").into_inner().incoming_id
    }

    async fn reply(&self, incoming_id: &str) -> intake::MakeReplyResponse {
        let made = self
            .receiving()
            .make_reply(by(FOCAL, reply_of(incoming_id)))
            .await;
        made.expect("a reply").into_inner()
    }

    async fn assessed_and_decided(&self, incoming_id: &str, taken: bool) {
        let assess = intake::AssessIncomingRequest {
            meta: meta(),
            incoming_id: incoming_id.to_owned(),
            finding: common::IncomingFinding::WithinScope.into(),
            urgency: None,
        };
        let assessed = self.receiving().assess_incoming(by(FOCAL, assess)).await;
        assessed.expect("assessed");
        let decided = self
            .receiving()
            .decide_incoming(by(FOCAL, decide(incoming_id, taken)))
            .await;
        decided.expect("decided");
    }

    async fn state_after(&self, referral_id: &str, reply: Vec<u8>) -> common::ReferralState {
        let taken = self
            .sending()
            .take_reply(by(FOCAL, back(referral_id, reply)))
            .await;
        taken.expect("taken in").into_inner().state()
    }

    async fn refused_reply(&self, referral_id: &str, reply: Vec<u8>) -> Refused {
        let refused = self
            .sending()
            .take_reply(by(FOCAL, back(referral_id, reply)))
            .await;
        refused_of(&refused.expect_err("refused")).expect("a refusal")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_referral_goes_over_in_a_file_and_its_status_comes_back_in_another() {
    let (sender, recipient) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let (ours, theirs) = both(sender.path(), recipient.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let made = ours.packet(&referral_id).await;
    let outcome = made.outcome.as_ref().expect("an outcome");
    assert_eq!(outcome.receipts[0].event_name, "PersonalDataSeen");
    assert_eq!(made.file_name, format!("{}.packet", made.packet_id));
    let number = packet_of(&made.packet).expect("a packet");
    assert_eq!(number.to_string(), made.packet_id);

    let letter = Letter::open(&made.packet, &made.passphrase).expect("opened");
    let shown: Vec<_> = letter
        .items
        .iter()
        .map(|item| item.category.code())
        .collect();
    assert!(!shown.is_empty());
    assert_eq!(letter.sent.service.to_string(), SERVICE);
    let incoming_id = theirs.taken(&made).await;

    // Nothing of it was decided yet: it came, and that is all that is told.
    let came = theirs.reply(&incoming_id).await;
    assert!(came.outcome.is_none());
    let state = ours.state_after(&referral_id, came.reply.clone()).await;
    assert_eq!(state, common::ReferralState::Received);
    theirs.assessed_and_decided(&incoming_id, true).await;
    let accepted = theirs.reply(&incoming_id).await;
    let told = accepted
        .outcome
        .expect("that the sender was told is recorded");
    assert_eq!(told.receipts[0].event_name, "IncomingAnswered");
    let state = ours.state_after(&referral_id, accepted.reply.clone()).await;
    assert_eq!(state, common::ReferralState::Accepted);

    // The same once more, and an older one, change nothing.
    let (recorded, older) = (Refusal::ReplyRecorded, Refusal::ReplyOlder);
    let again = ours.refused_reply(&referral_id, accepted.reply).await;
    assert_eq!(again, Refused::about(recorded, "accepted"));
    let before = ours.refused_reply(&referral_id, came.reply).await;
    assert_eq!(before, Refused::about(older, "received"));
    // A reply can be made again; that was told is recorded once.
    assert!(theirs.reply(&incoming_id).await.outcome.is_none());
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_what_is_declined_elsewhere_comes_back_with_its_reason_in_one_step() {
    let (sender, recipient) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let (ours, theirs) = both(sender.path(), recipient.path()).await;
    let (_, referral_id) = ours.sent_referral().await;
    let (_, another) = ours.sent_referral().await;
    let made = ours.packet(&referral_id).await;
    let incoming_id = theirs.taken(&made).await;
    theirs.assessed_and_decided(&incoming_id, false).await;
    let declined = theirs.reply(&incoming_id).await.reply;

    let of_another = Refused::from(Refusal::PacketOfAnother);
    let refused = ours.refused_reply(&another, declined.clone()).await;
    assert_eq!(refused, of_another);
    let cut = declined[..declined.len() - 1].to_vec();
    let refused = ours.refused_reply(&referral_id, cut).await;
    assert_eq!(
        refused,
        Refused::about(Refusal::PacketUnreadable, "cut_off")
    );
    let refused = ours.refused_reply(&referral_id, made.packet.clone()).await;
    assert_eq!(
        refused,
        Refused::about(Refusal::PacketUnreadable, "other_kind")
    );
    let not_theirs = ours
        .sending()
        .take_reply(by(STRANGER, back(&referral_id, declined.clone())))
        .await;
    let not_theirs = refusal(&not_theirs.expect_err("not theirs"));
    assert_eq!(not_theirs, Some(Refusal::NotFound));

    // It was sent and never said to be received: both are recorded.
    let state = ours.state_after(&referral_id, declined).await;
    assert_eq!(state, common::ReferralState::NotAccepted);
    ours.stop().await;
    theirs.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c3_a_packet_is_made_of_a_sent_referral_by_who_sends_and_opens_with_its_passphrase_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(FRONT, OWN, common::Role::FrontLine).await;
    let (_, unsent) = running.reviewed_referral().await;
    let refused = running
        .sending()
        .make_packet(by(FOCAL, make(&unsent)))
        .await;
    let expected = Refused::about(Refusal::ReferralState, "reviewed");
    assert_eq!(refused_of(&refused.expect_err("not sent")), Some(expected));
    let (opened, referral_id) = running.sent_referral().await;
    for nobody in [FRONT, PROVIDER, AUDITOR, COORDINATOR] {
        let refused = running
            .sending()
            .make_packet(by(nobody, make(&referral_id)))
            .await;
        assert!(refused.is_err(), "{nobody}");
    }
    let (one, other) = (
        running.packet(&referral_id).await,
        running.packet(&referral_id).await,
    );
    assert_ne!(one.passphrase, other.passphrase);
    assert_ne!(one.packet_id, other.packet_id);
    assert!(Letter::open(&one.packet, &other.passphrase).is_err());
    assert!(Letter::open(&one.packet, &one.passphrase).is_ok());
    let shown = format!("{one:?}");
    assert!(!shown.contains(&opened.case_id) && !shown.contains(&opened.client_code));
    // Both openings are on record, as handed over.
    let mut audit = AuditServiceClient::new(running.channel.clone());
    let asked = proto::audit::v1::ListDisclosuresRequest {
        case_id: opened.case_id.clone(),
        page: None,
    };
    let listed = audit.list_disclosures(by(AUDITOR, asked)).await;
    let listed = format!("{:?}", listed.expect("a list").into_inner());
    assert_eq!(listed.matches("\"packet\"").count(), 2, "{listed}");

    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: opened.case_id.clone(),
        ..Default::default()
    };
    let mut data = DataProtectionServiceClient::new(running.channel.clone());
    data.withdraw_consent(by(FOCAL, withdraw))
        .await
        .expect("withdrawn");
    let refused = running
        .sending()
        .make_packet(by(FOCAL, make(&referral_id)))
        .await;
    assert!(refused.is_err(), "nothing covers it any more");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_packet_is_taken_in_once_from_a_known_ledger_and_leaves_no_word_behind() {
    let (sender, recipient, third) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let (ours, theirs) = both(sender.path(), recipient.path()).await;
    let unknowing = start(third.path(), false).await;
    unknowing.staff_and_service().await;
    let (_, referral_id) = ours.sent_referral().await;
    let made = ours.packet(&referral_id).await;
    let letter = Letter::open(&made.packet, &made.passphrase).expect("opened");

    let unknown = unknowing
        .receiving()
        .take_packet(by(FOCAL, take(letter.note.clone())))
        .await;
    let unknown = refusal(&unknown.expect_err("an unknown sender"));
    assert_eq!(unknown, Some(Refusal::PacketSender));
    let changed = letter.note.replacen("consent said", "consent shown", 1);
    let changed = theirs
        .receiving()
        .take_packet(by(FOCAL, take(changed)))
        .await;
    let changed = refusal(&changed.expect_err("another text"));
    assert_eq!(changed, Some(Refusal::PacketSender));
    for nobody in [PROVIDER, AUDITOR, COORDINATOR] {
        let note = letter.note.clone();
        let refused = theirs.receiving().take_packet(by(nobody, take(note))).await;
        let refused = refusal(&refused.expect_err("not theirs"));
        assert_eq!(refused, Some(Refusal::NotAllowed), "{nobody}");
    }
    let incoming_id = theirs.taken(&made).await;
    let again = theirs
        .receiving()
        .take_packet(by(FOCAL, take(letter.note.clone())))
        .await;
    let again = refusal(&again.expect_err("once"));
    assert_eq!(again, Some(Refusal::PacketTaken));
    let listed = theirs
        .receiving()
        .list_incoming(by(FOCAL, intake::ListIncomingRequest::default()))
        .await;
    let listed = listed.expect("a list").into_inner().incoming;
    assert_eq!((listed.len(), &listed[0].incoming_id), (1, &incoming_id));
    let reference = letter.sent.reference.to_string().to_uppercase();
    assert_eq!(listed[0].reference.as_deref(), Some(reference.as_str()));

    for nobody in [AUDITOR, PROVIDER, COORDINATOR] {
        let refused = theirs
            .receiving()
            .make_reply(by(nobody, reply_of(&incoming_id)))
            .await;
        let refused = refusal(&refused.expect_err("not theirs"));
        assert_eq!(refused, Some(Refusal::NotAllowed), "{nobody}");
    }
    let elsewhere = theirs
        .receiving()
        .make_reply(by(STRANGER, reply_of(&incoming_id)))
        .await;
    let elsewhere = refusal(&elsewhere.expect_err("another organisation's"));
    assert_eq!(elsewhere, Some(Refusal::NotFound));
    for running in [ours, theirs, unknowing] {
        running.stop().await;
    }
}

mod replies;
