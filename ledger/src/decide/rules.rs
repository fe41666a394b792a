//! What an organisation may set: times. The rules themselves are not configurable.

use std::sync::Arc;

use crate::clock::DAY_MS;
use crate::domain::codes::Urgency;
use crate::domain::command::ShredWish;
use crate::limits::{
    AT_ONCE_PER_DAY_DEFAULT, EXPIRED_KEPT_DAYS_DEFAULT, SHRED_AFTER_DAYS_DEFAULT, TOKEN_DAYS_MAX,
};
use crate::retention::RetentionRules;

/// Times and choices that decisions use.
#[derive(Clone, Debug)]
pub struct Rules {
    /// From a withdrawal to the destruction of keys where not asked at once; 0 is allowed (B6).
    pub shred_after_ms: u64,
    /// In how many cases one member of staff may have data destroyed at once within a day.
    pub at_once_per_day: u32,
    /// From the end of a consent that expired to the destruction of its keys; 0 is allowed (B6).
    pub expired_kept_ms: u64,
    /// How long a token may be valid.
    pub token_days_max: u64,
    /// Within which a second person decides on an exception (B5: within hours).
    pub exception_authorise_ms: u64,
    /// How long an exception lasts at all: it is temporary.
    pub exception_valid_ms: u64,
    /// Times allowed for an emergency (C4).
    pub emergency: Deadline,
    /// Times allowed for an urgent referral.
    pub urgent: Deadline,
    /// Times allowed for a routine referral.
    pub routine: Deadline,
    /// How long data are kept (E2).
    pub retention: Arc<RetentionRules>,
    /// Whether unassessed services may be referred to outside emergencies (D2).
    pub unassessed_allowed: bool,
}

/// Times allowed to a service, counted from sending.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// To confirm receipt.
    pub acknowledge_ms: u64,
    /// To complete.
    pub complete_ms: u64,
}

impl Rules {
    /// Whether a withdrawal with this wish destroys at once: without a period every one does.
    pub(crate) fn destroys_at_once(&self, wish: ShredWish) -> bool {
        match wish {
            ShredWish::AtOnce => true,
            ShredWish::AfterPeriod => self.shred_after_ms == 0,
        }
    }

    /// The times that an urgency allows.
    pub fn deadline(&self, urgency: Urgency) -> Deadline {
        match urgency {
            Urgency::Emergency => self.emergency,
            Urgency::Urgent => self.urgent,
            Urgency::Routine => self.routine,
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            shred_after_ms: u64::from(SHRED_AFTER_DAYS_DEFAULT) * DAY_MS,
            at_once_per_day: AT_ONCE_PER_DAY_DEFAULT,
            expired_kept_ms: EXPIRED_KEPT_DAYS_DEFAULT * DAY_MS,
            token_days_max: TOKEN_DAYS_MAX,
            exception_authorise_ms: 6 * HOUR_MS,
            exception_valid_ms: 7 * DAY_MS,
            emergency: Deadline {
                acknowledge_ms: HOUR_MS,
                complete_ms: DAY_MS,
            },
            urgent: Deadline {
                acknowledge_ms: DAY_MS,
                complete_ms: 7 * DAY_MS,
            },
            routine: Deadline {
                acknowledge_ms: 3 * DAY_MS,
                complete_ms: 30 * DAY_MS,
            },
            retention: Arc::default(),
            unassessed_allowed: false,
        }
    }
}

const HOUR_MS: u64 = 3_600_000;
