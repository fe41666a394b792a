//! Words about children: how an age is known, who is with a child, why no caregiver is asked
//! (MISSION B3).

use serde::{Deserialize, Serialize};

codes! {
    /// How the age of the person that a case is about is known.
    AgeBasis {
        /// By a birth date, from papers or said.
        BirthDate = "birth_date",
        /// By an estimate in years.
        Estimate = "estimate",
        /// It is not known.
        Unknown = "unknown",
    }

    /// Who is with a child.
    Company {
        /// A parent, or whoever looks after the child by law or custom.
        Accompanied = "accompanied",
        /// Other relatives only.
        Separated = "separated",
        /// Nobody who is responsible for the child.
        Unaccompanied = "unaccompanied",
        /// It is not known.
        Unknown = "unknown",
    }

    /// Why a best-interests decision takes the place of a caregiver's consent.
    CaregiverGap {
        /// There is none, or none can be reached.
        Absent = "absent",
        /// The relationship could not be checked.
        Unverified = "unverified",
        /// Asking would put the child at risk.
        Unsafe = "unsafe",
    }

    /// What became of the child's own view in a best-interests decision.
    ChildView {
        /// The child was heard; the view stands in the words of the decision.
        Heard = "heard",
        /// The child is too young to have one.
        TooYoung = "too_young",
        /// The child could not be asked; the words of the decision say why.
        NotAsked = "not_asked",
    }
}
