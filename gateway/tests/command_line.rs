//! The program as people run it: exit codes, which stream gets what, and a referral's whole life.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use ledger::clock::{Clock, DAY_MS, SystemClock};
use serde_json::Value;
use time::OffsetDateTime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_referral-ledger");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/receipt");

fn run(folder: &Path, line: &str) -> Output {
    run_with(folder, line, None, "")
}

fn run_with(folder: &Path, line: &str, token: Option<&str>, input: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_remove("REFERRAL_TOKEN")
        .env_remove("REFERRAL_SERVER")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(token) = token {
        command.env("REFERRAL_TOKEN", token);
    }
    let mut child = command.spawn().unwrap();
    // A program that does not read its input closes the pipe; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn data(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not one JSON value: {text}{talk}"))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn receipts_verify_offline_and_a_wrong_one_makes_the_exit_code_1() {
    let home = tempfile::tempdir().unwrap();
    let key = format!("--key {GOLDEN}/vkey.txt --json");
    let good = run(
        home.path(),
        &format!("verify {GOLDEN}/good.tlog-proof {key}"),
    );
    assert_eq!(
        (code(&good), &data(&good)[0]["valid"]),
        (0, &Value::Bool(true))
    );
    let both = format!("verify {GOLDEN}/good.tlog-proof {GOLDEN}/hash_altered.tlog-proof {key}");
    let both = run(home.path(), &both);
    assert_eq!(code(&both), 1);
    assert_eq!(data(&both)[0]["valid"], true);
    assert_eq!(data(&both)[1]["valid"], false);
    let vkey = std::fs::read_to_string(format!("{GOLDEN}/vkey.txt")).unwrap();
    let given = format!("verify {GOLDEN}/good.tlog-proof --key {}", vkey.trim());
    assert_eq!(code(&run(home.path(), &given)), 0);
    let none = run(home.path(), &format!("verify nowhere.tlog-proof {key}"));
    assert_eq!(code(&none), 2);
    assert!(
        std::fs::read_dir(home.path()).unwrap().next().is_none(),
        "nothing is written"
    );
}

#[test]
fn a_new_ledger_is_private_whole_and_made_once() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let made = run(home.path(), "init --test-vault --json");
    assert_eq!(code(&made), 0);
    let token = data(&made)["token"].as_str().unwrap().to_owned();
    let talk = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(!talk.contains(&token), "a token is data, not talk");
    for folder in ["referral-data", "referral-data-vault"] {
        let mode = home
            .path()
            .join(folder)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{folder} is open to others");
    }
    let checked = run(home.path(), "fsck --json");
    assert_eq!(
        (code(&checked), &data(&checked)["ok"]),
        (0, &Value::Bool(true))
    );
    assert_eq!(
        data(&run(home.path(), "status --json"))["vault_tier"],
        "test"
    );
    let note = run(home.path(), "checkpoint");
    assert!(String::from_utf8_lossy(&note.stdout).contains("\n\n— "));

    assert_eq!(code(&run(home.path(), "init --test-vault")), 2);
    std::fs::rename(
        home.path().join("referral-data-vault"),
        home.path().join("v"),
    )
    .unwrap();
    let lost = run(home.path(), "status --json");
    assert_eq!(
        (code(&lost), &data(&lost)["error"]),
        (3, &Value::from("broken"))
    );
    assert_eq!(code(&run(home.path(), "status --vault v")), 0);
}

#[test]
fn mistakes_have_exit_code_2_and_no_server_has_4() {
    let home = tempfile::tempdir().unwrap();
    for line in [
        "",
        "no-such-command",
        "fsck",
        "status",
        "referral list",
        "fsck --data",
    ] {
        let output = run(home.path(), line);
        assert_eq!(code(&output), 2, "{line}");
        assert!(output.stdout.is_empty(), "{line}: talk goes to stderr");
    }
    let token = format!("rl_{}", "A".repeat(43));
    let line = "referral list --server http://127.0.0.1:1";
    let unreachable = run_with(home.path(), line, Some(&token), "");
    assert_eq!(code(&unreachable), 4);
    assert!(!String::from_utf8_lossy(&unreachable.stderr).contains(&token));
    assert_eq!(code(&run(home.path(), "--help")), 0);
}

#[test]
fn pages_and_completions_are_made() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(home.path(), &format!("completions {shell}"));
        assert_eq!(code(&script), 0, "{shell}");
        assert!(script.stdout.len() > 1000, "{shell}");
    }
    assert_eq!(code(&run(home.path(), "man pages")), 0);
    let page = home.path().join("pages/referral-ledger-referral-send.1");
    assert!(std::fs::read_to_string(page).unwrap().contains("channel"));
    assert!(
        !home
            .path()
            .join("pages/referral-ledger-store-probe.1")
            .exists()
    );
}

/// A server of our own, stopped in order at the end.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
        let place = talk.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("Serving at ")?;
            Some(rest.split(' ').next()?.to_owned())
        });
        // Somebody must go on reading, or the server's logs fill the pipe.
        std::thread::spawn(move || talk.for_each(drop));
        Self {
            child,
            url: format!("http://{}", place.unwrap()),
        }
    }

    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "a stop is orderly");
    }
}

impl Drop for Serving {
    /// A test that fails leaves no server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody at the command line, with a token.
struct Desk<'a> {
    folder: &'a Path,
    url: &'a str,
    token: String,
}

impl Desk<'_> {
    fn try_it(&self, line: &str, input: &str) -> Output {
        let line = format!("{line} --json --server {}", self.url);
        run_with(self.folder, &line, Some(&self.token), input)
    }

    fn does(&self, line: &str) -> Value {
        self.does_with(line, "")
    }

    fn does_with(&self, line: &str, input: &str) -> Value {
        let output = self.try_it(line, input);
        let talk = String::from_utf8_lossy(&output.stderr);
        assert_eq!(code(&output), 0, "{line}: {talk}");
        data(&output)
    }

    fn is_refused(&self, line: &str) -> String {
        let output = self.try_it(line, "");
        assert_eq!(code(&output), 1, "{line}");
        let refusal = &data(&output)["refusal"];
        assert!(!refusal["wrong"].as_str().unwrap().is_empty());
        assert!(!refusal["remedy"].as_str().unwrap().is_empty());
        refusal["code"].as_str().unwrap().to_owned()
    }

    /// A new colleague with a token of their own.
    fn hires(&self, organisation: &str, role: &str) -> Self {
        let (_, token) = self.registers(organisation, role);
        Self { token, ..*self }
    }

    /// The same for another organisation, which takes a second person.
    fn hires_outside(&self, second: &Self, organisation: &str, role: &str) -> Self {
        let (staff, token) = self.registers(organisation, role);
        let decide = format!("staff decide {staff} {role} --confirm");
        assert_eq!(self.is_refused(&decide), "second_person_required");
        second.does(&decide);
        Self { token, ..*self }
    }

    fn registers(&self, organisation: &str, role: &str) -> (String, String) {
        let person = serde_json::json!({
            "organisation_id": organisation, "name": "Invented Colleague", "roles": [role],
        });
        let staff = self.does_with("staff register --from -", &person.to_string());
        let staff = text(&staff["staff_id"]);
        let issued = self.does(&format!("token issue {staff} --days 1"));
        (staff, text(&issued["token"]))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const EXPLAINED: &str = "options,recipient,fees,risks,confidentiality_limits,right_to_refuse,\
                         right_to_withdraw,decide_later,complaints";

#[test]
fn a_referral_lives_its_whole_life_at_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let made = data(&run(folder, "init --test-vault --json"));
    let serving = Serving::start(folder);
    let (url, ours) = (serving.url.as_str(), text(&made["organisation_id"]));
    let admin = Desk {
        folder,
        url,
        token: text(&made["token"]),
    };
    let theirs = "7d4df3a0-58c5-4d7a-8a32-0f6d2b0a9c11";
    let coordinator = admin.hires(&ours, "coordinator");
    let worker = admin.hires(&ours, "front_line");
    let focal = admin.hires(&ours, "focal_point");
    let officer = Desk {
        token: text(&made["second_token"]),
        ..admin
    };
    let provider = admin.hires_outside(&officer, theirs, "service_provider");

    let service = service(&coordinator, theirs);
    let case = open_case(&worker);
    let (id, client) = (text(&case["case_id"]), text(&case["client_person_id"]));
    let draft =
        serde_json::json!({ "items": [{"category": "needs", "text": "a place at school"}] });
    let draft = worker.does_with(
        &format!("referral draft {id} --service-id {service} --urgency routine --from -"),
        &draft.to_string(),
    );
    let referral = text(&draft["referral_id"]);
    focal.does(&format!("referral review {referral} --read-back"));
    let send = format!("referral send {referral} --channel portal --receipts receipts");
    assert_eq!(focal.is_refused(&send), "consent_missing");

    worker.does(&format!(
        "consent give {id} --person-id {client} --given-by-id {client} --purposes referral \
         --recipient-ids {theirs} --categories needs --capacity own --form oral \
         --explained {EXPLAINED} --explained-in Arabic"
    ));
    focal.does(&send);
    for step in ["receive", "accept", "complete"] {
        provider.does(&format!("referral {step} {referral}"));
    }
    let shown = focal.does(&format!("referral show {referral}"));
    assert_eq!(shown["referral"]["state"], "completed");
    assert!(
        provider
            .try_it(&format!("case view {id} --purpose service"), "")
            .status
            .code()
            == Some(1)
    );
    assert_eq!(worker.is_refused("staff list"), "not_allowed");

    let stranger = Desk {
        folder,
        url,
        token: format!("rl_{}", "A".repeat(43)),
    };
    assert_eq!(stranger.is_refused("referral list"), "unauthenticated");
    assert_eq!(
        code(&run(folder, "fsck")),
        3,
        "a folder in use is not checked"
    );
    serving.stop();

    let mut receipts = std::fs::read_dir(folder.join("receipts")).unwrap();
    let receipt = receipts.next().unwrap().unwrap().path();
    let verify = format!("verify {} --key referral-data/log.vkey", receipt.display());
    assert_eq!(code(&run(folder, &verify)), 0);
    assert_eq!(code(&run(folder, "fsck")), 0);
}

fn service(coordinator: &Desk<'_>, organisation: &str) -> String {
    let entry = serde_json::json!({ "entry": {
        "name": "An invented school", "organisation_id": organisation,
        "organisation_name": "Invented Schools", "recipient_class": "service",
        "accepts_referrals": true, "needs": ["needs", "identity"],
    }});
    let registered = coordinator.does_with("directory register --from -", &entry.to_string());
    let service = text(&registered["service_id"]);
    let review_on = in_days(180);
    coordinator.does(&format!(
        "directory assess {service} --assessment approved --review-on {review_on}"
    ));
    service
}

fn in_days(days: u64) -> String {
    let then = SystemClock.now().plus_ms(days * DAY_MS).0 / 1000;
    let then = OffsetDateTime::from_unix_timestamp(i64::try_from(then).unwrap());
    then.unwrap().date().to_string()
}

fn open_case(worker: &Desk<'_>) -> Value {
    let explained: Vec<&str> = EXPLAINED.split(',').collect();
    let request = serde_json::json!({
        "age_group": "adult", "sensitivity": "standard",
        "identity": {"name": "Invented Person"}, "categories": ["identity", "needs"],
        "consent": {
            "capacity": "own", "form": "oral", "explained": explained,
            "note": {"language": "Arabic"},
        },
    });
    worker.does_with("case open --from -", &request.to_string())
}
