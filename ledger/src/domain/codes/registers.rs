//! Words of the registers (MISSION E8, E10, E11).

use serde::{Deserialize, Serialize};

codes! {
    /// What a member of staff went through, and goes through again when its time is up (E10).
    Training {
        /// Training in safe referral and data protection.
        SafeReferral = "safe_referral",
        /// The code of conduct, signed.
        CodeOfConduct = "code_of_conduct",
    }
}
