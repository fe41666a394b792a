//! The story's staff: an invented organisation that refers, two that receive, every role once.

use ledger::clock::{DAY_MS, Timestamp};
use ledger::domain::ids::OrganisationId;
use proto::admin::v1 as admin;
use proto::common::v1::Role;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::desk::Desk;
use super::story::Story;
use super::words::moment;
use super::{DemoError, RoleCard};

/// Everybody who acts in the story.
pub(super) struct Staff {
    pub(super) administrator: Desk,
    pub(super) noor: Desk,
    pub(super) samir: Desk,
    pub(super) grace: Desk,
    pub(super) ines: Desk,
    pub(super) tomas: Desk,
    pub(super) lea: Desk,
    /// Decides for the controller.
    pub(super) mira: Desk,
    /// Reads complaints about exploitation and abuse.
    pub(super) joy: Desk,
    /// Receives referrals at Clearwater Clinics.
    pub(super) amal: Desk,
    /// Receives referrals at Harbour Child Protection Trust.
    pub(super) ruth: Desk,
}

/// The invented organisation that the story's people turn to.
pub(super) const RIVERSIDE: OrganisationId = OrganisationId([
    0x5e, 0x1f, 0x0c, 0x2a, 0x77, 0x30, 0x4d, 0x0b, 0x9a, 0x46, 0x21, 0x8e, 0x63, 0xd4, 0x10, 0xc7,
]);

/// A member of staff: the name in the story, the full name, where, as what.
struct Post(&'static str, &'static str, OrganisationId, Role);

/// Registers everybody who is not there yet, and gives each a token that was made here.
pub(super) async fn gather(story: &mut Story, administrator: Desk) -> Result<Staff, DemoError> {
    let (_, clearwater) = story.service("HIV clinic")?;
    let (_, harbour) = story.service("Case work for unaccompanied children")?;
    story.teller.chapter("Staff");
    story.teller.say(
        "Tokens are made and shown here; the ledger gets their SHA-256 only. Names are sealed.",
    );
    story.teller.say(
        "What reads or opens much needs two persons: the administrator asks, Ines, the data \
         protection officer, decides. Whoever made the ledger set up these two.",
    );
    let (staff, token) = story.state.staff("ines")?;
    let ines = Desk {
        channel: story.channel.clone(),
        token,
        staff,
    };
    let by = (&administrator, &ines);
    let noor = Post("noor", "Noor Example", RIVERSIDE, Role::FrontLine);
    let samir = Post("samir", "Samir Example", RIVERSIDE, Role::FocalPoint);
    let grace = Post("grace", "Grace Example", RIVERSIDE, Role::ChildProtection);
    let tomas = Post("tomas", "Tomas Example", RIVERSIDE, Role::Auditor);
    let mira = Post("mira", "Mira Example", RIVERSIDE, Role::ControllerDelegate);
    let joy = Post("joy", "Joy Example", RIVERSIDE, Role::Safeguarding);
    let lea = Post("lea", "Lea Example", RIVERSIDE, Role::Coordinator);
    let amal = Post("amal", "Amal Example", clearwater, Role::ServiceProvider);
    let ruth = Post("ruth", "Ruth Example", harbour, Role::ServiceProvider);
    Ok(Staff {
        noor: hire(story, by, noor).await?,
        samir: hire(story, by, samir).await?,
        grace: hire(story, by, grace).await?,
        tomas: hire(story, by, tomas).await?,
        lea: hire(story, by, lea).await?,
        mira: hire(story, by, mira).await?,
        joy: hire(story, by, joy).await?,
        amal: hire(story, by, amal).await?,
        ruth: hire(story, by, ruth).await?,
        ines,
        administrator,
    })
}

/// Registers one person, by who asks and, where it takes two, by who decides.
async fn hire(
    story: &mut Story,
    (by, second): (&Desk, &Desk),
    post: Post,
) -> Result<Desk, DemoError> {
    let Post(name, full_name, organisation, role) = post;
    let (staff, token) = story.state.staff(name)?;
    let register = admin::RegisterStaffRequest {
        meta: None,
        staff_id: staff.clone(),
        organisation_id: organisation.to_string(),
        name: format!("{full_name} (invented)"),
        roles: vec![role.into()],
    };
    let words = format!("{full_name} joins as {}.", spelt(role));
    story
        .step(by, &format!("{name}.join"), &words, register)
        .await?;
    let issue = admin::IssueTokenRequest {
        meta: None,
        staff_id: staff.clone(),
        token_sha256: digest(&token),
        expires_at: Some(moment(token_end(story.now))),
    };
    let words = format!("{full_name} gets a token for a year.");
    story
        .step(by, &format!("{name}.token"), &words, issue)
        .await?;
    let privileged = [
        Role::ChildProtection,
        Role::Auditor,
        Role::ControllerDelegate,
        Role::Safeguarding,
    ];
    if organisation != RIVERSIDE || privileged.contains(&role) {
        let decide = admin::DecideRoleRequest {
            meta: None,
            staff_id: staff.clone(),
            role: role.into(),
            confirm: true,
        };
        let words = format!("Ines agrees that {full_name} is {}.", spelt(role));
        story
            .step(second, &format!("{name}.confirm"), &words, decide)
            .await?;
    }
    Ok(Desk {
        channel: story.channel.clone(),
        token,
        staff,
    })
}

fn digest(token: &Zeroizing<String>) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn token_end(now: Timestamp) -> Timestamp {
    now.plus_ms(365 * DAY_MS)
}

/// How to call this program from where it was started, whether it is on the path or not.
fn this_program() -> String {
    let Ok(program) = std::env::current_exe() else {
        return "referral-ledger".to_owned();
    };
    let here = std::env::current_dir().unwrap_or_default();
    let path = program.strip_prefix(here).unwrap_or(&program);
    path.display().to_string()
}

fn spelt(role: Role) -> String {
    let name = role.as_str_name().trim_start_matches("ROLE_");
    name.to_lowercase().replace('_', " ")
}

impl Staff {
    /// One card per role: whose it is, the token, and a call to paste.
    pub(super) fn cards(&self, endpoint: &str, code: &str, case: &str) -> Vec<RoleCard> {
        let program = this_program();
        let card = |(role, name, desk): (Role, &str, &Desk)| RoleCard {
            role: spelt(role),
            name: format!("{name} (invented)"),
            token: desk.token.clone(),
            call: format!(
                "REFERRAL_TOKEN={} {program} {} --server {endpoint}",
                desk.token.as_str(),
                example(role, code, case)
            ),
        };
        let everybody = [
            (Role::FrontLine, "Noor Example", &self.noor),
            (Role::FocalPoint, "Samir Example", &self.samir),
            (Role::ChildProtection, "Grace Example", &self.grace),
            (Role::ServiceProvider, "Amal Example", &self.amal),
            (Role::DataProtectionOfficer, "Ines Example", &self.ines),
            (Role::ControllerDelegate, "Mira Example", &self.mira),
            (Role::Safeguarding, "Joy Example", &self.joy),
            (Role::Auditor, "Tomas Example", &self.tomas),
            (Role::Coordinator, "Lea Example", &self.lea),
            (
                Role::Administrator,
                "first administrator",
                &self.administrator,
            ),
        ];
        everybody.into_iter().map(card).collect()
    }
}

/// What somebody in a role does first.
fn example(role: Role, code: &str, case: &str) -> String {
    match role {
        Role::FrontLine => format!("case show --code {code}"),
        Role::FocalPoint => "referral list --open-only".to_owned(),
        Role::ChildProtection | Role::ServiceProvider => "referral list".to_owned(),
        Role::DataProtectionOfficer => format!("protection status {case}"),
        Role::ControllerDelegate => "request list --open-only".to_owned(),
        Role::Safeguarding => "complaint list".to_owned(),
        Role::Auditor => format!("audit decisions {case}"),
        Role::Coordinator => "directory search legal".to_owned(),
        Role::Administrator => "staff list".to_owned(),
        Role::Unspecified => "help".to_owned(),
    }
}
