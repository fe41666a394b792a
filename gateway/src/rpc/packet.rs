//! Packets of `ReferralService` and `IntakeService`: made, taken in, replied to (MISSION C3, C7).
//!
//! - No file is stored here: a packet is made when it is asked for, and opened where it is read.

use ledger::domain::codes::{PersonTold, ReferralState};
use ledger::domain::ids::RequestId;
use ledger::ledger::{Answer, Rejection};
use ledger::packet::{Heard, PacketError, ReplyState, Step, Trusted};
use ledger::refusal::Refusal;
use proto::common::v1::{CommandMeta, Outcome as Recorded};
use proto::intake::v1::*;
use proto::referral::v1::*;
use sha2::{Digest, Sha256};
use tonic::Request;

use super::{Answered, Rpc, finish};
use crate::api::Outcome;
use crate::api::packets::CameBack;
use crate::caller::Known;
use crate::telemetry::Line;
use crate::wire::answer::{answer, outcome};
use crate::wire::codes::Code;
use crate::wire::command::{CommandMessage, Taking, request};
use crate::wire::field::id;
use crate::wire::shared::meta as checked_meta;
use crate::wire::time::to_wire;

impl Rpc {
    /// Records that the data leave, and makes the file once that is durable.
    pub(super) async fn packet_made(
        &self,
        message: Request<MakePacketRequest>,
    ) -> Answered<MakePacketResponse> {
        let line = Line::begin("MakePacket");
        let outcome = async {
            let (known, seen) = self.submitted(message).await?;
            let mut message: MakePacketResponse = answer(&seen);
            let made = self
                .api
                .read(&known, move |reader| reader.ledger.make_packet(&seen));
            let made = made.await?;
            message.packet_id = made.packet.to_string();
            message.file_name = made.file_name;
            message.packet = made.file;
            message.passphrase = made.passphrase.reveal().to_string();
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Takes a packet in that a known ledger signed.
    pub(super) async fn packet_taken(
        &self,
        message: Request<TakePacketRequest>,
    ) -> Answered<TakePacketResponse> {
        let line = Line::begin("TakePacket");
        let outcome = async {
            let known = self.known(&message).await?;
            let message = message.into_inner();
            checked_meta(message.meta.clone())?;
            let file = self.api.ledger().organisation();
            let trusted = Trusted::read(&message.note, file).map_err(PacketError::refused)?;
            let done = self.step(&known, Taking { message, trusted }).await?;
            Ok(answer(&done))
        };
        finish(line, outcome.await)
    }

    /// Makes a reply. That the sender is told of a decision is recorded before.
    pub(super) async fn reply_made(
        &self,
        message: Request<MakeReplyRequest>,
    ) -> Answered<MakeReplyResponse> {
        let line = Line::begin("MakeReply");
        let outcome = async {
            let known = self.known(&message).await?;
            let message = message.into_inner();
            checked_meta(message.meta.clone())?;
            let which = id(&message.incoming_id, "incoming_id")?;
            let incoming = self
                .api
                .read(&known, move |reader| reader.incoming_to_reply(which));
            let incoming = incoming.await?;
            let recorded = match incoming.came {
                Some(_) => self.told(&known, message).await?,
                None => None,
            };
            // Somebody may have decided meanwhile: the reply says what is recorded as told.
            let incoming = self
                .api
                .read(&known, move |reader| reader.incoming_to_reply(which));
            let incoming = incoming.await?;
            let made = self
                .api
                .read(&known, move |reader| reader.ledger.make_reply(&incoming));
            let made = made.await?;
            Ok(MakeReplyResponse {
                outcome: recorded,
                file_name: made.file_name,
                reply: made.file,
            })
        };
        finish(line, outcome.await)
    }

    /// Before it was decided, and once it was answered, nothing is recorded; a name of another
    /// command and a version that it no longer has are refused all the same.
    async fn told(&self, known: &Known, message: MakeReplyRequest) -> Outcome<Option<Recorded>> {
        let told = AnswerIncomingRequest {
            meta: message.meta,
            incoming_id: message.incoming_id,
            told: PersonTold::Told.number(),
            channel: message.channel,
        };
        match self.step(known, told).await {
            Ok(done) => Ok(Some(outcome(&done))),
            Err(no) if is(&no, Refusal::IncomingState) => Ok(None),
            Err(no) => Err(no),
        }
    }

    /// Takes a reply in as what the recipient says of the referral, by the steps that say so.
    pub(super) async fn reply_taken(
        &self,
        message: Request<TakeReplyRequest>,
    ) -> Answered<TakeReplyResponse> {
        let line = Line::begin("TakeReply");
        let outcome = async {
            let known = self.known(&message).await?;
            let TakeReplyRequest {
                meta,
                referral_id,
                reply,
            } = message.into_inner();
            // A command without a name of its own is refused before anything is looked at.
            let named = checked_meta(meta.clone())?;
            let which = id(&referral_id, "referral_id")?;
            let read = self
                .api
                .read(&known, move |reader| reader.reply_to(which, &reply));
            let CameBack {
                case,
                heard,
                occurred,
            } = read.await?;
            let mut meta = meta.unwrap_or_default();
            meta.occurred_at = meta.occurred_at.or_else(|| occurred.map(to_wire));
            let to = Told {
                case: case.to_string(),
                referral: referral_id,
                meta,
                second: second_step(named.request),
            };
            self.apply(&known, &heard, &to).await
        };
        finish(line, outcome.await)
    }

    /// What a recipient decided it received before: that is recorded first where it was not.
    async fn apply(&self, known: &Known, heard: &Heard, to: &Told) -> Outcome<TakeReplyResponse> {
        let step = heard.step()?;
        let two = step.follows_receipt();
        let done = if two && heard.stands == ReferralState::Sent {
            self.in_two_steps(known, to, step).await
        } else {
            let done = self.told_of(known, to, (to.meta.clone(), step)).await;
            match done {
                // Begun before under this name, and ended or broken off then.
                Err(no) if two && is(&no, Refusal::RequestIdReused) => {
                    self.in_two_steps(known, to, step).await
                }
                done => done,
            }
        };
        let done = done.map_err(|no| {
            if is(&no, Refusal::ReferralState) {
                heard.leads_nowhere().into()
            } else {
                no
            }
        });
        let (state, reason) = match step {
            Step::Receive => (ReferralState::Received, None),
            Step::Accept => (ReferralState::Accepted, None),
            Step::Decline(reason) => (ReferralState::NotAccepted, Some(reason)),
            Step::Fail(reason) => (ReferralState::NotCompleted, Some(reason)),
        };
        let passed = match heard.reply.state {
            ReplyState::PassedOn(to) => Some(to),
            ReplyState::Received | ReplyState::Accepted | ReplyState::NotAccepted(_) => None,
        };
        Ok(TakeReplyResponse {
            outcome: Some(done?),
            state: state.number(),
            reason: reason.map(Code::number),
            passed_on: passed.is_some(),
            passed_to_id: passed.flatten().map(|to| to.to_string()),
            made_at: Some(to_wire(heard.reply.made)),
        })
    }

    /// The receipt under the caller's name of the command, what was decided under one that follows
    /// from it: asked for again, both are answered as before.
    async fn in_two_steps(&self, known: &Known, to: &Told, step: Step) -> Outcome<Recorded> {
        let receive = (to.meta.clone(), Step::Receive);
        let mut both = self.told_of(known, to, receive).await?;
        // What a crash leaves here is a receipt: the same command goes on from it.
        let second = CommandMeta {
            request_id: to.second.to_string(),
            expected_version: None,
            occurred_at: to.meta.occurred_at,
        };
        let done = self.told_of(known, to, (second, step)).await?;
        both.receipts.extend(done.receipts);
        both.version = done.version;
        both.repeated &= done.repeated;
        both.fence_not_mirrored |= done.fence_not_mirrored;
        both.destruction_waits |= done.destruction_waits;
        Ok(both)
    }

    async fn told_of(
        &self,
        known: &Known,
        to: &Told,
        (meta, step): (CommandMeta, Step),
    ) -> Outcome<Recorded> {
        let (meta, case_id) = (Some(meta), Some(to.case.clone()));
        let referral_id = to.referral.clone();
        let done = match step {
            Step::Receive => {
                let receive = ReceiveReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                };
                self.step(known, receive).await?
            }
            Step::Accept => {
                let accept = AcceptReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                };
                self.step(known, accept).await?
            }
            Step::Decline(reason) => {
                let decline = DeclineReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                    reason: reason.number(),
                };
                self.step(known, decline).await?
            }
            Step::Fail(reason) => {
                let fail = FailReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                    reason: reason.number(),
                };
                self.step(known, fail).await?
            }
        };
        Ok(outcome(&done))
    }

    /// One command that names all it needs.
    pub(super) async fn step<M: CommandMessage>(
        &self,
        known: &Known,
        message: M,
    ) -> Outcome<Answer> {
        let request = request(message, known.caller(), None)?;
        self.api.submit(request).await
    }
}

/// Which referral a reply is about, and under which names its steps are asked for.
struct Told {
    case: String,
    referral: String,
    meta: CommandMeta,
    second: RequestId,
}

/// The name of the second of two steps, which follows from the caller's.
fn second_step(request: RequestId) -> RequestId {
    let mut hash = Sha256::new();
    hash.update(b"referral-ledger second step of a reply v1\n");
    hash.update(request.0);
    let digest: [u8; 32] = hash.finalize().into();
    let (id, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    RequestId(*id)
}

fn is(rejection: &Rejection, refusal: Refusal) -> bool {
    match rejection {
        Rejection::Refused(refused) => refused.refusal == refusal,
        Rejection::Fault(_) => false,
    }
}
