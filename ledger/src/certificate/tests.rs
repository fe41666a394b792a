//! Certificates of a real ledger: when they come, what they say, and what a crash makes of them.

mod asked;
mod causes;
mod copies;
mod outside;
mod steps;

use super::*;
use crate::decide::tests::{CLINIC, FOCAL, scope, taken};
use crate::domain::codes::{
    Capacity, Channel, DataCategory, NoticeOutcome, NoticeState, RecallAnswer,
};
use crate::domain::command::{Caller, Command, ShredWish};
use crate::domain::event::{
    Given, NoticeRecorded, RecallAnswered, ReferralCancelled, ReferralStopped,
};
use crate::domain::ids::{LeafKeyId, PersonId, ReferralId};
use crate::error::VaultFault;
use crate::keys::vault::{Home, VaultRoots};
use crate::keys::{Key, KeyId, Statement, Vault};
use crate::ledger::{Ledger, Rejection};
use crate::prove::{VerifiedCertificate, verify_certificate};
use crate::refusal::Refusal;
use crate::submit::tests::{Desk, request};

fn certified(ledger: &Ledger, desk: &Desk) -> Vec<(u64, ErasureCertified)> {
    let entries = ledger.stream(StreamId::Case(desk.case)).unwrap();
    let certified = entries.into_iter().filter_map(|entry| {
        let Event::ErasureCertified(it) = &entry.record.event else {
            return None;
        };
        Some((entry.position, it.clone()))
    });
    certified.collect()
}

/// The first certificate there is, verified as a stranger would.
fn verified(ledger: &Ledger, desk: &Desk) -> VerifiedCertificate {
    let (position, _) = certified(ledger, desk)[0];
    let file = ledger.certificate(position).unwrap().unwrap();
    let key = ledger.vkey().parse().unwrap();
    verify_certificate(file.as_bytes(), &key).unwrap()
}

fn withdraw(ledger: &Ledger, command: Command) {
    let _ = ledger
        .submit(request(Caller::Staff(FOCAL), command))
        .unwrap();
}

/// Waits for the writer to be at rest.
fn settle(ledger: Ledger, desk: &Desk) -> Ledger {
    ledger.close().unwrap();
    desk.opened()
}

#[test]
fn a_withdrawal_is_certified_once_and_anybody_can_check_it_offline() {
    let desk = Desk::new();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    let ledger = settle(ledger, &desk);
    assert_eq!(certified(&ledger, &desk).len(), 1);
    let verified = verified(&ledger, &desk);
    let text = verified.parsed();
    let consent = desk.consent.to_string();
    let ground: Vec<&[String]> = text.all("ground").collect();
    assert_eq!(ground.len(), 1);
    assert_eq!(ground[0][..2], ["consent".to_owned(), consent]);
    assert_eq!(ground[0][3], "withdrawn-at-once");
    let decided = text.all("decided").next().unwrap();
    assert_eq!(
        decided[1..],
        [
            "staff".to_owned(),
            FOCAL.to_string(),
            "focal_point".to_owned()
        ]
    );
    assert!(text.destroyed.is_some());
    assert_eq!(text.word("lost"), Some("1"));
    assert_eq!(text.word("acknowledged"), Some("1"));
    assert!(
        text.all("kept").next().is_some(),
        "the record's own consent still stands"
    );
    // Nothing a person is called or said: the words of the desk's people are not in it.
    for word in ["Invented", "invented"] {
        assert!(!verified.text().contains(word), "{}", verified.text());
    }
}

#[test]
fn a_certificate_of_another_log_or_altered_by_one_word_is_refused() {
    let desk = Desk::new();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    let ledger = settle(ledger, &desk);
    let (position, _) = certified(&ledger, &desk)[0];
    let file = ledger.certificate(position).unwrap().unwrap();
    let other = Desk::new().opened().vkey().parse().unwrap();
    let refused = verify_certificate(file.as_bytes(), &other).unwrap_err();
    assert_eq!(refused.code(), "note_unknown_key");
    let key = ledger.vkey().parse().unwrap();
    let altered = file.replacen("\nlost 1\n", "\nlost 9\n", 1);
    let refused = verify_certificate(altered.as_bytes(), &key).unwrap_err();
    assert_eq!(refused.code(), "note_wrong_signature");
    assert!(ledger.certificate(position - 1).unwrap().is_none());
    assert!(ledger.certificate(u64::MAX).unwrap().is_none());
}

/// Fences the desk's consent, and gives a writer that has its leaf to destroy.
fn about_to_erase(desk: &Desk) -> (Writer, LeafKeyId) {
    let ledger = desk.opened();
    let command = Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: Some(desk.consent),
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    withdraw(&ledger, command);
    let case = ledger.case(desk.case).unwrap().unwrap();
    let leaf = case.leaves_of(desk.consent.into()).next().unwrap();
    ledger.close().unwrap();
    let mut writer = desk.writer();
    writer.shred.push((StreamId::Case(desk.case), leaf));
    (writer, leaf)
}

#[test]
fn a_crash_before_the_certificate_changes_nothing_of_what_it_says() {
    let desk = Desk::new();
    let (mut writer, _) = about_to_erase(&desk);
    writer.erase();
    let completed = writer.uncertified[0];
    let expected = writer.first_certificate(completed).unwrap();
    let Event::ErasureCertified(expected) = expected.event else {
        panic!("a certificate");
    };
    // It dies here: the keys are gone, the certificate is not there.
    drop(writer);
    let ledger = settle(desk.opened(), &desk);
    let found = certified(&ledger, &desk);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, expected);
    let _ = verified(&ledger, &desk);
    let ledger = settle(ledger, &desk);
    assert_eq!(certified(&ledger, &desk).len(), 1, "and it is issued once");
}

/// A vault that cannot destroy anything.
struct Unerasing(Box<dyn Vault>);

impl Vault for Unerasing {
    fn destroy(&mut self, _epoch: u64) -> Result<(), Fault> {
        Err(Fault::Vault(VaultFault::Unreadable))
    }

    fn install(&mut self, epoch: u64, root: &Key) -> Result<(), Fault> {
        self.0.install(epoch, root)
    }

    fn roots(&self) -> Result<VaultRoots, Fault> {
        self.0.roots()
    }

    fn keep_only(&mut self, epoch: u64) -> Result<(), Fault> {
        self.0.keep_only(epoch)
    }

    fn home(&self) -> &Home {
        self.0.home()
    }

    fn statement(&self) -> Statement {
        self.0.statement()
    }
}

#[test]
fn no_certificate_comes_before_the_destruction_is_acknowledged() {
    let desk = Desk::new();
    let (mut writer, leaf) = about_to_erase(&desk);
    writer.vault = Box::new(Unerasing(writer.vault));
    writer.erase();
    writer.certify();
    assert!(
        writer.shared.is_poisoned(),
        "a vault that fails stops everything"
    );
    assert!(writer.uncertified.is_empty());
    let stream = writer.shared.stream(StreamId::Case(desk.case)).unwrap();
    let names: Vec<&str> = stream.iter().map(|it| it.record.event.name()).collect();
    assert!(names.contains(&"ShredStarted"));
    assert!(
        !names.contains(&"Shredded") && !names.contains(&"ErasureCertified"),
        "{names:?}"
    );
    assert!(!crate::keys::is_dead(&writer.shared.reader, KeyId(leaf.0)).unwrap());
    drop(writer);
    // A vault that works again finishes it, and only then it is certified.
    let ledger = settle(desk.opened(), &desk);
    assert_eq!(certified(&ledger, &desk).len(), 1);
}

#[test]
fn a_certificate_is_issued_again_only_when_there_is_more_to_say() {
    let desk = Desk::new();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    let ledger = settle(ledger, &desk);
    let rotation = certified(&ledger, &desk)[0].1.rotation;
    let again = Command::IssueCertificate {
        case: desk.case,
        rotation,
    };
    let refused = ledger.submit(request(Caller::Staff(FOCAL), again.clone()));
    let Err(Rejection::Refused(refused)) = refused else {
        panic!("a focal point issues none");
    };
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    let again = |desk: &Desk, ledger: Ledger| {
        ledger.close().unwrap();
        let mut writer = desk.writer();
        writer.recertify.push((StreamId::Case(desk.case), rotation));
        writer.certify_again();
        writer.close().unwrap();
        desk.opened()
    };
    let ledger = again(&desk, ledger);
    assert_eq!(
        certified(&ledger, &desk).len(),
        1,
        "nothing new, no new certificate"
    );
    // Another consent: more stays readable than before.
    let more = Command::GiveConsent {
        case: desk.case,
        person: desk.client,
        given_by: Some(desk.client),
        scope: scope(CLINIC, &[DataCategory::Health]),
        consent: taken(Capacity::Own),
    };
    withdraw(&ledger, more);
    let ledger = again(&desk, ledger);
    let issues = certified(&ledger, &desk);
    assert_eq!(issues.last().unwrap().1.issue, 2);
    let file = ledger.certificate(issues[1].0).unwrap().unwrap();
    let key = ledger.vkey().parse().unwrap();
    let second = verify_certificate(file.as_bytes(), &key).unwrap();
    let first = verified(&ledger, &desk);
    let lost = |it: &VerifiedCertificate| it.parsed().all("lost-in").next().unwrap().to_vec();
    assert_eq!(lost(&second), lost(&first));
    let kept = |it: &VerifiedCertificate| it.parsed().all("kept").count();
    assert!(kept(&second) > kept(&first));
    let ledger = again(&desk, ledger);
    assert_eq!(certified(&ledger, &desk).len(), 2);
}
