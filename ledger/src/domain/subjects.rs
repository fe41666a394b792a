//! What a command is about, loaded before authorising, so that authorising and deciding stay pure.

use std::sync::Arc;

use super::case::Case;
use super::staff::{Service, Staff};

/// The states that authorising and deciding look at; staged ones of the same group included.
#[derive(Clone, Default)]
pub struct Subjects {
    /// The member of staff who asks.
    pub caller: Option<Arc<Staff>>,
    /// The case that the command names.
    pub case: Option<Arc<Case>>,
    /// The service that the command or its referral names.
    pub service: Option<Arc<Service>>,
    /// The member of staff that the command names.
    pub staff: Option<Arc<Staff>>,
    /// How many tokens the founder has issued; the founder acts only until two persons hold one.
    pub founded: u8,
    /// In how many other cases the caller had data destroyed at once within the last day.
    pub destroyed_today: u32,
    /// Whether the mirror that the command names has a say.
    pub mirror: bool,
}
