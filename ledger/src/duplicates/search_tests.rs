//! Searches in a whole ledger: what a caller may not open is never compared, and nothing of a name
//! is kept.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::decide::tests::{
    ADMIN, CHILD, DELEGATE, DPO, FOCAL, FRONT, HOME, all_categories, taken, text,
};
use crate::domain::codes::*;
use crate::domain::command::{
    Advising, Asking, CarryingOut, Identifying, Merging, Ruling, Seeking, ShredWish,
};
use crate::domain::event::Event;
use crate::domain::ids::{PersonId, StaffId};
use crate::domain::personal::Identity;
use crate::domain::scope::Scope;
use crate::submit::tests::{Desk, request};

/// Whose name no file of the log may hold.
const NAME: &str = "Zanzibara Quillfeather";

/// A desk with a front-line worker and a child-protection focal point, and files of one name.
struct Office {
    ledger: Ledger,
    desk: Desk,
}

impl Office {
    fn new() -> Self {
        let desk = Desk::new();
        let office = Self {
            ledger: desk.opened(),
            desk,
        };
        for (staff, role) in [
            (FRONT, Role::FrontLine),
            (CHILD, Role::ChildProtection),
            (DELEGATE, Role::ControllerDelegate),
        ] {
            let register = Command::RegisterStaff {
                staff,
                organisation: HOME,
                name: text("invented"),
                roles: [role].into(),
            };
            office.done(ADMIN, register);
        }
        for (staff, role) in [
            (CHILD, Role::ChildProtection),
            (DELEGATE, Role::ControllerDelegate),
        ] {
            let confirm = true;
            let confirm = Command::DecideRole {
                staff,
                role,
                confirm,
            };
            office.done(DPO, confirm);
        }
        office
    }

    fn done(&self, by: StaffId, command: Command) -> Answer {
        let Ok(answer) = self.ledger.submit(request(Caller::Staff(by), command)) else {
            panic!("it was refused")
        };
        answer
    }

    /// A file of the name, with a phone.
    fn file(&self, by: StaffId, sensitivity: Sensitivity) -> (CaseId, PersonId) {
        let mut identity = Identity::named(text(NAME));
        let phone = (DataCategory::Contact, text("0795550199"));
        identity.details = BTreeMap::from([phone]);
        let open = Command::OpenCase {
            identity: Some(identity),
            age_group: AgeGroup::Adult,
            sensitivity,
            consent: Some(taken(Capacity::Own)),
            categories: all_categories(),
        };
        let opened = self.done(by, open);
        let opened = opened.entries.iter().find_map(|entry| {
            let Event::CaseOpened(it) = &entry.record.event else {
                return None;
            };
            Some((it.case, it.client))
        });
        opened.expect("a case")
    }

    fn asked(case: CaseId) -> Command {
        Command::FindDuplicates(Seeking {
            case,
            opened_from: None,
            opened_until: None,
            compared: 0,
            shown: 0,
        })
    }

    /// What somebody finds, how many files were compared for them, and what the log says.
    fn found(&self, by: StaffId, case: CaseId, others: &[CaseId]) -> (BTreeSet<CaseId>, u32) {
        let request = request(Caller::Staff(by), Self::asked(case));
        let found = self
            .ledger
            .find_duplicates(request, (others, &BTreeSet::new()), &|| Ok(()));
        let Ok(found) = found else { panic!("refused") };
        let Event::DuplicatesSought(it) = &found.answer.entries[0].record.event else {
            panic!("a search")
        };
        let shown = u32::try_from(found.duplicates.len()).expect("few");
        assert_eq!((it.compared, it.shown), (found.compared, shown));
        let files = found.duplicates.iter().map(|it| it.case);
        (files.collect(), found.compared)
    }

    fn refused(&self, by: StaffId, command: Command) -> Refused {
        let request = request(Caller::Staff(by), command);
        let nobody = (&[][..], &BTreeSet::new());
        match self.ledger.find_duplicates(request, nobody, &|| Ok(())) {
            Err(Rejection::Refused(refused)) => refused,
            Err(Rejection::Fault(_)) => panic!("a fault"),
            Ok(_) => panic!("not refused"),
        }
    }
}

/// So many files compared, and these shown.
fn of(files: &[CaseId], compared: u32) -> (BTreeSet<CaseId>, u32) {
    (files.iter().copied().collect(), compared)
}

#[test]
fn c15_what_a_caller_may_not_open_is_not_compared_not_counted_and_not_shown() {
    let office = Office::new();
    let (own, _) = office.file(FRONT, Sensitivity::Standard);
    let (second, _) = office.file(FRONT, Sensitivity::Standard);
    let (of_others, _) = office.file(FOCAL, Sensitivity::Standard);
    let (hidden, _) = office.file(CHILD, Sensitivity::Restricted);
    let all = [own, second, of_others, hidden, office.desk.case];
    let front = of(&[second], 1);
    assert_eq!(office.found(FRONT, own, &all), front, "what they work on");
    let focal = of(&[second, of_others], 3);
    assert_eq!(office.found(FOCAL, own, &all), focal, "no restricted file");
    let child = of(&[second, of_others, hidden], 4);
    assert_eq!(office.found(CHILD, own, &all), child);
    // A file that does not exist answers as one that is hidden.
    let nowhere = CaseId([0xee; 16]);
    assert_eq!(office.found(FRONT, own, &[second, nowhere]).1, 1);
    // What they may not work on they do not compare with, nor is anything recorded.
    let before = office.ledger.size();
    for (by, case, refusal) in [
        (FRONT, of_others, Refusal::NotAllowed),
        (FRONT, hidden, Refusal::NotFound),
        (FOCAL, hidden, Refusal::NotFound),
        (DPO, own, Refusal::NotAllowed),
        (ADMIN, own, Refusal::NotFound),
    ] {
        assert_eq!(office.refused(by, Office::asked(case)).refusal, refusal);
    }
    assert_eq!(office.ledger.size(), before);
}

#[test]
fn e6_each_file_that_a_search_shows_holds_who_saw_it_and_no_other_file_does() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let (shown, _) = office.file(FOCAL, Sensitivity::Standard);
    let (hidden, _) = office.file(CHILD, Sensitivity::Restricted);
    let seen = |case| {
        let entries = office.ledger.stream(StreamId::Case(case)).expect("read");
        let by = entries.iter().filter_map(|entry| {
            let seen = matches!(entry.record.event, Event::PersonalDataSeen(_));
            seen.then_some(entry.record.actor.staff())?
        });
        by.collect::<Vec<_>>()
    };
    let others = [shown, hidden, office.desk.case];
    assert_eq!(office.found(FOCAL, own, &others).0, [shown].into());
    assert_eq!(seen(shown), [FOCAL]);
    assert_eq!((seen(own), seen(hidden)), (vec![], vec![]));
    assert_eq!(seen(office.desk.case), [], "compared, and not alike");
}

#[test]
fn c15_what_was_withdrawn_destroyed_merged_or_linked_is_found_no_more() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let files: Vec<CaseId> = (0..4)
        .map(|_| office.file(FOCAL, Sensitivity::Standard).0)
        .collect();
    assert_eq!(office.found(FOCAL, own, &files).1, 4);
    let withdraw = |case, shred| Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred,
    };
    office.done(FOCAL, withdraw(files[0], ShredWish::AfterPeriod));
    office.done(FOCAL, withdraw(files[1], ShredWish::AtOnce));
    let left = of(&files[2..], 2);
    assert_eq!(office.found(FOCAL, own, &files), left);
    office.done(FOCAL, Command::AskMerge(Merging::of(own, files[2])));
    let left = of(&files[3..], 1);
    assert_eq!(office.found(FOCAL, own, &files), left);
    // Those that are known to be two persons' are handed over as such.
    let asked = request(Caller::Staff(FOCAL), Office::asked(own));
    let linked = BTreeSet::from([files[3]]);
    let found = office
        .ledger
        .find_duplicates(asked, (&files, &linked), &|| Ok(()));
    let found = found.map_err(|_| "refused").expect("a search");
    assert_eq!((found.duplicates.len(), found.compared), (0, 0));
}

/// The person wants the data kept and not used, and is granted it.
fn restrict(office: &Office, case: CaseId) {
    let asking = Command::ReceiveRequest(Asking {
        case,
        person: None,
        kind: RequestKind::Restriction,
        by: RequestedBy::Person,
        categories: BTreeSet::new(),
        channel: Channel::InPerson,
    });
    let received = office.done(FOCAL, asking);
    let Event::RequestReceived(it) = &received.entries[0].record.event else {
        panic!("a request")
    };
    let request = it.request;
    let known = Identifying {
        case,
        request,
        outcome: IdentityOutcome::KnownToStaff,
    };
    office.done(FOCAL, Command::CheckIdentity(known));
    let (answer, reason) = (RequestAnswer::Grant, None);
    let advice = Advising {
        case,
        request,
        answer,
        reason,
    };
    office.done(DPO, Command::AdviseRequest(advice));
    let ruling = Ruling {
        case,
        request,
        answer,
        reason,
        categories: BTreeSet::new(),
    };
    office.done(DELEGATE, Command::DecideRequest(ruling));
    office.done(DPO, Command::CarryOutRequest(CarryingOut { case, request }));
}

#[test]
fn c15_what_is_to_be_kept_and_not_used_is_compared_from_neither_side() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let (other, _) = office.file(FOCAL, Sensitivity::Standard);
    assert_eq!(office.found(FOCAL, own, &[other]), of(&[other], 1));
    restrict(&office, other);
    assert_eq!(office.found(FOCAL, own, &[other]), of(&[], 0));
    let refused = office.refused(FOCAL, Office::asked(other)).refusal;
    assert_eq!(refused, Refusal::ProcessingRestricted);
}

#[test]
fn c15_a_name_that_was_withdrawn_by_itself_is_not_compared() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let (other, _) = office.file(FOCAL, Sensitivity::Standard);
    let part = |category| {
        Some(Scope {
            categories: [category].into(),
            ..Scope::default()
        })
    };
    for (category, still) in [
        (
            DataCategory::Identity,
            BTreeSet::from([Likeness::PhoneSame]),
        ),
        (DataCategory::Contact, BTreeSet::new()),
    ] {
        let withdraw = Command::WithdrawConsent {
            case: other,
            person: None,
            consent: None,
            part: part(category),
            shred: ShredWish::AfterPeriod,
        };
        office.done(FOCAL, withdraw);
        let asked = request(Caller::Staff(FOCAL), Office::asked(own));
        let nobody = BTreeSet::new();
        let found = office
            .ledger
            .find_duplicates(asked, (&[other], &nobody), &|| Ok(()));
        let found = found.map_err(|_| "refused").expect("a search");
        let reasons = found.duplicates.into_iter().flat_map(|it| it.alike.reasons);
        assert_eq!(reasons.collect::<BTreeSet<_>>(), still, "{category}");
    }
}

#[test]
fn c15_a_search_is_not_repeated_and_one_that_nobody_waits_for_leaves_nothing() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let (other, _) = office.file(FOCAL, Sensitivity::Standard);
    let asked = request(Caller::Staff(FOCAL), Office::asked(own));
    let (others, nobody) = ([other], BTreeSet::new());
    let search = |go_on: GoOn<'_>| {
        let asked = asked.clone();
        office
            .ledger
            .find_duplicates(asked, (&others, &nobody), go_on)
    };
    let before = office.ledger.size();
    let gone = search(&|| Err(Refused::about(Refusal::Unavailable, "nobody_waits").into()));
    assert!(gone.is_err());
    assert_eq!(office.ledger.size(), before, "nothing is recorded");
    assert!(search(&|| Ok(())).is_ok());
    let Err(Rejection::Refused(again)) = search(&|| Ok(())) else {
        panic!("what is looked at twice is looked at twice")
    };
    assert_eq!(again.refusal, Refusal::RequestIdReused);
}

#[test]
fn c15_no_file_of_the_ledger_holds_anything_of_a_name_that_was_compared() {
    let office = Office::new();
    let (own, _) = office.file(FOCAL, Sensitivity::Standard);
    let (other, _) = office.file(FOCAL, Sensitivity::Standard);
    assert_eq!(office.found(FOCAL, own, &[other]).0.len(), 1);
    office.ledger.close().unwrap();
    let root = office.desk.folder.path();
    let names = ["zanzibara", "quillfeather", "zanzibara quil"];
    let holds = |bytes: &[u8]| {
        let small: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
        let within = |name: &&str| {
            small
                .windows(name.len())
                .any(|part| part == name.as_bytes())
        };
        names.iter().any(within)
    };
    // The scan finds what is there: a name, and its sound.
    assert!(holds(b"..Zanzibara Quillfeather.."));
    let mut folders = vec![root.to_path_buf()];
    let mut scanned = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            scanned += bytes.len();
            assert!(!holds(&bytes), "{}", path.display());
        }
    }
    assert!(scanned > 10_000, "{scanned}");
}
