//! Replies: every way in which a file is none, and what one leads to from where a referral stands.

use std::collections::BTreeMap;

use super::sealed::{Opener, seal};
use super::tests::{PACKET, entropy, packet, redigested, replied, reply, signer};
use super::*;
use crate::clock::Timestamp;
use crate::domain::codes::{ReferralReason, ReferralState};
use crate::domain::ids::{OrganisationId, PacketId};
use crate::domain::incoming::ReplyKey;
use crate::golden;
use crate::prove::{Note, VerifierKey};
use crate::refusal::{Refusal, Refused};

const KEY: ReplyKey = ReplyKey([0x5e; 32]);
const NO_PLACE: ReplyState = ReplyState::NotAccepted(ReferralReason::NoCapacity);
const ELSEWHERE: ReplyState = ReplyState::PassedOn(Some(OrganisationId([0x1b; 16])));

/// Signed by the recipient's ledger and sealed as replies are, with this text.
fn saying(text: &str) -> Vec<u8> {
    let theirs = signer("example.org/recipient", 2);
    let note = Note::sign(text, &[&theirs]).unwrap().to_string();
    seal(PACKET, note.as_bytes(), &Opener::Key(&KEY), &mut entropy()).unwrap()
}

/// The text of a reply that was passed on, with something else in it.
fn with(from: &str, to: &str) -> Vec<u8> {
    let text = text();
    assert!(text.contains(from), "{from}");
    saying(&text.replacen(from, to, 1))
}

fn text() -> String {
    let passed_to = OrganisationId([0x1b; 16]);
    let reference = replied(ELSEWHERE).reference;
    format!(
        "referral-ledger packet reply v2\npacket {PACKET}\nreference {reference}\n\
         state passed_on\nreason -\npassed-to {passed_to}\nmade 1795331000000\n"
    )
}

/// As ledgers wrote it before replies said to whom a referral was passed on.
fn first_version(state: &str, reason: &str) -> Vec<u8> {
    let reference = replied(NO_PLACE).reference;
    saying(&format!(
        "referral-ledger packet reply v1\npacket {PACKET}\nreference {reference}\n\
         state {state}\nreason {reason}\nmade 1795331000000\n"
    ))
}

/// Name, what it says or why it says nothing, and the file.
type Vector = (&'static str, Result<ReplyState, PacketError>, Vec<u8>);

fn vectors() -> Vec<Vector> {
    use PacketError::*;
    let whole = reply(ReplyState::Accepted);
    let altered = redigested(whole.clone(), |file| file[70] ^= 1);
    let foreign = signer("example.org/recipient", 3);
    let foreign = replied(NO_PLACE).seal(&KEY, &foreign, &mut entropy());
    let other_key = signer("example.org/recipient", 2);
    let other_key = replied(NO_PLACE).seal(&ReplyKey([0x5f; 32]), &other_key, &mut entropy());
    let declined = ReplyState::NotAccepted(ReferralReason::NoCapacity);
    vec![
        (
            "received",
            Ok(ReplyState::Received),
            reply(ReplyState::Received),
        ),
        ("accepted", Ok(ReplyState::Accepted), whole.clone()),
        ("not_accepted", Ok(declined), reply(NO_PLACE)),
        ("passed_on", Ok(ELSEWHERE), reply(ELSEWHERE)),
        (
            "passed_on_to_nobody",
            Ok(ReplyState::PassedOn(None)),
            reply(ReplyState::PassedOn(None)),
        ),
        (
            "version_1",
            Ok(declined),
            first_version("not_accepted", "no_capacity"),
        ),
        (
            "version_1_passed_on",
            Err(Text),
            first_version("passed_on", "-"),
        ),
        ("version_3", Err(Text), with("reply v2", "reply v3")),
        ("half", Err(CutOff), whole[..whole.len() / 2].to_vec()),
        ("a_packet", Err(OtherKind), packet()),
        ("altered_digest_new", Err(Passphrase), altered),
        ("another_signer", Err(Sender), foreign.unwrap()),
        ("another_reply_key", Err(Passphrase), other_key.unwrap()),
    ]
    .into_iter()
    .chain(badly_written())
    .collect()
}

/// What somebody with the right keys wrote otherwise than the format says.
fn badly_written() -> Vec<Vector> {
    use PacketError::*;
    let other_number = PacketId([0x78; 16]).to_string();
    vec![
        ("unknown_state", Err(Text), with("passed_on", "forgotten")),
        (
            "reason_of_nothing",
            Err(Text),
            with("reason -", "reason no_capacity"),
        ),
        ("no_reason", Err(Text), with("passed_on", "not_accepted")),
        (
            "accepted_and_passed_on",
            Err(Text),
            with("passed_on", "accepted"),
        ),
        (
            "passed_on_to_a_name",
            Err(Text),
            with("passed-to 1b1b", "passed-to clinic"),
        ),
        (
            "capitals",
            Err(Text),
            with("passed-to 1b1b", "passed-to 1B1B"),
        ),
        ("line_missing", Err(Text), with("reason -\n", "")),
        (
            "line_more",
            Err(Text),
            with("reason -\n", "reason -\nnote -\n"),
        ),
        (
            "lines_in_another_order",
            Err(Text),
            with("state passed_on\nreason -\n", "reason -\nstate passed_on\n"),
        ),
        ("time_with_a_sign", Err(Text), with("made 1", "made +1")),
        (
            "another_number_within",
            Err(Text),
            with(&PACKET.to_string(), &other_number),
        ),
    ]
}

#[test]
fn c7_every_vector_of_a_reply_says_what_its_name_says_or_is_refused() {
    let theirs: VerifierKey = signer("example.org/recipient", 2).vkey().parse().unwrap();
    let vectors = vectors();
    let (mut files, mut table) = (BTreeMap::new(), String::new());
    for (name, expected, file) in &vectors {
        let read = Reply::open(file, &KEY, std::slice::from_ref(&theirs));
        let read = read.map(|reply| reply.state);
        assert_eq!(read, *expected, "{name}");
        let code = expected.map_or_else(
            |error| {
                let refused = error.refused_reply();
                let about = refused.about.map(|about| format!(" {about}"));
                format!("{}{}", refused.refusal.code(), about.unwrap_or_default())
            },
            |state| format!("ok {}", state.code()),
        );
        table.push_str(&format!("{name} {code}\n"));
        files.insert(format!("{name}.reply"), file.clone());
    }
    let kind = |read: &Result<_, _>| if read.is_ok() { "ok" } else { "bad" };
    golden::mostly_bad(
        vectors.iter().map(|(name, read, _)| (*name, kind(read))),
        16,
    );
    files.insert("expected.txt".to_owned(), table.into_bytes());
    files.insert(
        "reply-key.txt".to_owned(),
        format!("{}\n", "5e".repeat(32)).into_bytes(),
    );
    let vkey = signer("example.org/recipient", 2).vkey();
    files.insert(
        "recipient.vkey".to_owned(),
        format!("{vkey}\n").into_bytes(),
    );
    golden::holds_only("reply", files);
}

#[test]
fn c7_why_a_reply_is_refused_is_said_to_who_sent_the_referral() {
    let refused = PacketError::Sender.refused_reply();
    assert_eq!(refused, Refused::about(Refusal::PacketSender, "reply"));
    // Nobody says a passphrase: what the reply key does not open was altered.
    let refused = PacketError::Passphrase.refused_reply();
    assert_eq!(
        refused,
        Refused::about(Refusal::PacketUnreadable, "altered")
    );
}

const SENT: Timestamp = Timestamp(1_000);

/// A reply that was made then, to what stands so since.
fn heard(stands: ReferralState, says: ReplyState, (made, last): (u64, Option<u64>)) -> Heard {
    let mut reply = replied(says);
    reply.made = Timestamp(made);
    Heard {
        reply,
        stands,
        sent: Some(SENT),
        last: last.map(Timestamp),
    }
}

#[test]
fn c7_a_word_of_the_recipient_leads_on_the_ordinary_road() {
    use ReferralState::{Accepted, Received, Sent};
    let no = ReferralReason::NoCapacity;
    let elsewhere = ReferralReason::WrongService;
    for (stands, says, step) in [
        (Sent, ReplyState::Received, Step::Receive),
        (Sent, ReplyState::Accepted, Step::Accept),
        (Received, NO_PLACE, Step::Decline(no)),
        (Received, ELSEWHERE, Step::Decline(elsewhere)),
        (Accepted, NO_PLACE, Step::Fail(no)),
        (Accepted, ELSEWHERE, Step::Fail(elsewhere)),
    ] {
        let newer = heard(stands, says, (2_000, Some(1_500)));
        assert_eq!(newer.step(), Ok(step), "{stands:?} {says:?}");
    }
}

#[test]
fn c7_not_taken_after_all_is_told_from_a_reply_that_was_on_the_road_for_long() {
    let older = heard(ReferralState::Accepted, NO_PLACE, (1_400, Some(1_500)));
    let expected = Refused::about(Refusal::ReplyOlder, "no_capacity");
    assert_eq!(older.step(), Err(expected));
    // Made in the same moment it is not later either.
    let same = heard(ReferralState::Accepted, NO_PLACE, (1_500, Some(1_500)));
    assert!(same.step().is_err());
}

#[test]
fn c7_what_nothing_follows_from_is_said_as_it_is() {
    use ReferralState::{Accepted, Completed, NotAccepted, NotCompleted, RecallAsked, Stopped};
    use Refusal::{ReplyAgainst, ReplyOlder, ReplyRecorded};
    let newer = (2_000, Some(1_500));
    let older = (1_400, Some(1_500));
    for (stands, says, times, refusal) in [
        (Accepted, ReplyState::Accepted, newer, ReplyRecorded),
        (Accepted, ReplyState::Received, older, ReplyOlder),
        (NotAccepted, NO_PLACE, older, ReplyRecorded),
        (NotCompleted, ELSEWHERE, older, ReplyRecorded),
        (NotAccepted, ReplyState::Accepted, older, ReplyOlder),
        (NotAccepted, ReplyState::Accepted, newer, ReplyAgainst),
        (Completed, NO_PLACE, newer, ReplyAgainst),
        (RecallAsked, NO_PLACE, newer, ReplyAgainst),
        (Stopped, ReplyState::Accepted, (2_000, None), ReplyAgainst),
    ] {
        let refused = heard(stands, says, times).leads_nowhere();
        assert_eq!(refused, Refused::about(refusal, says.code()), "{stands:?}");
    }
}

#[test]
fn c7_when_a_reply_was_made_is_when_its_step_happened_where_that_can_be() {
    let occurred = |made| {
        let heard = heard(ReferralState::Sent, ReplyState::Accepted, (made, None));
        heard.occurred(Timestamp(3_000)).map(|at| at.0)
    };
    assert_eq!(occurred(2_000), Some(2_000));
    assert_eq!(occurred(1_000), Some(1_000));
    assert_eq!(occurred(3_000), Some(3_000));
    assert_eq!(occurred(3_001), None, "not in the future");
    assert_eq!(occurred(999), None, "not before it was sent");
}
