//! A case on its way from one member of staff to another (MISSION C15).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use super::case::Case;
use super::codes::Role;
use super::event::{Event, Record};
use super::ids::StaffId;
use super::staff::Staff;

/// An offer that was not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// By whom.
    pub from: StaffId,
    /// To whom.
    pub to: StaffId,
    /// Whether who it is offered to worked on the case before.
    pub knew_it: bool,
    /// Salt and digest of the files that are offered together; none of an offer of before there
    /// were such.
    pub tied: Option<([u8; 32], [u8; 32])>,
}

impl Staff {
    /// Whether they have a role that works on cases: nobody else is put on one, which opens it to
    /// them where it is restricted.
    pub fn works_on_cases(&self) -> bool {
        self.roles.iter().any(|role| match role {
            Role::FrontLine | Role::FocalPoint | Role::ChildProtection => true,
            Role::ServiceProvider
            | Role::Coordinator
            | Role::DataProtectionOfficer
            | Role::ControllerDelegate
            | Role::Safeguarding
            | Role::Auditor
            | Role::Administrator => false,
        })
    }
}

impl Case {
    /// Whether somebody still works on it when this one is taken off. Who was put on it with an
    /// offer that they have not answered does not count.
    pub fn is_left_with_somebody(&self, without: StaffId) -> bool {
        let offered = self.handover.filter(|offer| !offer.knew_it);
        let mut others = self.assigned.iter().filter(|one| **one != without);
        others.any(|one| offered.is_none_or(|offer| offer.to != *one))
    }

    /// Folds in offers and answers.
    pub(super) fn apply_handover(&mut self, record: &Record) {
        match &record.event {
            Event::HandoverOffered(it) => {
                self.handover = Some(Handover {
                    from: it.from,
                    to: it.to,
                    knew_it: self.assigned.contains(&it.to),
                    tied: None,
                });
            }
            Event::HandoverTied(it) => {
                if let Some(handover) = &mut self.handover {
                    handover.tied = Some((it.salt, it.files));
                }
            }
            Event::HandoverTaken(_) | Event::HandoverDeclined(_) => self.handover = None,
            // Who was taken off a case neither gives it away nor takes it any more; an offer that
            // nobody can answer would keep it from ever being offered again.
            Event::StaffUnassigned(it) => {
                let concerned = |offer: &Handover| [offer.from, offer.to].contains(&it.staff);
                self.handover = self.handover.filter(|offer| !concerned(offer));
            }
            _ => {}
        }
    }
}
