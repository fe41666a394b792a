//! Codes of what goes with a referral: the answer to a recall, what is agreed for following up.

use serde::{Deserialize, Serialize};

codes! {
    /// What a recipient says once a referral was asked back.
    RecallAnswer {
        /// Nobody had read it; it is gone.
        NotRead = "not_read",
        /// It came too late: the service acted on it already.
        AlreadyActed = "already_acted",
        /// It had been read, and was destroyed.
        Destroyed = "destroyed",
    }

    /// What two services agreed to tell each other afterwards: that something is so, never what a
    /// person said (IASC form, part 8).
    FollowUpItem {
        /// Whether the person came, or was reached.
        Reached = "reached",
        /// When the person is seen, or how long the wait is.
        Appointment = "appointment",
        /// Whether the help was given.
        HelpGiven = "help_given",
        /// Why it was not given.
        Reason = "reason",
        /// Whether more is needed that others must give.
        FurtherNeeds = "further_needs",
    }
}
