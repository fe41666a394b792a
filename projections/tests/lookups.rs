//! Directory search, tokens, cases by code, counts.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::directory::AssessmentHow;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::directory::Search;
use world::{HOUR_MS, World};

fn found(world: &World, search: &Search) -> Vec<String> {
    let views = world.views();
    let rows = views.directory().search(search, 100);
    rows.iter().map(|row| row.entry.name.0.clone()).collect()
}

fn text(text: &str) -> Search {
    Search {
        text: text.to_owned(),
        ..Search::default()
    }
}

#[test]
fn a_search_finds_words_however_they_were_typed_and_in_any_order() {
    let mut world = World::default();
    world.service("Médecins Sans Frontières clinic");
    world.service("عيادة الأُسْرَة");
    for typed in [
        "clinic medecins",
        "MÉDECINS",
        "me\u{301}dec",
        "crescent frontieres",
        "psycho health san",
    ] {
        assert!(
            found(&world, &text(typed))
                .iter()
                .any(|name| name.starts_with("Méd")),
            "{typed}"
        );
    }
    assert_eq!(found(&world, &text("الاسره")), ["عيادة الأُسْرَة"]);
    for typed in ["medecins oncology", "edecins", "clinics"] {
        assert!(found(&world, &text(typed)).is_empty(), "{typed}");
    }
    assert_eq!(found(&world, &text(" -- ")).len(), 2);
}

#[test]
fn a_search_by_sector_area_and_language_matches_each() {
    let mut world = World::default();
    world.service("Clinic");
    let search = |sector: &str, area: &str, language: &str| Search {
        sector: Some(sector.to_owned()),
        area: Some(area.to_owned()),
        language: Some(language.to_owned()),
        ..Search::default()
    };
    assert_eq!(found(&world, &search("health", "irbid", "ARABIC")).len(), 1);
    assert!(found(&world, &search("heal", "irbid", "arabic")).is_empty());
    assert!(found(&world, &search("health", "amman", "arabic")).is_empty());
    // Both words in one location, not one in each.
    assert!(found(&world, &search("health", "irbid zarqa", "arabic")).is_empty());
    assert!(found(&world, &search("health", "irbid", "farsi")).is_empty());
}

#[test]
fn a_confidential_entry_shows_only_to_who_may_see_it() {
    let mut world = World::default();
    let service = world.service("Shelter");
    let mut entry = world::entry("Shelter");
    entry.confidential = true;
    world.push(StreamId::Service(service), ServiceUpdated { entry });
    let views = world.views();
    assert!(views.directory().find(service, false).is_none());
    assert!(views.directory().find(service, true).is_some());
    assert!(found(&world, &text("shelter")).is_empty());
    let entitled = Search {
        confidential: true,
        ..text("shelter")
    };
    assert_eq!(found(&world, &entitled), ["Shelter"]);
}

#[test]
fn an_entry_is_found_by_its_new_name_and_not_by_its_old_one() {
    let mut world = World::default();
    let service = world.service("Old name");
    let entry = world::entry("Fresh start");
    world.push(StreamId::Service(service), ServiceUpdated { entry });
    assert_eq!(found(&world, &text("fresh")), ["Fresh start"]);
    assert!(found(&world, &text("old")).is_empty());
    assert_eq!(found(&world, &Search::default()).len(), 1);
}

#[test]
fn a_retired_service_is_left_out_unless_asked_for() {
    let mut world = World::default();
    let service = world.service("Closed");
    world.push(StreamId::Service(service), ServiceRetired {});
    assert!(found(&world, &Search::default()).is_empty());
    let all = Search {
        retired: true,
        ..Search::default()
    };
    assert_eq!(found(&world, &all), ["Closed"]);
    let due = Search {
        due: Some((Day(9999), Day(9999))),
        ..all
    };
    assert!(found(&world, &due).is_empty());
}

#[test]
fn pages_of_the_directory_go_on_by_name_where_the_last_one_ended() {
    let mut world = World::default();
    for name in ["delta", "Alpha", "charlie", "Bravo", "alpha"] {
        world.service(name);
    }
    let views = world.views();
    let mut search = Search::default();
    let mut names = Vec::new();
    loop {
        let page = views.directory().search(&search, 2);
        names.extend(page.iter().map(|row| row.entry.name.0.to_lowercase()));
        match page.last() {
            Some(last) => search.after = Some(last.id),
            None => break,
        }
    }
    assert_eq!(names, ["alpha", "alpha", "bravo", "charlie", "delta"]);
}

#[test]
fn a_service_is_due_when_its_review_is_or_its_entry_was_not_confirmed_for_long() {
    let mut world = World::default();
    let service = world.service("Clinic");
    let due = |world: &World, today: u32, since: u32| {
        let search = Search {
            due: Some((Day(today), Day(since))),
            ..Search::default()
        };
        found(world, &search).len()
    };
    assert_eq!((due(&world, 50, 100), due(&world, 50, 101)), (0, 1));
    let event = ServiceAssessed {
        assessment: Assessment::Approved,
        review_on: Day(300),
        how: AssessmentHow::default(),
    };
    world.push(StreamId::Service(service), event);
    assert_eq!((due(&world, 299, 0), due(&world, 300, 0)), (0, 1));
}

fn issue(world: &mut World, staff: StaffId, digest: u8, expires: Timestamp) -> TokenId {
    let token = TokenId(world.id());
    let digest = [digest; 32];
    world.push(
        StreamId::Staff(staff),
        TokenIssued {
            token,
            digest,
            expires,
        },
    );
    token
}

#[test]
fn a_token_works_until_it_expires_or_is_revoked() {
    let mut world = World::default();
    let staff = world.staff(OrganisationId([1; 16]));
    let end = Timestamp(100 * HOUR_MS);
    let token = issue(&mut world, staff, 7, end);
    let bearer = |world: &World, now| world.views().staff().bearer(&[7; 32], now);
    assert_eq!(
        bearer(&world, world.now).map(|bearer| bearer.staff),
        Some(staff)
    );
    assert!(bearer(&world, Timestamp(end.0 - 1)).is_some());
    assert!(bearer(&world, end).is_none());
    assert!(world.views().staff().bearer(&[8; 32], world.now).is_none());
    world.push(StreamId::Staff(staff), TokenRevoked { token });
    assert!(bearer(&world, world.now).is_none());
}

#[test]
fn a_digest_that_two_tokens_share_is_nobodys_until_one_is_revoked() {
    let mut world = World::default();
    let victim = world.staff(OrganisationId([1; 16]));
    let other = world.staff(OrganisationId([2; 16]));
    let end = Timestamp(100 * HOUR_MS);
    issue(&mut world, victim, 7, end);
    let token = issue(&mut world, other, 7, end);
    assert!(world.views().staff().bearer(&[7; 32], world.now).is_none());
    world.push(StreamId::Staff(other), TokenRevoked { token });
    let bearer = world.views().staff().bearer(&[7; 32], world.now);
    assert_eq!(bearer.map(|bearer| bearer.staff), Some(victim));
}

#[test]
fn years_of_tokens_do_not_pile_up() {
    let mut world = World::default();
    let staff = world.staff(OrganisationId([1; 16]));
    for round in 0..100 {
        let end = world.now.plus_ms(3 * HOUR_MS);
        issue(&mut world, staff, round, end);
    }
    let views = world.views();
    assert!(views.staff().find(staff).unwrap().tokens.len() <= 3);
}

#[test]
fn a_case_is_found_by_its_code_only_where_there_is_one() {
    let mut world = World::default();
    let case = world.case(OrganisationId([1; 16]));
    let code = world.views().cases().find(case).unwrap().code;
    assert_eq!(world.views().cases().by_code(code).unwrap().case, case);
    assert!(World::default().views().cases().by_code(code).is_none());
    let hidden = world.views();
    assert!(hidden.cases().page(0, 9, &|_| false).is_empty());
    assert!(hidden.cases().page(1, 9, &|_| true).is_empty());
}

#[test]
fn links_refusals_and_needs_are_counted_apart() {
    let mut world = World::default();
    let service = world.service("Clinic");
    let services = vec![service, service];
    world.push(StreamId::Ledger, LinkGiven { services });
    world.push(StreamId::Ledger, RecordRefused { reason: None });
    let reason = Some(RefusalReason::Fear);
    world.push(StreamId::Ledger, RecordRefused { reason });
    world.push(StreamId::Ledger, RecordRefused { reason });
    world.push(
        StreamId::Ledger,
        NeedUnmet {
            need: Need::Shelter,
            area: None,
            age_group: None,
        },
    );
    let views = world.views();
    let counts = views.counts();
    assert_eq!(counts.links()[&service], 2);
    assert_eq!(counts.refusals()[&None], 1);
    assert_eq!(counts.refusals()[&reason], 2);
    assert_eq!(counts.needs()[&Need::Shelter], 1);
    assert_eq!(
        (
            counts.of("LinkGiven"),
            counts.of("CaseOpened"),
            counts.of("x")
        ),
        (1, 0, 0)
    );
    assert_eq!(counts.total(), 6);
}

#[test]
fn c14_only_the_file_of_a_child_that_is_of_age_by_now_is_looked_at_for_its_links() {
    // given two files, linked because somebody agreed for each of their persons
    let mut world = World::default();
    let home = OrganisationId([1; 16]);
    let (child, other) = (world.case(home), world.case(home));
    let assessed = |age_group, adult_on| AgeAssessed {
        age_group,
        basis: AgeBasis::BirthDate,
        adult_on,
        company: Company::Accompanied,
    };
    let day = |days: u32| Some(Day(days));
    world.push(StreamId::Case(child), assessed(AgeGroup::Minor, day(3)));
    world.push(StreamId::Case(other), assessed(AgeGroup::Minor, None));
    let link = LinkId(world.id());
    let agreed = ledger::domain::link::LinkAgreed {
        given_by: None,
        capacity: Capacity::BestInterests,
        child_agrees: true,
        form: ConsentForm::Oral,
    };
    let linked = FilesLinked {
        link,
        one: child,
        one_client: PersonId(child.0),
        other,
        other_client: PersonId(other.0),
        organisation: home,
        relationship: Relationship::Parent,
        one_agreed: agreed,
        other_agreed: agreed,
    };
    world.push(StreamId::Link(link), linked);
    let grown = |world: &World, at: Timestamp| -> Vec<_> {
        let views = world.views();
        views.links().agreed_for_grown(at).collect()
    };
    // then neither is before its day, the one is from its day on, and of the other no day is known
    let start = Day(3).start();
    assert_eq!(grown(&world, Timestamp(start.0 - 1)), []);
    assert_eq!(grown(&world, start), [(link, child)]);
    // what is said last holds: younger than was thought, of age, and in doubt again
    world.push(StreamId::Case(child), assessed(AgeGroup::Minor, day(900)));
    world.push(StreamId::Case(other), assessed(AgeGroup::Adult, None));
    assert_eq!(grown(&world, start), [(link, other)]);
    world.push(StreamId::Case(other), assessed(AgeGroup::Unknown, None));
    assert_eq!(grown(&world, start), []);
    assert_eq!(grown(&world, Day(900).start()), [(link, child)]);
}
