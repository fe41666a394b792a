//! The command of `StatisticsService`, which carries figures that were made here.

use ledger::domain::command::Command;
use ledger::domain::event::PublicText;
use ledger::domain::ids::CaseId;
use proto::common::v1::CommandMeta;
use proto::statistics::v1::{PublishFiguresRequest, PublishFiguresResponse};

use super::CommandMessage;
use crate::api::statistics::ToPublish;
use crate::wire::Checked;
use crate::wire::time::day;

/// What is to be published: which cohort was asked for, and the figures that were made of it. A
/// caller never sends figures.
pub struct Publishing {
    /// What was asked for.
    pub message: PublishFiguresRequest,
    /// What was made of it.
    pub made: ToPublish,
}

impl CommandMessage for Publishing {
    type Answer = PublishFiguresResponse;

    fn take_meta(&mut self) -> Option<CommandMeta> {
        self.message.meta.take()
    }

    fn command(self, _found: Option<CaseId>) -> Checked<Command> {
        Ok(Command::PublishFigures {
            from: day(&self.message.from, "from")?,
            until: day(&self.message.until, "until")?,
            events: self.made.events,
            figures: PublicText(self.made.figures),
        })
    }
}
