//! Command messages: each becomes one [`Command`], or a refusal.
//!
//! - One file per service. A message whose meta or fields are wrong never reaches the ledger.

mod admin;
mod breach;
mod complaint;
mod consent;
mod directory;
mod incoming;
mod inquiry;
mod intake;
mod interview;
mod packet;
mod protection;
mod referral;
mod rights;
mod statistics;
mod tracking;

use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::{CaseId, ReferralId};
use ledger::refusal::{Refusal, Refused};
use proto::common::v1::CommandMeta;

use super::Checked;
use super::answer::AnswerMessage;
use super::field::{id, optional_id};
use super::shared::meta;

pub use packet::Taking;
pub use statistics::Publishing;

/// A message that asks for a change.
pub trait CommandMessage: Send + 'static {
    /// The message that answers it.
    type Answer: AnswerMessage;

    /// Takes out what comes with every command.
    fn take_meta(&mut self) -> Option<CommandMeta>;

    /// The referral whose case must be found first, because the message names none.
    fn case_sought(&self) -> Option<&str> {
        None
    }

    /// What is asked for; `found` is the case of the referral in [`Self::case_sought`].
    fn command(self, found: Option<CaseId>) -> Checked<Command>;
}

/// A whole request: who asks, what came with it, and what is asked for.
pub fn request<M: CommandMessage>(
    mut message: M,
    caller: Caller,
    found: Option<CaseId>,
) -> Checked<Request> {
    let meta = meta(message.take_meta())?;
    Ok(Request {
        request: meta.request,
        caller,
        expected_version: meta.expected_version,
        occurred: meta.occurred,
        command: message.command(found)?,
    })
}

/// The referral that a message names, and its case: named too, or found by the referral.
fn referral_in_case(
    case: Option<&str>,
    referral: &str,
    found: Option<CaseId>,
) -> Checked<(CaseId, ReferralId)> {
    let case = optional_id(case, "case_id")?;
    let referral = id(referral, "referral_id")?;
    let case = case.or(found);
    let case = case.ok_or_else(|| Refused::about(Refusal::NotFound, "referral_id"))?;
    Ok((case, referral))
}

/// Ties a command message to its answer and its meta field; the closure makes the command. With
/// `by referral`, the case may be left out.
macro_rules! command_message {
    ($request:ty => $answer:ty, |$message:ident| $command:expr) => {
        impl crate::wire::command::CommandMessage for $request {
            type Answer = $answer;

            fn take_meta(&mut self) -> Option<proto::common::v1::CommandMeta> {
                self.meta.take()
            }

            fn command(
                self,
                _found: Option<ledger::domain::ids::CaseId>,
            ) -> crate::wire::Checked<ledger::domain::command::Command> {
                let $message = self;
                Ok($command)
            }
        }
    };
    (
        $request:ty => $answer:ty, by referral,
        |$message:ident, $found:ident| $command:expr
    ) => {
        impl crate::wire::command::CommandMessage for $request {
            type Answer = $answer;

            fn take_meta(&mut self) -> Option<proto::common::v1::CommandMeta> {
                self.meta.take()
            }

            fn case_sought(&self) -> Option<&str> {
                self.case_id.is_none().then_some(self.referral_id.as_str())
            }

            fn command(
                self,
                $found: Option<ledger::domain::ids::CaseId>,
            ) -> crate::wire::Checked<ledger::domain::command::Command> {
                let $message = self;
                Ok($command)
            }
        }
    };
}
use command_message;

#[cfg(test)]
mod tests;
