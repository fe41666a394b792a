//! Packets while the power is cut: what left in a file can be answered, a reply counts once, and
//! what came in a file is taken in once.

use std::sync::Arc;

use harness::dice::Dice;
use harness::office::{Office, meta, refused, with_token};
use harness::packets::{Ours, Peer, SentReferral, knowing, sent};
use harness::process::Place;
use harness::scratch::Scratch;
use ledger::clock::{Clock, SystemClock};
use ledger::domain::codes::Role;
use ledger::domain::command::Caller;
use ledger::ledger::Ledger;
use ledger::packet::Letter;
use ledger::refusal::{Refusal, Refused};
use proto::common::v1 as common;
use proto::intake::v1::TakePacketRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::referral::v1::{MakePacketRequest, MakePacketResponse, TakeReplyRequest};
use tonic::Status;
use tonic::transport::Channel;

use super::ending::{after_now, done, member};
use crate::kill::history;

/// How many go out, and how many come in.
const EACH: usize = 3;
const NEEDS: &str = "needs that went over";

/// When something was asked for, never later than it was, and when it was answered, never earlier.
#[derive(Clone, Copy, Default)]
struct Noted {
    asked: Option<u64>,
    told: Option<u64>,
}

impl Noted {
    fn asks(&mut self) {
        self.asked = Some(SystemClock.now().0 * 1_000);
    }

    fn is_told(&mut self) {
        self.told = Some(after_now());
    }

    /// The same at a moment.
    fn as_of(self, moment: u64) -> Self {
        Self {
            asked: self.asked.filter(|at| *at <= moment),
            told: self.told.filter(|at| *at < moment),
        }
    }
}

/// One that went out.
#[derive(Clone)]
struct Out {
    of: SentReferral,
    /// Where the log says that it left.
    left_at: u64,
    /// What came back for it.
    reply: Vec<u8>,
    made: Noted,
    replied: Noted,
}

/// One that came in: its signed text.
#[derive(Clone)]
struct In {
    note: String,
    taken: Noted,
}

/// What goes over and what comes in, as somebody notes it.
#[derive(Clone)]
pub(crate) struct Packets {
    peer: Arc<Peer>,
    out: Vec<Out>,
    into: Vec<In>,
}

impl Packets {
    /// Referrals that were sent, and packets that wait elsewhere. Nobody serves the ledger
    /// meanwhile.
    pub(super) fn prepared(place: &Place, office: &Office) -> Self {
        let partner = office.partner.parse().expect("an id");
        let own = Ours {
            organisation: (place.made["organisation_id"].as_str())
                .and_then(|id| id.parse().ok())
                .expect("an id"),
            partner,
        };
        let peer = Peer::knowing(place.vkey(), own);
        let mut options = Scratch::options_in(place.folder.path());
        options.organisation = Some(knowing(own, &peer.vkey(), peer.ours()));
        let ledger = Ledger::open(options).expect("it opens");
        let focal = Caller::Staff(member(&ledger, Role::FocalPoint));
        let does = |command| done(&ledger, focal, command);
        let service = office.service.parse().expect("an id");
        let out = (0..EACH).map(|number| Out {
            of: sent(&does, service, partner, (&format!("Sent {number}"), NEEDS)),
            left_at: 0,
            reply: Vec::new(),
            made: Noted::default(),
            replied: Noted::default(),
        });
        let out = out.collect();
        ledger.close().expect("it closes");
        let into = (0..EACH).map(|_| In {
            note: peer.sends(),
            taken: Noted::default(),
        });
        Self {
            into: into.collect(),
            peer: Arc::new(peer),
            out,
        }
    }

    /// One after the other goes out, is answered, and another one comes in, until the server is
    /// gone.
    pub(super) async fn carried(mut self, office: Office, channel: Channel) -> Self {
        for number in 0..EACH {
            if self.carry(number, &office, &channel).await.is_none() {
                break;
            }
        }
        self
    }

    async fn carry(&mut self, number: usize, office: &Office, channel: &Channel) -> Option<()> {
        let one = &mut self.into[number];
        one.taken.asks();
        answered(take(channel, office, &one.note).await)?;
        one.taken.is_told();
        let one = &mut self.out[number];
        one.made.asks();
        let made = answered(make(channel, office, one.of).await)?;
        one.left_at = left_at(&made);
        one.made.is_told();
        let peer = Arc::clone(&self.peer);
        let replied = tokio::task::spawn_blocking(move || peer.replies(&opened(&made).note));
        one.reply = replied.await.expect("it is answered elsewhere");
        one.replied.asks();
        answered(give_back(channel, office, one).await)?;
        one.replied.is_told();
        Some(())
    }

    /// What was known at a moment.
    pub(super) fn as_of(&self, moment: u64) -> Self {
        let mut then = self.clone();
        for one in &mut then.out {
            (one.made, one.replied) = (one.made.as_of(moment), one.replied.as_of(moment));
        }
        for one in &mut then.into {
            one.taken = one.taken.as_of(moment);
        }
        then
    }

    /// What is not as it was noted: none that left or came in is lost, none comes in or is
    /// answered twice; and one more that goes out now opens and says what was written.
    pub(super) async fn findings(
        &self,
        channel: &Channel,
        office: &Office,
        dice: &mut Dice,
    ) -> Vec<String> {
        let mut findings = Vec::new();
        for one in &self.into {
            let first = outcome(take(channel, office, &one.note).await);
            let taken = Some(Refused::from(Refusal::PacketTaken));
            let again = outcome(take(channel, office, &one.note).await);
            let right = is_as_noted(one.taken, first.as_ref(), taken.as_ref());
            if !right || again != taken {
                findings.push(format!("in: {first:?}, {again:?}"));
            }
        }
        for one in self.out.iter().filter(|one| one.made.told.is_some()) {
            let entries = history(channel, office, &one.of.case.to_string()).await;
            let mut seen = entries.iter().filter(|it| it.position == one.left_at);
            let stays = seen.any(|it| it.event_name == "PersonalDataSeen");
            let first = outcome(give_back(channel, office, one).await);
            let done = Some(Refused::about(Refusal::ReplyRecorded, "accepted"));
            let again = outcome(give_back(channel, office, one).await);
            let right = is_as_noted(one.replied, first.as_ref(), done.as_ref());
            if !stays || !right || again != done {
                findings.push(format!("out: {stays}, {first:?}, {again:?}"));
            }
        }
        let any = self.out[dice.below(EACH)].of;
        match make(channel, office, any).await {
            Ok(made) => {
                let words = opened(&made).items.pop().expect("words").text;
                assert_eq!(words.reveal(), NEEDS);
            }
            Err(no) => findings.push(format!("again: {no}")),
        }
        findings
    }

    /// How many of them somebody was told of.
    pub(super) fn number(&self) -> usize {
        let out = self.out.iter().filter(|one| one.made.told.is_some());
        let into = self.into.iter().filter(|one| one.taken.told.is_some());
        out.count() + into.count()
    }
}

/// Whether what is refused now was done before; where no answer came, either may be.
fn is_as_noted(noted: Noted, now: Option<&Refused>, done: Option<&Refused>) -> bool {
    match (noted.asked, noted.told) {
        (_, Some(_)) => now == done,
        (None, None) => now.is_none(),
        (Some(_), None) => now.is_none() || now == done,
    }
}

fn opened(made: &MakePacketResponse) -> Letter {
    Letter::open(&made.packet, &made.passphrase).expect("it opens")
}

fn left_at(made: &MakePacketResponse) -> u64 {
    let outcome = made.outcome.as_ref().expect("an outcome");
    outcome.receipts[0].position
}

/// What came of it, if the server is there still.
fn answered<T>(outcome: Result<T, Status>) -> Option<T> {
    if let Err(status) = &outcome {
        assert_eq!(refused(status), None, "{status}");
    }
    outcome.ok()
}

/// Why it was refused; nothing if it was not.
fn outcome<T>(outcome: Result<T, Status>) -> Option<Refused> {
    let status = outcome.err()?;
    Some(refused(&status).unwrap_or_else(|| panic!("{status}")))
}

async fn make(
    channel: &Channel,
    office: &Office,
    of: SentReferral,
) -> Result<MakePacketResponse, Status> {
    let mut client = ReferralServiceClient::new(channel.clone());
    let asked = MakePacketRequest {
        meta: meta(),
        case_id: Some(of.case.to_string()),
        referral_id: of.referral.to_string(),
    };
    let made = client.make_packet(with_token(&office.focal, asked)).await?;
    Ok(made.into_inner())
}

async fn give_back(channel: &Channel, office: &Office, one: &Out) -> Result<(), Status> {
    let mut client = ReferralServiceClient::new(channel.clone());
    let asked = TakeReplyRequest {
        meta: meta(),
        referral_id: one.of.referral.to_string(),
        reply: one.reply.clone(),
    };
    client.take_reply(with_token(&office.focal, asked)).await?;
    Ok(())
}

async fn take(channel: &Channel, office: &Office, note: &str) -> Result<(), Status> {
    let mut client = IntakeServiceClient::new(channel.clone());
    let asked = TakePacketRequest {
        meta: meta(),
        note: note.to_owned(),
        channel: common::Channel::Email.into(),
    };
    client.take_packet(with_token(&office.focal, asked)).await?;
    Ok(())
}
