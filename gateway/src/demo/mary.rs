//! Mary, 16, alone: child protection, school and legal advice; her assent and a decision in her
//! best interests together carry the referrals.

use ledger::clock::{DAY_MS, Timestamp};
use proto::common::v1::{
    AgeGroup, BestInterests, Capacity, CaregiverGap, ChildView, ConsentTaken, DataCategory,
    Sensitivity, Urgency,
};
use proto::consent::v1::GiveConsentRequest;
use proto::intake::v1::OpenCaseRequest;
use proto::tracking::v1::AssignStaffRequest;

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// Tells it.
pub(super) async fn tell(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
    story.begin("mary", "Mary, 16, arrived alone (invented)");
    let (case, person) = open(story, staff).await?;
    let drafts = drafts(story, staff, &case).await?;
    consents(story, staff, &case, &person, &drafts).await?;
    travel(story, staff, &case, &drafts).await?;
    story.end("mary")
}

/// Drafts by name, in the order they were written.
type Drafts = [(&'static str, String); 3];

async fn open(story: &mut Story, staff: &Staff) -> Result<(String, String), DemoError> {
    let now = story.now;
    let language = "Arabic";
    let opening = OpenCaseRequest {
        identity: Some(person("Mary Example", "about 16", language, None)),
        age_group: AgeGroup::Minor.into(),
        sensitivity: Sensitivity::Restricted.into(),
        consent: Some(spoken(Capacity::Assent, language, Some(HER_VIEW), now)),
        categories: numbers(&RECORDED),
        meta: None,
    };
    let words = "Noor explains everything first; Mary agrees that a record is kept. The case is \
                 restricted from the first moment.";
    let opened = story.step(&staff.noor, "mary.open", words, opening).await?;
    let case = opened.id("case_id")?;
    let assign = AssignStaffRequest {
        case_id: case.clone(),
        staff_id: staff.grace.staff.clone(),
        meta: None,
    };
    let words = "An unaccompanied child goes at once to the child-protection focal point: Grace.";
    story
        .step(&staff.noor, "mary.assign", words, assign)
        .await?;
    Ok((case, opened.id("client_person_id")?))
}

async fn drafts(story: &mut Story, staff: &Staff, case: &str) -> Result<Drafts, DemoError> {
    let (protection, _) = story.service("Case work for unaccompanied children")?;
    let (school, _) = story.service("Bridge classes")?;
    let (law, _) = story.service("Migration and asylum advice")?;
    let common = [
        (DataCategory::Identity, "Mary Example (invented)"),
        (DataCategory::Age, "about 16"),
    ];
    let with = |more: &[(DataCategory, &'static str)]| [&common[..], more].concat();
    let urgent = Urgency::Urgent;
    let routine = Urgency::Routine;
    let items = with(&[(
        DataCategory::Protection,
        "here without a caregiver; needs a safe place",
    )]);
    let words = "Three drafts, each with only what that service needs.";
    let one = draft(case, protection, urgent, &items);
    let one = story
        .step(&staff.noor, "mary.draft.protection", words, one)
        .await?;
    let items = with(&[(
        DataCategory::Education,
        "nine years of school; wants to go on",
    )]);
    let two = draft(case, school, routine, &items);
    let two = story
        .step(&staff.noor, "mary.draft.school", "School.", two)
        .await?;
    let items = with(&[(
        DataCategory::LegalStatus,
        "no papers; wants to know her rights",
    )]);
    let three = draft(case, law, routine, &items);
    let three = story
        .step(&staff.noor, "mary.draft.law", "Legal advice.", three)
        .await?;
    let id = "referral_id";
    Ok([
        ("protection", one.id(id)?),
        ("school", two.id(id)?),
        ("law", three.id(id)?),
    ])
}

async fn consents(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    person: &str,
    drafts: &Drafts,
) -> Result<(), DemoError> {
    for (name, id) in drafts {
        let step = format!("mary.review.{name}");
        let words = format!("Grace reads the {name} draft back to Mary and signs it off.");
        story
            .step(&staff.grace, &step, &words, review(case, id))
            .await?;
    }
    let [(_, first), ..] = drafts;
    let words = "Grace tries to send it. Nobody has asked Mary about that yet.";
    story
        .attempt(&staff.grace, "mary.no-consent", words, send(case, first))
        .await?;

    let (_, harbour) = story.service("Case work for unaccompanied children")?;
    let (_, bridge) = story.service("Bridge classes")?;
    let (_, open_door) = story.service("Migration and asylum advice")?;
    let scope = to_refer(&[harbour, bridge, open_door], &REFERRED);
    let now = story.now;
    let assent = GiveConsentRequest {
        case_id: case.to_owned(),
        person_id: person.to_owned(),
        given_by_id: Some(person.to_owned()),
        scope: Some(scope.clone()),
        consent: Some(spoken(Capacity::Assent, "Arabic", Some(HER_VIEW), now)),
        meta: None,
    };
    let words = "Mary is asked, and agrees: these three, these data, nothing else.";
    story
        .step(&staff.noor, "mary.assent", words, assent)
        .await?;
    let words = "A child's word alone does not carry a referral: a caregiver's is needed as well.";
    story
        .attempt(&staff.grace, "mary.one-consent", words, send(case, first))
        .await?;

    let decision = GiveConsentRequest {
        case_id: case.to_owned(),
        person_id: person.to_owned(),
        given_by_id: None,
        scope: Some(scope),
        consent: Some(decided(now)),
        meta: None,
    };
    let words = "Noor cannot decide that in a caregiver's place.";
    story
        .attempt(&staff.noor, "mary.not-noor", words, decision.clone())
        .await?;
    let words = "Grace can, with her reasons and Mary's view: a decision in her best interests.";
    story
        .step(&staff.grace, "mary.best-interests", words, decision)
        .await?;
    Ok(())
}

/// A decision in her best interests, looked at again within three months.
fn decided(now: Timestamp) -> ConsentTaken {
    ConsentTaken {
        expires_at: Some(moment(now.plus_ms(80 * DAY_MS))),
        best_interests: Some(BestInterests {
            caregiver: CaregiverGap::Absent.into(),
            view: ChildView::Heard.into(),
        }),
        ..spoken(Capacity::BestInterests, "Arabic", Some(WHY), now)
    }
}

async fn travel(
    story: &mut Story,
    staff: &Staff,
    case: &str,
    drafts: &Drafts,
) -> Result<(), DemoError> {
    let [(_, first), (_, school), _] = drafts;
    let mut stale = send(case, first);
    stale.meta = decided_on(1);
    let words = "Grace's screen was old: she decides on what the case was an hour ago.";
    story
        .attempt(&staff.grace, "mary.stale", words, stale)
        .await?;
    for (name, id) in drafts {
        let step = format!("mary.send.{name}");
        let words = format!("Now both grounds cover it: the {name} referral goes.");
        story
            .step(&staff.grace, &step, &words, send(case, id))
            .await?;
    }
    let words = "Ruth at Harbour confirms receipt. She knows Mary by a reference of her own.";
    story
        .step(&staff.ruth, "mary.receive", words, receive(first))
        .await?;
    let words = "Ruth looks for the school referral, which went to somebody else.";
    story
        .attempt(&staff.ruth, "mary.not-hers", words, receive(school))
        .await?;
    story
        .step(
            &staff.ruth,
            "mary.accept",
            "Harbour accepts.",
            accept(first),
        )
        .await?;
    let words = "Mary has a social worker and a place to stay: completed.";
    story
        .step(&staff.ruth, "mary.complete", words, complete(first))
        .await?;
    Ok(())
}

const HER_VIEW: &str = "Invented: she wants to go to school and not to be sent back.";
const WHY: &str = "Invented: no caregiver in the country; Mary's view was heard and weighed; \
                   Harbour is the mandated actor.";

const RECORDED: [DataCategory; 7] = [
    DataCategory::Identity,
    DataCategory::Age,
    DataCategory::Language,
    DataCategory::Protection,
    DataCategory::Education,
    DataCategory::LegalStatus,
    DataCategory::Needs,
];

const REFERRED: [DataCategory; 5] = [
    DataCategory::Identity,
    DataCategory::Age,
    DataCategory::Protection,
    DataCategory::Education,
    DataCategory::LegalStatus,
];
