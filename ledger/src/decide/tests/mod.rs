//! Given / when / then: a small world in which commands are authorised, decided and folded.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the event it expects and fails on every other"
)]

mod accounted;
mod advice;
mod breach;
mod breach_closing;
mod children;
mod closing;
mod commands;
mod complaint;
mod conduct;
mod consent;
mod consequences;
mod contact;
mod copies;
mod deputy;
mod directory;
mod exception;
mod fees;
mod figures;
mod fold;
mod handover;
mod incoming;
mod inquiry;
mod intake;
mod interview;
mod journey;
mod known;
mod lapse;
mod link;
mod mechanism;
mod merge;
mod notice;
mod packet;
mod partial;
mod precedence;
mod profile;
mod property;
mod recall;
mod referral;
mod renewal;
mod rights;
mod rights_bounds;
mod rights_copies;
mod rights_told;
mod specialist;
mod tracking;
mod two_persons;
mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::authorise::{DEFAULT_POLICY, Policy, authorise};
use crate::clock::{DAY_MS, Day};
use crate::domain::breach::{Breach, Counted, notify_by};
use crate::domain::case::{Case, Standing};
use crate::domain::codes::*;
use crate::domain::command::*;
use crate::domain::complaint::{Against, Complaint, UNCOUNTED};
use crate::domain::directory::{AssessmentHow, Places, Service};
use crate::domain::event::*;
use crate::domain::ids::*;
use crate::domain::incoming::Incoming;
use crate::domain::link::{Link, LinkAgreed};
use crate::domain::mechanism::{Member, Pathway};
use crate::domain::personal::*;
use crate::domain::scope::Scope;
use crate::domain::staff::Staff;
use crate::domain::subjects::Mirror;
use crate::organisation::{Allowed, Organisation, Procedure, ReportedTo};

pub(crate) use commands::*;
pub(crate) use known::*;

/// What using an exception comes to.
pub(crate) const INVOKED: [&str; 2] = ["ExceptionInvoked", "ExceptionTermsSet"];
/// A procedure that every world has.
pub(crate) const REPORT: &str = "report";

pub(crate) const START: Timestamp = Timestamp(20_000 * DAY_MS + 5 * 3_600_000);

/// Bytes that count up: enough for ids that must differ.
#[derive(Clone, Default)]
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 += 1;
            let mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) rules: Rules,
    pub(crate) now: Timestamp,
    pub(crate) staff: BTreeMap<StaffId, Arc<Staff>>,
    pub(crate) services: BTreeMap<ServiceId, Arc<Service>>,
    pub(crate) members: BTreeMap<OrganisationId, Arc<Member>>,
    pub(crate) pathways: BTreeMap<PathwayId, Arc<Pathway>>,
    pub(crate) incoming: BTreeMap<IncomingId, Arc<Incoming>>,
    pub(crate) cases: BTreeMap<CaseId, Arc<Case>>,
    pub(crate) case: Option<CaseId>,
    pub(crate) complaints: BTreeMap<ComplaintId, Arc<Complaint>>,
    pub(crate) breaches: BTreeMap<BreachId, Arc<Breach>>,
    pub(crate) links: BTreeMap<LinkId, Arc<Link>>,
    pub(crate) mirror: Option<Mirror>,
    pub(crate) restored: bool,
    pub(crate) figures_published: bool,
    pub(crate) figures_overlap: bool,
    pub(crate) founded: u8,
    entropy: Counting,
}

/// What a command came to.
pub(crate) struct Done {
    pub(crate) records: Vec<Record>,
    pub(crate) personal: Vec<usize>,
    pub(crate) fence: Vec<LeafKeyId>,
    pub(crate) unfence: Vec<LeafKeyId>,
    pub(crate) shred: Vec<LeafKeyId>,
}

pub(crate) struct Outcome(pub(crate) Result<Done, Refused>);

impl Outcome {
    #[track_caller]
    pub(crate) fn done(self, names: &[&str]) -> Done {
        match self.0 {
            Ok(done) => {
                let found: Vec<_> = done.records.iter().map(|one| one.event.name()).collect();
                assert_eq!(found, names);
                done
            }
            Err(refused) => panic!("refused: {refused:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn refused(self, refusal: Refusal) -> Refused {
        match self.0 {
            Ok(done) => panic!("not refused, but: {:?}", done.records),
            Err(refused) => {
                assert_eq!(refused.refusal, refusal, "about {:?}", refused.about);
                refused
            }
        }
    }

    #[track_caller]
    pub(crate) fn refused_about(self, refusal: Refusal, about: &str) {
        assert_eq!(self.refused(refusal).about.as_deref(), Some(about));
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let people = [
            (FRONT, HOME, Role::FrontLine),
            (FRONT_TWO, HOME, Role::FrontLine),
            (FOCAL, HOME, Role::FocalPoint),
            (CHILD, HOME, Role::ChildProtection),
            (PROVIDER, CLINIC, Role::ServiceProvider),
            (TEACHER, SCHOOL, Role::ServiceProvider),
            (DPO, HOME, Role::DataProtectionOfficer),
            (AUDITOR, HOME, Role::Auditor),
            (COORDINATOR, HOME, Role::Coordinator),
            (ADMIN, HOME, Role::Administrator),
            (STRANGER, CLINIC, Role::FrontLine),
            (DELEGATE, HOME, Role::ControllerDelegate),
            (SAFE, HOME, Role::Safeguarding),
            (SAFE_TWO, HOME, Role::Safeguarding),
        ];
        let staff = people.map(|(id, organisation, role)| {
            let staff = Staff {
                id,
                version: 2,
                organisation,
                roles: [role].into(),
                tokens: BTreeMap::new(),
                roles_asked: BTreeMap::new(),
                tokens_asked: BTreeMap::new(),
                ground: GroundId([0; 16]),
                name: None,
                name_ended: false,
                trained: [].into(),
                stands_in: [].into(),
                deputies: [].into(),
                stood_together: [].into(),
                deputy_asked: [].into(),
                touched: Timestamp(0),
            };
            (id, Arc::new(staff))
        });
        let mut world = Self {
            policy: Policy::parse(DEFAULT_POLICY).expect("the table that ships is sound"),
            rules: Rules::default(),
            now: START,
            staff: staff.into(),
            services: BTreeMap::new(),
            members: BTreeMap::new(),
            pathways: BTreeMap::new(),
            incoming: BTreeMap::new(),
            cases: BTreeMap::new(),
            case: None,
            founded: 2,
            complaints: BTreeMap::new(),
            breaches: BTreeMap::new(),
            links: BTreeMap::new(),
            mirror: None,
            restored: false,
            figures_published: false,
            figures_overlap: false,
            entropy: Counting::default(),
        };
        world.prepare(REPORT, ReportedTo::Class(RecipientClass::Service));
        world.services();
        world
    }

    /// Prepares a procedure that lets everything go.
    pub(crate) fn prepare(&mut self, id: &str, to: ReportedTo) {
        let procedure = Procedure {
            to,
            law: "an Act".to_owned(),
            categories: all_categories(),
            within: Allowed::Days(2),
            within_words: "2 days".to_owned(),
            assessed_on: START.day(),
            assess_again_on: Day(START.day().0 + 300),
            steps: vec!["Ask first.".to_owned()],
        };
        let procedures = &mut self.organisation().exceptions.procedures;
        procedures.insert(id.parse().expect("a name"), procedure);
    }

    fn services(&mut self) {
        use Assessment::*;
        use RecipientClass::*;
        for (id, organisation, class, assessment) in [
            (HEALTH, CLINIC, Service, Approved),
            (CLASSES, SCHOOL, Service, Approved),
            (UNASSESSED, CLINIC, Service, NotAssessed),
            (UNSAFE, CLINIC, Service, Rejected),
            (EMBASSY, CLINIC, StateOfOrigin, Approved),
            (POLICE, CLINIC, LawEnforcement, Approved),
            (SHELTER, CLINIC, Service, Approved),
            (LEAFLET, CLINIC, Service, Approved),
        ] {
            let mut entry = entry(organisation);
            entry.class = class;
            entry.confidential = id == SHELTER;
            entry.accepts_referrals = id != LEAFLET;
            let service = crate::domain::directory::Service {
                assessment,
                review_on: Some(Day(20_300)),
                ..crate::domain::directory::Service::of(id, 2, entry)
            };
            self.services.insert(id, Arc::new(service));
        }
    }

    /// A world with an adult's case, opened by `FRONT`.
    pub(crate) fn adult() -> Self {
        Self::with_case(AgeGroup::Adult, Sensitivity::Standard)
    }

    /// A world with a child's case.
    pub(crate) fn minor() -> Self {
        Self::with_case(AgeGroup::Minor, Sensitivity::Standard)
    }

    pub(crate) fn with_case(age_group: AgeGroup, sensitivity: Sensitivity) -> Self {
        let mut world = Self::new();
        let command = Command::OpenCase {
            identity: Some(identity("Invented")),
            age_group,
            sensitivity,
            consent: Some(taken(Capacity::Own)),
            categories: all_categories(),
        };
        let names = ["CaseOpened", "ConsentGiven", "PersonAdded", "StaffAssigned"];
        world.ask(FRONT, command).done(&names);
        world
    }

    /// A world with a case in which nothing may be written down.
    pub(crate) fn undocumented() -> Self {
        let mut world = Self::new();
        let command = Command::OpenCase {
            identity: None,
            age_group: AgeGroup::Adult,
            sensitivity: Sensitivity::Standard,
            consent: None,
            categories: BTreeSet::new(),
        };
        world
            .ask(FRONT, command)
            .done(&["CaseOpened", "StaffAssigned"]);
        world
    }

    pub(crate) fn id(&self) -> CaseId {
        self.case.expect("a case was opened")
    }

    pub(crate) fn state(&self) -> Arc<Case> {
        self.cases[&self.id()].clone()
    }

    pub(crate) fn client(&self) -> PersonId {
        self.state().client
    }

    pub(crate) fn subjects(&self, caller: Caller, command: &Command) -> Subjects {
        let case = command.case().and_then(|id| self.cases.get(&id).cloned());
        let link = command.link().or_else(|| command.link_between());
        let link = link.and_then(|id| self.links.get(&id).cloned());
        let leads = link.as_ref();
        let leads = leads.and_then(|it| it.from(command.case().unwrap_or(it.one)));
        let leads = leads.map(|(other, _)| other);
        let other = command.other_case().or(leads);
        let lapsing = link.as_ref().and_then(|link| self.cases.get(&link.one));
        let case = case.or_else(|| lapsing.filter(|_| command.case().is_none()).cloned());
        let of_referral = || {
            let referral = command.referral()?;
            Some(case.as_ref()?.referrals.get(&referral)?.service)
        };
        let service = command.service().or_else(of_referral);
        let run_by = |id: ServiceId| Some(self.services.get(&id)?.entry.organisation);
        let member = command.member().or_else(|| service.and_then(run_by));
        Subjects {
            caller: match caller {
                Caller::Staff(id) => self.staff.get(&id).cloned(),
                Caller::System | Caller::Founder => None,
            },
            member: member.and_then(|id| self.members.get(&id).cloned()),
            incoming: (command.incoming().or_else(|| command.takes_in()))
                .and_then(|id| self.incoming.get(&id).cloned()),
            pathway: command
                .pathway()
                .and_then(|id| self.pathways.get(&id).cloned()),
            service_unknown: match command {
                Command::RecordPathway(it) => {
                    let mut services = it.plan.services().into_iter();
                    services.any(|id| !self.services.contains_key(&id))
                }
                _ => false,
            },
            service: service.and_then(|id| self.services.get(&id).cloned()),
            complaint: command
                .complaint()
                .and_then(|id| self.complaints.get(&id).cloned()),
            breach: command
                .breach()
                .and_then(|id| self.breaches.get(&id).cloned()),
            staff: command.staff().and_then(|id| self.staff.get(&id).cloned()),
            absent: command.absent().and_then(|id| self.staff.get(&id).cloned()),
            other_case: other.and_then(|id| self.cases.get(&id).cloned()),
            further: self.of(command.further_cases()),
            link,
            incoming_closed: false,
            other_closed: None,
            sweep: None,
            sweep_stands: None,
            let_loose: true,
            closed: None,
            founded: self.founded,
            destroyed_today: 0,
            dead: BTreeSet::new(),
            mirror: command.mirror().and(self.mirror),
            restored: self.restored,
            figures_published: self.figures_published,
            figures_overlap: self.figures_overlap,
            case,
        }
    }

    pub(crate) fn ask(&mut self, caller: StaffId, command: Command) -> Outcome {
        self.ask_as(Caller::Staff(caller), None, None, command)
    }

    pub(crate) fn ask_system(&mut self, command: Command) -> Outcome {
        self.ask_as(Caller::System, None, None, command)
    }

    /// What a withdrawal would come to, and then what it did come to.
    pub(crate) fn told_and_done(
        &mut self,
        caller: StaffId,
        command: Command,
    ) -> (Consequences, Done) {
        let subjects = self.subjects(Caller::Staff(caller), &command);
        let request = Request {
            request: RequestId([9; 16]),
            caller: Caller::Staff(caller),
            expected_version: None,
            occurred: None,
            command: command.clone(),
        };
        let permitted = authorise(&self.policy, request, &subjects, self.now).expect("permitted");
        let entropy = &mut self.entropy;
        let told = preview(permitted, &subjects, self.now, &self.rules, entropy).expect("told");
        (told, self.ask(caller, command).0.expect("done"))
    }

    pub(crate) fn ask_as(
        &mut self,
        caller: Caller,
        expected_version: Option<u64>,
        occurred: Option<Timestamp>,
        command: Command,
    ) -> Outcome {
        let subjects = self.subjects(caller, &command);
        let request = Request {
            request: RequestId([9; 16]),
            caller,
            expected_version,
            occurred,
            command,
        };
        Outcome(self.decided(request, &subjects))
    }

    fn decided(&mut self, request: Request, subjects: &Subjects) -> Result<Done, Refused> {
        let permitted = authorise(&self.policy, request, subjects, self.now)?;
        let decision = decide(
            permitted,
            subjects,
            self.now,
            &self.rules,
            &mut self.entropy,
        )?;
        let mut done = Done {
            records: Vec::new(),
            personal: Vec::new(),
            fence: decision.fence,
            unfence: decision.unfence,
            shred: decision.shred.into_iter().map(|(_, leaf)| leaf).collect(),
        };
        for event in decision.events {
            done.personal.push(event.personal.len());
            done.records.push(self.fold(event));
        }
        Ok(done)
    }

    /// The stream whose record a command ends.
    pub(crate) fn closes(
        &mut self,
        caller: StaffId,
        command: Command,
        subjects: &Subjects,
    ) -> Option<StreamId> {
        let request = Request {
            request: RequestId([9; 16]),
            caller: Caller::Staff(caller),
            expected_version: None,
            occurred: None,
            command,
        };
        let permitted = authorise(&self.policy, request, subjects, self.now).expect("permitted");
        let entropy = &mut self.entropy;
        let decided = decide(permitted, subjects, self.now, &self.rules, entropy);
        decided.expect("decided").close.map(|close| close.stream)
    }

    /// The organisation's file, to be changed.
    fn organisation(&mut self) -> &mut Organisation {
        Arc::make_mut(&mut self.rules.organisation)
    }

    /// Lets a time pass that the organisation's file allows.
    fn pass(&mut self, time: impl Fn(&Organisation) -> Allowed) {
        self.pass_ms(ms(time(&self.rules.organisation)));
    }

    pub(crate) fn pass_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }
}

/// A time that runs on weekends, too.
fn ms(time: Allowed) -> u64 {
    match time {
        Allowed::Hours(hours) => u64::from(hours) * DAY_MS / 24,
        Allowed::Days(days) => u64::from(days) * DAY_MS,
        Allowed::WorkingDays(_) => panic!("of how many days is not said"),
    }
}
