//! Another ledger, which knows of the one under test as that knows of it: what goes over in files,
//! and what comes back.

use ledger::domain::codes::*;
use ledger::domain::command::{AssessingIncoming, Command, DecidingIncoming, TakingDown};
use ledger::domain::event::{PublicText, ViewTarget};
use ledger::domain::ids::{CaseId, IncomingId, OrganisationId, ReferralId, ServiceId};
use ledger::domain::incoming::{Incoming, Sender};
use ledger::domain::stream::StreamId;
use ledger::ledger::{Answer, Ledger};
use ledger::packet::{Letter, Trusted};

use crate::scratch::Scratch;
use crate::words::{self, busy_organisation};

/// An organisation with a ledger of its own, and what it calls the one that it refers to.
#[derive(Clone, Copy)]
pub struct Ours {
    /// Itself.
    pub organisation: OrganisationId,
    /// The other one.
    pub partner: OrganisationId,
}

/// The organisation's file of tests, naming besides another ledger whose packets are believed: with
/// its key, and the ids that it has for itself and for this one.
pub fn knowing(ours: Ours, vkey: &str, theirs: Ours) -> String {
    let file = busy_organisation(1_000).replacen("version = 1", "version = 2", 1);
    let (us, them) = (ours.organisation, ours.partner);
    let (itself, calls) = (theirs.organisation, theirs.partner);
    format!(
        "{file}[[exchange]]\norganisation = \"{them}\"\nvkey = \"{vkey}\"\n\
         calls_itself = \"{itself}\"\n\
         calls_us = [{{ organisation = \"{us}\", as = \"{calls}\" }}]\n"
    )
}

/// The two organisations of a ledger of tests.
pub fn ours(scratch: &Scratch) -> Ours {
    Ours {
        organisation: scratch.organisation,
        partner: scratch.partner,
    }
}

/// The other ledger.
pub struct Peer {
    scratch: Scratch,
    service: ServiceId,
}

/// A referral that was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentReferral {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub referral: ReferralId,
}

impl Peer {
    /// A new ledger, which believes the one with this key.
    pub fn knowing(vkey: &str, theirs: Ours) -> Self {
        let mut scratch = Scratch::new();
        let mut options = Scratch::options_in(scratch.folder.path());
        options.organisation = Some(knowing(ours(&scratch), vkey, theirs));
        scratch.ledger.close().expect("it closes");
        scratch.ledger = Ledger::open(options).expect("it opens again");
        let service = scratch.service();
        Self { scratch, service }
    }

    /// Its organisations.
    pub fn ours(&self) -> Ours {
        ours(&self.scratch)
    }

    /// Its key.
    pub fn vkey(&self) -> String {
        self.scratch.ledger.vkey()
    }

    /// The signed text of a new packet of its own, about somebody invented.
    pub fn sends(&self) -> String {
        let does = |command| self.scratch.done(Role::FocalPoint, command);
        let (service, partner) = (self.service, self.scratch.partner);
        let sent = sent(&does, service, partner, ("Elsewhere", "needs of elsewhere"));
        let seen = does(handing_over(sent));
        let made = self.scratch.ledger.make_packet(&seen).expect("it is made");
        let passphrase = made.passphrase.reveal();
        let letter = Letter::open(&made.file, &passphrase).expect("it opens");
        letter.note
    }

    /// Takes in what came in a packet, and answers that it is taken: the reply's file.
    pub fn replies(&self, note: &str) -> Vec<u8> {
        let ledger = &self.scratch.ledger;
        let (incoming, taking) = taking(ledger, note);
        self.scratch.done(Role::FocalPoint, taking);
        let assess = Command::AssessIncoming(AssessingIncoming {
            incoming,
            finding: IncomingFinding::WithinScope,
            urgency: None,
        });
        self.scratch.done(Role::FocalPoint, assess);
        let decide = Command::DecideIncoming(DecidingIncoming {
            incoming,
            decision: IncomingDecision::Taken,
            reason: None,
            passed_to: None,
        });
        self.scratch.done(Role::FocalPoint, decide);
        let entries = ledger.stream(StreamId::Incoming(incoming));
        let mut entries = entries.expect("it is read").into_iter();
        let first = entries.next().expect("it was taken in");
        let mut known = Incoming::received(&first.record).expect("it begins so");
        entries.for_each(|entry| known.apply(&entry.record));
        let reply = ledger.make_reply(&known);
        reply.expect("it is made").file
    }
}

/// Somebody whose referral was sent on their consent.
pub fn sent(
    does: &dyn Fn(Command) -> Answer,
    service: ServiceId,
    recipient: OrganisationId,
    (name, needs): (&str, &str),
) -> SentReferral {
    let (case, client) = words::opened(&does(words::open_case(name)));
    let scope = words::scope(recipient, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&does(give));
    let items = [(DataCategory::Needs, needs)];
    let draft = words::draft(case, service, Some(consent.into()), &items);
    let referral = words::drafted(&does(draft));
    does(words::review(case, referral));
    does(words::send(case, referral));
    SentReferral { case, referral }
}

/// Opening a referral to hand it over in a file.
pub fn handing_over(SentReferral { case, referral }: SentReferral) -> Command {
    Command::ViewPersonalData {
        case,
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Packet,
    }
}

/// Taking in what somebody signed, and what it is called here.
pub fn taking(ledger: &Ledger, note: &str) -> (IncomingId, Command) {
    let trusted = Trusted::read(note, ledger.organisation()).expect("a known ledger signed it");
    let incoming = trusted.incoming();
    let taking = Command::RecordIncoming(TakingDown {
        from: Sender::Organisation(trusted.from()),
        channel: Channel::Email,
        urgency: trusted.urgency(),
        reference: Some(PublicText(trusted.reference().to_string().to_uppercase())),
        consent: trusted.consent(),
        packet: Some(trusted),
    });
    (incoming, taking)
}
