//! Documents say what is so: what a machine can compare, it compares.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::process;
use harness::scratch::Scratch;
use ledger::domain::event::Event;
use projections::billing::Billing;
use projections::breaches::Breaches;
use projections::cases::Cases;
use projections::complaints::Complaints;
use projections::consents::Consents;
use projections::counts::Counts;
use projections::directory::Directory;
use projections::exceptions::Exceptions;
use projections::given::GivenAway;
use projections::incoming::Incoming;
use projections::links::Links;
use projections::mechanism::Mechanism;
use projections::projection::Projection;
use projections::retention::Retention;
use projections::rights::Rights;
use projections::staff::Staff;
use projections::statistics::Statistics;
use projections::worklist::Worklist;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(name: &str) -> String {
    let read = std::fs::read_to_string(root().join(name));
    read.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_specification_lists_every_event_under_its_number() {
    let specification = read("ledger/SPEC.md");
    let section = specification.split("\n## §3").nth(1).expect("a section 3");
    let section = section.split("\n## §4").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let number: usize = cells.next()?.trim().parse().ok()?;
        Some((number, cells.next()?.trim_matches('`').to_owned()))
    });
    let listed: Vec<(usize, String)> = rows.collect();
    let known: Vec<(usize, String)> = Event::NAMES
        .iter()
        .map(|name| (*name).to_owned())
        .enumerate()
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn the_specification_lists_every_view_with_the_version_of_its_rows() {
    fn named<P: Projection>() -> (String, u32) {
        (P::NAME.to_owned(), P::VERSION)
    }
    let known = [
        named::<Billing>(),
        named::<Worklist>(),
        named::<Consents>(),
        named::<Directory>(),
        named::<Staff>(),
        named::<Cases>(),
        named::<Counts>(),
        named::<Retention>(),
        named::<Rights>(),
        named::<Statistics>(),
        named::<Mechanism>(),
        named::<GivenAway>(),
        named::<Exceptions>(),
        named::<Complaints>(),
        named::<Breaches>(),
        named::<Links>(),
        named::<Incoming>(),
    ];
    let specification = read("ledger/SPEC.md");
    let section = specification
        .split("\n## §10")
        .nth(1)
        .expect("a section 10");
    let section = section.split("\n## §11").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.trim_matches('`').to_owned();
        Some((name, cells.next()?.trim().parse().ok()?))
    });
    let listed: BTreeSet<(String, u32)> = rows.collect();
    assert_eq!(listed, known.into_iter().collect());
}

#[test]
fn every_command_explains_itself() {
    let program = Path::new(crate::PROGRAM);
    let top = process::run(program, &["--help"]).expect(0).stdout;
    let commands = commands_in(&top);
    assert!(commands.len() >= 15, "{commands:?}");
    for command in commands {
        let help = process::run(program, &[&command, "--help"])
            .expect(0)
            .stdout;
        assert!(help.contains("Usage: referral-ledger"), "{command}: {help}");
        for under in commands_in(&help) {
            let help = process::run(program, &[&command, &under, "--help"])
                .expect(0)
                .stdout;
            assert!(
                help.contains(&format!("{command} {under}")),
                "{command} {under}: {help}"
            );
        }
    }
}

/// The commands that a help text lists.
fn commands_in(help: &str) -> Vec<String> {
    let Some((_, listed)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = named.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_documents_of_the_project_are_there_and_each_begins_with_its_title() {
    for name in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ] {
        let text = read(name);
        assert!(text.starts_with("# "), "{name} has no title");
        assert!(text.lines().count() > 10, "{name} says nothing");
    }
    assert!(
        read("CHANGELOG.md").contains("## Unreleased"),
        "Keep a Changelog"
    );
    assert!(read("ledger/SPEC.md").starts_with("# "));
}

#[test]
fn the_policy_matrix_that_people_review_is_the_one_in_force() {
    let scratch = Scratch::new();
    let reviewed = read("ledger/src/authorise/golden/policy-matrix.txt");
    assert_eq!(scratch.ledger.policy().matrix(), reviewed);
}

#[test]
fn every_requirement_names_tests_that_exist_or_says_what_is_missing() {
    let lines = [
        ('A', 6),
        ('B', 10),
        ('C', 15),
        ('D', 7),
        ('E', 11),
        ('F', 4),
        ('G', 4),
        ('H', 5),
    ];
    let lines = lines.into_iter();
    let wanted: Vec<String> = lines
        .flat_map(|(letter, last)| (1..=last).map(move |number| format!("{letter}{number}")))
        .collect();
    let page = read("tests/MISSION.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.trim_end_matches('|').split('|').collect())
        .skip(2)
        .collect();
    let listed: Vec<&str> = rows.iter().map(|row| row[0].trim()).collect();
    assert_eq!(listed, wanted);
    let sources = tests_of(&root());
    for row in rows {
        let named: Vec<&str> = row[1].split('`').skip(1).step_by(2).collect();
        let missing = row.get(2).map_or("", |cell| cell.trim());
        assert!(!named.is_empty() || !missing.is_empty(), "{}", row[0]);
        for name in &named {
            assert!(sources.contains(*name), "{}: no test {name}", row[0]);
        }
        let line = row[0].trim().to_lowercase();
        let mut own = sources
            .iter()
            .filter(|name| name.split('_').any(|word| word == line));
        let forgotten = own.next().filter(|_| named.is_empty());
        assert_eq!(forgotten, None, "{line} has tests, and its row names none");
    }
}

/// Names of all tests below a folder.
fn tests_of(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            found.extend(tests_of(&path));
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for test in text.split("test]\n").chain(text.split("test(")).skip(1) {
                let named = test
                    .split_once("fn ")
                    .and_then(|(_, rest)| rest.split_once('('));
                found.extend(named.map(|(name, _)| name.to_owned()));
            }
        }
    }
    found
}

/// The lines between the fences of a section's blocks.
fn blocks(document: &str, section: &str) -> Vec<String> {
    let text = read(document);
    let rest = text
        .split_once(&format!("\n## {section}\n"))
        .expect(section);
    let section = rest.1.split("\n## ").next().expect("a section");
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("```").expect("its end").0.to_owned())
        .collect()
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_first_case_of_the_readme_goes_as_it_says() {
    let work = tempfile::tempdir().unwrap();
    // The program under the name that the document gives it.
    let programs = tempfile::tempdir().unwrap();
    symlink(crate::PROGRAM, programs.path().join("referral-ledger")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.path().display());
    let blocks = blocks("README.md", "A first case");
    assert_eq!(blocks.len(), 2, "a ledger, and what is done with it");
    // Not every machine that tests has a folder for a real vault.
    let lines = blocks
        .concat()
        .replacen(" init ", " init --test-vault ", 1)
        .replace(":50552", &format!(":{}", free_port()));
    let lines = format!("trap 'kill $!' EXIT\n{lines}");
    let ran = Command::new("sh")
        .args(["-eu", "-c", &lines])
        .current_dir(&work)
        .env("PATH", path)
        .output()
        .unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.success(), "{told}");
    let said = String::from_utf8(ran.stdout).unwrap();
    for word in [
        "accepted",
        "advice on documents",
        "certificate  sara.certificate",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(work.path().join("sara.html").exists());
}
