//! C8. A person decides on a profile; what a mandated body determines is recorded and delays
//! nobody.

use super::interview::{TALK, designated, profiling, record, talk, yes};
use super::rights::{carry_out, decided, of_kind};
use super::*;
use crate::domain::mechanism::Membership;

#[test]
fn c8_a_person_decides_on_a_profile_and_says_by_what() {
    let mut world = designated();
    let with = |change: fn(&mut Profiling), world: &World| {
        let mut it = profiling(world);
        change(&mut it);
        Command::RecordProfile(it)
    };
    let none = with(|it| it.profiles.clear(), &world);
    let refused = world.ask(FRONT, none);
    refused.refused_about(Refusal::AnswerInvalid, "profiles");
    let both = with(|it| it.profiles.extend([Profile::NoneOfThese]), &world);
    let refused = world.ask(FRONT, both);
    refused.refused_about(Refusal::AnswerInvalid, "none_of_these");
    // Indicators are in an interview, and that is one of this person.
    let by_indicators = with(|it| it.reason = ProfileReason::Indicators, &world);
    let refused = world.ask(FRONT, by_indicators);
    refused.refused_about(Refusal::AnswerInvalid, "interview_id");
    let of_none = with(|it| it.interview = Some(TALK), &world);
    let refused = world.ask(FRONT, of_none.clone());
    refused.refused_about(Refusal::NotFound, "interview");
    let ask = record(talk(&world, vec![yes("return_feared")]));
    world.ask(FRONT, ask).done(&["InterviewRecorded"]);
    let done = world.ask(FRONT, of_none).done(&["ProfileRecorded"]);
    assert_eq!(done.personal, [1]);
    let Event::ProfileRecorded(it) = &done.records[0].event else {
        panic!("a profile");
    };
    assert_eq!(it.reason, ProfileReason::PersonSays, "which one is sealed");
}

#[test]
fn c8_an_interview_alone_changes_nothing_that_decisions_look_at() {
    let mut world = designated();
    let before = world.state();
    let all = ["watched", "papers_withheld", "return_feared"].map(yes);
    let ask = record(talk(&world, all.into()));
    world.ask(FRONT, ask).done(&["InterviewRecorded"]);
    let after = world.state();
    assert_eq!(after.sensitivity, before.sensitivity);
    assert_eq!(after.referrals, before.referrals);
    assert_eq!(after.consents, before.consents);
    assert_eq!(after.company, before.company);
}

fn body(world: &mut World, roles: &[MechanismRole], until: Option<Day>) {
    let words = |text: &str| PublicText(text.to_owned());
    let record = Command::RecordMember(RecordingMember {
        member: CLINIC,
        membership: Membership {
            name: words("Invented body"),
            roles: roles.iter().copied().collect(),
            since: Day(START.day().0 - 100),
            until,
            focal_point: words("Desk"),
            focal_contact: words("555 0100"),
            conduct_signed: None,
            procedures: words("SOP 3"),
        },
    });
    world.ask(COORDINATOR, record).done(&["MemberRecorded"]);
}

fn determined(world: &World, on: Day) -> Determining {
    Determining {
        case: world.id(),
        person: world.client(),
        body: CLINIC,
        on,
        profile: Profile::PossibleTrafficking,
        outcome: DeterminationOutcome::NotRecognised,
    }
}

#[test]
fn c8_a_determination_is_of_a_member_that_determines_on_that_day() {
    let mut world = World::adult();
    let today = START.day();
    let record = Command::RecordDetermination(determined(&world, today));
    let refused = world.ask(FRONT, record.clone());
    refused.refused_about(Refusal::NotFound, "member");
    body(&mut world, &[MechanismRole::Identifies], None);
    let refused = world.ask(FRONT, record.clone());
    refused.refused_about(Refusal::BodyNotMandated, "body_id");
    let last = Day(today.0 - 10);
    body(&mut world, &[MechanismRole::Determines], Some(last));
    let refused = world.ask(FRONT, record);
    refused.refused_about(Refusal::BodyNotMandated, "body_id");
    let tomorrow = Command::RecordDetermination(determined(&world, Day(today.0 + 1)));
    let refused = world.ask(FRONT, tomorrow);
    refused.refused_about(Refusal::TimeInvalid, "on");
    let then = Command::RecordDetermination(determined(&world, last));
    let mut kept = world.clone();
    let request = of_kind(&mut kept, RequestKind::Restriction);
    decided(&mut kept, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&kept, request);
    kept.ask(DPO, done).done(&["RequestCarriedOut"]);
    kept.ask(FRONT, then.clone())
        .refused(Refusal::ProcessingRestricted);
    let done = world.ask(FRONT, then).done(&["DeterminationRecorded"]);
    assert_eq!(done.personal, [1], "what it came to is sealed");
    let made = done.records[0].leaves.iter().map(|made| made.of.category);
    let legal = Some(DataCategory::LegalStatus);
    assert_eq!(made.collect::<Vec<_>>(), [legal]);
}

#[test]
fn c15_a_determination_is_recorded_in_the_file_that_leads_and_in_no_merged_one() {
    // given two files of one person, merged by two persons
    let mut world = World::adult();
    let case = world.id();
    let other = world.another_file(FRONT, AgeGroup::Adult, Sensitivity::Standard);
    let files = Merging::of(case, other);
    let names = ["MergeAsked", "MergeAsked"];
    world.ask(FRONT, Command::AskMerge(files)).done(&names);
    let confirm = true;
    let decide = Command::DecideMerge { files, confirm };
    let names = ["CasesMerged", "CasesMerged"];
    world.ask(FOCAL, decide).done(&names);
    body(&mut world, &[MechanismRole::Determines], None);
    let record = |world: &World| Command::RecordDetermination(determined(world, START.day()));
    // then what a body determined stands in the leading one, where work goes on
    world.case = Some(other);
    let in_other = record(&world);
    let refused = world.ask(FRONT, in_other.clone());
    refused.refused_about(Refusal::MergedCase, "case");
    world.case = Some(case);
    let leading = record(&world);
    world.ask(FRONT, leading).done(&["DeterminationRecorded"]);
    // and in either once they were taken apart
    let names = ["CasesUnmerged", "CasesUnmerged"];
    world.ask(FOCAL, Command::UnmergeCases(files)).done(&names);
    world.case = Some(other);
    world.ask(FRONT, in_other).done(&["DeterminationRecorded"]);
}

#[test]
fn c8_no_help_waits_for_a_determination_or_ends_with_one() {
    let needs = DataCategory::Needs;
    let help = |world: &mut World| {
        let mut urgent = world.drafting(HEALTH, &[needs]);
        if let Command::DraftReferral { urgency, .. } = &mut urgent {
            *urgency = Urgency::Emergency;
        }
        let referral = world.drafted(urgent);
        let sending = world.sending(referral);
        world.ask(FRONT, sending).done(&["ReferralSent"]);
        let referral = world.reviewed(&[needs]);
        world.send(referral).done(&["ReferralSent"]);
    };
    // Without any determination, and after one that sees the person otherwise.
    let mut world = World::adult();
    body(&mut world, &[MechanismRole::Determines], None);
    world.consent_to(scope(CLINIC, &[needs]));
    help(&mut world);
    let record = Command::RecordDetermination(determined(&world, START.day()));
    world.ask(FRONT, record).done(&["DeterminationRecorded"]);
    help(&mut world);
}

#[test]
fn c8_reporting_to_immigration_needs_a_consent_of_its_own() {
    let needs = DataCategory::Needs;
    let mut world = World::adult();
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).entry.class = RecipientClass::ImmigrationAuthority;
    let mut both = scope(CLINIC, &[needs]);
    both.recipients.insert(SCHOOL);
    world.consent_to(both);
    let referral = world.reviewed(&[needs]);
    world.send(referral).refused(Refusal::RecipientNotCovered);
    world.consent_to(scope(CLINIC, &[needs]));
    world.send(referral).done(&["ReferralSent"]);
}
