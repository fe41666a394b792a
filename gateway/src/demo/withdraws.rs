//! Selam withdraws after the referral was accepted, and wants her data destroyed at once.

use proto::common::v1::{Capacity, DataCategory, Urgency, ViewPurpose};
use proto::consent::v1::GiveConsentRequest;
use proto::protection::v1::{ShredWish, WithdrawConsentRequest};

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// Tells it.
pub(super) async fn tell(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin("selam", "Selam, 41, takes everything back (invented)");
    let identity = person("Selam Example", "41", "Amharic", None);
    let words = "A record is kept, with consent to that alone.";
    let opening = open_adult(identity, &CATEGORIES, story.now);
    let opened = story
        .step(&staff.noor, "selam.open", words, opening)
        .await?;
    let case = opened.id("case_id")?;
    let client = opened.id("client_person_id")?;
    let referral = referred(story, staff, &case, &client).await?;
    let words = "Amal opens what was sent. That she did is recorded before she sees anything.";
    story
        .look(&staff.amal, "selam.look", words, &referral)
        .await?;
    taken_back(story, staff, &case, &referral).await?;
    story.end("selam")
}

/// The referral, from consent to accepted.
async fn referred(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    client: &str,
) -> Result<String, DemoError> {
    let (service, clearwater) = story.service("Mental health and psychosocial support")?;
    let consent = GiveConsentRequest {
        case_id: case.to_owned(),
        person_id: client.to_owned(),
        given_by_id: Some(client.to_owned()),
        scope: Some(to_refer(&[clearwater], &CATEGORIES)),
        consent: Some(spoken(Capacity::Own, "Amharic", None, story.now)),
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
    let asked = draft(case, service, Urgency::Routine, &items);
    let drafted = story
        .step(&staff.noor, "selam.draft", "A draft.", asked)
        .await?;
    let id = drafted.id("referral_id")?;
    let words = "Samir signs it off.";
    story
        .step(&staff.samir, "selam.review", words, review(case, &id))
        .await?;
    story
        .step(&staff.samir, "selam.send", "It goes.", send(case, &id))
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
    Ok(id)
}

/// Withdrawn, destroyed, and looked for in vain.
async fn taken_back(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    referral: &str,
) -> Result<(), DemoError> {
    let withdrawal = WithdrawConsentRequest {
        case_id: case.to_owned(),
        shred: ShredWish::AtOnce.into(),
        ..WithdrawConsentRequest::default()
    };
    let words = "Selam changes her mind, about everything, and wants it gone now. From this moment \
                 nobody reads it, and Clearwater is asked to stop, return or destroy.";
    story
        .step(&staff.noor, "selam.withdraw", words, withdrawal)
        .await?;
    story.await_shredding(&staff.samir, case).await?;
    let words = "Amal looks again: Clearwater sees nothing of what was stopped.";
    let seen = view(referral, ViewPurpose::Service);
    story
        .attempt(&staff.amal, "selam.look-outside", words, seen)
        .await?;
    let words = "Samir looks, in the organisation that wrote it.";
    story
        .look_in_vain(&staff.samir, "selam.look-again", words, referral)
        .await?;
    story.read_history(&staff.samir, case).await
}

const CATEGORIES: [DataCategory; 2] = [DataCategory::Identity, DataCategory::Health];
