//! Packets in a random program: what went out in a file is answered whatever happened since, once;
//! what came in is taken in once, also after its record ended; and nothing goes out of what the
//! person took back.

use harness::packets::{Peer, SentReferral, handing_over, knowing, ours, sent, taking};
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{ReferralState, Role};
use ledger::ledger::Ledger;
use ledger::packet::{Letter, ReplyState};
use ledger::refusal::Refusal;

use super::World;
use super::work::said;

/// One referral that went out in a file, and what came back for it.
pub(super) struct Out {
    of: SentReferral,
    text: String,
    reply: Vec<u8>,
    withdrawn: bool,
}

/// What goes over in one program.
pub(super) struct Packets {
    peer: Peer,
    out: Vec<Out>,
    /// Signed texts of what came in.
    into: Vec<String>,
}

impl Packets {
    /// Another ledger, and this one believes it.
    pub(super) fn begun(scratch: &mut Scratch) -> Self {
        let own = ours(scratch);
        let peer = Peer::knowing(&scratch.ledger.vkey(), own);
        let mut options = Scratch::options_in(scratch.folder.path());
        options.organisation = Some(knowing(own, &peer.vkey(), peer.ours()));
        scratch.ledger.close().expect("it closes");
        scratch.ledger = Ledger::open(options).expect("it opens again");
        Self {
            peer,
            out: Vec::new(),
            into: Vec::new(),
        }
    }
}

impl World {
    /// Somebody's referral is sent and goes over in a file; elsewhere it is taken.
    pub(super) fn packet_goes(&mut self) {
        self.let_loose_after(0, 1);
        self.written += 1;
        let text = format!("need {}", self.written);
        let does = |command| self.scratch.done(Role::FocalPoint, command);
        let name = format!("Sent {}", self.written);
        let of = sent(&does, self.service, self.scratch.partner, (&name, &text));
        let letter = self.handed_over(of);
        assert_eq!(letter.items[0].text.reveal(), text);
        let reply = self.packets.peer.replies(&letter.note);
        self.packets.out.push(Out {
            of,
            text,
            reply,
            withdrawn: false,
        });
    }

    /// A packet comes in from elsewhere.
    pub(super) fn packet_comes(&mut self) {
        let note = self.packets.peer.sends();
        let (incoming, taking) = taking(&self.scratch.ledger, &note);
        let before = self.scratch.ledger.size();
        self.scratch.done(Role::FocalPoint, taking);
        self.came_apart(incoming, before);
        self.packets.into.push(note);
    }

    /// Somebody whose data went over takes their consent back.
    pub(super) fn withdraw_sent(&mut self) {
        let Some(one) = self.packets.out.iter_mut().find(|one| !one.withdrawn) else {
            return;
        };
        let case = self.scratch.ledger.case(one.of.case).expect("it is read");
        let case = case.expect("it is there");
        let of_it = &case.referrals[&one.of.referral].grounds;
        let mut consents = case.consents.keys();
        let ground = consents.find(|id| of_it.contains(&(**id).into()));
        let withdraw = words::withdraw_now(case.id, *ground.expect("a ground"));
        self.scratch.done(Role::FocalPoint, withdraw);
        one.withdrawn = true;
    }

    /// Replies are read still, and of their packet only; what came in comes in no second time.
    pub(super) fn compare_packets(&self) {
        let ledger = &self.scratch.ledger;
        for one in &self.packets.out {
            let case = ledger.case(one.of.case).expect("it is read");
            let case = case.expect("it is there");
            for other in &self.packets.out {
                let read = ledger.read_reply(&case, one.of.referral, &other.reply);
                assert_eq!(read.is_ok(), one.of == other.of, "{}", one.text);
                let accepted = |it: ledger::packet::Heard| it.reply.state == ReplyState::Accepted;
                assert!(read.is_ok_and(accepted) == (one.of == other.of));
            }
            let state = case.referrals[&one.of.referral].state;
            let stopped = state == ReferralState::Stopped;
            assert_eq!(stopped, one.withdrawn, "{}", one.text);
        }
        for note in &self.packets.into {
            let (_, taking) = taking(ledger, note);
            let again = said(self.scratch.submit(Role::FocalPoint, taking));
            assert_eq!(again.err(), Some(Refusal::PacketTaken));
        }
    }

    /// What went over once goes over again as it was written, or is gone for good.
    pub(super) fn packets_again(&self) {
        for one in &self.packets.out {
            let view = handing_over(one.of);
            if one.withdrawn {
                let no = said(self.scratch.submit(Role::FocalPoint, view));
                assert!(no.is_err(), "{}: it went out", one.text);
            } else {
                let letter = self.handed_over(one.of);
                assert_eq!(letter.items[0].text.reveal(), one.text);
            }
        }
    }

    fn handed_over(&self, of: SentReferral) -> Letter {
        let seen = self.scratch.done(Role::FocalPoint, handing_over(of));
        let made = self.scratch.ledger.make_packet(&seen).expect("it is made");
        Letter::open(&made.file, &made.passphrase.reveal()).expect("it opens")
    }
}
