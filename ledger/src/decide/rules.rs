//! What decisions go by that is not in the code: the organisation's file and the retention rules.
//! The rules themselves are not configurable.

use std::sync::Arc;

use crate::organisation::Organisation;
use crate::retention::RetentionRules;

/// The files in force.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Times, counts and choices that the rules leave open.
    pub organisation: Arc<Organisation>,
    /// How long data are kept (E2).
    pub retention: Arc<RetentionRules>,
}
