//! Cases closed as work (MISSION C15): what was closed rests, an emergency opened it again with
//! what is urgent or not at all, and nothing began in between.

use harness::load::Known;
use harness::office::{Office, refused, with_token};
use ledger::refusal::{Refusal, Refused};
use proto::common::v1::Entry;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use tonic::transport::Channel;

/// What stands between closing and going on is no beginning; what opened the case again stands
/// right before what was urgent; and nothing of it happened that nobody asked for.
pub(crate) fn nothing_begins_in_between(entries: &[Entry], known: &Known) {
    let mut closed = false;
    let mut reopened = false;
    for entry in entries {
        let name = entry.event_name.as_str();
        assert!(
            !reopened || name == "ReferralDrafted",
            "{}: opened again for {name}",
            known.name
        );
        reopened = false;
        match name {
            "CaseWorkClosed" => {
                assert!(!closed, "{}: closed twice", known.name);
                closed = true;
            }
            "CaseReopened" => {
                assert!(closed, "{}: opened twice", known.name);
                assert!(
                    known.times.urgent_asked.is_some(),
                    "{}: by itself",
                    known.name
                );
                (closed, reopened) = (false, true);
            }
            "ReferralDrafted" | "ConsentGiven" | "PersonAdded" => {
                assert!(!closed, "{}: {name} in a closed case", known.name);
            }
            _ => {}
        }
    }
    assert!(!reopened, "{}: opened again for nothing", known.name);
    assert!(!known.closed || closed || known.times.urgent_asked.is_some());
    assert!(known.urgent.is_none() || !closed, "{}: rests", known.name);
}

/// In a case that is closed as far as anybody was told nothing begins.
pub(crate) async fn stands(channel: &Channel, office: &Office, known: &Known) {
    if !known.closed || known.times.urgent_asked.is_some() {
        return;
    }
    let mut client = ReferralServiceClient::new(channel.clone());
    let draft = office.draft(&known.case, None, "never written");
    let drafted = client
        .draft_referral(with_token(&office.focal, draft))
        .await;
    let no = drafted.expect_err("a closed case came back");
    let expected = Refused::about(Refusal::CaseWorkClosed, "case");
    assert_eq!(refused(&no), Some(expected), "{}", known.name);
}
