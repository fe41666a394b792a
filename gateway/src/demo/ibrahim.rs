//! Ibrahim: HIV treatment, counselling and work. What his employer must not know never travels.

use proto::common::v1::{
    Capacity, Channel, DataCategory, IdentityOutcome, RequestKind, RequestedBy, Urgency,
};
use proto::consent::v1::GiveConsentRequest;
use proto::rights::v1::{CheckIdentityRequest, ReceiveRequestRequest};

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// Tells it.
pub(super) async fn tell(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin(
        "ibrahim",
        "Ibrahim, 29, asks for three kinds of help (invented)",
    );
    let identity = person("Ibrahim Example", "29", "French", Some(HOW_TO_REACH));
    let opening = open_adult(identity, &RECORDED, story.now);
    let words = "Ibrahim agrees that a record is kept. From here on he is a code, not a name.";
    let opened = story
        .step(&staff.noor, "ibrahim.open", words, opening)
        .await?;
    let case = opened.id("case_id")?;
    let client = opened.id("client_person_id")?;
    wrong_drafts(story, staff, &case).await?;
    health(story, staff, &case, &client).await?;
    work(story, staff, &case, &client).await?;
    story.end("ibrahim")
}

async fn wrong_drafts(story: &mut Story, staff: &Staff, case: &str) -> Result<(), DemoError> {
    let (work, _) = story.service("Work and apprenticeships")?;
    let (drop_in, _) = story.service("Drop-in centre")?;
    let (neighbours, _) = story.service("Neighbours who help")?;
    let telling = [
        NAME,
        SKILLS,
        (DataCategory::Health, "under treatment at a clinic"),
    ];
    let words = "Noor writes his illness into the job referral. The ledger does not take it.";
    let asked = draft(case, work, Urgency::Routine, &telling);
    story
        .attempt(&staff.noor, "ibrahim.job-with-health", words, asked)
        .await?;
    let words = "The drop-in centre: come as you are, no referral.";
    let asked = draft(case, drop_in, Urgency::Routine, &[NAME]);
    story
        .attempt(&staff.noor, "ibrahim.drop-in", words, asked)
        .await?;
    let words = "A volunteers' group that nobody has assessed yet.";
    let asked = draft(case, neighbours, Urgency::Routine, &[NAME]);
    story
        .attempt(&staff.noor, "ibrahim.not-assessed", words, asked)
        .await?;
    Ok(())
}

async fn health(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    client: &str,
) -> Result<(), DemoError> {
    let (hiv, clearwater) = story.service("HIV clinic")?;
    let (counselling, _) = story.service("Mental health and psychosocial support")?;
    let now = story.now;
    let consent = GiveConsentRequest {
        case_id: case.to_owned(),
        person_id: client.to_owned(),
        given_by_id: Some(client.to_owned()),
        scope: Some(to_refer(
            &[clearwater],
            &[DataCategory::Identity, DataCategory::Health],
        )),
        consent: Some(spoken(Capacity::Own, "French", None, now)),
        meta: None,
    };
    let words = "He agrees to the clinic: his name and his health, to Clearwater, to nobody else.";
    story
        .step(&staff.noor, "ibrahim.consent.clinic", words, consent)
        .await?;
    for (name, service, text) in [
        (
            "hiv",
            hiv,
            "has been on treatment since 2021; three weeks of medicine left",
        ),
        (
            "counselling",
            counselling,
            "sleeps badly; asks for somebody to talk to",
        ),
    ] {
        let items = [NAME, (DataCategory::Health, text)];
        let asked = draft(case, service, Urgency::Urgent, &items);
        let step = format!("ibrahim.draft.{name}");
        let words = format!("A draft for {name}.");
        let drafted = story.step(&staff.noor, &step, &words, asked).await?;
        let id = drafted.id("referral_id")?;
        let step = format!("ibrahim.review.{name}");
        let words = "Samir reads it back and signs it off.";
        story
            .step(&staff.samir, &step, words, review(case, &id))
            .await?;
        let step = format!("ibrahim.send.{name}");
        story
            .step(&staff.samir, &step, "It goes.", send(case, &id))
            .await?;
        let step = format!("ibrahim.receive.{name}");
        story
            .step(
                &staff.amal,
                &step,
                "Amal at Clearwater confirms receipt.",
                receive(&id),
            )
            .await?;
        let step = format!("ibrahim.accept.{name}");
        story
            .step(&staff.amal, &step, "Clearwater accepts.", accept(&id))
            .await?;
        if name == "hiv" {
            let words = "Ibrahim has his medicine: completed.";
            story
                .step(&staff.amal, "ibrahim.complete.hiv", words, complete(&id))
                .await?;
        }
    }
    Ok(())
}

async fn work(story: &mut Story, staff: &Staff, case: &str, client: &str) -> Result<(), DemoError> {
    let (service, second_start) = story.service("Work and apprenticeships")?;
    let asked = draft(case, service, Urgency::Routine, &[NAME, SKILLS]);
    let words = "The job referral again, without his health.";
    let drafted = story
        .step(&staff.noor, "ibrahim.draft.job", words, asked)
        .await?;
    let id = drafted.id("referral_id")?;
    let words = "Samir signs it off.";
    story
        .step(&staff.samir, "ibrahim.review.job", words, review(case, &id))
        .await?;
    let words = "Samir tries to send it on the consent that was for the clinic.";
    story
        .attempt(
            &staff.samir,
            "ibrahim.other-recipient",
            words,
            send(case, &id),
        )
        .await?;
    let categories = [DataCategory::Identity, DataCategory::Employment];
    let now = story.now;
    let consent = GiveConsentRequest {
        case_id: case.to_owned(),
        person_id: client.to_owned(),
        given_by_id: Some(client.to_owned()),
        scope: Some(to_refer(&[second_start], &categories)),
        consent: Some(spoken(Capacity::Own, "French", Some(KEPT_BACK), now)),
        meta: None,
    };
    let words = "He is asked about Second Start by itself, and agrees.";
    story
        .step(&staff.noor, "ibrahim.consent.job", words, consent)
        .await?;
    let words = "It goes, and waits for Second Start's answer in the worklist.";
    story
        .step(&staff.samir, "ibrahim.send.job", words, send(case, &id))
        .await?;
    asks_what_is_held(story, staff, case).await
}

/// A request that waits for Ines and Mira, for whoever follows the cards.
async fn asks_what_is_held(story: &mut Story, staff: &Staff, case: &str) -> Result<(), DemoError> {
    let asking = ReceiveRequestRequest {
        case_id: case.to_owned(),
        kind: RequestKind::Access.into(),
        requested_by: RequestedBy::Person.into(),
        channel: Channel::Phone.into(),
        ..ReceiveRequestRequest::default()
    };
    let words = "Ibrahim asks what is held about him. There is one month to answer.";
    let received = story
        .step(&staff.noor, "ibrahim.asks", words, asking)
        .await?;
    let checked = CheckIdentityRequest {
        case_id: case.to_owned(),
        subject_request_id: received.id("subject_request_id")?,
        outcome: IdentityOutcome::KnownToStaff.into(),
        meta: None,
    };
    let words = "Noor knows him: no papers. Ines is to advise, Mira to decide.";
    story
        .step(&staff.noor, "ibrahim.known", words, checked)
        .await?;
    Ok(())
}

const NAME: (DataCategory, &str) = (DataCategory::Identity, "Ibrahim Example (invented)");
const SKILLS: (DataCategory, &str) = (DataCategory::Employment, "a trained electrician");
const HOW_TO_REACH: &str = "Invented: text +1 555 010 0199 after six; say only 'your appointment'";
const KEPT_BACK: &str = "Invented: nothing about his health to anybody who gives work";

const RECORDED: [DataCategory; 5] = [
    DataCategory::Identity,
    DataCategory::Contact,
    DataCategory::Needs,
    DataCategory::Health,
    DataCategory::Employment,
];
