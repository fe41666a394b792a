//! Retention from end to end: what is due is shown without a name, what is held stays, and what
//! goes goes once two persons agreed, over the real server.

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use harness::process::{Place, Ran, Serving, run_in};
use harness::scratch::Scratch;
use harness::words;
use ledger::clock::{Clock, DAY_MS, SystemClock, SystemEntropy, Timestamp};
use ledger::domain::codes::{DataCategory, Role};
use ledger::domain::command::{Caller, Command, ShredWish, SweepEnd};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, SweepId};
use ledger::domain::stream::StreamId;
use ledger::ledger::{Ledger, PersonalContent};
use serde_json::Value;

/// A clock that stands.
pub(crate) struct Stands(pub(crate) Timestamp);

impl Clock for Stands {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Opens the ledger again with the clock at another moment.
pub(crate) fn reopen_at(scratch: &mut Scratch, now: Timestamp) {
    scratch.ledger.close().unwrap();
    let options = Scratch::options_in(scratch.folder.path());
    scratch.ledger = Ledger::open_by(options, Arc::new(Stands(now))).unwrap();
}

/// Cases in which nobody did anything for thirty months.
pub(crate) fn old_cases(scratch: &mut Scratch, number: usize) -> Vec<CaseId> {
    let service = scratch.service();
    let now = scratch.ledger.now();
    reopen_at(scratch, now.minus_months(30));
    let mut cases = Vec::new();
    for _ in 0..number {
        let role = Role::FocalPoint;
        let open = words::open_case("Canary Identity");
        let (case, _) = words::opened(&scratch.done(role, open));
        let items = [(DataCategory::Needs, "Canary Needs")];
        scratch.done(role, words::draft(case, service, None, &items));
        cases.push(case);
    }
    cases
}

/// The ledger served by the program itself.
pub(crate) struct Served {
    place: Place,
    serving: Serving,
    cases: Vec<CaseId>,
}

impl Served {
    pub(crate) fn of(scratch: Scratch, cases: Vec<CaseId>) -> Self {
        Self::with(scratch, cases, &[])
    }

    pub(crate) fn with(scratch: Scratch, cases: Vec<CaseId>, flags: &[&str]) -> Self {
        scratch.ledger.close().unwrap();
        let place = Place {
            program: crate::PROGRAM.into(),
            folder: scratch.folder,
            made: Value::Null,
        };
        let serving = place.serve(flags);
        Self {
            place,
            serving,
            cases,
        }
    }

    /// Two persons agree to a sweep of so many cases, and it ends.
    pub(crate) fn sweep(&self, cases: u64) {
        let before = self.told(Role::DataProtectionOfficer, "retention rules");
        let asked = format!("retention request {cases}");
        let asked = self.told(Role::DataProtectionOfficer, &asked);
        let approve = format!("retention approve {}", asked["sweep_id"].as_str().unwrap());
        self.ask(Role::Coordinator, &approve).expect(0);
        for _ in 0..600 {
            let rules = self.told(Role::DataProtectionOfficer, "retention rules");
            if rules["last_sweep_at"] != before["last_sweep_at"] {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("no sweep ended:\n{}", self.serving.said());
    }

    pub(crate) fn ask(&self, role: Role, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (server, token) = (self.serving.endpoint(), Scratch::token(role));
        let set = [
            ("REFERRAL_TOKEN", token.as_str()),
            ("REFERRAL_SERVER", server.as_str()),
        ];
        let program = Path::new(crate::PROGRAM);
        run_in(self.place.folder.path(), program, &words, &set)
    }

    pub(crate) fn said(&self) -> String {
        self.serving.said()
    }

    pub(crate) fn told(&self, role: Role, line: &str) -> Value {
        self.ask(role, &format!("{line} --json")).expect(0).json()
    }

    /// Ends it as a power cut would, and starts it again.
    fn cut(self) -> Self {
        let Self {
            place,
            serving,
            cases,
        } = self;
        serving.kill();
        let serving = place.serve(&[]);
        Self {
            place,
            serving,
            cases,
        }
    }

    /// Waits until a sweep has ended.
    fn swept(&self) {
        for _ in 0..600 {
            let rules = self.told(Role::DataProtectionOfficer, "retention rules");
            if !rules["last_sweep_at"].is_null() {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("no sweep ended:\n{}", self.serving.said());
    }

    /// Stops it, and opens its ledger in this process.
    pub(crate) fn stopped(self) -> (Place, Ledger, Vec<CaseId>) {
        assert!(self.serving.stop().success());
        let ledger = Scratch::open_in(self.place.folder.path().to_owned()).unwrap();
        (self.place, ledger, self.cases)
    }
}

fn events(ledger: &Ledger, stream: StreamId) -> Vec<Event> {
    let entries = ledger.stream(stream).unwrap().into_iter();
    entries.map(|entry| entry.record.event.clone()).collect()
}

/// Parts of a case that a focal point can open, and parts that are gone.
fn readable(ledger: &Ledger, case: CaseId) -> (usize, usize) {
    let caller = Caller::Staff(Scratch::member(Role::FocalPoint));
    let seen = ledger.submit(words::request(caller, words::view(case)));
    let parts = ledger.open_personal(&seen.unwrap()).unwrap();
    let open = parts.iter();
    let open = open.filter(|part| matches!(part.content, PersonalContent::Open(_)));
    let open = open.count();
    (open, parts.len() - open)
}

#[test]
fn two_persons_let_the_rules_loose_what_is_held_stays_and_the_rest_goes_with_its_rule_named() {
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 4);
    let served = Served::of(scratch, cases.clone());
    let officer = Role::DataProtectionOfficer;
    // The first thing that the server is asked makes it look at the clock: the ledger stood still
    // for thirty months, it seems.
    let held = cases[0];
    let until = SystemClock.now().plus_ms(30 * DAY_MS).to_rfc3339();
    let hold = format!("retention hold {held} --reason legal_order --until {until}");
    served.ask(officer, &hold).expect(0);
    let placed = served.told(officer, &format!("retention holds {held}"));
    assert_eq!(placed["holds"][0]["reason"], "legal_order");
    assert_eq!(placed["holds"][0]["in_force"], true);
    let rules = served.told(officer, "retention rules");
    assert!(rules["clock_doubted_at"].is_string(), "{rules}");
    assert_ne!(rules["let_loose"], true);
    // Counts and exceptions, and no word of what anybody said.
    let preview = served.ask(officer, "retention dry-run --json").expect(0);
    let due = served.ask(officer, "retention due --json").expect(0);
    assert!(!preview.stdout.contains("Canary") && !due.stdout.contains("Canary"));
    let (preview, due) = (preview.json(), due.json());
    let numbers = |name: &str| preview[name].as_u64().unwrap_or(0);
    assert_eq!((numbers("cases"), numbers("held")), (3, 1), "{preview}");
    assert_eq!(due["due"].as_array().unwrap().len(), 4);
    assert_eq!(preview["exceptions"][0]["case_id"], held.to_string());
    let keys = numbers("keys");
    assert!(keys >= 3 * 2, "identity and needs of three people: {keys}");
    // Who may see it, who asks, who agrees.
    assert_eq!(served.ask(Role::FocalPoint, "retention due").code, Some(1));
    let asked = served.told(officer, "retention request 3");
    let sweep = asked["sweep_id"].as_str().unwrap();
    let approve = format!("retention approve {sweep}");
    let own = served.ask(officer, &approve);
    assert_eq!(own.code, Some(1));
    assert!(
        own.stderr.contains("second_person_required"),
        "{}",
        own.stderr
    );
    served.ask(Role::Coordinator, &approve).expect(0);
    // In the middle of it.
    let served = served.cut();
    served.swept();
    let after = served.told(officer, "retention dry-run");
    assert_eq!(after["cases"].as_u64().unwrap_or(0), 0, "{after}");
    assert_eq!(served.told(officer, "retention rules")["let_loose"], true);
    let (_place, ledger, cases) = served.stopped();
    assert_eq!(
        gone_by_rule(&ledger, &cases[1..]),
        keys,
        "what the dry run said"
    );
    assert_eq!(rotations(&ledger), 1, "one for all of them");
    assert_eq!(
        sweeps(&ledger),
        [(3, None)],
        "and no night in the same round"
    );
    assert_eq!(readable(&ledger, held).1, 0, "what is held stays");
    let told = events(&ledger, StreamId::Case(held));
    let told = told
        .iter()
        .any(|event| matches!(event, Event::RetentionHeld(_)));
    assert!(told, "and the log says so");
    a_hold_stops_no_withdrawal(&ledger, held);
    ledger.close().unwrap();
}

/// Keys of cases that went by the rules: nobody reads them, and the certificate names the rule.
fn gone_by_rule(ledger: &Ledger, cases: &[CaseId]) -> u64 {
    let mut destroyed = 0;
    for case in cases {
        let events = events(ledger, StreamId::Case(*case));
        let applied = events.iter().find_map(|event| match event {
            Event::RetentionApplied(it) => Some((it.rule.0.as_str(), it.version)),
            _ => None,
        });
        assert_eq!(applied, Some(("usual", 1)));
        for event in &events {
            if let Event::Shredded(it) = event {
                destroyed += u64::try_from(it.keys.len()).unwrap();
            }
        }
        let note = events.iter().find_map(|event| match event {
            Event::ErasureCertified(it) => Some(it.note.0.clone()),
            _ => None,
        });
        let note = note.expect("a certificate");
        let named = note.contains(" retention ") && note.contains(" usual 1\n");
        assert!(named, "{note}");
        assert_eq!(readable(ledger, *case).0, 0, "nobody reads it");
    }
    destroyed
}

fn rotations(ledger: &Ledger) -> usize {
    let all = events(ledger, StreamId::Ledger);
    let rotations = all
        .iter()
        .filter(|event| matches!(event, Event::KeysRotated(_)));
    rotations.count()
}

/// Attack 39.
fn a_hold_stops_no_withdrawal(ledger: &Ledger, case: CaseId) {
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    let caller = Caller::Staff(Scratch::member(Role::FocalPoint));
    ledger.submit(words::request(caller, withdraw)).unwrap();
    assert_eq!(readable(ledger, case).0, 0);
}

#[test]
fn once_let_loose_the_night_sweeps_by_itself_and_catches_up_after_a_stop() {
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 2);
    // Two days ago two persons agreed, and that sweep has run; both cases were in use, say.
    reopen_at(&mut scratch, Timestamp(SystemClock.now().0 - 2 * DAY_MS));
    let sweep = SweepId::fresh(&mut SystemEntropy);
    let request = Command::RequestSweep { sweep, cases: 2 };
    scratch.done(Role::DataProtectionOfficer, request);
    scratch.done(Role::Coordinator, Command::ApproveSweep { sweep });
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: scratch.organisation,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: None,
    });
    let ended = scratch
        .ledger
        .submit(words::request(Caller::System, finish));
    ended.unwrap();
    let served = Served::of(scratch, cases.clone());
    let gone = |served: &Served| {
        let preview = served.told(Role::DataProtectionOfficer, "retention dry-run");
        preview["cases"].as_u64().unwrap_or(0) == 0
    };
    let waited = (0..600).any(|_| {
        sleep(Duration::from_millis(100));
        gone(&served)
    });
    assert!(waited, "{}", served.serving.said());
    let (_place, ledger, cases) = served.stopped();
    for case in cases {
        assert_eq!(readable(&ledger, case).0, 0);
    }
    assert_eq!(sweeps(&ledger), [(0, None), (2, None)]);
    ledger.close().unwrap();
}

/// What each sweep took, and how many it found if those were too many.
fn sweeps(ledger: &Ledger) -> Vec<(u32, Option<u32>)> {
    let done = events(ledger, StreamId::Ledger).into_iter();
    let done = done.filter_map(|event| match event {
        Event::SweepDone(it) => Some((it.cases, it.too_many)),
        _ => None,
    });
    done.collect()
}

#[test]
fn a_sweep_that_may_take_less_than_is_due_takes_nothing_and_the_night_does_not_take_it_instead() {
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 2);
    let served = Served::of(scratch, cases);
    let officer = Role::DataProtectionOfficer;
    let asked = served.told(officer, "retention request 1");
    let approve = format!("retention approve {}", asked["sweep_id"].as_str().unwrap());
    served.ask(Role::Coordinator, &approve).expect(0);
    served.swept();
    // Rounds that follow, those of a new start included, have nothing to go by.
    sleep(Duration::from_secs(5));
    let served = served.cut();
    sleep(Duration::from_secs(5));
    let rules = served.told(officer, "retention rules");
    assert_eq!(rules["last_sweep_too_many"], 2, "{rules}");
    assert_ne!(rules["let_loose"], true, "{rules}");
    let (_place, ledger, cases) = served.stopped();
    assert_eq!(sweeps(&ledger), [(0, Some(2))]);
    for case in cases {
        assert_eq!(readable(&ledger, case).1, 0, "nothing is gone");
    }
    ledger.close().unwrap();
}

#[test]
fn the_record_of_a_case_ends_by_its_own_rule_and_nothing_but_counts_is_left_of_it() {
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 2);
    let rules = ledger::retention::DEFAULT_RETENTION;
    let short = rules
        .replace("version = 1", "version = 2")
        .replace("months = 84", "months = 26");
    let file = scratch.folder.path().join("rules.toml");
    std::fs::write(&file, short).unwrap();
    let served = Served::with(
        scratch,
        cases.clone(),
        &["--retention", file.to_str().unwrap()],
    );
    let officer = Role::DataProtectionOfficer;
    served.sweep(2);
    let shown = served.ask(Role::FocalPoint, &format!("case show {}", cases[0]));
    assert_eq!(
        shown.code,
        Some(0),
        "the record is there yet: {}",
        shown.stderr
    );
    let preview = served.told(officer, "retention dry-run");
    assert_eq!(
        (&preview["cases"], &preview["closes"]),
        (&2.into(), &2.into()),
        "{preview}"
    );
    served.sweep(2);
    for case in &cases {
        let shown = served.ask(Role::FocalPoint, &format!("case show {case}"));
        assert_eq!(shown.code, Some(1));
        assert!(shown.stderr.contains("record_ended"), "{}", shown.stderr);
        let other = served.ask(Role::ServiceProvider, &format!("case show {case}"));
        assert!(other.stderr.contains("not_found"), "{}", other.stderr);
    }
    let list = served
        .ask(Role::FocalPoint, "referral list --json")
        .expect(0);
    assert!(
        cases
            .iter()
            .all(|case| !list.stdout.contains(&case.to_string()))
    );
    let page = page_of_ended_records(&served);
    assert!(
        page.contains("<strong>2</strong> records of files ended"),
        "{page}"
    );
    let served = served.cut();
    let (_place, ledger, cases) = served.stopped();
    for case in cases {
        assert!(ledger.closed(case).unwrap().is_some());
        assert!(events(&ledger, StreamId::Case(case)).is_empty());
    }
    let closed = events(&ledger, StreamId::Ledger);
    let closed = closed.iter().filter_map(|event| match event {
        Event::SweepDone(it) => Some((it.cases, it.closed)),
        _ => None,
    });
    assert_eq!(closed.collect::<Vec<_>>(), [(2, 0), (2, 2)]);
    ledger.close().unwrap();
}

/// The page of the certificate that names no case, once it is there.
fn page_of_ended_records(served: &Served) -> String {
    let page = served.place.folder.path().join("page.html");
    let line = format!("protection certificate --html {}", page.display());
    for _ in 0..100 {
        let kept = served.ask(Role::DataProtectionOfficer, &line);
        if kept.code == Some(0) {
            return std::fs::read_to_string(page).unwrap();
        }
        sleep(Duration::from_millis(100));
    }
    panic!("no certificate:\n{}", served.serving.said());
}

#[test]
fn a_night_that_finds_too_many_cases_takes_none_and_the_log_says_so() {
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 2);
    let rules = ledger::retention::DEFAULT_RETENTION.replace("version = 1", "version = 2");
    let rules = rules.replace("unattended_cases_max = 200", "unattended_cases_max = 1");
    scratch.ledger.close().unwrap();
    let mut options = Scratch::options_in(scratch.folder.path());
    options.retention = Some(rules);
    let then = Timestamp(SystemClock.now().0 - 2 * DAY_MS);
    scratch.ledger = Ledger::open_by(options, Arc::new(Stands(then))).unwrap();
    let sweep = SweepId::fresh(&mut SystemEntropy);
    let request = Command::RequestSweep { sweep, cases: 2 };
    scratch.done(Role::DataProtectionOfficer, request);
    scratch.done(Role::Coordinator, Command::ApproveSweep { sweep });
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: scratch.organisation,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: None,
    });
    let finish = words::request(Caller::System, finish);
    scratch.ledger.submit(finish).unwrap();
    let served = Served::of(scratch, cases);
    let officer = Role::DataProtectionOfficer;
    let told = (0..600).any(|_| {
        sleep(Duration::from_millis(100));
        let rules = served.told(officer, "retention rules");
        rules["last_sweep_too_many"] == 2 && rules["let_loose"] != true
    });
    assert!(told, "{}", served.serving.said());
    let due = served.told(officer, "retention due --page-size 1");
    assert_eq!(
        (&due["total"], due["due"].as_array().unwrap().len()),
        (&2.into(), 1)
    );
    let next = due["page"]["next_page_token"].as_str().unwrap();
    let rest = format!("retention due --page-size 1 --page-token {next}");
    let rest = served.told(officer, &rest);
    assert_ne!(rest["due"][0]["case_id"], due["due"][0]["case_id"]);
    let far = served.ask(officer, "retention due --at 2040-01-01");
    assert!(far.stderr.contains("time_invalid"), "{}", far.stderr);
    let none = format!("protection certificate {}", served.cases[0]);
    let none = served.ask(officer, &format!("{none} --json"));
    assert_eq!(
        (none.code, none.json()["refusal"]["code"].as_str()),
        (Some(1), Some("not_found"))
    );
    let (_place, ledger, _) = served.stopped();
    assert_eq!(sweeps(&ledger), [(0, None), (0, Some(2))]);
    ledger.close().unwrap();
}
