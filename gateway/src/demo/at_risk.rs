//! Daniel's life is in danger: help first, the least data, a second person within hours.

use proto::common::v1::{
    Channel, DataCategory, ExceptionKind, ExceptionReason, ExceptionTold, ReviewOutcome, Urgency,
};
use proto::consent::v1::{DecideExceptionRequest, InvokeExceptionRequest, ReviewExceptionRequest};

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// Tells it.
pub(super) async fn tell(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin("daniel", "Daniel, 34, in danger tonight (invented)");
    let identity = person("Daniel Example", "34", "English", None);
    let words = "Daniel agrees to a record, and to nothing else.";
    let opening = open_adult(identity, &CATEGORIES, story.now);
    let opened = story
        .step(&staff.noor, "daniel.open", words, opening)
        .await?;
    let case = opened.id("case_id")?;
    let exception = act_first(story, staff, &case).await?;
    let referral = referred(story, staff, &case, &exception).await?;
    second_person(story, staff, &case, &exception).await?;
    let words = "An emergency goes unsigned; somebody else, Grace, signs it off afterwards.";
    story
        .step(
            &staff.grace,
            "daniel.review",
            words,
            review(&case, &referral),
        )
        .await?;
    let words = "Daniel is being cared for.";
    story
        .step(&staff.amal, "daniel.accept", words, accept(&referral))
        .await?;
    third_person(story, staff, &case, &exception).await?;
    story.end("daniel")
}

async fn act_first(story: &mut Story, staff: &Staff, case: &str) -> Result<String, DemoError> {
    let (_, clearwater) = story.service("Urgent care")?;
    let invoke = InvokeExceptionRequest {
        case_id: case.to_owned(),
        kind: ExceptionKind::ImmediateRisk.into(),
        reason: ExceptionReason::RiskToSelf.into(),
        scope: Some(to_refer(&[clearwater], &CATEGORIES)),
        told: Some(ExceptionTold::Before.into()),
        told_by: Some(Channel::InPerson.into()),
        procedure: None,
        note: "Invented: said that he will not see the morning; was told what happens now".into(),
        meta: None,
    };
    let mut to_anybody = invoke.clone();
    to_anybody.scope = Some(to_refer(&[], &CATEGORIES));
    let words = "Samir wants to tell everybody who might help. An exception names its recipient.";
    story
        .attempt(&staff.samir, "daniel.too-wide", words, to_anybody)
        .await?;
    let words = "Immediate risk: Samir acts first. One recipient, two kinds of data, hours only.";
    let invoked = story
        .step(&staff.samir, "daniel.exception", words, invoke)
        .await?;
    invoked.id("exception_id")
}

async fn referred(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    exception: &str,
) -> Result<String, DemoError> {
    let (urgent_care, _) = story.service("Urgent care")?;
    let items = [
        (DataCategory::Identity, "Daniel Example (invented)"),
        (
            DataCategory::Health,
            "invented: in danger tonight; do not leave alone",
        ),
    ];
    let mut asked = draft(case, urgent_care, Urgency::Emergency, &items);
    asked.ground_id = Some(exception.to_owned());
    let words = "The draft rests on the exception, not on a consent.";
    let drafted = story
        .step(&staff.samir, "daniel.draft", words, asked)
        .await?;
    let id = drafted.id("referral_id")?;
    story
        .step(
            &staff.samir,
            "daniel.send",
            "It goes, now.",
            send(case, &id),
        )
        .await?;
    story
        .step(
            &staff.amal,
            "daniel.receive",
            "Urgent care has it.",
            receive(&id),
        )
        .await?;
    Ok(id)
}

async fn second_person(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    exception: &str,
) -> Result<(), DemoError> {
    let decide = DecideExceptionRequest {
        case_id: case.to_owned(),
        exception_id: exception.to_owned(),
        confirm: true,
        meta: None,
    };
    let words = "Samir cannot confirm his own exception.";
    story
        .attempt(&staff.samir, "daniel.own", words, decide.clone())
        .await?;
    let words = "Grace reads his reasons and confirms it, within the hours allowed.";
    story
        .step(&staff.grace, "daniel.confirm", words, decide)
        .await?;
    Ok(())
}

async fn third_person(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    exception: &str,
) -> Result<(), DemoError> {
    let review = ReviewExceptionRequest {
        case_id: case.to_owned(),
        exception_id: exception.to_owned(),
        found: ReviewOutcome::Justified.into(),
        measures: Vec::new(),
        meta: None,
    };
    let words = "Grace, who confirmed it, is not the one to look at it afterwards.";
    story
        .attempt(&staff.grace, "daniel.own-review", words, review.clone())
        .await?;
    let words = "Ines is a third person. She finds it justified; auditors list it by itself.";
    story
        .step(&staff.ines, "daniel.third", words, review)
        .await?;
    Ok(())
}

const CATEGORIES: [DataCategory; 2] = [DataCategory::Identity, DataCategory::Health];
