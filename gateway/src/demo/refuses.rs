//! Somebody who wants help and no record: information is given, and nobody is written down.

use proto::common::v1::{AgeGroup, DataCategory, Need, RefusalReason, Sensitivity};
use proto::intake::v1::{
    GiveLinkRequest, NoteUnmetNeedRequest, OpenCaseRequest, RefuseRecordRequest,
};

use super::DemoError;
use super::staff::Staff;
use super::story::Story;
use super::words::*;

/// Tells it.
pub(super) async fn tell(story: &mut Story, staff: &Staff) -> Result<(), DemoError> {
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
    let gap = NoteUnmetNeedRequest {
        need: Need::Other.into(),
        meta: None,
        ..Default::default()
    };
    let words =
        "What she asked for first, nobody here offers. The gap is counted, so that it shows.";
    story.step(&staff.noor, "refuses.gap", words, gap).await?;
    story.end("refuses")
}
