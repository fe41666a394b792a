//! How long the real server takes to refuse whoever may not see a case: one that was shredded, one
//! that lives and one that never was, as far as a caller can measure it.
//!
//! - No time is asserted: the answers are, and the times are printed as a comparison of
//!   distributions. `REFERRAL_LONG=1` asks often enough for a figure (SECURITY.md has the last).
//! - The three kinds are asked about in turn, so that whatever else the machine does meets all.

use std::time::{Duration, Instant};

use harness::dice::Dice;
use harness::office::{Office, connect, refused, with_token};
use harness::process::Place;
use ledger::domain::ids::CaseId;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::tracking::v1::GetHistoryRequest;
use proto::tracking::v1::get_history_request::Subject;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::Status;
use tonic::transport::Channel;

/// Cases of each kind that there are.
const CASES: usize = 12;
/// Questions about each kind, by each way of asking.
const ASKED: usize = 40;
const ASKED_LONG: usize = 4_000;
/// What the kinds are called, in the order in which they are asked about.
const KINDS: [&str; 3] = ["shredded", "living", "never"];

/// A way to ask about a case.
#[derive(Clone, Copy)]
enum Way {
    /// A command: decided by the writer, from the case's events.
    View,
    /// A reading: answered from the views.
    History,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "the figures are what it is for")]
async fn who_may_not_see_a_case_is_told_the_same_of_shredded_living_and_never_there() {
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let asked = if long { ASKED_LONG } else { ASKED };
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve(&[]);
    let channel = connect(&serving.endpoint()).await;
    let office = Office::found(&channel, place.tokens()).await;
    let mut cases = [Vec::new(), Vec::new()];
    for number in 0..2 * CASES {
        cases[number % 2].push(case(&channel, &office, number % 2 == 0).await);
    }
    let mut dice = Dice::seeded(Dice::seed());
    for (who, token) in [
        ("administrator", &office.administrator),
        ("partner", &office.partner),
    ] {
        for (name, way) in [
            ("ViewPersonalData", Way::View),
            ("GetHistory", Way::History),
        ] {
            let mut times = [const { Vec::new() }; 3];
            let mut answers = [const { None }; 3];
            for round in 0..3 * asked {
                let kind = round % 3;
                let id = match cases.get(kind) {
                    Some(known) => known[dice.below(CASES)].clone(),
                    None => never(&mut dice),
                };
                let began = Instant::now();
                let no = ask(&channel, token, &office, (way, &id)).await;
                times[kind].push(began.elapsed());
                let no = refused(&no).unwrap_or_else(|| panic!("{no}"));
                assert_eq!(
                    *answers[kind].get_or_insert_with(|| no.clone()),
                    no,
                    "always the same"
                );
            }
            assert!(answers.iter().all(|no| *no == answers[0]), "{answers:?}");
            println!("{who} {name}: {}", figures(&times));
        }
    }
    assert!(serving.stop().success());
}

/// A case with a consent; one of the kind that is shredded.
async fn case(channel: &Channel, office: &Office, shred: bool) -> String {
    let mut intake = IntakeServiceClient::new(channel.clone());
    let open = with_token(&office.focal, office.open_case("Somebody"));
    let opened = intake.open_case(open).await.expect("opened").into_inner();
    let mut consents = ConsentServiceClient::new(channel.clone());
    let give = office.give_consent(&opened.case_id, &opened.client_person_id);
    let given = consents.give_consent(with_token(&office.focal, give)).await;
    let consent = given.expect("given").into_inner().consent_id;
    if shred {
        let mut protection = DataProtectionServiceClient::new(channel.clone());
        let withdraw = office.withdraw_now(&opened.case_id, &consent);
        let withdrawn = protection.withdraw_consent(with_token(&office.focal, withdraw));
        withdrawn.await.expect("withdrawn");
    }
    opened.case_id
}

/// An id that no case ever had.
fn never(dice: &mut Dice) -> String {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&dice.number().to_be_bytes());
    id[8..].copy_from_slice(&dice.number().to_be_bytes());
    CaseId(id).to_string()
}

async fn ask(channel: &Channel, token: &str, office: &Office, (way, case): (Way, &str)) -> Status {
    let mut tracking = TrackingServiceClient::new(channel.clone());
    match way {
        Way::View => {
            let view = with_token(token, office.view(case));
            tracking.view_personal_data(view).await.err()
        }
        Way::History => {
            let history = GetHistoryRequest {
                subject: Some(Subject::CaseId(case.to_owned())),
                page: None,
            };
            let history = with_token(token, history);
            tracking.get_history(history).await.err()
        }
    }
    .expect("not to be seen")
}

/// The median of each kind, and how often a time of one kind is longer than one of another: half
/// of the time where nobody can tell them apart.
fn figures(times: &[Vec<Duration>; 3]) -> String {
    let median = |kind: usize| {
        let mut sorted = times[kind].clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2].as_micros()
    };
    let medians: Vec<String> = (0..3)
        .map(|kind| format!("{} {} us", KINDS[kind], median(kind)))
        .collect();
    let (gone, there) = (longer(&times[0], &times[2]), longer(&times[1], &times[2]));
    format!(
        "{} asked of each; medians {}; longer than never there: shredded {gone:.3}, living \
         {there:.3}",
        times[0].len(),
        medians.join(", ")
    )
}

/// The share of pairs in which the first is longer; ties count half.
fn longer(one: &[Duration], other: &[Duration]) -> f64 {
    let mut sorted = other.to_vec();
    sorted.sort_unstable();
    let pairs = |time: &Duration| {
        let below = sorted.partition_point(|it| it < time);
        let until = sorted.partition_point(|it| it <= time);
        f64::from(u32::try_from(below + until).expect("few")) / 2.0
    };
    let all = f64::from(u32::try_from(one.len() * other.len()).expect("few"));
    one.iter().map(pairs).sum::<f64>() / all
}

#[test]
fn the_comparison_tells_distributions_apart_where_they_are() {
    let times =
        |from: u64| -> Vec<Duration> { (from..from + 100).map(Duration::from_micros).collect() };
    assert!((longer(&times(0), &times(0)) - 0.5).abs() < 1e-9);
    assert!((longer(&times(100), &times(0)) - 1.0).abs() < 1e-9);
    assert!(longer(&times(10), &times(0)) > 0.55);
    let figures = figures(&[times(10), times(0), times(0)]);
    assert!(
        figures.contains("shredded 0.5") && figures.contains("living 0.500"),
        "{figures}"
    );
}
