//! Commands of `ReferralService`.

use ledger::domain::command::{
    AnsweringRecall, Arranging, Cancelling, Command, Confirming, Consulting, FollowUpContract,
    FollowingUp, TellingFees,
};
use proto::referral::v1::*;

use super::{command_message, referral_in_case};
use crate::wire::Checked;
use crate::wire::codes::{code, set};
use crate::wire::field::{id, optional_id};
use crate::wire::shared::items;
use crate::wire::text::optional_long;
use crate::wire::time::day;

command_message!(DraftReferralRequest => DraftReferralResponse, |message| {
    Command::DraftReferral {
        case: id(&message.case_id, "case_id")?,
        service: id(&message.service_id, "service_id")?,
        urgency: code(message.urgency, "urgency")?,
        ground: optional_id(message.ground_id.as_deref(), "ground_id")?,
        items: items(message.items)?,
        follows: optional_id(message.follows_id.as_deref(), "follows_id")?,
    }
});

command_message!(ReviseReferralRequest => ReviseReferralResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::ReviseReferral {
        case,
        referral,
        ground: optional_id(message.ground_id.as_deref(), "ground_id")?,
        items: items(message.items)?,
    }
});

command_message!(ReviewReferralRequest => ReviewReferralResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::ReviewReferral {
        case,
        referral,
        read_back: message.read_back,
        copy_given: message.copy_given,
    }
});

command_message!(SendReferralRequest => SendReferralResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::SendReferral {
        case,
        referral,
        channel: code(message.channel, "channel")?,
        follow_up: message.follow_up.map(follow_up).transpose()?,
    }
});

fn follow_up(agreed: proto::common::v1::FollowUpContract) -> Checked<FollowUpContract> {
    Ok(FollowUpContract {
        channel: code(agreed.channel, "follow_up.channel")?,
        on: day(&agreed.on, "follow_up.on")?,
        items: set(&agreed.items, "follow_up.items")?,
    })
}

command_message!(CancelReferralRequest => CancelReferralResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::CancelReferral(Cancelling {
        case,
        referral,
        asked_by: optional_id(message.asked_by_id.as_deref(), "asked_by_id")?,
    })
});

command_message!(AnswerRecallRequest => AnswerRecallResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::AnswerRecall(AnsweringRecall {
        case,
        referral,
        answer: code(message.answer, "answer")?,
    })
});

command_message!(ConsultSpecialistRequest => ConsultSpecialistResponse, by referral,
    |message, found| {
        let (case, referral) =
            referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
        Command::ConsultSpecialist(Consulting {
            case,
            referral,
            specialist: optional_id(message.specialist_id.as_deref(), "specialist_id")?,
            advice: code(message.advice, "advice")?,
            channel: code(message.channel, "channel")?,
        })
    }
);

command_message!(ConfirmConsultationRequest => ConfirmConsultationResponse, by referral,
    |message, found| {
        let (case, referral) =
            referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
        Command::ConfirmConsultation(Confirming { case, referral, confirm: message.confirm })
    }
);

command_message!(RecordArrangementRequest => RecordArrangementResponse, by referral,
    |message, found| {
        let (case, referral) =
            referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
        Command::RecordArrangement(Arranging {
            case,
            referral,
            kind: code(message.kind, "kind")?,
            state: code(message.state, "state")?,
        })
    }
);

command_message!(TellFeesRequest => TellFeesResponse, by referral,
    |message, found| {
        let (case, referral) =
            referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
        Command::TellFees(TellingFees { case, referral, fees_version: message.fees_version })
    }
);

/// Steps that say nothing more than which referral.
macro_rules! bare_step {
    ($($request:ty => $answer:ty, $command:ident;)*) => {
        $(command_message!($request => $answer, by referral, |message, found| {
            let (case, referral) =
                referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
            Command::$command { case, referral }
        });)*
    };
}

bare_step! {
    ReceiveReferralRequest => ReceiveReferralResponse, ReceiveReferral;
    AcceptReferralRequest => AcceptReferralResponse, AcceptReferral;
    CompleteReferralRequest => CompleteReferralResponse, CompleteReferral;
}

/// Steps that come with a reason.
macro_rules! reasoned_step {
    ($($request:ty => $answer:ty, $command:ident;)*) => {
        $(command_message!($request => $answer, by referral, |message, found| {
            let (case, referral) =
                referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
            Command::$command { case, referral, reason: code(message.reason, "reason")? }
        });)*
    };
}

reasoned_step! {
    ReturnReferralRequest => ReturnReferralResponse, ReturnReferral;
    DeclineReferralRequest => DeclineReferralResponse, DeclineReferral;
    FailReferralRequest => FailReferralResponse, FailReferral;
    RecallReferralRequest => RecallReferralResponse, RecallReferral;
}

command_message!(RecordFollowUpRequest => RecordFollowUpResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::RecordFollowUp(FollowingUp {
        case,
        referral,
        person: optional_id(message.person_id.as_deref(), "person_id")?,
        outcome: code(message.outcome, "outcome")?,
        channel: code(message.channel, "channel")?,
        note: optional_long(message.note, "note")?,
    })
});

command_message!(RecordDisclosureRequest => RecordDisclosureResponse, |message| {
    Command::RecordDisclosure {
        case: id(&message.case_id, "case_id")?,
        recipient: id(&message.recipient_id, "recipient_id")?,
        categories: set(&message.categories, "categories")?,
        channel: code(message.channel, "channel")?,
    }
});
