//! C15. Two files of one person are merged by two persons, and taken apart again.

mod seeking;

use super::*;
use crate::domain::contact::SafeContact;

/// Two files of which `FRONT` opened both; the first one is to lead.
fn twice() -> (World, Merging) {
    twice_of(AgeGroup::Adult, Sensitivity::Standard)
}

fn twice_of(age_group: AgeGroup, sensitivity: Sensitivity) -> (World, Merging) {
    let mut world = World::adult();
    let case = world.id();
    let other = world.another_file(FRONT, age_group, sensitivity);
    (world, Merging::of(case, other))
}

fn deciding(files: Merging, confirm: bool) -> Command {
    Command::DecideMerge { files, confirm }
}

fn merged() -> (World, Merging) {
    let (mut world, files) = twice();
    let names = ["MergeAsked", "MergeAsked"];
    world.ask(FRONT, Command::AskMerge(files)).done(&names);
    let names = ["CasesMerged", "CasesMerged"];
    world.ask(FOCAL, deciding(files, true)).done(&names);
    (world, files)
}

fn withdrawing(case: CaseId) -> Command {
    Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    }
}

/// A file as it was, but for how many events it has and when the last one came.
fn apart(case: &Case, like: &Case) -> Case {
    Case {
        version: like.version,
        touched: like.touched,
        ..case.clone()
    }
}

#[test]
fn c15_two_files_are_merged_by_two_persons_and_taken_apart_as_they_were() {
    let (mut world, files) = twice();
    let before = [files.case, files.other].map(|id| world.cases[&id].clone());
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    assert!(!world.cases[&files.other].is_merged_into_another());
    world.ask(FOCAL, deciding(files, true)).0.expect("merged");
    assert!(world.cases[&files.other].is_merged_into_another());
    assert!(!world.cases[&files.case].is_merged_into_another());
    let names = ["CasesUnmerged", "CasesUnmerged"];
    world.ask(FOCAL, Command::UnmergeCases(files)).done(&names);
    for (before, id) in before.iter().zip([files.case, files.other]) {
        assert_eq!(apart(&world.cases[&id], before), **before);
    }
    // And they can be merged again.
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
}

#[test]
fn c15_neither_file_names_the_other_in_what_is_recorded() {
    let (mut world, files) = twice();
    let asked = world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    let decided = world.ask(FOCAL, deciding(files, true)).0.expect("merged");
    for record in asked.records.iter().chain(&decided.records) {
        let StreamId::Case(own) = record.stream else {
            panic!("in a file")
        };
        let other = [files.case, files.other].into_iter().find(|id| *id != own);
        let told = format!("{:?}", record.event);
        assert!(!told.contains(&other.expect("two").to_string()));
    }
}

#[test]
fn c15_nobody_merges_alone_and_a_deputy_is_not_another_person() {
    let (mut world, files) = twice();
    let front = world.staff.get_mut(&FRONT).expect("known");
    Arc::make_mut(front).roles.insert(Role::FocalPoint);
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    let own = world.ask(FRONT, deciding(files, true));
    own.refused(Refusal::SecondPersonRequired);
    let deputy = Command::NameDeputy(NamingDeputy {
        staff: FOCAL,
        absent: FRONT,
        first: world.now.day(),
        last: world.now.day(),
    });
    world.ask(FRONT, deputy).0.expect("named");
    let as_one = world.ask(FOCAL, deciding(files, true));
    as_one.refused(Refusal::SecondPersonRequired);
    world.ask(CHILD, deciding(files, true)).0.expect("merged");
}

#[test]
fn c15_a_merging_that_nobody_agreed_to_leaves_nothing() {
    let (mut world, files) = twice();
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    let names = ["MergeRejected", "MergeRejected"];
    let mut taken_back = world.clone();
    let undo = Command::UnmergeCases(files);
    taken_back.ask(CHILD, undo).done(&names);
    world.ask(FOCAL, deciding(files, false)).done(&names);
    for world in [world, taken_back] {
        assert!(world.cases.values().all(|case| case.merge.is_none()));
    }
}

#[test]
fn c15_work_goes_on_in_the_leading_file_and_what_protects_in_both() {
    let (mut world, files) = merged();
    world.case = Some(files.other);
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    let refused = world.ask(FRONT, draft.clone());
    refused.refused_about(Refusal::MergedCase, "case");
    let mut urgent = draft;
    if let Command::DraftReferral { urgency, .. } = &mut urgent {
        *urgency = Urgency::Emergency;
    }
    world.ask(FRONT, urgent).done(&["ReferralDrafted"]);
    let withdraw = withdrawing(files.other);
    world.ask(FRONT, withdraw).0.expect("withdrawn");
    // One file's withdrawal is not the other's.
    let client = world.cases[&files.case].client;
    let ground = world.cases[&files.case].record_ground(client, world.now);
    assert!(ground.is_some());
    world.case = Some(files.case);
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    world.ask(FRONT, draft).done(&["ReferralDrafted"]);
}

#[test]
fn c15_what_is_suspected_in_one_file_waits_for_the_specialist_in_both() {
    let (mut world, files) = twice_of(AgeGroup::Adult, Sensitivity::Restricted);
    let raising = |case, concern| {
        let concerns = BTreeSet::from([concern]);
        Command::RaiseConcern(RaisingConcern { case, concerns })
    };
    let other = raising(files.other, Concern::Trafficking);
    world.ask(FRONT, other).done(&["ConcernRaised"]);
    let leading = raising(files.case, Concern::Sgbv);
    world.ask(FRONT, leading).done(&["ConcernRaised"]);
    let ask = Command::AskMerge(files);
    world.ask(FRONT, ask).done(&["MergeAsked", "MergeAsked"]);
    let merged = world.ask(CHILD, deciding(files, true));
    merged.done(&[
        "CasesMerged",
        "CasesMerged",
        "ConcernRaised",
        "ConcernRaised",
    ]);
    let both = BTreeSet::from([Concern::Sgbv, Concern::Trafficking]);
    assert_eq!(world.cases[&files.case].concerns, both);
    assert_eq!(world.cases[&files.other].concerns, both);

    // It is raised where work goes on, and stays in both when they are taken apart.
    let refused = world.ask(FRONT, raising(files.other, Concern::ChildProtection));
    refused.refused_about(Refusal::MergedCase, "case");
    let more = raising(files.case, Concern::ChildProtection);
    world.ask(FRONT, more).done(&["ConcernRaised"]);
    let apart = world.ask(CHILD, Command::UnmergeCases(files));
    apart.done(&["CasesUnmerged", "CasesUnmerged", "ConcernRaised"]);
    assert_eq!(world.cases[&files.other].concerns.len(), 3);
}

#[test]
fn c15_a_consent_of_one_file_does_not_begin_to_cover_the_other() {
    let (mut world, files) = merged();
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    world.case = Some(files.other);
    let mut urgent = world.drafting(HEALTH, &[DataCategory::Needs]);
    if let Command::DraftReferral { urgency, .. } = &mut urgent {
        *urgency = Urgency::Emergency;
    }
    let done = world.ask(FRONT, urgent).0.expect("drafted");
    let Event::ReferralDrafted(it) = &done.records[0].event else {
        panic!("a draft")
    };
    let send = world.sending(it.referral);
    world.ask(FOCAL, send).refused(Refusal::ConsentMissing);
}

#[test]
fn c15_no_file_is_merged_twice_or_into_one_that_is() {
    let (mut world, files) = merged();
    let command = Command::OpenCase {
        identity: Some(identity("Invented")),
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: Some(taken(Capacity::Own)),
        categories: all_categories(),
    };
    world.ask(FRONT, command).0.expect("opened");
    let third = world.id();
    for (case, other, about) in [
        (files.case, third, "case"),
        (third, files.case, "other_case"),
        (files.other, third, "case"),
        (third, files.other, "other_case"),
    ] {
        let chain = Command::AskMerge(Merging::of(case, other));
        let refused = world.ask(FRONT, chain);
        refused.refused_about(Refusal::AlreadyExists, about);
    }
    let again = world.ask(CHILD, deciding(files, true));
    again.refused_about(Refusal::AlreadyExists, "merge");
    // The pair, and the right way round.
    let turned = Merging::of(files.other, files.case);
    let with_third = Merging::of(files.case, third);
    for wrong in [turned, with_third] {
        let refused = world.ask(CHILD, Command::UnmergeCases(wrong));
        refused.refused_about(Refusal::NotFound, "merge");
    }
}

#[test]
fn c15_files_of_two_persons_as_far_as_is_known_are_not_merged() {
    let (mut world, files) = twice_of(AgeGroup::Minor, Sensitivity::Standard);
    let refused = world.ask(FRONT, Command::AskMerge(files));
    refused.refused_about(Refusal::NotTheSame, "age");
    let (mut world, files) = twice_of(AgeGroup::Adult, Sensitivity::Restricted);
    let refused = world.ask(FRONT, Command::AskMerge(files));
    refused.refused_about(Refusal::NotTheSame, "sensitivity");
    let turned = Merging::of(files.other, files.case);
    let refused = world.ask(FRONT, Command::AskMerge(turned));
    refused.refused_about(Refusal::NotTheSame, "sensitivity");
    // Nor is it confirmed where one was restricted since.
    let (mut world, files) = twice();
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    let case = world.cases.get_mut(&files.other).expect("a file");
    Arc::make_mut(case).sensitivity = Sensitivity::Restricted;
    let refused = world.ask(CHILD, deciding(files, true));
    refused.refused_about(Refusal::NotTheSame, "sensitivity");
    let case = world.cases.get_mut(&files.case).expect("a file");
    Arc::make_mut(case).sensitivity = Sensitivity::Restricted;
    world.ask(CHILD, deciding(files, true)).0.expect("merged");
    let (mut world, files) = twice();
    let itself = Merging {
        other: files.case,
        ..files
    };
    let refused = world.ask(FRONT, Command::AskMerge(itself));
    refused.refused_about(Refusal::Malformed, "other_case_id");
}

#[test]
fn c15_nothing_is_merged_that_is_fenced_or_that_one_may_not_see() {
    let (mut world, files) = twice();
    let mut gone = world.clone();
    let withdraw = withdrawing(files.other);
    gone.ask(FRONT, withdraw.clone()).0.expect("withdrawn");
    let refused = gone.ask(FRONT, Command::AskMerge(files));
    refused.refused_about(Refusal::RecordConsentMissing, "other_case");
    // Nor is what was asked for confirmed once it is.
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    world.ask(FRONT, withdraw).0.expect("withdrawn");
    let refused = world.ask(FOCAL, deciding(files, true));
    refused.refused_about(Refusal::RecordConsentMissing, "other_case");

    let (mut world, _) = twice();
    let case = world.id();
    let hidden = world.another_file(CHILD, AgeGroup::Adult, Sensitivity::Restricted);
    let nowhere = CaseId([0xee; 16]);
    for other in [hidden, nowhere] {
        let refused = world.ask(FRONT, Command::AskMerge(Merging::of(case, other)));
        refused.refused_about(Refusal::NotFound, "other_case");
    }
    for caller in [AUDITOR, DPO, COORDINATOR, ADMIN, PROVIDER, STRANGER] {
        let (mut world, files) = twice();
        let refused = world.ask(caller, Command::AskMerge(files)).0;
        let refused = refused.map(drop).expect_err("refused").refusal;
        let fits = [Refusal::NotAllowed, Refusal::NotFound];
        assert!(fits.contains(&refused), "{caller}: {refused}");
    }
}

#[test]
fn c15_no_interview_begins_in_a_merged_file_and_none_is_linked_with_another() {
    use super::interview::{profiling, record, talk, yes};
    let (mut world, files) = merged();
    let third = Command::OpenCase {
        identity: Some(identity("Invented")),
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: Some(taken(Capacity::Own)),
        categories: all_categories(),
    };
    world.ask(FRONT, third).0.expect("opened");
    let third = world.id();
    world.case = Some(files.other);
    for begins in [
        record(talk(&world, vec![yes("watched")])),
        Command::RecordProfile(profiling(&world)),
    ] {
        let refused = world.ask(FRONT, begins);
        refused.refused_about(Refusal::MergedCase, "case");
    }
    let agreed = |world: &World, case: CaseId| LinkAgreed {
        given_by: Some(world.cases[&case].client),
        capacity: Capacity::Own,
        child_agrees: false,
        form: ConsentForm::Oral,
    };
    for (case, other, about) in [
        (files.other, third, "case"),
        (third, files.other, "other_case"),
    ] {
        let link = Command::LinkCases(Linking {
            case,
            other,
            relationship: Relationship::Sibling,
            agreed: agreed(&world, case),
            other_agreed: agreed(&world, other),
        });
        let refused = world.ask(FRONT, link);
        refused.refused_about(Refusal::MergedCase, about);
    }
}

#[test]
fn c15_how_somebody_may_be_reached_is_the_same_in_both_before_they_are_merged() {
    let (mut world, files) = twice();
    let nobody = |world: &World| {
        Command::AgreeContact(Agreeing {
            case: world.id(),
            person: world.client(),
            contact: SafeContact {
                channels: BTreeSet::new(),
                days: BTreeSet::new(),
                hours: None,
                staff: BTreeSet::new(),
                words: ContactWords::Nothing,
            },
        })
    };
    world.case = Some(files.other);
    let none = nobody(&world);
    world.ask(FRONT, none).0.expect("agreed");
    let refused = world.ask(FRONT, Command::AskMerge(files));
    refused.refused_about(Refusal::NotTheSame, "contact");
    world.case = Some(files.case);
    let none = nobody(&world);
    world.ask(FRONT, none).0.expect("agreed");
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
}

#[test]
fn c15_what_was_begun_in_a_file_before_it_was_merged_does_not_go_out_from_it() {
    let (mut world, files) = twice();
    world.case = Some(files.other);
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    let referral = world.reviewed(&[DataCategory::Needs]);
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    world.ask(FOCAL, deciding(files, true)).0.expect("merged");
    let send = world.sending(referral);
    let refused = world.ask(FOCAL, send);
    refused.refused_about(Refusal::MergedCase, "case");
}
