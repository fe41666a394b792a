//! Closing a case as work (MISSION C15). A closed case is a case like any other but that nothing
//! begins in it: what protects the person, answers or takes away goes on.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use serde::Serialize;

use super::case::{Case, Referral};
use super::codes::*;
use super::event::{Event, Record};
use super::ids::{CaseId, ReferralId};
use crate::clock::Timestamp;

/// Fields of `CloseCaseWork`.
#[derive(Clone, Copy, Serialize)]
pub struct ClosingWork {
    /// Which case.
    pub case: CaseId,
    /// Why.
    pub reason: ClosingReason,
    /// The referral by which another organisation took the person over.
    pub transferred_by: Option<ReferralId>,
    /// Why there was no follow-up, where there was none.
    pub no_follow_up: Option<NoFollowUp>,
    /// Whether the person knows.
    pub told: ClosingTold,
}

/// Fields of `ReopenCase`.
#[derive(Clone, Copy, Serialize)]
pub struct Reopening {
    /// Which case.
    pub case: CaseId,
    /// Why.
    pub reason: ReopeningReason,
}

/// That work on a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: ClosingReason,
}

/// What was heard of a referral since a follow-up was agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowedUp {
    /// When somebody last tried.
    pub at: Option<Timestamp>,
    /// Whether it came to something: an answer, or that contact would be unsafe.
    pub heard: bool,
}

impl Referral {
    /// Whether a follow-up was promised of it and not made: nobody was heard, and nobody tried on
    /// the day agreed or later. What was taken back is not followed up.
    pub fn owes_follow_up(&self) -> bool {
        let Some(agreed) = self
            .follow_up
            .as_ref()
            .filter(|_| !self.state.is_taken_back())
        else {
            return false;
        };
        let tried = self.followed_up.at.is_some_and(|at| at.day() >= agreed.on);
        !self.followed_up.heard && !tried
    }
}

impl Case {
    /// Folds in closing, going on, and what was followed up.
    pub(super) fn apply_closing(&mut self, record: &Record) {
        match &record.event {
            Event::CaseWorkClosed(it) => {
                let at = record.recorded.at().unwrap_or(self.touched);
                let reason = it.reason;
                self.closed = Some(Closed { at, reason });
            }
            Event::CaseReopened(_) => {
                self.closed = None;
                // What was followed up before the case was closed says nothing of what comes now.
                self.followed_up = None;
            }
            Event::FollowUpRecorded(it) => {
                self.followed_up = Some(it.referral);
                if let Some(referral) = self.referrals.get_mut(&it.referral) {
                    referral.followed_up.at = record.recorded.at();
                    referral.followed_up.heard |= match it.outcome {
                        FollowUpOutcome::Answered | FollowUpOutcome::NotToldUnsafe => true,
                        FollowUpOutcome::NoAnswer | FollowUpOutcome::MessageLeft => false,
                    };
                }
            }
            Event::FollowUpAgreed(it) => {
                if let Some(referral) = self.referrals.get_mut(&it.referral) {
                    referral.followed_up = FollowedUp::default();
                }
            }
            _ => {}
        }
    }
}
