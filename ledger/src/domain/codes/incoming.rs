//! Codes of referrals that come in from outside (MISSION C13).

use serde::{Deserialize, Serialize};

codes! {
    /// Who sent a referral, where it is no organisation or service that is known here.
    SenderClass {
        /// A humanitarian organisation.
        Humanitarian = "humanitarian",
        /// A hospital, clinic or health worker.
        Health = "health",
        /// A school.
        School = "school",
        /// A community group or its volunteers.
        Community = "community",
        /// An authority of the country.
        Authority = "authority",
        /// Officials of the State of origin.
        StateOfOrigin = "state_of_origin",
        /// Somebody for themselves or their family.
        SelfOrFamily = "self_or_family",
        /// Somebody else.
        Other = "other",
    }

    /// What the sender says of the person's consent. It is a claim: nothing is recorded of the
    /// person, or sent, on it.
    ConsentClaim {
        /// Nothing.
        NotSaid = "not_said",
        /// That the person agreed.
        Said = "said",
        /// That the person agreed, and showed something in writing.
        Shown = "shown",
    }

    /// What looking at an incoming referral came to.
    IncomingFinding {
        /// It is for this organisation.
        WithinScope = "within_scope",
        /// It is not.
        OutOfScope = "out_of_scope",
        /// It says too little.
        Incomplete = "incomplete",
        /// It came before.
        Duplicate = "duplicate",
        /// Going on would be unsafe for the person.
        Unsafe = "unsafe",
    }

    /// What is done with an incoming referral.
    IncomingDecision {
        /// It is taken: the person is met, and asked.
        Taken = "taken",
        /// It is not.
        NotTaken = "not_taken",
        /// The sender is told who takes such referrals.
        PassedOn = "passed_on",
    }

    /// Where an incoming referral stands.
    IncomingState {
        /// It came.
        Received = "received",
        /// Somebody looked at it.
        Assessed = "assessed",
        /// It was decided on.
        Decided = "decided",
        /// The sender was answered, or cannot be.
        Answered = "answered",
    }
}
