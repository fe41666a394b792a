//! Codes of consulting a specialist before a referral of a suspected case goes out (MISSION C10).

use serde::{Deserialize, Serialize};

codes! {
    /// What is suspected in a case, as far as it says which specialist is consulted first. Never
    /// what happened, to whom, or by whom.
    Concern {
        /// Harm to a child.
        ChildProtection = "child_protection",
        /// Sexual and gender-based violence.
        Sgbv = "sgbv",
        /// Trafficking in persons.
        Trafficking = "trafficking",
        /// A child without a responsible adult.
        UnaccompaniedChild = "unaccompanied_child",
    }

    /// What a specialist advises on a referral.
    Advice {
        /// Send it as it is.
        GoOn = "go_on",
        /// Send it once it was changed as advised.
        GoOnWithChanges = "go_on_with_changes",
        /// Not to this service.
        NotThisService = "not_this_service",
        /// Not now.
        NotNow = "not_now",
    }
}
