//! People's commands against a running server: every role's, as data and as text.

use std::fs;
use std::path::Path;

use harness::process::{Place, Ran, Serving, run_in};
use serde_json::Value;
use tempfile::TempDir;

use super::demo;

/// The ledger of a told demo, served again; and the story's memory.
struct Story {
    place: Place,
    serving: Serving,
    memory: Value,
}

impl Story {
    fn new() -> Self {
        let (folder, _): (TempDir, Value) = demo();
        fs::rename(folder.path().join("d"), folder.path().join("data")).unwrap();
        fs::rename(folder.path().join("d-vault"), folder.path().join("vault")).unwrap();
        let memory = fs::read(folder.path().join("data/demo.json")).unwrap();
        let place = Place {
            program: crate::PROGRAM.into(),
            folder,
            made: Value::Null,
        };
        let serving = place.serve_saying("debug", &[]);
        Self {
            place,
            serving,
            memory: serde_json::from_slice(&memory).unwrap(),
        }
    }

    fn token(&self, who: &str) -> &str {
        self.memory["staff"][who]["token"]
            .as_str()
            .expect("a token")
    }

    fn made(&self, step: &str, what: &str) -> &str {
        self.memory["steps"][step]["made"][what]
            .as_str()
            .expect("an id")
    }

    fn ask(&self, who: &str, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        let server = self.serving.endpoint();
        let set = [
            ("REFERRAL_TOKEN", self.token(who)),
            ("REFERRAL_SERVER", server.as_str()),
        ];
        run_in(
            self.place.folder.path(),
            Path::new(crate::PROGRAM),
            &words,
            &set,
        )
    }
}

#[test]
fn every_role_gets_its_answers_as_data_and_as_text() {
    let story = Story::new();
    let case = story.made("ibrahim.open", "case_id");
    let code = story.made("ibrahim.open", "client_code");
    let asked = [
        ("noor", format!("case show --code {code}")),
        ("samir", "referral list --open-only".to_owned()),
        ("samir", format!("case history {case}")),
        ("samir", "consent list".to_owned()),
        ("samir", "case unmet-need shelter".to_owned()),
        ("grace", "referral list".to_owned()),
        ("amal", "referral list".to_owned()),
        ("ines", format!("protection status {case}")),
        ("tomas", format!("audit decisions {case}")),
        ("tomas", format!("audit disclosures {case}")),
        ("tomas", "audit checkpoint".to_owned()),
        ("tomas", "audit receipt 3".to_owned()),
        ("tomas", "audit inclusion 3".to_owned()),
        ("tomas", "audit consistency 5".to_owned()),
        ("tomas", "audit policy".to_owned()),
        ("lea", "directory search legal".to_owned()),
        ("administrator", "staff list".to_owned()),
        ("administrator", "audit status".to_owned()),
        ("administrator", "audit counts".to_owned()),
    ];
    for (who, line) in asked {
        let data = story.ask(who, &format!("{line} --json"));
        assert_eq!(data.code, Some(0), "{who}: {line}: {}", data.stderr);
        let data = data.json();
        assert!(data.is_object() || data.is_array(), "{line}: {data}");
        let text = story.ask(who, &line);
        assert_eq!(text.code, Some(0), "{who}: {line}: {}", text.stderr);
        assert!(!text.stdout.trim().is_empty(), "{line}");
        let tokens = [&text.stdout, &text.stderr];
        assert!(tokens.iter().all(|said| !said.contains("rl_")), "{line}");
    }
    // A stream is one value per line.
    let sealed = story.ask("tomas", "audit sealed --json").expect(0).stdout;
    let lines: Vec<Value> = sealed
        .lines()
        .map(|line| serde_json::from_str(line).expect("a value"))
        .collect();
    assert!(lines.len() > 100, "{}", lines.len());
}

#[test]
fn a_copy_for_the_person_is_a_new_page_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let story = Story::new();
    let case = story.made("ibrahim.open", "case_id");
    let line = format!("protection copy {case} --html copy.html");
    story.ask("ines", &line).expect(0);
    let path = story.place.folder.path().join("copy.html");
    let page = fs::read_to_string(&path).unwrap();
    assert!(page.contains("Ibrahim Example (invented)") && page.contains("electrician"));
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // A page that is there is not written over, and nothing is recorded as seen.
    let seen = |story: &Story| story.ask("tomas", "audit status --json").json()["size"].clone();
    let before = seen(&story);
    let again = story.ask("ines", &line);
    assert_eq!(again.code, Some(2), "{}", again.stderr);
    assert!(!before.is_null() && seen(&story) == before);
    assert_eq!(fs::read_to_string(&path).unwrap(), page);
}

#[test]
fn a_refusal_ends_with_1_and_says_code_reason_and_remedy() {
    let story = Story::new();
    let case = story.made("ibrahim.open", "case_id");
    let refused = [
        ("administrator", format!("case show {case}"), "not_allowed"),
        (
            "tomas",
            format!("case view {case} --purpose case_work"),
            "not_allowed",
        ),
        ("amal", "staff list".to_owned(), "not_allowed"),
        (
            "samir",
            "case show 3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00".to_owned(),
            "not_found",
        ),
    ];
    for (who, line, code) in refused {
        let ran = story.ask(who, &format!("{line} --json")).expect(1);
        let data = ran.json();
        let told = data["refusal"]["code"].as_str().unwrap_or_default();
        assert!([code, "not_found"].contains(&told), "{line}: {data}");
        for text in ["wrong", "remedy"] {
            assert!(
                !data["refusal"][text].as_str().unwrap().is_empty(),
                "{line}: {data}"
            );
        }
        assert!(ran.stderr.contains(told), "{line}: {}", ran.stderr);
    }
    let stranger = format!("rl_{}", "A".repeat(43));
    let server = story.serving.endpoint();
    let set = [
        ("REFERRAL_TOKEN", stranger.as_str()),
        ("REFERRAL_SERVER", server.as_str()),
    ];
    let list = ["referral", "list", "--json"];
    let ran = run_in(
        story.place.folder.path(),
        Path::new(crate::PROGRAM),
        &list,
        &set,
    )
    .expect(1);
    assert_eq!(ran.json()["refusal"]["code"], "unauthenticated");
}

#[test]
fn a_token_is_printed_once_and_kept_nowhere() {
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve_saying("debug", &[]);
    let first = place.token().to_owned();
    let server = serving.endpoint();
    let ask = |token: &str, words: &[&str]| {
        let set = [
            ("REFERRAL_TOKEN", token),
            ("REFERRAL_SERVER", server.as_str()),
        ];
        run_in(place.folder.path(), Path::new(crate::PROGRAM), words, &set)
    };
    let staff = place.made["staff_id"].as_str().unwrap();
    let issued = ask(&first, &["token", "issue", staff, "--json"]).expect(0);
    let made = issued.json();
    let second = made["token"].as_str().expect("a token").to_owned();
    // An administrator's further token works once the second person agrees.
    ask(&second, &["staff", "list"]).expect(1);
    let id = made["token_id"].as_str().expect("its name");
    let decide = ["token", "decide", staff, id, "--confirm"];
    ask(&first, &decide).expect(1);
    ask(place.tokens()[1], &decide).expect(0);
    assert_eq!(issued.stdout.matches(&second).count(), 1);
    assert!(!issued.stderr.contains("rl_"), "{}", issued.stderr);
    assert_ne!(first, second);
    let plain = ask(&first, &["token", "issue", staff]).expect(0);
    assert_eq!(
        plain.stdout.matches("rl_").count() + plain.stderr.matches("rl_").count(),
        1
    );
    for token in [&first, &second] {
        for words in [
            &["staff", "list"][..],
            &["staff", "list", "--json"],
            &["audit", "status"],
        ] {
            let ran = ask(token, words).expect(0);
            assert!(
                !ran.stdout.contains("rl_") && !ran.stderr.contains("rl_"),
                "{words:?}"
            );
        }
    }
    assert!(serving.stop().success());
    let files = harness::carve::files(&[place.folder.path()]);
    for token in [&first, &second] {
        assert_eq!(harness::carve::holding(&files, token), Vec::<String>::new());
        // Also not without its prefix, and the scan finds what is there.
        assert_eq!(
            harness::carve::holding(&files, &token[3..]),
            Vec::<String>::new()
        );
    }
    assert!(!harness::carve::holding(&files, "tests.invalid/log").is_empty());
}
