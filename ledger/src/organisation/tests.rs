//! What a file may say, what is wrong in one, and that the log keeps each.

use super::*;
use crate::clock::Day;
use crate::decide::tests::{FOCAL, HEALTH};
use crate::domain::codes::Sensitivity;
use crate::domain::command::{Caller, Command};
use crate::domain::event::Event;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::ledger::Ledger;
use crate::submit::tests::{Desk, request};

fn refused(from: &str, to: &str) -> (usize, String) {
    assert!(DEFAULT_ORGANISATION.contains(from), "{from}");
    let text = DEFAULT_ORGANISATION.replacen(from, to, 1);
    let error = Organisation::parse(&text).unwrap_err();
    (error.line, error.meaning)
}

fn line_of(text: &str) -> usize {
    let place = DEFAULT_ORGANISATION
        .lines()
        .position(|line| line.starts_with(text));
    place.unwrap() + 1
}

#[test]
fn the_file_that_ships_allows_what_the_documents_say() {
    let organisation = Organisation::default();
    let now = Timestamp(1_795_330_800_000);
    let due = |urgency| {
        let due = organisation.due(urgency, now);
        let hours = |at: Timestamp| (at.0 - now.0) / 3_600_000;
        (hours(due.acknowledge_by), hours(due.complete_by))
    };
    assert_eq!(due(Urgency::Emergency), (1, 24));
    assert_eq!(due(Urgency::Urgent), (24, 7 * 24));
    assert_eq!(due(Urgency::Routine), (3 * 24, 30 * 24));
    assert!(!organisation.services.unassessed_allowed);
    assert_eq!(organisation.text(), DEFAULT_ORGANISATION);
}

/// What ships, what takes its place, the line that is named, and what is said of it.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("\"UTC\"", "\"Atlantis\"", "time_zone", "no time zone"),
    ("\"sunday\"", "\"sonntag\"", "weekend", "no day of the week"),
    (
        "holidays = []",
        "holidays = [\"25.12.2026\"]",
        "holidays",
        "no date",
    ),
    (
        "holidays = []",
        "holidays = [\"2027-02-29\"]",
        "holidays",
        "no date",
    ),
    ("\"1 hour\"", "\"soon\"", "acknowledge", "no time like"),
    ("\"1 hour\"", "\"1.5 hours\"", "acknowledge", "no time like"),
    ("\"1 hour\"", "\"-1 hours\"", "acknowledge", "no time like"),
    ("\"1 hour\"", "\"900 days\"", "acknowledge", "longer than"),
    (
        "\"6 hours\"",
        "\"1 working day\"",
        "authorise_within",
        "weekends too",
    ),
    ("\"emergencies_only\"", "\"yes\"", "unassessed", "neither"),
    ("\"not_required\"", "\"maybe\"", "agreement", "neither"),
    (
        "_days = 180",
        "_days = 0",
        "confirmed_every_days",
        "at least 1",
    ),
    (
        "_days = 180",
        "_days = 9999",
        "confirmed_every_days",
        "at most",
    ),
    (
        "at_once_per_day = 20",
        "at_once_per_day = 0",
        "at_once_per_day",
        "at least 1",
    ),
    (
        "authorise_within = \"6 hours\"",
        "authorise_within = \"0 hours\"",
        "authorise_within",
        "not none",
    ),
    ("last = \"7 days\"", "last = \"0 days\"", "last", "not none"),
    (
        "review_within = \"90 days\"",
        "review_within = \"0 days\"",
        "review_within",
        "not none",
    ),
    (
        "answer_months = 1",
        "answer_months = 0",
        "answer_months",
        "between 1 and 12 months",
    ),
    (
        "longer_months = 2",
        "longer_months = 13",
        "longer_months",
        "at most 12",
    ),
    (
        "at_once_per_day = 20",
        "at_once_per_day = 1001",
        "at_once_per_day",
        "at most 1000",
    ),
    (
        "assent_from = 6\nconsent_from = 15",
        "assent_from = 13\nconsent_from = 15",
        "assent_from",
        "at most 12",
    ),
    (
        "consent_from = 15",
        "consent_from = 19",
        "consent_from",
        "at most 18",
    ),
    (
        "\"6 hours\"",
        "\"73 hours\"",
        "authorise_within",
        "at most 72 hours",
    ),
    (
        "\"6 hours\"",
        "\"366 days\"",
        "authorise_within",
        "at most 72 hours",
    ),
    (
        "last = \"7 days\"",
        "last = \"31 days\"",
        "last",
        "or 30 days",
    ),
    (
        "after_withdrawal = \"30 days\"",
        "after_withdrawal = \"93 days\"",
        "after_withdrawal",
        "or 92 days",
    ),
    (
        "after_withdrawal = \"30 days\"",
        "after_withdrawal = \"2209 hours\"",
        "after_withdrawal",
        "or 92 days",
    ),
    (
        "at_once_per_day = 20",
        "at_once_per_day = -1",
        "at_once_per_day",
        "invalid value",
    ),
    (
        "version = 1",
        "version = 1\ncolour = \"red\"",
        "version",
        "unknown field",
    ),
];

#[test]
fn what_is_wrong_is_named_with_its_line_and_its_meaning() {
    for (from, to, line, meaning) in WRONG {
        let (found, said) = refused(from, to);
        assert!(said.contains(meaning), "{to}: {said}");
        let line = line_of(line) + usize::from(to.contains("colour"));
        assert_eq!(found, line, "{to}: {said}");
    }
    let week = "[\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \
                \"saturday\", \"sunday\"]";
    let (_, said) = refused("[\"saturday\", \"sunday\"]", week);
    assert!(said.contains("people work"), "{said}");
    let (_, said) = refused("[exceptions]", "[expectations]");
    assert!(said.contains("expectations"), "{said}");
    let long = "#".repeat(ORGANISATION_BYTES_MAX + 1);
    assert!(
        Organisation::parse(&long)
            .unwrap_err()
            .meaning
            .contains("larger")
    );
}

#[test]
fn what_stands_at_the_end_of_what_is_allowed_is_understood() {
    let mut text = DEFAULT_ORGANISATION.to_owned();
    for (from, to) in [
        ("assent_from = 6", "assent_from = 12"),
        ("consent_from = 15", "consent_from = 18"),
        ("\"6 hours\"", "\"3 days\""),
        ("last = \"7 days\"", "last = \"720 hours\""),
        ("after_withdrawal = \"30", "after_withdrawal = \"92"),
        ("at_once_per_day = 20", "at_once_per_day = 1000"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    assert_eq!(Organisation::parse(&text).unwrap().assent_from, 12);
}

#[test]
fn a_week_without_a_weekend_and_times_of_none_are_allowed() {
    let text = DEFAULT_ORGANISATION
        .replace("[\"saturday\", \"sunday\"]", "[]")
        .replace("after_expiry = \"30 days\"", "after_expiry = \"0 days\"")
        .replace(
            "after_withdrawal = \"30 days\"",
            "after_withdrawal = \"0 hours\"",
        );
    let organisation = Organisation::parse(&text).unwrap();
    let now = Timestamp(1_795_330_800_000);
    assert_eq!(organisation.expired_kept_until(now), now);
    assert_eq!(organisation.withdrawn_kept_until(now), now);
    assert!(organisation.destroys_at_once(ShredWish::AfterPeriod));
    assert!(!Organisation::default().destroys_at_once(ShredWish::AfterPeriod));
}

const PROCEDURE: &str = r#"
[[procedure]]
id = "child-abuse"
service = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00"
law = "an Act, section 110"
categories = ["identity", "contact"]
within = "2 working days"
assessed_on = "2026-10-01"
assess_again_on = "2027-10-01"
steps = ["Ask first.", "Tell the person."]
"#;

#[test]
fn b5_a_prepared_procedure_is_understood_and_its_assessment_ends() {
    let text = format!("{DEFAULT_ORGANISATION}{PROCEDURE}");
    let file = Organisation::parse(&text).unwrap();
    let id = "child-abuse".parse().unwrap();
    let procedure = &file.exceptions.procedures[&id];
    assert_eq!(procedure.law, "an Act, section 110");
    assert_eq!(procedure.steps.len(), 2);
    // a Thursday, and a day a year later
    let (first, last) = (Day(20_727), Day(20_727 + 365));
    assert_eq!(
        (procedure.assessed_on, procedure.assess_again_on),
        (first, last)
    );
    let holds = |day: u32| procedure.is_assessed(Day(day));
    assert!(holds(first.0) && holds(last.0));
    assert!(!holds(first.0 - 1) && !holds(last.0 + 1));
    let now = Day(20_728).start();
    let by = file.reported_by(procedure, now);
    assert_eq!(
        by.day(),
        Day(20_733),
        "over the weekend, to the end of Tuesday, which is the day after"
    );
}

#[test]
fn b5_what_is_wrong_with_a_procedure_is_named_with_its_line() {
    let wrong = [
        ("\"child-abuse\"", "\"Child Abuse\"", "id", "small letters"),
        (
            "service = ",
            "class = \"police\"\nservice = ",
            "class",
            "not both",
        ),
        (
            "service = \"3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00\"",
            "",
            "id",
            "a service or a class",
        ),
        ("service = \"3f2b8c1e", "service = \"x", "service", "UUID"),
        (
            "service = \"3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00\"",
            "class = \"state_of_origin\"",
            "class",
            "no law_enforcement, asylum_authority or immigration_authority",
        ),
        (
            "\"contact\"",
            "\"shoe size\"",
            "categories",
            "no data category",
        ),
        ("[\"identity\", \"contact\"]", "[]", "id", "between 1 and 6"),
        ("\"2 working days\"", "\"0 days\"", "within", "not none"),
        ("\"2 working days\"", "\"soon\"", "within", "no time like"),
        (
            "\"2027-10-01\"",
            "\"2026-10-01\"",
            "assess_again_on",
            "not after",
        ),
        (
            "\"2027-10-01\"",
            "\"2029-10-01\"",
            "assess_again_on",
            "at most 731 days",
        ),
        ("\"2026-10-01\"", "\"1.10.2026\"", "assessed_on", "no date"),
        ("\"2026-10-01\"", "\"1969-10-01\"", "assessed_on", "no date"),
        (
            "[\"Ask first.\", \"Tell the person.\"]",
            "[]",
            "id",
            "between 1 and 20 steps",
        ),
        ("\"Ask first.\"", "\" \"", "steps", "between 1 and 500"),
        (
            "within = ",
            "colour = \"red\"\nwithin = ",
            "colour",
            "unknown field",
        ),
    ];
    for (from, to, line, meaning) in wrong {
        assert!(PROCEDURE.contains(from), "{from}");
        let text = format!("{DEFAULT_ORGANISATION}{}", PROCEDURE.replacen(from, to, 1));
        let error = Organisation::parse(&text).unwrap_err();
        assert!(error.meaning.contains(meaning), "{to}: {error}");
        let named = text.lines().nth(error.line - 1).unwrap_or_default();
        let known = named.starts_with(line) || meaning == "unknown field";
        assert!(known, "{to}: {error}: {named}");
    }
    let twice = format!("{DEFAULT_ORGANISATION}{PROCEDURE}{PROCEDURE}");
    let error = Organisation::parse(&twice).unwrap_err();
    assert!(error.meaning.contains("another procedure"), "{error}");
}

#[test]
fn a_file_that_says_nothing_of_what_may_be_left_out_is_read_all_the_same() {
    let at = DEFAULT_ORGANISATION.find("[staff]").unwrap();
    let (wanted, _) = DEFAULT_ORGANISATION.split_at(at);
    Organisation::parse(wanted).unwrap();
}

#[test]
fn b5_a_file_from_before_says_nothing_of_reviews_and_is_read_all_the_same() {
    let lines = DEFAULT_ORGANISATION.lines();
    let old = lines.filter(|line| {
        !line.starts_with("reviewed_within") && !line.starts_with("late_reviews_to")
    });
    let old: Vec<&str> = old.collect();
    let file = Organisation::parse(&old.join("\n")).unwrap();
    let now = Timestamp(1_795_330_800_000);
    assert_eq!(file.reviewed_by(now), now.plus_ms(30 * 86_400_000));
    let to = file.late_reviews_go_to(Sensitivity::Standard);
    assert_eq!(to, Role::DataProtectionOfficer);
    for (from, to, meaning) in [
        (
            "reviewed_within = \"30 days\"",
            "reviewed_within = \"93 days\"",
            "or 92 days",
        ),
        (
            "reviewed_within = \"30 days\"",
            "reviewed_within = \"0 days\"",
            "not none",
        ),
        (
            "late_reviews_to = \"data_protection_officer\"",
            "late_reviews_to = \"auditor\"",
            "none of",
        ),
    ] {
        let (_, said) = refused(from, to);
        assert!(said.contains(meaning), "{to}: {said}");
    }
}

/// Files that the log tells of, by their numbers, oldest first.
fn installed(ledger: &Ledger) -> Vec<(u32, String)> {
    let entries = ledger.stream(StreamId::Ledger).unwrap().into_iter();
    let installed = entries.filter_map(|entry| {
        let Event::OrganisationInstalled(it) = &entry.record.event else {
            return None;
        };
        Some((it.version, it.file.0.clone()))
    });
    installed.collect()
}

fn link() -> Command {
    Command::GiveLink {
        services: vec![HEALTH],
    }
}

#[test]
fn another_file_needs_a_higher_number_and_stays_in_force_without_being_given_again() {
    let desk = Desk::new();
    let with = |file: Option<String>| {
        let mut options = desk.options();
        options.organisation = file;
        Ledger::open(options)
    };
    let same_number = busy().replace("\"1 hour\"", "\"2 hours\"");
    let fault = with(Some(same_number.clone())).err().expect("refused");
    assert!(fault.to_string().contains("higher"), "{fault}");
    let next = same_number.replace("version = 1", "version = 2");
    let ledger = with(Some(next.clone())).unwrap();
    assert_eq!(installed(&ledger).len(), 1, "not before a decision by it");
    let asked = request(Caller::Staff(FOCAL), link());
    assert!(ledger.submit(asked).is_ok());
    ledger.close().unwrap();
    let ledger = with(None).unwrap();
    assert_eq!(ledger.organisation().text(), next, "the log has it");
    assert_eq!(installed(&ledger), [(1, busy()), (2, next.clone())]);
    let asked = request(Caller::Staff(FOCAL), link());
    assert!(ledger.submit(asked).is_ok());
    assert_eq!(installed(&ledger).len(), 2, "told once");
    ledger.close().unwrap();
    let back = with(Some(busy())).err().expect("refused");
    assert!(back.to_string().contains("number 2"), "{back}");
}

#[test]
fn a_file_that_is_wrong_opens_nothing_and_makes_nothing() {
    let desk = Desk::new();
    let mut options = desk.options();
    options.organisation = Some(busy().replace("\"UTC\"", "\"Atlantis\""));
    let fault = Ledger::open(options).err().expect("refused");
    assert!(matches!(fault, Fault::Unusable(_)));
    assert!(fault.to_string().contains("line 8: Atlantis"), "{fault}");
}

/// The file that ships, for tests in which one member of staff does the work of many.
pub(crate) fn busy() -> String {
    DEFAULT_ORGANISATION.replace("at_once_per_day = 20", "at_once_per_day = 1000")
}

/// The busy file with other lines, which takes its place.
pub(crate) fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = busy().replace("version = 1", "version = 2");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn c8_what_is_wrong_with_interviews_in_the_file_is_named_with_its_line() {
    let first = DEFAULT_ORGANISATION;
    let with = |lines: &str| {
        let text = first.replacen("[interview]\n", &format!("[interview]\n{lines}\n"), 1);
        Organisation::parse(&text).map(|file| file.interviews.are_on())
    };
    let at = |error: WrittenError| (error.line - line_of("[interview]"), error.meaning);
    assert_eq!(with("").ok(), Some(false), "off by default");
    assert_eq!(with("forms = []").ok(), Some(false));
    let both = "forms = [\"guide\"]\ntraining_months = 12";
    assert_eq!(with(both).ok(), Some(true));
    for (lines, line, meaning) in [
        ("forms = [\"guide\"]", 1, "training_months"),
        ("forms = [\"other\"]\ntraining_months = 12", 1, "no form"),
        ("forms = [\"guide\"]\ntraining_months = 0", 2, "at least 1"),
        (
            "forms = [\"guide\"]\ntraining_months = 121",
            2,
            "at most 120",
        ),
        ("form = [\"guide\"]", 1, "unknown field"),
    ] {
        let (found, said) = with(lines).map_err(at).expect_err(lines);
        assert!(
            found == line && said.contains(meaning),
            "{lines}: {found} {said}"
        );
    }
    for (topic, meaning) in [
        ("religion = \" \"", "say why"),
        ("route = \"\"", "say why"),
        ("politics = \"x\"", "unknown field"),
    ] {
        let justified = format!("[interview.justified]\n{topic}");
        let text = first.replacen("[interview.justified]", &justified, 1);
        let error = Organisation::parse(&text).expect_err(topic);
        assert_eq!(error.line, line_of("[interview.justified]") + 1, "{error}");
        assert!(error.meaning.contains(meaning), "{error}");
    }
}
