//! Codes of the register of breaches (MISSION E8; GDPR Art. 33, 34).

use serde::{Deserialize, Serialize};

codes! {
    /// What happened to data.
    BreachKind {
        /// A device or paper with data was lost.
        DeviceLost = "device_lost",
        /// A device or paper with data was stolen.
        DeviceStolen = "device_stolen",
        /// Data went to somebody else than meant.
        WrongRecipient = "wrong_recipient",
        /// Somebody looked at data without needing to.
        SeenWithoutNeed = "seen_without_need",
        /// Data were told or published outside.
        DisclosedOutside = "disclosed_outside",
        /// Data cannot be got at: ransomware, a lost key, a lost copy.
        Unavailable = "unavailable",
        /// Data were altered by somebody who may not.
        Altered = "altered",
        /// Something else.
        Other = "other",
    }

    /// What of the data was broken.
    BreachHarm {
        /// Somebody knows who must not.
        Confidentiality = "confidentiality",
        /// They are not what was written.
        Integrity = "integrity",
        /// They cannot be got at when they are needed.
        Availability = "availability",
    }

    /// What is likely to come of it for the people whose data they are.
    BreachConsequence {
        /// Somebody who means them harm can find them.
        Located = "located",
        /// They are known as somebody who sought help.
        Exposed = "exposed",
        /// Violence, threats or revenge.
        Violence = "violence",
        /// Detention or being sent back.
        DetentionOrReturn = "detention_or_return",
        /// They are treated worse for what became known.
        Discrimination = "discrimination",
        /// Somebody passes for them, or takes what is theirs.
        Fraud = "fraud",
        /// Help comes late, or not at all.
        HelpDelayed = "help_delayed",
        /// They do not dare to ask for help any more.
        TrustLost = "trust_lost",
    }

    /// What was done about it.
    BreachMeasure {
        /// Who must not know was asked to give back or destroy it.
        RecipientAsked = "recipient_asked",
        /// They confirmed that they did.
        RecipientConfirmed = "recipient_confirmed",
        /// The device was found, or its data were erased from afar.
        DeviceSecured = "device_secured",
        /// Tokens, passwords or roles were taken.
        AccessTaken = "access_taken",
        /// Keys were destroyed.
        KeysDestroyed = "keys_destroyed",
        /// Data were brought back from a copy.
        Restored = "restored",
        /// What was altered was put right.
        Corrected = "corrected",
        /// People were helped to be safe.
        PeopleProtected = "people_protected",
        /// Staff were trained, or a procedure was changed.
        StaffInstructed = "staff_instructed",
        /// It was reported to the police or a court.
        ReportedToPolice = "reported_to_police",
    }

    /// How likely and how bad it is for the people whose data they are.
    BreachRisk {
        /// A risk is unlikely: no authority has to be notified.
        Unlikely = "unlikely",
        /// A risk: the authority is notified.
        Risk = "risk",
        /// A high risk: the people are told, too.
        High = "high",
    }

    /// Where a breach stands.
    BreachState {
        /// Somebody reported it.
        Reported = "reported",
        /// The data protection officer assessed it.
        Assessed = "assessed",
        /// Somebody else closed it.
        Closed = "closed",
    }

    /// Who was notified.
    NotifiedTo {
        /// A supervisory authority.
        SupervisoryAuthority = "supervisory_authority",
        /// The organisation's own oversight, where it answers to no State's authority.
        OwnOversight = "own_oversight",
        /// Whoever the data are held for, or held together with.
        Controller = "controller",
    }

    /// Which part of a notification it was: what is not known yet may follow (Art. 33(4)).
    NotificationPhase {
        /// All of it at once.
        Whole = "whole",
        /// The first part; more follows.
        First = "first",
        /// More; and more follows.
        Further = "further",
        /// The rest.
        Last = "last",
    }

    /// Why a notification came after the time allowed (Art. 33(1)).
    LateReason {
        /// What had happened was found out later only.
        StillLookedInto = "still_looked_into",
        /// It did not reach who notifies in time.
        ReportedLate = "reported_late",
        /// The authority could not be reached.
        NotReachable = "not_reachable",
        /// What is needed to notify did not work.
        SystemsDown = "systems_down",
        /// Notifying in time would have put somebody in danger.
        SafetyFirst = "safety_first",
        /// Several like it were notified together.
        Several = "several",
    }

    /// How people were told of a breach.
    BreachTelling {
        /// Each by themselves.
        Each = "each",
        /// By a public notice, as telling each would take too much (Art. 34(3)(c)).
        PublicNotice = "public_notice",
    }

    /// Why people are not told of a breach that is a high risk to them.
    UntoldGround {
        /// Nobody can read what got out (Art. 34(3)(a)).
        Unreadable = "unreadable",
        /// What was done since has taken the high risk away (Art. 34(3)(b)).
        RiskAverted = "risk_averted",
        /// To be told would put them in danger.
        UnsafeToTell = "unsafe_to_tell",
        /// There is no way to reach them, and a public notice would reach others.
        NotReachable = "not_reachable",
    }
}
