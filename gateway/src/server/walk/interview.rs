//! An interview from the form to the profile and the determination (MISSION C8).

use ledger::organisation::DEFAULT_ORGANISATION;
use proto::admin::v1::RecordTrainingRequest;
use proto::directory::v1::{
    ListMembersRequest, Membership, Pathway, PathwayText, RecordMemberRequest, RecordPathwayRequest,
};
use proto::interview::v1::interview_service_client::InterviewServiceClient;
use proto::interview::v1::*;

use super::*;

const TALK: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f71";
const WAY: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f72";

fn today() -> String {
    crate::wire::time::day_to_wire(SystemClock.now().day())
}

async fn train(running: &Running) {
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let record = RecordTrainingRequest {
        meta: meta(),
        staff_id: FOCAL.to_string(),
        training: common::Training::Interviewing.into(),
        on: today(),
    };
    let trained = admin.record_training(by(FOUNDER, record)).await;
    trained.expect("designated");
}

fn answered(question: &str, code: common::AnswerCode) -> common::InterviewAnswer {
    common::InterviewAnswer {
        question_id: question.to_owned(),
        code: Some(code.into()),
        ..Default::default()
    }
}

fn talk(case: &OpenCaseResponse, answers: Vec<common::InterviewAnswer>) -> RecordInterviewRequest {
    RecordInterviewRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        person_id: case.client_person_id.clone(),
        interview_id: TALK.to_owned(),
        form: common::InterviewForm::Guide.into(),
        explained: vec![
            common::Explained::RightToRefuse.into(),
            common::Explained::ConfidentialityLimits.into(),
        ],
        interpreter: None,
        language: "fr".to_owned(),
        answers,
    }
}

/// A body that determines, and a pathway from legal help.
async fn mechanism(running: &Running) {
    let mut directory = DirectoryServiceClient::new(running.channel.clone());
    let member = RecordMemberRequest {
        meta: meta(),
        organisation_id: CLINIC.to_string(),
        membership: Some(Membership {
            name: "Invented body".to_owned(),
            roles: vec![common::MechanismRole::Determines.into()],
            since: "2026-01-01".to_owned(),
            ..Default::default()
        }),
    };
    let member = directory.record_member(by(COORDINATOR, member)).await;
    member.expect("a member");
    let pathway = RecordPathwayRequest {
        meta: meta(),
        pathway_id: WAY.to_owned(),
        pathway: Some(Pathway {
            need: common::Need::Legal.into(),
            texts: vec![PathwayText {
                language: "en".to_owned(),
                title: "Asylum, step by step".to_owned(),
                steps: vec!["Ask for a lawyer".to_owned()],
            }],
            steps: vec![Default::default()],
            ..Default::default()
        }),
    };
    let pathway = directory.record_pathway(by(COORDINATOR, pathway)).await;
    pathway.expect("a pathway");
    let with_role = |role: common::MechanismRole, area: &str| ListMembersRequest {
        role: Some(role.into()),
        area: area.to_owned(),
        ..Default::default()
    };
    for (role, area, count) in [
        (common::MechanismRole::Determines, "", 1),
        (common::MechanismRole::Identifies, "", 0),
        (common::MechanismRole::Determines, "Nowhere", 0),
    ] {
        let found = directory
            .list_members(by(FOCAL, with_role(role, area)))
            .await;
        let found = found.expect("a list").into_inner().members.len();
        assert_eq!(found, count, "{role:?} {area}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c8_an_interview_suggests_a_person_decides_and_nothing_of_it_travels() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = DEFAULT_ORGANISATION
        .replace("# forms", "forms")
        .replace("# training_months", "training_months");
    let running = start_with(folder.path(), false, Some(file)).await;
    running.staff_and_service().await;
    mechanism(&running).await;
    let (case, referral_id) = running.sent_referral().await;
    let mut interviews = InterviewServiceClient::new(running.channel.clone());
    let shown = form(&mut interviews, &case).await;
    assert!(
        !open(&shown, "return_feared"),
        "the consent does not hold it"
    );
    agree_to_record(&running, &case).await;
    let shown = form(&mut interviews, &case).await;
    assert!(open(&shown, "return_feared"));
    assert!(!open(&shown, "religion") && !open(&shown, "route"));
    let answers = || vec![answered("return_feared", common::AnswerCode::Yes)];
    let early = interviews
        .record_interview(by(FOCAL, talk(&case, answers())))
        .await;
    let early = early.expect_err("nobody designated them");
    assert_eq!(refusal(&early), Some(Refusal::TrainingLapsed));
    train(&running).await;
    for caller in [PROVIDER, STRANGER, AUDITOR, COORDINATOR] {
        let refused = interviews
            .record_interview(by(caller, talk(&case, answers())))
            .await;
        let told = refusal(&refused.expect_err("not theirs")).expect("a refusal");
        assert!(
            matches!(told, Refusal::NotAllowed | Refusal::NotFound),
            "{caller}"
        );
    }
    let recorded = interviews
        .record_interview(by(FOCAL, talk(&case, answers())))
        .await;
    recorded.expect("recorded");
    suggested(&mut interviews, &case).await;
    decided(&mut interviews, &case).await;
    stays_here(&running, &case, &referral_id).await;
    running.stop().await;
}

/// The person agrees to a record of what interviews are about, too.
async fn agree_to_record(running: &Running, case: &OpenCaseResponse) {
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let mut agreed = consent_to_refer(&case.case_id, &case.client_person_id);
    agreed.scope = Some(common::Scope {
        purposes: vec![common::Purpose::Record.into()],
        categories: vec![
            common::DataCategory::Protection.into(),
            common::DataCategory::LegalStatus.into(),
        ],
        ..Default::default()
    });
    let given = consents.give_consent(by(FOCAL, agreed)).await;
    given.expect("given");
}

fn open(form: &GetFormResponse, id: &str) -> bool {
    let mut questions = form.questions.iter();
    questions
        .find(|one| one.question_id == id)
        .expect("there")
        .open
}

/// The form says what may be asked of this person, and why; strangers learn of no case by it.
async fn form(
    interviews: &mut InterviewServiceClient<Channel>,
    case: &OpenCaseResponse,
) -> GetFormResponse {
    let of_case = GetFormRequest {
        form: common::InterviewForm::Guide.into(),
        case_id: Some(case.case_id.clone()),
        person_id: None,
        language: "fr-CH".to_owned(),
    };
    let stranger = interviews.get_form(by(STRANGER, of_case.clone())).await;
    let stranger = stranger.expect_err("they know of no such case");
    assert_eq!(refusal(&stranger), Some(Refusal::NotFound));
    let shown = interviews.get_form(by(FOCAL, of_case)).await;
    let shown = shown.expect("a form").into_inner();
    assert!(shown.switched_on && shown.version > 0);
    assert_eq!((shown.language.as_str(), shown.languages.len()), ("fr", 3));
    assert!(shown.questions.iter().all(|one| !one.purpose.is_empty()));
    shown
}

async fn suggested(interviews: &mut InterviewServiceClient<Channel>, case: &OpenCaseResponse) {
    let view = ViewInterviewRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        interview_id: TALK.to_owned(),
    };
    let seen = interviews.view_interview(by(FOCAL, view)).await;
    let seen = seen.expect("opened").into_inner();
    let receipt = seen.outcome.expect("an outcome").receipts;
    assert_eq!(
        receipt.len(),
        1,
        "that it was seen is recorded, and nothing else"
    );
    let [part] = seen.parts.as_slice() else {
        panic!("one category");
    };
    assert_eq!(part.person_id.as_deref(), Some(&*case.client_person_id));
    let [suggestion] = seen.suggestions.as_slice() else {
        panic!("one profile");
    };
    assert_eq!(
        suggestion.profile,
        i32::from(common::Profile::PossibleRefugee)
    );
    let because = suggestion.because.iter();
    let because: Vec<_> = because.map(|it| (&*it.question_id, &*it.answer)).collect();
    assert_eq!(because, [("return_feared", "yes")]);
    assert_eq!(suggestion.pathway_ids, [WAY]);
}

async fn decided(interviews: &mut InterviewServiceClient<Channel>, case: &OpenCaseResponse) {
    let (case_id, person_id) = (case.case_id.clone(), case.client_person_id.clone());
    let profile = RecordProfileRequest {
        meta: meta(),
        case_id: case_id.clone(),
        person_id: person_id.clone(),
        interview_id: Some(TALK.to_owned()),
        reason: common::ProfileReason::Indicators.into(),
        profiles: vec![common::Profile::PossibleRefugee.into()],
        words: None,
    };
    let profile = interviews.record_profile(by(FOCAL, profile)).await;
    profile.expect("decided");
    let determined = |body_id: String| RecordDeterminationRequest {
        meta: meta(),
        case_id: case_id.clone(),
        person_id: person_id.clone(),
        body_id,
        on: today(),
        profile: common::Profile::PossibleRefugee.into(),
        outcome: common::DeterminationOutcome::Pending.into(),
    };
    let nobody = determined(OWN.to_string());
    let nobody = interviews.record_determination(by(FOCAL, nobody)).await;
    let nobody = nobody.expect_err("no member");
    assert_eq!(refusal(&nobody), Some(Refusal::NotFound));
    let body = determined(CLINIC.to_string());
    let body = interviews.record_determination(by(FOCAL, body)).await;
    body.expect("recorded");
    let view = ViewProfileRequest {
        meta: meta(),
        case_id,
        person_id,
    };
    let seen = interviews.view_profile(by(FOCAL, view)).await;
    let seen = seen.expect("opened").into_inner();
    let names = seen.parts.iter().map(|part| part.event_name.as_str());
    assert!(names.eq(["ProfileRecorded", "DeterminationRecorded"]));
}

/// Neither who received the referral nor who reads the case finds anything of it there; nor is it
/// in a copy for the person that no request is owed.
async fn stays_here(running: &Running, case: &OpenCaseResponse, referral_id: &str) {
    let mut tracking = TrackingServiceClient::new(running.channel.clone());
    let view = |case_id: Option<String>, purpose: common::ViewPurpose| {
        let referral_id = case_id.is_none().then(|| referral_id.to_owned());
        tracking::ViewPersonalDataRequest {
            meta: meta(),
            case_id,
            referral_id,
            purpose: purpose.into(),
        }
    };
    let own = Some(case.case_id.clone());
    for (caller, request) in [
        (PROVIDER, view(None, common::ViewPurpose::Service)),
        (FOCAL, view(own.clone(), common::ViewPurpose::CaseWork)),
        (FOCAL, view(own, common::ViewPurpose::CopyForPerson)),
    ] {
        let seen = tracking.view_personal_data(by(caller, request)).await;
        let seen = seen.expect("opened").into_inner();
        let of_it = |name: &str| ["InterviewRecorded", "ProfileRecorded"].contains(&name);
        let mut found = seen.parts.iter().filter(|part| of_it(&part.event_name));
        assert!(found.next().is_none(), "{caller}");
    }
}
