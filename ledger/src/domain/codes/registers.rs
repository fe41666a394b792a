//! Words of the registers (MISSION E10, E11).

use serde::{Deserialize, Serialize};

codes! {
    /// What a member of staff went through, and goes through again when its time is up (E10).
    Training {
        /// Training in safe referral and data protection.
        SafeReferral = "safe_referral",
        /// The code of conduct, signed.
        CodeOfConduct = "code_of_conduct",
        /// Training in interviewing, by which an organisation designates who interviews (C8).
        Interviewing = "interviewing",
    }

    /// On which ground of law a purpose rests, as the organisation has it (E11).
    LegalBasis {
        /// The person consents.
        Consent = "consent",
        /// A contract with the person.
        Contract = "contract",
        /// A law obliges.
        LegalObligation = "legal_obligation",
        /// Somebody's life or health.
        VitalInterests = "vital_interests",
        /// A task in the public interest.
        PublicTask = "public_task",
        /// Legitimate interests that outweigh the person's.
        LegitimateInterests = "legitimate_interests",
        /// The rules of an international organisation, which no law of a State replaces.
        OwnRules = "own_rules",
    }
}
