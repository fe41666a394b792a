//! A ledger in a folder of its own, with an administrator and one person of every role.

use std::path::{Path, PathBuf};

use ledger::clock::SystemEntropy;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::command::{Caller, Command, Listing};
use ledger::domain::ids::{CaseId, ConsentId, OrganisationId, RequestId, ServiceId, StaffId};
use ledger::domain::personal::Text;
use ledger::error::Fault;
use ledger::ledger::{Answer, InitOptions, Ledger, OpenOptions, Protection, Rejection, init};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::words::{self, busy_organisation};

/// A ledger and the folders it lives in.
pub struct Scratch {
    /// Holds both folders; gone when dropped.
    pub folder: TempDir,
    /// Open until closed.
    pub ledger: Ledger,
    /// The organisation that holds cases.
    pub organisation: OrganisationId,
    /// The organisation that receives referrals.
    pub partner: OrganisationId,
}

impl Scratch {
    /// A new ledger with staff.
    pub fn new() -> Self {
        Self::protected(|_| Protection::default())
    }

    /// The same with a vault that is protected besides; its holders may lie in the scratch folder.
    pub fn protected(protection: impl FnOnce(&Path) -> Protection) -> Self {
        let folder = TempDir::new().expect("a scratch folder");
        let mut entropy = SystemEntropy;
        let options = InitOptions {
            data: folder.path().join("data"),
            vault: folder.path().join("vault"),
            origin: "tests.invalid/log".to_owned(),
            test_tier: true,
            protection: protection(folder.path()),
            organisation: Some(busy_organisation(1_000)),
        };
        init(&options).expect("a new ledger");
        let ledger = Self::open_in(folder.path().to_owned()).expect("it opens");
        let organisation = OrganisationId::fresh(&mut entropy);
        let partner = OrganisationId::fresh(&mut entropy);
        let scratch = Self {
            folder,
            ledger,
            organisation,
            partner,
        };
        scratch.hire();
        scratch
    }

    /// A case with a consented referral draft, and another case that nothing happens to.
    pub fn two_cases(&self) -> (CaseId, ConsentId, CaseId) {
        let service = self.service();
        let role = Role::FocalPoint;
        let (case, client) = words::opened(&self.done(role, words::open_case("Canary Identity")));
        let scope = words::scope(self.partner, &[DataCategory::Needs]);
        let give = words::give(case, client, scope, Capacity::Own);
        let consent = words::given(&self.done(role, give));
        let items = [(DataCategory::Needs, "Canary Needs")];
        self.done(
            role,
            words::draft(case, service, Some(consent.into()), &items),
        );
        let other = words::opened(&self.done(role, words::open_case("Somebody Else"))).0;
        (case, consent, other)
    }

    /// Opens the ledger in a folder.
    pub fn open_in(folder: PathBuf) -> Result<Ledger, Fault> {
        Ledger::open(Self::options_in(&folder))
    }

    /// How the ledger in a folder is opened.
    pub fn options_in(folder: &Path) -> OpenOptions {
        OpenOptions::of(folder.join("data"), folder.join("vault"))
    }

    /// Closes and opens again.
    pub fn reopen(&mut self) {
        self.ledger.close().expect("it closes");
        self.ledger = Self::open_in(self.folder.path().to_owned()).expect("it opens again");
    }

    /// The member of staff with a role; the service provider is the partner's.
    pub fn staff(&self, role: Role) -> StaffId {
        Self::member(role)
    }

    /// The token of the person with a role, for a day.
    pub fn token(role: Role) -> String {
        format!("rl_{:A<43}", role.code())
    }

    /// The person with a role, the same in every ledger.
    pub fn member(role: Role) -> StaffId {
        let mut id = [0x40; 16];
        id[15] = u8::try_from(Role::ALL.iter().position(|one| *one == role).unwrap()).unwrap();
        StaffId(id)
    }

    /// Submits a command of the person with a role.
    pub fn submit(&self, role: Role, command: Command) -> Result<Answer, Rejection> {
        self.ledger
            .submit(words::request(Caller::Staff(self.staff(role)), command))
    }

    /// The same, which must succeed.
    pub fn done(&self, role: Role, command: Command) -> Answer {
        let name = command.action().name();
        self.submit(role, command)
            .unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"))
    }

    /// The same, which must be refused; answers the code.
    pub fn refused(&self, role: Role, command: Command) -> &'static str {
        let before = self.ledger.size();
        match self.submit(role, command) {
            Ok(answer) => panic!("not refused: {:?}", answer.entries),
            Err(Rejection::Fault(fault)) => panic!("{fault}"),
            Err(Rejection::Refused(refused)) => {
                assert_eq!(self.ledger.size(), before, "a refusal appends nothing");
                refused.refusal.code()
            }
        }
    }

    /// A service of the partner that was assessed.
    pub fn service(&self) -> ServiceId {
        let service = ServiceId::fresh(&mut SystemEntropy);
        let entry = words::entry(self.partner);
        self.done(
            Role::Coordinator,
            Command::RegisterService(Listing::of(service, entry)),
        );
        self.done(
            Role::Coordinator,
            words::approve(service, self.ledger.now()),
        );
        service
    }

    fn hire(&self) {
        // Who founds the ledger sets up who asks and who decides; these two hire the others.
        let founders = [Role::Administrator, Role::DataProtectionOfficer];
        let others = Role::ALL.iter().filter(|role| !founders.contains(role));
        for role in founders.iter().chain(others).copied() {
            let staff = self.staff(role);
            let organisation = if role == Role::ServiceProvider {
                self.partner
            } else {
                self.organisation
            };
            let caller = if founders.contains(&role) {
                Caller::Founder
            } else {
                Caller::Staff(self.staff(Role::Administrator))
            };
            let ask = |caller, command| {
                let asked = self.ledger.submit(words::request(caller, command));
                asked.expect("staff is hired")
            };
            let register = Command::RegisterStaff {
                staff,
                organisation,
                name: Text::new(format!("invented {}", role.code())),
                roles: [role].into(),
            };
            ask(caller, register);
            let issue = Command::IssueToken {
                staff,
                digest: Sha256::digest(Self::token(role)).into(),
                expires: self.ledger.now().plus_ms(86_400_000),
            };
            ask(caller, issue);
            let known = self.ledger.staff(staff).expect("it reads").expect("there");
            for role in known.roles_asked.keys().copied() {
                let decide = Command::DecideRole {
                    staff,
                    role,
                    confirm: true,
                };
                let officer = self.staff(Role::DataProtectionOfficer);
                ask(Caller::Staff(officer), decide);
            }
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// A fresh request id.
pub fn fresh_request() -> RequestId {
    RequestId::fresh(&mut SystemEntropy)
}
