//! Codes of feedback and complaints (MISSION C6).

use serde::{Deserialize, Serialize};

codes! {
    /// What somebody gives back, or complains about.
    ComplaintKind {
        /// How it went; nothing is complained about.
        Feedback = "feedback",
        /// The quality of a service, or that it was not given.
        Quality = "quality",
        /// How somebody was treated.
        Conduct = "conduct",
        /// That somebody was treated worse for who they are.
        Discrimination = "discrimination",
        /// That something told in confidence was passed on.
        Confidentiality = "confidentiality",
        /// That something was asked in exchange for help.
        AskedInExchange = "asked_in_exchange",
        /// Exploitation or abuse by somebody who is to help.
        ExploitationOrAbuse = "exploitation_or_abuse",
    }

    /// Where a complaint stands.
    ComplaintState {
        /// It was taken down.
        Received = "received",
        /// Whoever complained was told that it is looked into, or cannot be told.
        Acknowledged = "acknowledged",
        /// It was answered.
        Answered = "answered",
    }

    /// What looking into a complaint came to.
    ComplaintOutcome {
        /// It is so.
        Upheld = "upheld",
        /// A part of it is so.
        UpheldInPart = "upheld_in_part",
        /// It is not so.
        NotUpheld = "not_upheld",
        /// Somebody else is to look into it.
        PassedOn = "passed_on",
        /// It cannot be looked into.
        NotLookedInto = "not_looked_into",
        /// Feedback that was taken note of.
        Noted = "noted",
    }
}

impl ComplaintKind {
    /// Whether only the safeguarding focal point reads it.
    pub fn is_serious(self) -> bool {
        match self {
            Self::AskedInExchange | Self::ExploitationOrAbuse => true,
            Self::Feedback
            | Self::Quality
            | Self::Conduct
            | Self::Discrimination
            | Self::Confidentiality => false,
        }
    }
}
