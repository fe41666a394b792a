//! C14. Linked files of a family share nothing unless both sides agreed, and end with either.

use super::*;

/// A world with two files that `FRONT` works on; the second one is the world's case.
fn two(first: AgeGroup, second: AgeGroup) -> (World, CaseId, CaseId) {
    let mut world = World::with_case(first, Sensitivity::Standard);
    let one = world.id();
    let other = world.opened(FRONT, second, Sensitivity::Standard);
    (world, one, other)
}

fn adults() -> (World, CaseId, CaseId) {
    two(AgeGroup::Adult, AgeGroup::Adult)
}

fn own(world: &World, case: CaseId) -> LinkAgreed {
    LinkAgreed {
        given_by: Some(world.cases[&case].client),
        capacity: Capacity::Own,
        child_agrees: false,
        form: ConsentForm::Oral,
    }
}

fn linking(world: &World, case: CaseId, other: CaseId) -> Linking {
    Linking {
        case,
        other,
        relationship: Relationship::Parent,
        agreed: own(world, case),
        other_agreed: own(world, other),
    }
}

fn linked(world: &mut World, case: CaseId, other: CaseId) -> LinkId {
    let command = Command::LinkCases(linking(world, case, other));
    let done = world.ask(FRONT, command).done(&["FilesLinked"]);
    let Event::FilesLinked(it) = &done.records[0].event else {
        panic!("a link")
    };
    it.link
}

impl World {
    fn opened(&mut self, by: StaffId, age_group: AgeGroup, sensitivity: Sensitivity) -> CaseId {
        let command = Command::OpenCase {
            identity: Some(identity("Invented")),
            age_group,
            sensitivity,
            consent: Some(taken(Capacity::Own)),
            categories: all_categories(),
        };
        self.ask(by, command).0.expect("opened");
        self.id()
    }

    fn withdraws(&mut self, case: CaseId) {
        let command = Command::WithdrawConsent {
            case,
            person: None,
            consent: None,
            part: None,
            shred: ShredWish::AtOnce,
        };
        self.ask(CHILD, command).0.expect("withdrawn");
    }
}

#[test]
fn c14_two_adults_files_are_linked_when_each_agreed_and_neither_file_tells_of_it() {
    let (mut world, one, other) = adults();
    let before = (world.cases[&one].clone(), world.cases[&other].clone());
    let link = linked(&mut world, one, other);
    assert_eq!(before.0, world.cases[&one]);
    assert_eq!(before.1, world.cases[&other]);
    let link = world.links[&link].clone();
    assert_eq!(link.from(one), Some((other, Relationship::Parent)));
    assert_eq!(link.from(other), Some((one, Relationship::Child)));
    assert_eq!(link.from(CaseId([9; 16])), None);
}

#[test]
fn c14_each_relationship_seen_from_the_other_side_and_back_is_itself() {
    for one in Relationship::ALL {
        assert_eq!(one.inverse().inverse(), *one);
    }
}

#[test]
fn c14_nobody_agrees_for_another_adult() {
    let (mut world, one, other) = adults();
    for capacity in [
        Capacity::Caregiver,
        Capacity::Assent,
        Capacity::BestInterests,
    ] {
        let mut it = linking(&world, one, other);
        it.other_agreed.capacity = capacity;
        let refused = world.ask(FRONT, Command::LinkCases(it));
        refused.refused_about(Refusal::SubstitutionNotAllowed, "other_case");
    }
    let mut it = linking(&world, one, other);
    it.agreed.given_by = Some(world.cases[&other].client);
    let refused = world.ask(FRONT, Command::LinkCases(it));
    refused.refused_about(Refusal::SubstitutionNotAllowed, "case");
}

#[test]
fn c14_of_a_child_whoever_decides_for_it_agrees_and_the_child_too() {
    let (mut world, one, child) = two(AgeGroup::Adult, AgeGroup::Minor);
    let alone = linking(&world, one, child);
    let refused = world.ask(FRONT, Command::LinkCases(alone));
    refused.refused_about(Refusal::ChildConsentMissing, "other_case");
    let mut alone = linking(&world, one, child);
    alone.other_agreed.child_agrees = true;
    let refused = world.ask(FRONT, Command::LinkCases(alone));
    refused.refused_about(Refusal::CaregiverConsentMissing, "other_case");
    for (role, checked, refusal) in [
        (
            PersonRole::Interpreter,
            true,
            Some(Refusal::CapacityInvalid),
        ),
        (
            PersonRole::Caregiver,
            false,
            Some(Refusal::RelationshipNotChecked),
        ),
        (PersonRole::Caregiver, true, None),
    ] {
        let giver = world.add(role, checked);
        let mut it = linking(&world, one, child);
        it.other_agreed = LinkAgreed {
            given_by: Some(giver),
            capacity: Capacity::Caregiver,
            child_agrees: true,
            form: ConsentForm::Oral,
        };
        let told = world.ask(FRONT, Command::LinkCases(it));
        match refusal {
            Some(refusal) => told.refused_about(refusal, "other_case"),
            None => drop(told.done(&["FilesLinked"])),
        }
    }
}

#[test]
fn c14_the_file_of_a_child_alone_is_linked_by_child_protection_only() {
    for company in [Company::Separated, Company::Unaccompanied] {
        let (mut world, one, child) = two(AgeGroup::Adult, AgeGroup::Minor);
        let guardian = world.add(PersonRole::Guardian, true);
        let state = world.cases.get_mut(&child).expect("a file");
        Arc::make_mut(state).company = company;
        let mut it = linking(&world, one, child);
        it.other_agreed = LinkAgreed {
            given_by: Some(guardian),
            capacity: Capacity::Guardian,
            child_agrees: true,
            form: ConsentForm::Oral,
        };
        let refused = world.ask(FRONT, Command::LinkCases(it.clone()));
        refused.refused_about(Refusal::ChildProtectionDecides, "other_case");
        world
            .ask(CHILD, Command::LinkCases(it))
            .done(&["FilesLinked"]);
    }
}

#[test]
fn c14_a_best_interests_decision_takes_the_place_of_both_and_is_child_protections() {
    let (mut world, one, child) = two(AgeGroup::Adult, AgeGroup::Minor);
    let mut it = linking(&world, one, child);
    it.other_agreed = LinkAgreed {
        given_by: None,
        capacity: Capacity::BestInterests,
        child_agrees: false,
        form: ConsentForm::Oral,
    };
    let refused = world.ask(FRONT, Command::LinkCases(it.clone()));
    refused.refused_about(Refusal::ChildProtectionDecides, "other_case");
    world
        .ask(CHILD, Command::LinkCases(it))
        .done(&["FilesLinked"]);
}

#[test]
fn c14_who_may_not_see_both_files_links_none_and_ends_none() {
    let (mut world, one, _) = adults();
    let hidden = world.opened(CHILD, AgeGroup::Adult, Sensitivity::Restricted);
    let nowhere = CaseId([0xee; 16]);
    for (case, other, about) in [
        (one, hidden, "other_case"),
        (hidden, one, "case"),
        (nowhere, one, "case"),
    ] {
        let it = Linking {
            case,
            other,
            relationship: Relationship::Sibling,
            agreed: own(&world, one),
            other_agreed: own(&world, hidden),
        };
        let refused = world.ask(FRONT, Command::LinkCases(it));
        refused.refused_about(Refusal::NotFound, about);
    }
    // The very same answer for one that never was.
    let mut it = linking(&world, one, hidden);
    it.other = nowhere;
    let refused = world.ask(FRONT, Command::LinkCases(it));
    refused.refused_about(Refusal::NotFound, "other_case");
    let it = linking(&world, one, hidden);
    let done = world.ask(CHILD, Command::LinkCases(it)).0.expect("linked");
    let Event::FilesLinked(made) = &done.records[0].event else {
        panic!("a link")
    };
    let end = Command::EndLink {
        case: one,
        link: made.link,
    };
    let refused = world.ask(FRONT, end.clone());
    refused.refused_about(Refusal::NotFound, "link");
    world.ask(CHILD, end).done(&[]);
}

#[test]
fn c14_who_works_on_one_file_only_links_none() {
    let (mut world, one, other) = adults();
    let theirs = world.opened(FRONT_TWO, AgeGroup::Adult, Sensitivity::Standard);
    for (case, other) in [(one, theirs), (theirs, other)] {
        let command = Command::LinkCases(linking(&world, case, other));
        world.ask(FRONT, command).refused(Refusal::NotAllowed);
    }
    for caller in [AUDITOR, ADMIN, COORDINATOR, PROVIDER, STRANGER, DPO] {
        let command = Command::LinkCases(linking(&world, one, other));
        let refused = world.ask(caller, command).0.map(drop);
        let refused = refused.expect_err("refused").refusal;
        let fits = [Refusal::NotAllowed, Refusal::NotFound];
        assert!(fits.contains(&refused), "{caller}: {refused}");
    }
}

#[test]
fn c14_a_file_is_not_linked_with_itself_nor_one_that_nothing_is_recorded_in() {
    let (mut world, one, other) = adults();
    let itself = Command::LinkCases(linking(&world, one, one));
    let refused = world.ask(FRONT, itself);
    refused.refused_about(Refusal::Malformed, "other_case_id");
    world.withdraws(other);
    let command = Command::LinkCases(linking(&world, one, other));
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::RecordConsentMissing, "other_case");
}

#[test]
fn c14_a_link_ends_at_once_without_anybodys_consent_and_its_stream_is_closed() {
    let (mut world, one, other) = adults();
    let link = linked(&mut world, one, other);
    let elsewhere = world.opened(FRONT, AgeGroup::Adult, Sensitivity::Standard);
    let wrong = Command::EndLink {
        case: elsewhere,
        link,
    };
    let refused = world.ask(FRONT, wrong);
    refused.refused_about(Refusal::NotFound, "link");
    for case in [one, other] {
        let end = Command::EndLink { case, link };
        let subjects = world.subjects(Caller::Staff(FRONT), &end);
        let closed = world.closes(FRONT, end, &subjects);
        assert_eq!(closed, Some(StreamId::Link(link)));
    }
}

#[test]
fn c14_the_ledger_ends_a_link_once_one_side_takes_everything_back_and_not_before() {
    for side in [0, 1] {
        let (mut world, one, other) = adults();
        let link = linked(&mut world, one, other);
        let lapse = Command::LapseLink { link };
        world.ask(CHILD, lapse.clone()).refused(Refusal::NotAllowed);
        world.ask_system(lapse.clone()).refused(Refusal::NotDue);
        world.withdraws([one, other][side]);
        assert!(
            ![one, other]
                .iter()
                .all(|id| world.cases[id].carries_links(world.now))
        );
        world.ask_system(lapse.clone()).done(&[]);
        // A file that is gone altogether carries nothing either.
        let (mut world, one, other) = adults();
        let link = linked(&mut world, one, other);
        world.cases.remove(&[one, other][side]);
        world.ask_system(Command::LapseLink { link }).done(&[]);
    }
}

#[test]
fn b3_c14_a_link_that_a_caregiver_agreed_to_for_a_child_ends_at_coming_of_age() {
    // given a link that a caregiver agreed to for a child
    let (mut world, one, child) = two(AgeGroup::Adult, AgeGroup::Minor);
    let giver = world.add(PersonRole::Caregiver, true);
    let mut it = linking(&world, one, child);
    it.other_agreed = LinkAgreed {
        given_by: Some(giver),
        capacity: Capacity::Caregiver,
        child_agrees: true,
        form: ConsentForm::Oral,
    };
    let done = world
        .ask(FRONT, Command::LinkCases(it))
        .done(&["FilesLinked"]);
    let Event::FilesLinked(made) = &done.records[0].event else {
        panic!("a link")
    };
    let link = made.link;
    let lapse = || Command::LapseLink { link };
    world.ask_system(lapse()).refused(Refusal::NotDue);
    // when the child is of age
    let state = world.cases.get_mut(&child).expect("a file");
    Arc::make_mut(state).age_group = AgeGroup::Adult;
    // then it ends, and may be made anew with who is asked themselves
    world.ask_system(lapse()).done(&[]);
    linked(&mut world, one, child);
}

#[test]
fn c14_a_link_of_two_adults_does_not_end_by_their_age() {
    let (mut world, one, other) = adults();
    let link = linked(&mut world, one, other);
    world
        .ask_system(Command::LapseLink { link })
        .refused(Refusal::NotDue);
}

#[test]
fn c14_two_files_that_are_said_to_be_one_persons_are_not_linked() {
    let (mut world, case, other) = adults();
    let merge = Command::AskMerge(Merging::of(case, other));
    world.ask(FRONT, merge).0.expect("asked");
    for (one, two) in [(case, other), (other, case)] {
        let link = Command::LinkCases(linking(&world, one, two));
        let refused = world.ask(FRONT, link);
        refused.refused_about(Refusal::AlreadyExists, "merge");
    }
}
