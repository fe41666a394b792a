//! The spine from queue to answer, on a ledger in a folder of its own.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, channel, sync_channel};

use tempfile::TempDir;

use crate::clock::{Day, SystemEntropy};
use crate::decide::tests::{CLINIC, FOCAL, HEALTH, HOME, PROVIDER, entry};
use crate::decide::tests::{all_categories, identity, items, scope, taken, text};
use crate::domain::codes::*;
use crate::domain::command::{
    Asking, Assessing, Caller, Command, Identifying, Listing, Request, ShredWish,
};
use crate::domain::event::{Event, ViewTarget};
use crate::domain::ids::*;
use crate::domain::stream::StreamId;
use crate::keys::KeyId;
use crate::ledger::{
    Answer, InitOptions, Ledger, OpenOptions, PersonalContent, Protection, Rejection, init,
};
use crate::organisation::{busy, changed};
use crate::refusal::Refusal;
use crate::submit::ask::Task;
use crate::submit::writer::Writer;

/// A ledger that is not open, with staff, a service and a case with a consent to refer.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) case: CaseId,
    pub(crate) client: PersonId,
    pub(crate) consent: ConsentId,
}

type Told = Receiver<Result<Answer, Rejection>>;

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = InitOptions {
            data: folder.path().join("data"),
            vault: folder.path().join("vault"),
            origin: "tests.invalid/log".to_owned(),
            test_tier: true,
            protection: Protection::default(),
            organisation: Some(busy()),
        };
        init(&options).unwrap();
        let (case, client, consent) = (CaseId([0; 16]), PersonId([0; 16]), ConsentId([0; 16]));
        let mut desk = Self {
            folder,
            case,
            client,
            consent,
        };
        let ledger = desk.opened();
        desk.furnish(&ledger);
        ledger.close().unwrap();
        desk
    }

    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions::of(
            self.folder.path().join("data"),
            self.folder.path().join("vault"),
        )
    }

    /// With other lines in the organisation's file.
    pub(crate) fn changed(&self, changes: &[(&str, &str)]) -> Ledger {
        let mut options = self.options();
        options.organisation = Some(changed(changes));
        Ledger::open(options).unwrap()
    }

    pub(crate) fn opened(&self) -> Ledger {
        Ledger::open(self.options()).unwrap()
    }

    /// A writer whose thread was not started.
    pub(crate) fn writer(&self) -> Writer {
        crate::open::open(&self.options()).unwrap()
    }

    /// Runs commands as one group, then closes.
    pub(crate) fn as_one_group(&self, commands: Vec<(StaffId, Command)>) -> Vec<Told> {
        let (tasks, waiting) = sync_channel(commands.len() + 1);
        let told = commands.into_iter().map(|(staff, command)| {
            let (tell, told) = channel();
            let reply = Box::new(move |outcome| tell.send(outcome).unwrap());
            let request = Box::new(request(Caller::Staff(staff), command));
            tasks.send(Task::Submit(request, reply)).unwrap();
            told
        });
        let told = told.collect();
        tasks.send(Task::Close).unwrap();
        self.writer().run(&waiting);
        told
    }

    fn furnish(&mut self, ledger: &Ledger) {
        let admin = StaffId([18; 16]);
        let coordinator = StaffId([17; 16]);
        let officer = StaffId([15; 16]);
        let people = [
            (Caller::Founder, admin, HOME, Role::Administrator),
            (Caller::Founder, officer, HOME, Role::DataProtectionOfficer),
            (Caller::Staff(admin), FOCAL, HOME, Role::FocalPoint),
            (Caller::Staff(admin), coordinator, HOME, Role::Coordinator),
            (
                Caller::Staff(admin),
                PROVIDER,
                CLINIC,
                Role::ServiceProvider,
            ),
        ];
        for (caller, staff, organisation, role) in people {
            let command = Command::RegisterStaff {
                staff,
                organisation,
                name: text("invented"),
                roles: [role].into(),
            };
            ledger.submit(request(caller, command)).unwrap();
        }
        let confirm = Command::DecideRole {
            staff: PROVIDER,
            role: Role::ServiceProvider,
            confirm: true,
        };
        done(ledger, officer, confirm);
        let register = Command::RegisterService(Listing::of(HEALTH, entry(CLINIC)));
        done(ledger, coordinator, register);
        let review_on = Day(ledger.now().day().0 + 100);
        let approved = Assessing::of(HEALTH, Assessment::Approved, review_on);
        let approve = Command::AssessService(approved);
        done(ledger, coordinator, approve);
        let open = Command::OpenCase {
            identity: Some(identity("Invented")),
            age_group: AgeGroup::Adult,
            sensitivity: Sensitivity::Standard,
            consent: Some(taken(Capacity::Own)),
            categories: all_categories(),
        };
        for entry in done(ledger, FOCAL, open).entries {
            if let Event::CaseOpened(opened) = &entry.record.event {
                (self.case, self.client) = (opened.case, opened.client);
            }
        }
        let give = Command::GiveConsent {
            case: self.case,
            person: self.client,
            given_by: Some(self.client),
            scope: scope(CLINIC, &[DataCategory::Needs]),
            consent: taken(Capacity::Own),
        };
        for entry in done(ledger, FOCAL, give).entries {
            if let Event::ConsentGiven(given) = &entry.record.event {
                self.consent = given.consent;
            }
        }
    }

    /// A referral that reached the clinic.
    pub(crate) fn sent(&self, ledger: &Ledger) -> ReferralId {
        let case = self.case;
        let draft = Command::DraftReferral {
            case,
            service: HEALTH,
            urgency: Urgency::Routine,
            ground: None,
            items: items(&[DataCategory::Needs]),
            follows: None,
        };
        let drafted = done(ledger, FOCAL, draft);
        let Event::ReferralDrafted(drafted) = &drafted.entries[0].record.event else {
            panic!("no draft");
        };
        let referral = drafted.referral;
        let review = Command::ReviewReferral {
            case,
            referral,
            read_back: true,
            copy_given: false,
        };
        done(ledger, FOCAL, review);
        let channel = Channel::Portal;
        let send = Command::SendReferral {
            case,
            referral,
            channel,
            follow_up: None,
        };
        done(ledger, FOCAL, send);
        referral
    }

    pub(crate) fn withdrawal_at_once(&self) -> Command {
        Command::WithdrawConsent {
            case: self.case,
            person: None,
            consent: Some(self.consent),
            part: None,
            shred: ShredWish::AtOnce,
        }
    }
}

pub(crate) fn request(caller: Caller, command: Command) -> Request {
    Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller,
        expected_version: None,
        occurred: None,
        command,
    }
}

pub(crate) fn done(ledger: &Ledger, staff: StaffId, command: Command) -> Answer {
    let name = command.action().name();
    let outcome = ledger.submit(request(Caller::Staff(staff), command));
    outcome.unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"))
}

#[test]
fn e6_a_view_is_asked_for_anew_each_time_so_that_a_repeat_opens_nothing() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let referral = desk.sent(&ledger);
    let view = Command::ViewPersonalData {
        case: desk.case,
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    let view = request(Caller::Staff(PROVIDER), view);
    let seen = ledger.submit(view.clone()).unwrap();
    assert_eq!(ledger.open_personal(&seen).unwrap().len(), 1);
    let recall = Command::RecallReferral {
        case: desk.case,
        referral,
        reason: ReferralReason::Unsafe,
    };
    done(&ledger, FOCAL, recall);
    let again = ledger.submit(view);
    let Err(Rejection::Refused(refused)) = again else {
        let parts = ledger.open_personal(&again.unwrap()).unwrap();
        panic!("{} parts of a recalled referral were opened", parts.len());
    };
    assert_eq!(refused.refusal, Refusal::RequestIdReused);
}

#[test]
fn b6_a_withdrawal_undone_in_the_same_group_destroys_nothing() {
    let desk = Desk::new();
    let undo = Command::UndoWithdrawal {
        case: desk.case,
        consent: desk.consent,
    };
    let told = desk.as_one_group(vec![(FOCAL, desk.withdrawal_at_once()), (FOCAL, undo)]);
    for told in told {
        told.recv().unwrap().expect("withdrawn, then undone");
    }
    let ledger = desk.opened();
    let case = ledger.case(desk.case).unwrap().unwrap();
    let standing = case.consents[&desk.consent].standing;
    assert_eq!(standing, crate::domain::case::Standing::InForce);
    assert!(case.shredded.is_empty());
}

#[test]
fn a_writer_that_panics_stops_the_ledger_for_all_to_see() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let reply = Box::new(|_| panic!("a reply that breaks the writer"));
    ledger.tasks.send(Task::SnapshotLeaf(reply)).unwrap();
    assert!(ledger.close().is_err());
    assert!(ledger.status().poisoned);
}

fn states(parts: &[crate::ledger::PersonalPart]) -> Vec<&'static str> {
    let state = |part: &crate::ledger::PersonalPart| match part.content {
        PersonalContent::Open(_) => "open",
        PersonalContent::Fenced => "fenced",
        PersonalContent::Shredded => "shredded",
    };
    parts.iter().map(state).collect()
}

/// A view of the whole case, answered.
fn seen(desk: &Desk, ledger: &Ledger) -> Answer {
    let view = Command::ViewPersonalData {
        case: desk.case,
        target: ViewTarget::Case,
        purpose: ViewPurpose::CaseWork,
    };
    done(ledger, FOCAL, view)
}

/// The client asks for a copy, and it is known who is asking.
pub(crate) fn asked_for_a_copy(desk: &Desk, ledger: &Ledger) {
    ask_for_a_copy(
        desk,
        ledger,
        RequestedBy::Person,
        IdentityOutcome::KnownToStaff,
    );
}

fn ask_for_a_copy(desk: &Desk, ledger: &Ledger, by: RequestedBy, outcome: IdentityOutcome) {
    let own = by == RequestedBy::Person;
    let asking = Command::ReceiveRequest(Asking {
        case: desk.case,
        person: None,
        kind: if own {
            RequestKind::Access
        } else {
            RequestKind::Portability
        },
        by,
        categories: BTreeSet::new(),
        channel: Channel::InPerson,
    });
    let received = done(ledger, FOCAL, asking);
    let Event::RequestReceived(received) = &received.entries[0].record.event else {
        panic!("a request");
    };
    let known = Command::CheckIdentity(Identifying {
        case: desk.case,
        request: received.request,
        outcome,
    });
    done(ledger, FOCAL, known);
}

#[test]
fn b6_a_fence_that_comes_while_parts_are_opened_closes_what_was_opened_before_it() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let stream = StreamId::Case(desk.case);
    let drawn = ledger.draw(stream, Some(ViewTarget::Case), false).unwrap();
    let open = |drawn: &[crate::release::Drawn]| {
        let mut parts = drawn.iter();
        parts.all(|one| matches!(one.part.content, PersonalContent::Open(_)))
    };
    assert!(open(&drawn));
    let later = Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: Some(desk.consent),
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    done(&ledger, FOCAL, later);
    let gate = crate::release::Gate::of(&ledger.shared, stream, false).unwrap();
    let parts = gate.release(drawn).unwrap();
    let told = states(&parts);
    assert_eq!(told.iter().filter(|state| **state == "fenced").count(), 1);
    let answer = seen(&desk, &ledger);
    assert_eq!(states(&ledger.open_personal(&answer).unwrap()), told);
    // A copy that nobody asked for shows no more than any other view.
    let unasked = ledger.draw(stream, Some(ViewTarget::Case), true).unwrap();
    let gate = crate::release::Gate::of(&ledger.shared, stream, true).unwrap();
    assert_eq!(states(&gate.release(unasked).unwrap()), told);
    // Nor does one that somebody else asked for, which nobody has granted.
    let by = RequestedBy::Representative;
    ask_for_a_copy(&desk, &ledger, by, IdentityOutcome::AuthorityShown);
    let unasked = ledger.draw(stream, Some(ViewTarget::Case), true).unwrap();
    let gate = crate::release::Gate::of(&ledger.shared, stream, true).unwrap();
    assert_eq!(states(&gate.release(unasked).unwrap()), told);
    // A copy that the person asked for shows what is fenced, too.
    asked_for_a_copy(&desk, &ledger);
    let drawn = ledger.draw(stream, Some(ViewTarget::Case), true).unwrap();
    let gate = crate::release::Gate::of(&ledger.shared, stream, true).unwrap();
    let copied = gate.release(drawn).unwrap();
    assert!(states(&copied).iter().all(|state| *state == "open"));
}

#[test]
fn b6_at_the_stroke_an_expired_consent_is_closed_to_readers_before_any_sweep() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let mut consent = taken(Capacity::Own);
    let ends = ledger.now().plus_ms(1_500);
    consent.expires = Some(ends);
    let give = Command::GiveConsent {
        case: desk.case,
        person: desk.client,
        given_by: Some(desk.client),
        scope: scope(CLINIC, &[DataCategory::Needs]),
        consent,
    };
    done(&ledger, FOCAL, give);
    let answer = seen(&desk, &ledger);
    let before = ledger.open_personal(&answer).unwrap();
    while ledger.now() < ends {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let after = ledger.open_personal(&answer).unwrap();
    assert!(states(&before).iter().all(|state| *state == "open"));
    let fenced = states(&after).iter().filter(|it| **it == "fenced").count();
    assert_eq!((after.len(), fenced), (before.len(), 1));
    let case = ledger.case(desk.case).unwrap().unwrap();
    let standing = |it: &crate::domain::case::Consent| it.standing;
    let unswept = crate::domain::case::Standing::InForce;
    assert!(case.consents.values().all(|it| standing(it) == unswept));
}

#[test]
fn leaves_made_later_are_numbered_by_the_end_of_their_ground() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let ends = ledger.now().plus_ms(400 * crate::clock::DAY_MS);
    let mut consent = taken(Capacity::Own);
    consent.expires = Some(ends);
    let give = Command::GiveConsent {
        case: desk.case,
        person: desk.client,
        given_by: Some(desk.client),
        scope: scope(CLINIC, &[DataCategory::Needs]),
        consent,
    };
    let given = done(&ledger, FOCAL, give);
    let Event::ConsentGiven(given) = &given.entries[0].record.event else {
        panic!("a consent");
    };
    let ground = GroundId::from(given.consent);
    let draft = Command::DraftReferral {
        case: desk.case,
        service: HEALTH,
        urgency: Urgency::Routine,
        ground: Some(ground),
        items: items(&[DataCategory::Needs]),
        follows: None,
    };
    done(&ledger, FOCAL, draft);
    let case = ledger.case(desk.case).unwrap().unwrap();
    let leaves: Vec<_> = case.leaves_of(ground).collect();
    assert_eq!(leaves.len(), 2);
    for leaf in leaves {
        let number = crate::keys::leaf_number(&ledger.shared.reader, KeyId(leaf.0));
        let month = number.unwrap().unwrap().0 >> 20;
        assert_eq!(month, ends.month());
    }
}

#[test]
fn a_full_disk_refuses_what_is_new_by_name_and_takes_withdrawals_even_between_others() {
    let desk = Desk::new();
    let (tasks, waiting) = sync_channel(4);
    let link = || Command::GiveLink { services: vec![] };
    let commands = [link(), desk.withdrawal_at_once(), link()];
    let told: Vec<Told> = commands
        .into_iter()
        .map(|command| {
            let (tell, told) = channel();
            let reply = Box::new(move |outcome| tell.send(outcome).unwrap());
            let request = Box::new(request(Caller::Staff(FOCAL), command));
            tasks.send(Task::Submit(request, reply)).unwrap();
            told
        })
        .collect();
    tasks.send(Task::Close).unwrap();
    let mut writer = desk.writer();
    writer.note_policy().unwrap();
    writer.log.pretend_full();
    let shared = std::sync::Arc::clone(&writer.shared);
    writer.run(&waiting);
    let outcomes: Vec<_> = told.iter().map(|told| told.recv().unwrap()).collect();
    for refused in [&outcomes[0], &outcomes[2]] {
        let Err(Rejection::Refused(refused)) = refused else {
            panic!("not refused: {refused:?}");
        };
        assert_eq!(refused.refusal, Refusal::Unavailable);
        assert_eq!(refused.about.as_deref(), Some("disk"));
    }
    assert!(outcomes[1].is_ok(), "{:?}", outcomes[1]);
    assert!(!shared.is_poisoned(), "nothing broke");
    // There is room again.
    let ledger = desk.opened();
    done(&ledger, FOCAL, link());
    assert!(!ledger.status().disk_full);
    let case = ledger.case(desk.case).unwrap().unwrap();
    assert!(!case.shredded.is_empty(), "destroyed in the reserve");
}
