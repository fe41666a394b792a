//! Packets of `ReferralService` and `IntakeService`: made, taken in, replied to (MISSION C3, C7).
//!
//! - No file is stored here: a packet is made when it is asked for, and opened where it is read.

use ledger::clock::SystemEntropy;
use ledger::domain::codes::{IncomingState, PersonTold, ReferralState};
use ledger::domain::ids::RequestId;
use ledger::ledger::Answer;
use ledger::packet::{PacketError, ReplyState, Trusted};
use proto::common::v1::{CommandMeta, Outcome as Recorded};
use proto::intake::v1::*;
use proto::referral::v1::*;
use tonic::Request;

use super::{Answered, Rpc, finish};
use crate::api::Outcome;
use crate::caller::Known;
use crate::telemetry::Line;
use crate::wire::answer::{answer, outcome};
use crate::wire::codes::Code as _;
use crate::wire::command::{CommandMessage, Taking, request};
use crate::wire::field::id;
use crate::wire::shared::meta as checked_meta;

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
            let tells = incoming.state == IncomingState::Decided && incoming.came.is_some();
            let recorded = if tells {
                Some(self.told(&known, message).await?)
            } else {
                None
            };
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

    async fn told(&self, known: &Known, message: MakeReplyRequest) -> Outcome<Recorded> {
        let told = AnswerIncomingRequest {
            meta: message.meta,
            incoming_id: message.incoming_id,
            told: PersonTold::Told.number(),
            channel: message.channel,
        };
        Ok(outcome(&self.step(known, told).await?))
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
            checked_meta(meta.clone())?;
            let which = id(&referral_id, "referral_id")?;
            let read = self
                .api
                .read(&known, move |reader| reader.reply_to(which, &reply));
            let (case, stands, reply) = read.await?;
            let named = (case.to_string(), referral_id);
            self.apply(&known, (meta, named), (stands, reply.state))
                .await
        };
        finish(line, outcome.await)
    }

    /// What a recipient decided it received before: that is recorded first where it was not.
    async fn apply(
        &self,
        known: &Known,
        (mut meta, (case, referral_id)): (Option<CommandMeta>, (String, String)),
        (stands, says): (ReferralState, ReplyState),
    ) -> Outcome<TakeReplyResponse> {
        let case_id = Some(case);
        let receive = |meta| ReceiveReferralRequest {
            meta,
            case_id: case_id.clone(),
            referral_id: referral_id.clone(),
        };
        if stands == ReferralState::Sent && says != ReplyState::Received {
            let first = meta.as_mut().map(|meta| CommandMeta {
                request_id: RequestId::fresh(&mut SystemEntropy).to_string(),
                expected_version: meta.expected_version.take(),
                occurred_at: meta.occurred_at,
            });
            self.step(known, receive(first)).await?;
        }
        let (done, state) = match says {
            ReplyState::Received => {
                let done = self.step(known, receive(meta)).await?;
                (done, ReferralState::Received)
            }
            ReplyState::Accepted => {
                let accept = AcceptReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                };
                (self.step(known, accept).await?, ReferralState::Accepted)
            }
            ReplyState::NotAccepted(reason) => {
                let decline = DeclineReferralRequest {
                    meta,
                    case_id,
                    referral_id,
                    reason: reason.number(),
                };
                (self.step(known, decline).await?, ReferralState::NotAccepted)
            }
        };
        Ok(TakeReplyResponse {
            outcome: Some(outcome(&done)),
            state: state.number(),
        })
    }

    /// One command that names all it needs.
    async fn step<M: CommandMessage>(&self, known: &Known, message: M) -> Outcome<Answer> {
        let request = request(message, known.caller(), None)?;
        self.api.submit(request).await
    }
}
