//! Publishing figures: who may, of which cohorts, and once.

use super::*;
use crate::domain::figures::FiguresMade;

/// January and February 1970 are long over in this world.
const JANUARY: Day = Day(0);
const FEBRUARY: Day = Day(31);
const MARCH: Day = Day(59);

fn publishing(from: Day, until: Day) -> Command {
    Command::PublishFigures {
        made: FiguresMade {
            from,
            until,
            events: 7,
            figures: PublicText("{}".to_owned()),
        },
    }
}

#[test]
fn e7_coordinators_and_auditors_publish_and_what_they_publish_is_frozen_word_for_word() {
    for caller in [COORDINATOR, AUDITOR] {
        let mut world = World::new();
        let done = world.ask(caller, publishing(JANUARY, MARCH));
        let done = done.done(&["FiguresPublished"]);
        assert_eq!(done.personal, [0]);
        assert_eq!(done.records[0].stream, StreamId::Ledger);
        let Event::FiguresPublished(published) = &done.records[0].event else {
            panic!("{:?}", done.records[0]);
        };
        assert_eq!(published.organisation, HOME);
        assert_eq!(published.figures.0, "{}");
        assert_eq!(
            crate::hex::hex(&published.digest),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}

#[test]
fn e7_nobody_else_publishes() {
    for caller in [FRONT, FOCAL, CHILD, PROVIDER, DPO, ADMIN] {
        let mut world = World::new();
        let command = publishing(JANUARY, FEBRUARY);
        world
            .ask(caller, command.clone())
            .refused(Refusal::NotAllowed);
        world.ask_system(command).refused(Refusal::NotAllowed);
    }
}

#[test]
fn e7_a_cohort_is_of_whole_months_that_are_over() {
    let mut world = World::new();
    for (from, until, wrong) in [
        (Day(1), MARCH, "first_day"),
        (JANUARY, Day(60), "until_day"),
        (FEBRUARY, FEBRUARY, "until_day"),
        (MARCH, FEBRUARY, "until_day"),
        // Thirteen months.
        (JANUARY, Day(365 + 31), "until_day"),
    ] {
        let refused = world.ask(COORDINATOR, publishing(from, until));
        refused.refused_about(Refusal::Malformed, wrong);
    }
    // 2024-10-01 is day 19 997, and the world stands at day 20 000: October goes on.
    let (october, november) = (Day(19_997), Day(20_028));
    let early = world.ask(COORDINATOR, publishing(october, november));
    early.refused_about(Refusal::NotDue, "until_day");
    world.now = november.start();
    let done = world.ask(COORDINATOR, publishing(october, november));
    done.done(&["FiguresPublished"]);
}

#[test]
fn e7_a_cohort_is_published_once_and_shares_no_month_with_another() {
    let mut world = World::new();
    world.figures_overlap = true;
    let command = publishing(JANUARY, MARCH);
    world
        .ask(COORDINATOR, command.clone())
        .refused(Refusal::FiguresOverlap);
    world.figures_published = true;
    let again = world.ask(COORDINATOR, command);
    again.refused_about(Refusal::AlreadyExists, "first_day");
}

#[test]
fn e7_figures_larger_than_any_are_malformed() {
    let mut world = World::new();
    let command = Command::PublishFigures {
        made: FiguresMade {
            from: JANUARY,
            until: MARCH,
            events: 0,
            figures: PublicText("0".repeat(crate::limits::FIGURES_BYTES_MAX + 1)),
        },
    };
    world
        .ask(COORDINATOR, command)
        .refused_about(Refusal::Malformed, "figures");
}

#[test]
fn a5_where_a_need_is_not_met_is_a_place_code_and_never_a_word_about_somebody() {
    let noting = |area: &str| Command::NoteUnmetNeed {
        unmet: NeedUnmet {
            need: Need::Legal,
            area: Some(PublicText(area.to_owned())),
            age_group: Some(AgeGroup::Minor),
        },
    };
    for good in ["JO21", "LB1", "SY0101", "IQG01"] {
        let mut world = World::new();
        let done = world.ask(FRONT, noting(good)).done(&["NeedUnmet"]);
        assert_eq!(done.records[0].actor, Actor::Nobody);
    }
    for wrong in [
        "",
        "JO",
        "Jo21",
        "AMINA",
        "J021",
        "JO 21",
        "JO-21",
        "JOÉ1",
        "É21",
        "JO21JO21JO21J",
    ] {
        let mut world = World::new();
        world
            .ask(FRONT, noting(wrong))
            .refused_about(Refusal::Malformed, "area");
    }
}
