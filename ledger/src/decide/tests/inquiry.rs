//! C11. The service is asked first, without a word about the person; accompaniment, transport and
//! interpreter are offered and recorded.

use super::*;
use crate::domain::inquiry::{Asked, Inquiry};

fn asked() -> Asked {
    Asked {
        questions: [InquiryQuestion::Availability, InquiryQuestion::Fees].into(),
        need: Need::Legal,
        age_group: Some(AgeGroup::Adult),
        gender: Some(GenderGroup::Female),
        area: Some(PublicText("JO21".to_owned())),
    }
}

fn asking(service: ServiceId, asked: Asked) -> Command {
    Command::AskService(AskingService {
        service,
        asked,
        channel: Channel::Portal,
    })
}

fn answering(inquiry: InquiryId) -> AnsweringInquiry {
    AnsweringInquiry {
        service: HEALTH,
        inquiry,
        answer: Some(InquiryAnswer::Wait),
        wait_days: Some(14),
        fee: Some(InquiryFee::Free),
        channel: Channel::Portal,
    }
}

fn inquired(world: &mut World) -> InquiryId {
    let command = asking(HEALTH, asked());
    let done = world.ask(FRONT, command).done(&["ServiceAsked"]);
    assert_eq!(done.records[0].stream, StreamId::Service(HEALTH));
    match &done.records[0].event {
        Event::ServiceAsked(it) => it.inquiry,
        other => panic!("{other:?}"),
    }
}

fn known(world: &World, inquiry: InquiryId) -> Inquiry {
    world.services[&HEALTH].inquiries[&inquiry].clone()
}

#[test]
fn c11_a_service_is_asked_about_a_group_and_answers_itself_once() {
    let mut world = World::new();
    let inquiry = inquired(&mut world);
    assert_eq!(known(&world, inquiry).organisation, HOME);
    let again = asking(HEALTH, asked());
    world
        .ask(FOCAL, again)
        .refused_about(Refusal::AlreadyExists, "inquiry");
    let answer = Command::AnswerInquiry(answering(inquiry));
    world
        .ask(PROVIDER, answer.clone())
        .done(&["ServiceAnswered"]);
    let answered = known(&world, inquiry).answered.expect("answered");
    assert_eq!(answered.wait_days, Some(14));
    world
        .ask(FRONT, answer)
        .refused_about(Refusal::AlreadyExists, "answer");
    // What is so later is asked anew.
    inquired(&mut world);
}

#[test]
fn c11_a_question_that_nobody_answers_is_given_up_by_who_asked_and_asked_again() {
    let mut world = World::new();
    let inquiry = inquired(&mut world);
    let mut none = answering(inquiry);
    (none.answer, none.wait_days, none.fee) = (Some(InquiryAnswer::NoAnswer), None, None);
    let none = Command::AnswerInquiry(none);
    // A service that answers has answered.
    world
        .ask(PROVIDER, none.clone())
        .refused(Refusal::NotAllowed);
    world.ask(FOCAL, none.clone()).done(&["ServiceAnswered"]);
    world
        .ask(FRONT, none)
        .refused_about(Refusal::AlreadyExists, "answer");
    inquired(&mut world);
}

#[test]
fn c11_who_asked_records_the_answer_that_came_by_phone_and_nobody_else_knows_of_it() {
    let mut world = World::new();
    let inquiry = inquired(&mut world);
    let answer = Command::AnswerInquiry(answering(inquiry));
    for nobody in [TEACHER, STRANGER] {
        world
            .ask(nobody, answer.clone())
            .refused_about(Refusal::NotFound, "inquiry");
    }
    // A role that neither asks nor serves knows no more, of whichever organisation.
    for nobody in [COORDINATOR, ADMIN, AUDITOR] {
        let refused = world.ask(nobody, answer.clone()).0.err().expect("refused");
        assert_eq!(refused.refusal, Refusal::NotFound);
    }
    let unknown = Command::AnswerInquiry(answering(InquiryId([99; 16])));
    world
        .ask(PROVIDER, unknown)
        .refused_about(Refusal::NotFound, "inquiry");
    let mut by_phone = answering(inquiry);
    by_phone.channel = Channel::Phone;
    let by_phone = Command::AnswerInquiry(by_phone);
    world.ask(FRONT_TWO, by_phone).done(&["ServiceAnswered"]);
}

#[test]
fn c11_what_cannot_mean_anything_is_malformed() {
    let mut world = World::new();
    let mut nothing = asked();
    nothing.questions.clear();
    world
        .ask(FRONT, asking(HEALTH, nothing))
        .refused_about(Refusal::Malformed, "questions");
    let mut name = asked();
    name.area = Some(PublicText("Mariam's street".to_owned()));
    world
        .ask(FRONT, asking(HEALTH, name))
        .refused_about(Refusal::Malformed, "area");
    let inquiry = inquired(&mut world);
    let wrong = |change: fn(&mut AnsweringInquiry)| {
        let mut answer = answering(inquiry);
        change(&mut answer);
        Command::AnswerInquiry(answer)
    };
    for (command, field) in [
        (wrong(|it| it.wait_days = None), "wait_days"),
        (wrong(|it| it.wait_days = Some(0)), "wait_days"),
        (wrong(|it| it.wait_days = Some(u32::MAX)), "wait_days"),
        (
            wrong(|it| it.answer = Some(InquiryAnswer::NotNow)),
            "wait_days",
        ),
        (
            wrong(|it| (it.answer, it.wait_days, it.fee) = (None, None, None)),
            "answer",
        ),
        (
            wrong(|it| (it.answer, it.wait_days) = (Some(InquiryAnswer::NoAnswer), None)),
            "fee",
        ),
    ] {
        world
            .ask(PROVIDER, command)
            .refused_about(Refusal::Malformed, field);
    }
}

#[test]
fn c11_the_refusals_of_asking_come_in_their_order() {
    let mut world = World::new();
    let unknown = ServiceId([77; 16]);
    world
        .ask(FRONT, asking(unknown, asked()))
        .refused_about(Refusal::NotFound, "service");
    // A hidden shelter is asked by who may know of it.
    world
        .ask(FRONT, asking(SHELTER, asked()))
        .refused_about(Refusal::NotFound, "service");
    world
        .ask(FOCAL, asking(SHELTER, asked()))
        .done(&["ServiceAsked"]);
    for nobody in [PROVIDER, AUDITOR, DPO, ADMIN, COORDINATOR, SAFE] {
        world
            .ask(nobody, asking(HEALTH, asked()))
            .refused(Refusal::NotAllowed);
    }
    let stale = asking(HEALTH, asked());
    world
        .ask_as(Caller::Staff(FRONT), Some(9), None, stale)
        .refused(Refusal::VersionConflict);
    inquired(&mut world);
    Arc::make_mut(world.services.get_mut(&HEALTH).expect("there")).retired = true;
    world
        .ask(FRONT, asking(HEALTH, asked()))
        .refused_about(Refusal::AlreadyExists, "inquiry");
    let mut other = asked();
    other.need = Need::Shelter;
    world
        .ask(FRONT, asking(HEALTH, other))
        .refused(Refusal::ServiceRetired);
    world
        .ask(FRONT, asking(EMBASSY, asked()))
        .refused_about(Refusal::RecipientNotCovered, "state_of_origin");
}

fn arranging(
    world: &World,
    referral: ReferralId,
    kind: ArrangementKind,
    state: ArrangementState,
) -> Command {
    Command::RecordArrangement(Arranging {
        case: world.id(),
        referral,
        kind,
        state,
    })
}

#[test]
fn c11_accompaniment_is_offered_wanted_arranged_and_done_and_nothing_unwanted_is_arranged() {
    use ArrangementState::*;
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &[DataCategory::Needs]);
    let referral = world.drafted(command);
    let kind = ArrangementKind::Transport;
    let unwanted = arranging(&world, referral, kind, Arranged);
    world
        .ask(FRONT, unwanted.clone())
        .refused_about(Refusal::ArrangementState, "none");
    for state in [Offered, NotWanted, Wanted, Arranged, Done] {
        let command = arranging(&world, referral, kind, state);
        world.ask(FRONT, command).done(&["ArrangementRecorded"]);
    }
    let after = arranging(&world, referral, kind, Offered);
    world
        .ask(FRONT, after)
        .refused_about(Refusal::ArrangementState, "done");
    // Each kind stands by itself.
    let other = arranging(&world, referral, ArrangementKind::Interpreter, Offered);
    world
        .ask(FOCAL, other.clone())
        .done(&["ArrangementRecorded"]);
    world
        .ask(FRONT_TWO, other.clone())
        .refused(Refusal::NotAllowed);
    world.ask(PROVIDER, other).refused(Refusal::NotFound);
}

#[test]
fn c11_an_interpreter_is_arranged_for_a_second_appointment_and_is_not_wanted_any_more() {
    use ArrangementState::*;
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &[DataCategory::Needs]);
    let referral = world.drafted(command);
    let kind = ArrangementKind::Interpreter;
    let states = [
        Offered,
        Wanted,
        Arranged,
        Done,
        Arranged,
        Done,
        Arranged,
        NotPossible,
        NotWanted,
        Wanted,
    ];
    for state in states {
        let command = arranging(&world, referral, kind, state);
        world.ask(FRONT, command).done(&["ArrangementRecorded"]);
    }
}

#[test]
fn c11_nothing_is_arranged_for_a_referral_that_has_ended() {
    let mut world = World::adult();
    let referral = world.reviewed(&[DataCategory::Needs]);
    let recall = Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::Other,
    };
    world.ask(FOCAL, recall).done(&["ReferralRecalled"]);
    let kind = ArrangementKind::Accompaniment;
    // The referral's state comes before the arrangement's.
    let command = arranging(&world, referral, kind, ArrangementState::Done);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::ReferralState, "recalled");
}

#[test]
fn d3_what_a_hidden_service_was_asked_is_answered_by_it_and_by_who_may_know_of_it() {
    let mut world = World::new();
    let done = world.ask(FOCAL, asking(SHELTER, asked()));
    let done = done.done(&["ServiceAsked"]);
    let Event::ServiceAsked(it) = &done.records[0].event else {
        panic!("another event")
    };
    let answer = AnsweringInquiry {
        service: SHELTER,
        ..answering(it.inquiry)
    };
    let command = Command::AnswerInquiry(answer);
    // As if there were none, though their own organisation asked.
    world
        .ask(FRONT, command.clone())
        .refused_about(Refusal::NotFound, "inquiry");
    world
        .clone()
        .ask(FOCAL, command.clone())
        .done(&["ServiceAnswered"]);
    let runs_it = world.services[&SHELTER].entry.organisation;
    let provider = world.staff.get_mut(&PROVIDER).expect("there");
    Arc::make_mut(provider).organisation = runs_it;
    world.ask(PROVIDER, command).done(&["ServiceAnswered"]);
}
