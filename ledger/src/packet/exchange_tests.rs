//! Whom a packet is from and for: several organisations in one ledger, other ids in another, and
//! what the organisation's file says of both (SPEC §14.5).

use super::tests::{items, ours, sent, signer};
use super::*;
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::ids::{OrganisationId, OutwardReference, PacketId};
use crate::keys::testing::SeededEntropy;
use crate::keys::{Key, Signer};
use crate::organisation::{DEFAULT_ORGANISATION, Organisation};
use crate::prove::Note;
use crate::written::WrittenError;

/// What the sender calls itself, and whom it sends to, in the packets of the vectors.
const SENDER: OrganisationId = OrganisationId([0x0a; 16]);
const RECIPIENT: OrganisationId = OrganisationId([0x0b; 16]);
/// What these are called here.
const OF: OrganisationId = OrganisationId([0x0e; 16]);
const US: OrganisationId = OrganisationId([0x0f; 16]);
const OTHER: OrganisationId = OrganisationId([0x10; 16]);

/// A file that names a ledger like this, for each entry.
fn file(entries: &[String]) -> Result<Organisation, WrittenError> {
    let all = entries.iter().map(|one| format!("[[exchange]]\n{one}\n"));
    let text = all.fold(DEFAULT_ORGANISATION.to_owned(), |text, one| text + &one);
    Organisation::parse(&text)
}

fn entry(of: OrganisationId, vkey: &str, further: &str) -> String {
    format!("organisation = \"{of}\"\nvkey = \"{vkey}\"\n{further}")
}

fn itself(id: OrganisationId) -> String {
    format!("calls_itself = \"{id}\"\n")
}

fn calls_us(ours: OrganisationId, there: OrganisationId) -> String {
    format!("calls_us = [{{ organisation = \"{ours}\", as = \"{there}\" }}]\n")
}

fn note(change: impl FnOnce(&mut Sent)) -> String {
    let mut sent = sent(&items());
    change(&mut sent);
    sent.sign(&ours()).unwrap()
}

fn read(note: &str, entries: &[String]) -> Result<Trusted, PacketError> {
    Trusted::read(note, &file(entries).unwrap())
}

#[test]
fn c7_a_key_stands_for_the_organisations_that_the_file_says_and_for_no_other() {
    let vkey = ours().vkey();
    let same = entry(SENDER, &vkey, "");
    let called_otherwise = entry(OF, &vkey, &itself(SENDER));
    let its_second = entry(OTHER, &vkey, "");
    let of = |entries: &[String]| read(&note(|_| {}), entries).map(|it| it.from());
    assert_eq!(of(&[same]), Ok(SENDER));
    assert_eq!(of(&[its_second.clone(), called_otherwise]), Ok(OF));
    let refused = of(&[its_second]);
    assert_eq!(refused, Err(PacketError::Organisation));
    let refused = PacketError::Organisation.refused();
    assert_eq!(refused.about.as_deref(), Some("organisation"));
}

#[test]
fn c7_whom_a_packet_is_for_is_told_by_the_id_here_or_as_the_file_says_they_call_us() {
    let vkey = ours().vkey();
    let recipient = |further: &str| {
        let entry = entry(SENDER, &vkey, further);
        read(&note(|_| {}), &[entry]).unwrap().recipient()
    };
    assert_eq!(recipient(""), RECIPIENT);
    assert_eq!(recipient(&calls_us(US, RECIPIENT)), US);
    assert_eq!(recipient(&calls_us(US, OTHER)), RECIPIENT);
}

#[test]
fn c7_a_referral_has_one_name_here_by_whichever_packet_and_key_it_comes() {
    let (first, second) = (ours(), signer("example.org/sender", 3));
    let entries = [
        entry(OF, &first.vkey(), &itself(SENDER)),
        entry(OF, &second.vkey(), &itself(SENDER)),
        entry(
            OTHER,
            &signer("example.org/third", 4).vkey(),
            &itself(SENDER),
        ),
    ];
    let name = |signer: &Signer, change: &dyn Fn(&mut Sent)| {
        let mut sent = sent(&items());
        change(&mut sent);
        let note = sent.sign(signer).unwrap();
        read(&note, &entries).unwrap().incoming()
    };
    let one = name(&first, &|_| {});
    let another_packet = name(&first, &|sent| sent.packet = PacketId([0x78; 16]));
    assert_eq!(one, another_packet);
    assert_eq!(one, name(&second, &|_| {}), "restored, with another key");
    let others = [
        name(&first, &|sent| sent.reference = OutwardReference([1; 16])),
        name(&first, &|sent| sent.recipient = OTHER),
        name(&signer("example.org/third", 4), &|_| {}),
    ];
    for other in others {
        assert_ne!(one, other);
    }
}

#[test]
fn c7_the_same_key_under_another_name_makes_no_second_referral() {
    let key = |name: &str| {
        let mut entropy = SeededEntropy::new(1);
        Signer::new(name, &Key::generate(&mut entropy)).unwrap()
    };
    let (one, renamed) = (key("example.org/sender"), key("example.org/renamed"));
    let id = |signer: &Signer| {
        let note = sent(&items()).sign(signer).unwrap();
        let entry = entry(OF, &signer.vkey(), &itself(SENDER));
        read(&note, &[entry]).unwrap().incoming()
    };
    assert_eq!(id(&one), id(&renamed));
    let both = [
        entry(OF, &one.vkey(), ""),
        entry(OTHER, &renamed.vkey(), ""),
    ];
    let wrong = file(&both).unwrap_err();
    assert_eq!(wrong.meaning, "this key stands here under another name");
}

#[test]
fn c7_what_the_file_says_of_other_ledgers_is_refused_where_it_can_mean_two_things() {
    let vkey = ours().vkey();
    let one = entry(OF, &vkey, "");
    for (entries, meaning) in [
        (
            vec![one.clone(), one.clone()],
            "this key stands here twice for one organisation",
        ),
        (
            vec![one.clone(), entry(OTHER, &vkey, &itself(OF))],
            "this key stands here twice for one organisation",
        ),
        (
            vec![entry(OF, &vkey, "calls_itself = \"the clinic\"")],
            "an organisation is named by its UUID",
        ),
        (
            vec![entry(
                OF,
                &vkey,
                &format!(
                    "calls_us = [{{ organisation = \"{US}\", as = \"{OTHER}\" }}, \
                     {{ organisation = \"{OF}\", as = \"{OTHER}\" }}]"
                ),
            )],
            "this id stands here twice",
        ),
    ] {
        assert_eq!(file(&entries).unwrap_err().meaning, meaning);
    }
    assert!(file(&[one, entry(OTHER, &vkey, "")]).is_ok());
}

#[test]
fn c7_what_a_packet_says_of_times_makes_the_answer_due_earlier_or_says_nothing() {
    let day = Timestamp(20_000 * DAY_MS);
    let after = |days: u64| Timestamp(day.0 + days * DAY_MS);
    let (now, counted) = (after(4), after(7));
    let due = |sent: Timestamp, by: Timestamp| {
        let note = note(|it| (it.sent, it.acknowledge_by) = (sent, by));
        let trusted = read(&note, &[entry(SENDER, &ours().vkey(), "")]).unwrap();
        trusted.answer_by(counted, now)
    };
    assert_eq!(due(day, after(3)), after(3), "it was on the road for long");
    assert_eq!(due(day, after(6)), after(6));
    assert_eq!(due(day, after(9)), counted, "nothing is later for a claim");
    assert_eq!(due(after(5), after(6)), after(6), "their clock is ahead");
    assert_eq!(due(after(3), after(2)), counted, "due before it was sent");
    let unset = Timestamp(0);
    assert_eq!(
        due(unset, Timestamp(1)),
        counted,
        "a clock that was not set"
    );
    assert_eq!(due(unset, unset), counted);
}

/// What another ledger signed, whose key the file names, to an organisation here.
pub(crate) fn trusted_of(theirs: OrganisationId, packet: u8) -> Trusted {
    trusted_with(theirs, packet, |text| text)
}

/// The same with another text.
pub(crate) fn trusted_with(
    theirs: OrganisationId,
    packet: u8,
    change: impl FnOnce(String) -> String,
) -> Trusted {
    let key = Key::generate(&mut SeededEntropy::new(7));
    let signer = Signer::new("example.org/theirs", &key).unwrap();
    let id = |byte: u8| PacketId([byte; 16]).to_string();
    let text = format!(
        "referral-ledger packet v1\npacket {}\norganisation {}\nrecipient {}\nservice {}\n\
         service-name A clinic\nreference {}\nurgency urgent\nconsent said\nsent 1\n\
         acknowledge-by 2\nfollow-up -\nreply-key {}\nwords {}\n",
        id(packet),
        id(0xa1),
        id(0xa2),
        id(3),
        id(packet),
        "5e".repeat(32),
        "00".repeat(32),
    );
    let note = Note::sign(&change(text), &[&signer]).unwrap().to_string();
    let home = crate::decide::tests::HOME;
    let entry = entry(
        theirs,
        &signer.vkey(),
        &(itself(OrganisationId([0xa1; 16])) + &calls_us(home, OrganisationId([0xa2; 16]))),
    );
    Trusted::read(&note, &file(&[entry]).unwrap()).unwrap()
}
