//! The first two persons of a new ledger: one who asks and one who decides.
//!
//! - Only who has the folder can set them up, and only until both hold a token.

use ledger::clock::{Clock, DAY_MS, SystemClock, SystemEntropy};
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::{OrganisationId, RequestId, StaffId};
use ledger::domain::personal::Text;
use ledger::ledger::{Ledger, Rejection};

use super::failure::Failure;

/// One of the first two persons of a new ledger.
pub(crate) struct Founder {
    /// Who.
    pub(crate) staff: StaffId,
    /// Of which organisation.
    pub(crate) organisation: OrganisationId,
    /// Name and contact.
    pub(crate) name: String,
    /// Administrator or data protection officer.
    pub(crate) role: Role,
    /// SHA-256 of the token.
    pub(crate) digest: [u8; 32],
    /// In how many days the token stops working.
    pub(crate) token_days: u16,
}

impl Founder {
    /// Registers the person and issues the token, as far as that was not done before: a crash
    /// between the two locks nobody out.
    pub(crate) fn found(self, ledger: &Ledger) -> Result<(), Failure> {
        let staff = self.staff;
        let there = ledger.staff(staff)?;
        if there.is_none() {
            let register = Command::RegisterStaff {
                staff,
                organisation: self.organisation,
                name: Text::new(self.name),
                roles: [self.role].into(),
            };
            submit(ledger, register)?;
        }
        if there.is_some_and(|there| !there.tokens.is_empty()) {
            return Ok(());
        }
        let life = u64::from(self.token_days) * DAY_MS;
        let issue = Command::IssueToken {
            staff,
            digest: self.digest,
            expires: SystemClock.now().plus_ms(life),
        };
        submit(ledger, issue)
    }
}

fn submit(ledger: &Ledger, command: Command) -> Result<(), Failure> {
    let answer = ledger.submit(Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller: Caller::Founder,
        expected_version: None,
        occurred: None,
        command,
    });
    match answer {
        Ok(_) => Ok(()),
        Err(Rejection::Refused(refused)) => Err(Failure::refused(&refused)),
        Err(Rejection::Fault(fault)) => Err(fault.into()),
    }
}
