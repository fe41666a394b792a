//! C15. Who may look for duplicates of a file, and files of two sisters that are not merged.

use super::*;

fn seeking(case: CaseId) -> Seeking {
    Seeking {
        case,
        opened_from: None,
        opened_until: None,
        compared: 7,
        shown: 2,
    }
}

fn seek(case: CaseId) -> Command {
    Command::FindDuplicates(seeking(case))
}

fn linked(world: &mut World, files: Merging, relationship: Relationship) -> LinkId {
    let own = |case: CaseId| LinkAgreed {
        given_by: Some(world.cases[&case].client),
        capacity: Capacity::Own,
        child_agrees: false,
        form: ConsentForm::Oral,
    };
    let link = Command::LinkCases(Linking {
        case: files.case,
        other: files.other,
        relationship,
        agreed: own(files.case),
        other_agreed: own(files.other),
    });
    let done = world.ask(FRONT, link).done(&["FilesLinked"]);
    let Event::FilesLinked(it) = &done.records[0].event else {
        panic!("a link")
    };
    it.link
}

#[test]
fn c15_two_files_that_are_linked_as_a_family_are_not_merged() {
    for relationship in Relationship::ALL {
        let (mut world, files) = twice();
        let link = linked(&mut world, files, *relationship);
        for (case, other) in [(files.case, files.other), (files.other, files.case)] {
            let mut files = Merging::of(case, other);
            files.link = Some(link);
            let refused = world.ask(FRONT, Command::AskMerge(files));
            refused.refused_about(Refusal::NotTheSame, "linked");
        }
    }
    // While somebody says that they are one person's nobody links them, and then they may.
    let (mut world, files) = twice();
    world.ask(FRONT, Command::AskMerge(files)).0.expect("asked");
    let names = ["MergeRejected", "MergeRejected"];
    world.ask(FOCAL, deciding(files, false)).done(&names);
    linked(&mut world, files, Relationship::Sibling);
}

#[test]
fn c15_a_link_with_a_third_file_or_one_that_ended_hinders_no_merging() {
    let (mut world, mut files) = twice();
    let third = world.another_file(FRONT, AgeGroup::Adult, Sensitivity::Standard);
    let with_third = Merging::of(files.case, third);
    files.link = Some(linked(&mut world, with_third, Relationship::Sibling));
    let asked = Command::AskMerge(files);
    world.ask(FRONT, asked).done(&["MergeAsked", "MergeAsked"]);
    let (mut world, mut files) = twice();
    let link = linked(&mut world, files, Relationship::Sibling);
    files.link = Some(link);
    world.links.remove(&link);
    let asked = Command::AskMerge(files);
    world.ask(FRONT, asked).done(&["MergeAsked", "MergeAsked"]);
}

#[test]
fn c15_who_may_not_ask_for_a_merging_does_not_look_for_duplicates() {
    for caller in [
        FRONT_TWO,
        AUDITOR,
        DPO,
        COORDINATOR,
        ADMIN,
        PROVIDER,
        STRANGER,
        DELEGATE,
        SAFE,
    ] {
        let mut world = World::adult();
        let refused = world.ask(caller, seek(world.id())).0;
        let refused = refused.map(drop).expect_err("refused").refusal;
        let fits = [Refusal::NotAllowed, Refusal::NotFound];
        assert!(fits.contains(&refused), "{caller}: {refused}");
    }
    let mut world = World::adult();
    let hidden = world.another_file(CHILD, AgeGroup::Adult, Sensitivity::Restricted);
    for case in [hidden, CaseId([0xee; 16])] {
        let refused = world.ask(FRONT, seek(case));
        refused.refused_about(Refusal::NotFound, "case");
    }
    world.ask(CHILD, seek(hidden)).done(&["DuplicatesSought"]);
}

#[test]
fn c15_nothing_is_compared_with_a_file_that_is_not_to_be_used() {
    let mut world = World::adult();
    let case = world.id();
    let mut turned = seeking(case);
    turned.opened_from = Some(Day(20_000));
    turned.opened_until = Some(Day(19_999));
    let refused = world.ask(FRONT, Command::FindDuplicates(turned));
    refused.refused_about(Refusal::Malformed, "opened_until");

    let mut gone = world.clone();
    gone.ask(FRONT, withdrawing(case)).0.expect("withdrawn");
    let refused = gone.ask(FRONT, seek(case));
    refused.refused_about(Refusal::RecordConsentMissing, "case");

    let (mut world, files) = merged();
    let refused = world.ask(FRONT, seek(files.other));
    refused.refused_about(Refusal::MergedCase, "case");
    // There may be a third one.
    world
        .ask(FRONT, seek(files.case))
        .done(&["DuplicatesSought"]);
}

#[test]
fn c15_a_search_says_what_was_compared_names_nobody_and_moves_no_clock() {
    let mut world = World::adult();
    let touched = world.cases[&world.id()].touched;
    world.now = Timestamp(world.now.0 + DAY_MS);
    let mut asked = seeking(world.id());
    asked.opened_from = Some(Day(19_000));
    let done = world.ask(FRONT, Command::FindDuplicates(asked));
    let done = done.done(&["DuplicatesSought"]);
    let sought = DuplicatesSought {
        opened_from: Some(Day(19_000)),
        opened_until: None,
        compared: 7,
        shown: 2,
    };
    assert_eq!(done.records[0].event, Event::from(sought));
    assert_eq!(done.personal, [0]);
    assert_eq!(world.cases[&world.id()].touched, touched);
}

#[test]
fn c15_nobody_tries_one_name_after_another_in_one_file() {
    let mut world = World::adult();
    let case = world.id();
    for _ in 0..crate::limits::SEARCHES_PER_DAY_MAX {
        world.ask(FRONT, seek(case)).done(&["DuplicatesSought"]);
    }
    // Whoever else asks finds the same limit: it is the file's.
    for caller in [FRONT, FOCAL, CHILD] {
        let refused = world.ask(caller, seek(case));
        refused.refused_about(Refusal::SearchLimit, "day");
    }
    world.now = Timestamp(world.now.0 + DAY_MS);
    world.ask(FRONT, seek(case)).done(&["DuplicatesSought"]);
}
