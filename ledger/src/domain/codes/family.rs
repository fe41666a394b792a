//! Words about families (MISSION C14).

use serde::{Deserialize, Serialize};

codes! {
    /// What the person of a linked file is to somebody.
    Relationship {
        /// Spouse or partner.
        Partner = "partner",
        /// Mother or father.
        Parent = "parent",
        /// Daughter or son.
        Child = "child",
        /// Who looks after them.
        Caregiver = "caregiver",
        /// Whom they look after.
        CaredFor = "cared_for",
        /// Sister or brother.
        Sibling = "sibling",
        /// Who travels with them.
        TravelsTogether = "travels_together",
        /// Who lives with them.
        Household = "household",
    }
}
