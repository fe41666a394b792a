//! The command of `StatisticsService`, which carries figures that were made here.

use ledger::domain::command::Command;
use ledger::domain::figures::FiguresMade;
use ledger::domain::ids::CaseId;
use proto::common::v1::CommandMeta;
use proto::statistics::v1::{PublishFiguresRequest, PublishFiguresResponse};

use super::CommandMessage;
use crate::wire::Checked;

/// What is to be published: what was asked for, and the figures that were made of it. No caller
/// ever sends figures.
pub struct Publishing {
    /// What was asked for.
    pub message: PublishFiguresRequest,
    /// What was made of it.
    pub made: FiguresMade,
}

impl CommandMessage for Publishing {
    type Answer = PublishFiguresResponse;

    fn take_meta(&mut self) -> Option<CommandMeta> {
        self.message.meta.take()
    }

    fn command(self, _found: Option<CaseId>) -> Checked<Command> {
        Ok(Command::PublishFigures { made: self.made })
    }
}
