//! Commands of `DirectoryService` about asking services first.

use ledger::domain::codes::{AgeGroup, GenderGroup, InquiryAnswer, InquiryFee};
use ledger::domain::command::{AnsweringInquiry, AskingService, Command};
use ledger::domain::event::PublicText;
use ledger::domain::inquiry::Asked;
use proto::directory::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{Code, code, optional, set};
use crate::wire::field::id;

command_message!(AskServiceRequest => AskServiceResponse, |message| {
    Command::AskService(AskingService {
        service: id(&message.service_id, "service_id")?,
        asked: Asked {
            questions: set(&message.questions, "questions")?,
            need: code(message.need, "need")?,
            age_group: said::<AgeGroup>(message.age_group, "age_group")?,
            gender: said::<GenderGroup>(message.gender, "gender")?,
            area: message.area.map(PublicText),
        },
        channel: code(message.channel, "channel")?,
    })
});

command_message!(AnswerInquiryRequest => AnswerInquiryResponse, |message| {
    Command::AnswerInquiry(AnsweringInquiry {
        service: id(&message.service_id, "service_id")?,
        inquiry: id(&message.inquiry_id, "inquiry_id")?,
        answer: said::<InquiryAnswer>(message.answer, "answer")?,
        wait_days: message.wait_days,
        fee: said::<InquiryFee>(message.fee, "fee")?,
        channel: code(message.channel, "channel")?,
    })
});

/// A code that need not be said.
fn said<C: Code>(number: i32, field: &str) -> Checked<Option<C>> {
    optional((number != 0).then_some(number), field)
}
