//! Three more people: one who is not recorded, one who takes everything back, one in danger.

use proto::common::v1::{
    AgeGroup, Capacity, DataCategory, ExceptionKind, ExceptionReason, Identity, RefusalReason,
    Sensitivity, Urgency,
};
use proto::consent::v1::{DecideExceptionRequest, GiveConsentRequest, InvokeExceptionRequest};
use proto::intake::v1::{GiveLinkRequest, OpenCaseRequest, RefuseRecordRequest};
use proto::protection::v1::{ShredWish, WithdrawConsentRequest};

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// A woman who wants help and no record: information is given, and nobody is written down.
pub(super) async fn refuses(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin(
        "refuses",
        "Somebody who does not want to be recorded (invented)",
    );
    let opening = OpenCaseRequest {
        identity: Some(person("Somebody Example", "about 40", "English", None)),
        age_group: AgeGroup::Adult.into(),
        sensitivity: Sensitivity::Standard.into(),
        consent: None,
        categories: numbers(&[DataCategory::Identity]),
        meta: None,
    };
    let words = "Noor has typed a name before asking. The ledger does not take it.";
    story
        .attempt(&staff.noor, "refuses.no-consent", words, opening)
        .await?;
    let refusal = RefuseRecordRequest {
        reason: Some(RefusalReason::Distrust.into()),
        meta: None,
    };
    let words = "She says no. It is counted by day, without her and without Noor; she said why, \
                 nobody asked.";
    story
        .step(&staff.noor, "refuses.count", words, refusal)
        .await?;
    let (food, _) = story.service("Food parcels")?;
    let (drop_in, _) = story.service("Drop-in centre")?;
    let link = GiveLinkRequest {
        service_ids: vec![food.to_string(), drop_in.to_string()],
        meta: None,
    };
    let words = "She gets the information all the same. A link counts services, never people.";
    story.step(&staff.noor, "refuses.link", words, link).await?;
    story.end("refuses")
}

/// A woman who withdraws after the referral was accepted, and wants her data destroyed at once.
pub(super) async fn withdraws(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin("selam", "Selam, 41, takes everything back (invented)");
    let identity = person("Selam Example", "41", "Amharic", None);
    let recorded = [DataCategory::Identity, DataCategory::Health];
    let (case, client) = open(story, staff, "selam", identity, &recorded).await?;
    let (service, clearwater) = story.service("Mental health and psychosocial support")?;
    let now = story.now;
    let consent = GiveConsentRequest {
        case_id: case.clone(),
        person_id: client.clone(),
        given_by_id: Some(client),
        scope: Some(to_refer(&[clearwater], &recorded)),
        consent: Some(spoken(Capacity::Own, "Amharic", None, now)),
        meta: None,
    };
    let words = "She agrees to be referred to Clearwater.";
    story
        .step(&staff.noor, "selam.consent", words, consent)
        .await?;
    let items = [
        (DataCategory::Identity, "Selam Example (invented)"),
        (
            DataCategory::Health,
            "invented: has bad dreams; asks for a woman to talk to",
        ),
    ];
    let asked = draft(&case, service, Urgency::Routine, &items);
    let drafted = story
        .step(&staff.noor, "selam.draft", "A draft.", asked)
        .await?;
    let id = drafted.id("referral_id")?;
    let words = "Samir signs it off, and sends it.";
    story
        .step(&staff.samir, "selam.review", words, review(&case, &id))
        .await?;
    story
        .step(&staff.samir, "selam.send", "It goes.", send(&case, &id))
        .await?;
    story
        .step(
            &staff.amal,
            "selam.receive",
            "Clearwater has it.",
            receive(&id),
        )
        .await?;
    story
        .step(
            &staff.amal,
            "selam.accept",
            "Clearwater accepts.",
            accept(&id),
        )
        .await?;
    let words = "Amal opens what was sent. That she did is recorded before she sees anything.";
    story.look(&staff.amal, "selam.look", words, &id).await?;

    let withdrawal = WithdrawConsentRequest {
        case_id: case.clone(),
        person_id: None,
        consent_id: None,
        part: None,
        shred: ShredWish::AtOnce.into(),
        meta: None,
    };
    let words = "Selam changes her mind, about everything, and wants it gone now. From this moment \
                 nobody reads it.";
    story
        .step(&staff.noor, "selam.withdraw", words, withdrawal)
        .await?;
    story.await_shredding(&staff.samir, &case).await?;
    let words = "Amal looks again.";
    story
        .look_in_vain(&staff.amal, "selam.look-again", words, &id)
        .await?;
    story.read_history(&staff.samir, &case).await?;
    story.end("selam")
}

/// A man whose life is in danger: help first, the least data, a second person within hours.
pub(super) async fn at_risk(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin("daniel", "Daniel, 34, in danger tonight (invented)");
    let identity = person("Daniel Example", "34", "English", None);
    let recorded = [DataCategory::Identity, DataCategory::Health];
    let (case, _) = open(story, staff, "daniel", identity, &recorded).await?;
    let (urgent_care, clearwater) = story.service("Urgent care")?;
    let invoke = InvokeExceptionRequest {
        case_id: case.clone(),
        kind: ExceptionKind::ImmediateRisk.into(),
        reason: ExceptionReason::RiskToSelf.into(),
        scope: Some(to_refer(&[clearwater], &recorded)),
        told: true,
        note: "Invented: said that he will not see the morning; was told what happens now".into(),
        meta: None,
    };
    let mut to_anybody = invoke.clone();
    to_anybody.scope = Some(to_refer(&[], &recorded));
    let words = "Samir wants to tell everybody who might help. An exception names its recipient.";
    story
        .attempt(&staff.samir, "daniel.too-wide", words, to_anybody)
        .await?;
    let words =
        "Immediate risk: Samir acts first. One recipient, two kinds of data, for hours only.";
    let invoked = story
        .step(&staff.samir, "daniel.exception", words, invoke)
        .await?;
    let exception = invoked.id("exception_id")?;

    let items = [
        (DataCategory::Identity, "Daniel Example (invented)"),
        (
            DataCategory::Health,
            "invented: in danger tonight; do not leave alone",
        ),
    ];
    let mut asked = draft(&case, urgent_care, Urgency::Emergency, &items);
    asked.ground_id = Some(exception.clone());
    let words = "The draft rests on the exception, not on a consent.";
    let drafted = story
        .step(&staff.samir, "daniel.draft", words, asked)
        .await?;
    let id = drafted.id("referral_id")?;
    story
        .step(
            &staff.samir,
            "daniel.review",
            "Signed off.",
            review(&case, &id),
        )
        .await?;
    story
        .step(
            &staff.samir,
            "daniel.send",
            "It goes, now.",
            send(&case, &id),
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

    let decide = DecideExceptionRequest {
        case_id: case.clone(),
        exception_id: exception,
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
    story
        .step(
            &staff.amal,
            "daniel.accept",
            "Daniel is being cared for.",
            accept(&id),
        )
        .await?;
    story.end("daniel")
}

/// Opens an adult's case with consent to record it; case and client.
async fn open(
    story: &mut Story,
    staff: &Staff,
    name: &str,
    identity: Identity,
    recorded: &[DataCategory],
) -> Result<(String, String), DemoError> {
    let language = identity.languages.clone().unwrap_or_default();
    let opening = OpenCaseRequest {
        identity: Some(identity),
        age_group: AgeGroup::Adult.into(),
        sensitivity: Sensitivity::Standard.into(),
        consent: Some(spoken(Capacity::Own, &language, None, story.now)),
        categories: numbers(recorded),
        meta: None,
    };
    let step = format!("{name}.open");
    let words = "A record is kept, with consent to that alone.";
    let opened = story.step(&staff.noor, &step, words, opening).await?;
    Ok((opened.id("case_id")?, opened.id("client_person_id")?))
}
