//! Packets and replies: what opens them, and every way in which a file is none.

use std::collections::BTreeMap;

use super::letter::{seal, words};
use super::make::Secrets;
use super::*;
use crate::clock::{Entropy, Timestamp};
use crate::domain::codes::{ConsentClaim, DataCategory, ReferralReason, Urgency};
use crate::domain::ids::{OrganisationId, OutwardReference, PacketId, ServiceId};
use crate::domain::incoming::ReplyKey;
use crate::domain::personal::{Item, Text};
use crate::golden;
use crate::keys::testing::SeededEntropy;
use crate::keys::{Key, Signer};
use crate::organisation::{DEFAULT_ORGANISATION, Organisation};
use crate::prove::{Note, VerifierKey};
use sha2::{Digest, Sha256};

pub(super) const PACKET: PacketId = PacketId([0x77; 16]);
const SAID: &str = "0123-4567-89AB-CDEF-GHJK-MNPQ";

pub(super) fn signer(name: &str, seed: u64) -> Signer {
    let mut entropy = SeededEntropy::new(seed);
    Signer::new(name, &Key::generate(&mut entropy)).unwrap()
}

pub(super) fn ours() -> Signer {
    signer("example.org/sender", 1)
}

pub(super) fn items() -> Vec<Item> {
    let item = |category, text: &str| Item {
        category,
        text: Text::new(text.to_owned()),
    };
    vec![
        item(DataCategory::Needs, "a bed\nfor two nights"),
        item(DataCategory::Identity, "Amina (invented)"),
    ]
}

pub(super) fn sent(items: &[Item]) -> Sent {
    Sent {
        packet: PACKET,
        organisation: OrganisationId([0x0a; 16]),
        recipient: OrganisationId([0x0b; 16]),
        service: ServiceId([0x0c; 16]),
        service_name: "An invented clinic".to_owned(),
        reference: OutwardReference([0x0d; 16]),
        urgency: Urgency::Urgent,
        consent: ConsentClaim::Said,
        sent: Timestamp(1_795_330_800_000),
        acknowledge_by: Timestamp(1_795_417_200_000),
        follow_up: "phone 2026-12-01 reached,reason".to_owned(),
        reply_key: ReplyKey([0x5e; 32]),
        words: Sha256::digest(words(items).as_bytes()).into(),
    }
}

pub(super) fn entropy() -> SeededEntropy {
    SeededEntropy::new(9)
}

pub(super) fn packet() -> Vec<u8> {
    let note = sent(&items()).sign(&ours()).unwrap();
    let spoken = Spoken::typed(SAID).unwrap();
    seal((PACKET, &note), &words(&items()), &spoken, &mut entropy()).unwrap()
}

pub(super) fn replied(state: ReplyState) -> Reply {
    Reply {
        packet: PACKET,
        reference: OutwardReference([0x0d; 16]),
        state,
        made: Timestamp(1_795_331_000_000),
    }
}

pub(super) fn reply(state: ReplyState) -> Vec<u8> {
    let theirs = signer("example.org/recipient", 2);
    let key = ReplyKey([0x5e; 32]);
    replied(state).seal(&key, &theirs, &mut entropy()).unwrap()
}

/// The digest at the end made anew, as whoever alters a file would.
pub(super) fn redigested(mut file: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    file.truncate(file.len() - 32);
    change(&mut file);
    let digest = Sha256::digest(&file);
    file.extend_from_slice(&digest);
    file
}

/// Sealed with the right passphrase over other contents.
fn holding(note: &str, words: &str) -> Vec<u8> {
    let spoken = Spoken::typed(SAID).unwrap();
    seal((PACKET, note), words, &spoken, &mut entropy()).unwrap()
}

fn altered(at: usize) -> Vec<u8> {
    let mut file = packet();
    file[at] ^= 1;
    file
}

/// Name, what opening it with `SAID` comes to, and the file.
type Vector = (&'static str, Option<PacketError>, Vec<u8>);

fn vectors() -> Vec<Vector> {
    let mut all = wrapped();
    all.extend(within());
    all
}

/// What is wrong with the file as it lies there.
fn wrapped() -> Vec<Vector> {
    use PacketError::*;
    let longer = |file: &mut Vec<u8>| file.push(0);
    vec![
        ("ok", None, packet()),
        ("empty", Some(NoPacket), Vec::new()),
        (
            "another_file",
            Some(NoPacket),
            b"%PDF-1.7 of something".to_vec(),
        ),
        ("magic_only", Some(CutOff), b"RLPK".to_vec()),
        (
            "version_2",
            Some(OtherVersion),
            redigested(packet(), |file| file[4] = 2),
        ),
        (
            "half",
            Some(CutOff),
            packet()[..packet().len() / 2].to_vec(),
        ),
        (
            "one_byte_short",
            Some(CutOff),
            packet()[..packet().len() - 1].to_vec(),
        ),
        ("one_byte_more", Some(CutOff), [packet(), vec![0]].concat()),
        (
            "length_too_long",
            Some(CutOff),
            redigested(packet(), |file| file[65] ^= 1),
        ),
        ("number_altered", Some(Altered), altered(6)),
        ("salt_altered", Some(Altered), altered(22)),
        ("ciphertext_altered", Some(Altered), altered(66)),
        ("digest_altered", Some(Altered), altered(packet().len() - 1)),
        (
            "ciphertext_altered_digest_new",
            Some(Passphrase),
            redigested(packet(), |file| file[66] ^= 1),
        ),
        (
            "number_altered_digest_new",
            Some(Passphrase),
            redigested(packet(), |file| file[6] ^= 1),
        ),
        (
            "longer_digest_new",
            Some(CutOff),
            redigested(packet(), longer),
        ),
        ("a_reply", Some(OtherKind), reply(ReplyState::Received)),
    ]
}

/// What is wrong with what was encrypted in it.
fn within() -> Vec<Vector> {
    use PacketError::*;
    let note = sent(&items()).sign(&ours()).unwrap();
    let said = words(&items());
    let mut lines: Vec<&str> = said.lines().collect();
    lines.reverse();
    let backwards = format!("{}\n", lines.join("\n"));
    let mut of_backwards = sent(&items());
    of_backwards.words = Sha256::digest(backwards.as_bytes()).into();
    let of_backwards = of_backwards.sign(&ours()).unwrap();
    let mut of_nothing = sent(&items());
    of_nothing.words = Sha256::digest(b"").into();
    let of_nothing = of_nothing.sign(&ours()).unwrap();
    let mut other_number = sent(&items());
    other_number.packet = PacketId([0x78; 16]);
    let other_number = other_number.sign(&ours()).unwrap();
    let swapped = note.replacen(
        "urgency urgent\nconsent said\n",
        "consent said\nurgency urgent\n",
        1,
    );
    vec![
        (
            "other_words",
            Some(Text),
            holding(&note, "needs YSBiZWQ=\n"),
        ),
        (
            "words_in_another_order",
            Some(Text),
            holding(&of_backwards, &backwards),
        ),
        ("no_words", Some(Text), holding(&of_nothing, "")),
        (
            "another_number_within",
            Some(Text),
            holding(&other_number, &said),
        ),
        (
            "lines_in_another_order",
            Some(Text),
            holding(&swapped, &said),
        ),
        ("no_note", Some(Text), holding("", &said)),
    ]
}

#[test]
fn c3_every_vector_is_opened_or_refused_as_its_name_says() {
    let vectors = vectors();
    let mut files = BTreeMap::new();
    let mut table = String::new();
    for (name, expected, file) in &vectors {
        let opened = Letter::open(file, SAID).err();
        assert_eq!(opened, *expected, "{name}");
        let code = expected.map_or("ok".to_owned(), |error| {
            let refused = error.refused();
            let about = refused.about.map(|about| format!(" {about}"));
            format!("{}{}", refused.refusal.code(), about.unwrap_or_default())
        });
        table.push_str(&format!("{name} {code}\n"));
        files.insert(format!("{name}.packet"), file.clone());
    }
    let names = vectors
        .iter()
        .map(|(name, expected, _)| (*name, if expected.is_none() { "ok" } else { "bad" }));
    golden::mostly_bad(names, 20);
    files.insert("expected.txt".to_owned(), table.into_bytes());
    files.insert(
        "passphrase.txt".to_owned(),
        format!("{SAID}\n").into_bytes(),
    );
    files.insert(
        "sender.vkey".to_owned(),
        format!("{}\n", ours().vkey()).into_bytes(),
    );
    golden::holds_only("packet", files);
}

#[test]
fn c3_what_was_sealed_is_read_again_and_the_signer_is_told_apart() {
    let letter = Letter::open(&packet(), SAID).unwrap();
    assert_eq!(letter.sent, sent(&items()));
    let said: Vec<_> = letter.items.iter().map(|item| item.text.reveal()).collect();
    assert_eq!(said, ["Amina (invented)", "a bed\nfor two nights"]);
    let key: VerifierKey = ours().vkey().parse().unwrap();
    assert_eq!(letter.signed_by(&key), Ok(()));
    let foreign: VerifierKey = signer("example.org/sender", 3).vkey().parse().unwrap();
    assert_eq!(letter.signed_by(&foreign), Err(PacketError::Sender));
    assert!(!letter.note.contains("Amina"), "no word is signed itself");
}

#[test]
fn c3_a_passphrase_is_read_over_the_phone_and_a_wrong_one_opens_nothing() {
    for typed in [
        SAID,
        "0123456789abcdefghjkmnpq",
        "ol23 4567 89ab cdef ghjk mnpq",
        "OI23-4567-89AB-CDEF-GHJK-MNPQ",
        // As telephones, word processors and what is copied make of it.
        "0123\u{2013}4567\u{2014}89AB\u{2011}CDEF\u{2212}GHJK\u{ff0d}MNPQ",
        "0123\t4567\u{a0}89AB\u{202f}CDEF\u{2009}GHJK\nMNPQ",
        "\u{feff}0123-4567-89AB-\u{200b}CDEF-GHJK-MNPQ\u{200e}",
    ] {
        assert!(Letter::open(&packet(), typed).is_ok(), "{typed}");
    }
    for typed in [
        "",
        "0123-4567-89AB-CDEF-GHJK-MNPR",
        "0123-4567-89AB-CDEF-GHJK",
        "0123-4567-89AB-CDEF-GHJK-MNPQ-0",
        "0123-4567-89AB-CDEF-GHJK-MNPU",
        "0123-4567-89AB-CDEF-GHJK-MNPé",
    ] {
        let refused = Letter::open(&packet(), typed).err();
        assert_eq!(refused, Some(PacketError::Passphrase), "{typed}");
    }
    let mut entropy = entropy();
    let (one, other) = (Spoken::fresh(&mut entropy), Spoken::fresh(&mut entropy));
    assert_ne!(one.reveal(), other.reveal());
    assert_eq!(one.reveal().len(), 29);
    assert!(Spoken::typed(&one.reveal()).is_some());
}

#[test]
fn c3_a_file_shows_nothing_of_who_it_is_about_and_its_length_says_little() {
    let long = |letters: usize| {
        let items = [Item {
            category: DataCategory::Needs,
            text: Text::new("x".repeat(letters)),
        }];
        let note = sent(&items).sign(&ours()).unwrap();
        holding(&note, &words(&items)).len()
    };
    assert_eq!(long(1), long(1_500));
    assert_eq!(long(1), 4096 + 66 + 16 + 32);
    assert_eq!(long(4_000), 8192 + 66 + 16 + 32);
    let file = packet();
    for hidden in ["example.org", "Amina", "clinic", "urgent"] {
        let within = file.windows(hidden.len()).any(|at| at == hidden.as_bytes());
        assert!(!within, "{hidden}");
    }
    assert_eq!(
        file_name(Kind::Referral, PACKET),
        format!("{PACKET}.packet")
    );
}

/// Keys of ledgers whose organisation calls itself as the packet says.
pub(super) fn exchange(keys: &[(OrganisationId, &Signer)]) -> Organisation {
    let mut text = DEFAULT_ORGANISATION.to_owned();
    let itself = OrganisationId([0x0a; 16]);
    for (of, key) in keys {
        let vkey = key.vkey();
        text.push_str(&format!(
            "[[exchange]]\norganisation = \"{of}\"\nvkey = \"{vkey}\"\n\
             calls_itself = \"{itself}\"\n"
        ));
    }
    Organisation::parse(&text).unwrap()
}

#[test]
fn c7_only_a_ledger_that_the_file_names_is_believed() {
    let note = sent(&items()).sign(&ours()).unwrap();
    let of = OrganisationId([0x0e; 16]);
    let trusted = Trusted::read(&note, &exchange(&[(of, &ours())])).unwrap();
    assert_eq!((trusted.from(), trusted.packet()), (of, PACKET));
    let same_name = signer("example.org/sender", 3);
    for (why, file) in [
        ("nobody is named", exchange(&[])),
        ("another key under the name", exchange(&[(of, &same_name)])),
    ] {
        let refused = Trusted::read(&note, &file).err();
        assert_eq!(refused, Some(PacketError::Sender), "{why}");
    }
    let known = exchange(&[(of, &ours())]);
    let changed = note.replacen("urgency urgent", "urgency routine", 1);
    let refused = Trusted::read(&changed, &known).err();
    assert_eq!(refused, Some(PacketError::Sender));
    let other = Note::sign("example.org/sender\n1\nAAAA\n", &[&ours()]).unwrap();
    let refused = Trusted::read(&other.to_string(), &known).err();
    assert_eq!(
        refused,
        Some(PacketError::Text),
        "a checkpoint is no packet"
    );
    assert_eq!(Trusted::read("", &known).err(), Some(PacketError::Text));
}

#[test]
fn c7_a_reply_is_believed_of_its_ledger_and_opened_by_its_key_only() {
    let theirs: VerifierKey = signer("example.org/recipient", 2).vkey().parse().unwrap();
    let ours: VerifierKey = ours().vkey().parse().unwrap();
    let key = ReplyKey([0x5e; 32]);
    let declined = ReplyState::NotAccepted(ReferralReason::NoCapacity);
    for state in [ReplyState::Received, ReplyState::Accepted, declined] {
        let file = reply(state);
        let read = Reply::open(&file, &key, std::slice::from_ref(&theirs)).unwrap();
        assert_eq!((read.packet, read.state), (PACKET, state));
        let by_another = Reply::open(&file, &key, std::slice::from_ref(&ours)).err();
        assert_eq!(by_another, Some(PacketError::Sender));
        assert_eq!(
            Reply::open(&file, &key, &[]).err(),
            Some(PacketError::Sender)
        );
        let other_key = Reply::open(&file, &ReplyKey([0x5f; 32]), std::slice::from_ref(&theirs));
        assert_eq!(other_key.err(), Some(PacketError::Passphrase));
    }
    let referral = Reply::open(&packet(), &key, std::slice::from_ref(&theirs)).err();
    assert_eq!(referral, Some(PacketError::OtherKind));
    let cut = reply(ReplyState::Accepted);
    let cut = Reply::open(&cut[..100], &key, &[theirs]).err();
    assert_eq!(cut, Some(PacketError::CutOff));
    // Every state has the same length, and so says nothing outside.
    assert_eq!(reply(ReplyState::Received).len(), reply(declined).len());
}

#[test]
fn c7_number_and_reply_key_follow_from_the_signing_key_and_the_position() {
    let made = |signer: &Signer, log: u8, position| {
        let secrets = Secrets::of(signer, &[log; 32], position);
        (secrets.packet, secrets.reply_key.0)
    };
    let first = made(&ours(), 1, 5);
    assert_eq!(first, made(&ours(), 1, 5));
    let others = [
        made(&ours(), 1, 6),
        made(&ours(), 2, 5),
        made(&signer("example.org/sender", 3), 1, 5),
    ];
    for other in others {
        assert!(other.0 != first.0 && other.1 != first.1);
    }
    assert!(!format!("{:?}", ReplyKey(first.1)).contains(char::is_numeric));
    let mut drawn = [0; 4];
    entropy().fill(&mut drawn);
    assert_ne!(drawn, [0; 4]);
}
