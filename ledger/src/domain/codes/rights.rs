//! Closed vocabularies of what persons ask for about their data (MISSION E3).

use serde::{Deserialize, Serialize};

use super::NoticeOutcome;

codes! {
    /// What a recipient is told of the data that it was given (MISSION E5; GDPR Art. 19).
    NoticeAbout {
        /// They are to go: stop using them, return or destroy them.
        Erasure = "erasure",
        /// They were put right.
        Correction = "correction",
        /// They are to be kept and not used.
        Restriction = "restriction",
        /// They may be used again.
        Lifting = "lifting",
    }

    /// What a person asks for about their data (MISSION E3).
    RequestKind {
        /// To be told what is held, and to get a copy.
        Access = "access",
        /// To have something wrong put right.
        Correction = "correction",
        /// To have it destroyed.
        Deletion = "deletion",
        /// To have it kept, and not used.
        Restriction = "restriction",
        /// To object to its being used.
        Objection = "objection",
        /// To get what they gave, for another organisation's machine to read.
        Portability = "portability",
    }

    /// Who asks.
    RequestedBy {
        /// The person.
        Person = "person",
        /// A caregiver of a child.
        Caregiver = "caregiver",
        /// A legal guardian.
        Guardian = "guardian",
        /// Somebody whom the person gave authority.
        Representative = "representative",
    }

    /// What came of checking who is asking. No copy of any paper is kept, and lacking papers is no
    /// ground for refusal.
    IdentityOutcome {
        /// Staff know the person.
        KnownToStaff = "known_to_staff",
        /// The person knew what only they would.
        Questions = "questions",
        /// A paper was looked at and given back.
        Documents = "documents",
        /// Who asks for another showed their authority.
        AuthorityShown = "authority_shown",
        /// It is not clear that this is the person, or that they may ask.
        NotConfirmed = "not_confirmed",
    }

    /// Why a request takes longer.
    ExtensionReason {
        /// It is complex.
        Complexity = "complexity",
        /// The person sent many.
        Number = "number",
    }

    /// What to answer a request.
    RequestAnswer {
        /// All of it.
        Grant = "grant",
        /// A part of it.
        GrantInPart = "grant_in_part",
        /// None of it.
        Refuse = "refuse",
    }

    /// Why a request is refused, all of it or a part.
    RequestReason {
        /// A law obliges to keep or use the data.
        LegalObligation = "legal_obligation",
        /// A claim is brought or defended.
        LegalClaims = "legal_claims",
        /// Public health or another public interest in law.
        PublicInterest = "public_interest",
        /// Somebody else's rights or safety.
        RightsOfOthers = "rights_of_others",
        /// It is clear that there is nothing to it.
        ManifestlyUnfounded = "manifestly_unfounded",
        /// The same was asked again and again.
        Excessive = "excessive",
        /// It is not clear that this is the person; not the lack of papers.
        IdentityNotConfirmed = "identity_not_confirmed",
        /// Nothing such is held.
        NothingHeld = "nothing_held",
        /// What is held is right.
        DataAccurate = "data_accurate",
    }

    /// Where a request stands.
    RequestState {
        /// It came.
        Received = "received",
        /// It was checked who is asking.
        IdentityChecked = "identity_checked",
        /// The data protection officer gave advice.
        Advised = "advised",
        /// It was granted, all or in part, and is to be carried out.
        Granted = "granted",
        /// It was refused, and the person is to be told.
        Refused = "refused",
        /// What was granted was done, and the person is to be told.
        CarriedOut = "carried_out",
        /// It ended.
        Closed = "closed",
    }

    /// How a request ended.
    RequestEnd {
        /// All that was asked for was done.
        Fulfilled = "fulfilled",
        /// A part was done.
        FulfilledInPart = "fulfilled_in_part",
        /// Nothing was done.
        NotFulfilled = "not_fulfilled",
        /// Whoever asked took it back.
        TakenBack = "taken_back",
    }

    /// Whether a person was told.
    PersonTold {
        /// Yes.
        Told = "told",
        /// No: any contact would be unsafe.
        NotToldUnsafe = "not_told_unsafe",
        /// No: the person could not be reached.
        NotReached = "not_reached",
    }
}

impl NoticeAbout {
    /// Whether a recipient that was told this may have done that.
    pub fn may_come_to(self, outcome: NoticeOutcome) -> bool {
        match outcome {
            NoticeOutcome::Returned | NoticeOutcome::Destroyed => true,
            NoticeOutcome::Stopped => self == Self::Erasure,
            NoticeOutcome::Corrected => self == Self::Correction,
            NoticeOutcome::Restricted => self == Self::Restriction,
            NoticeOutcome::Released => self == Self::Lifting,
        }
    }
}

impl RequestKind {
    /// Whether the person's data are kept and not used once it was carried out.
    pub fn restricts(self) -> bool {
        match self {
            Self::Restriction | Self::Objection => true,
            Self::Access | Self::Correction | Self::Deletion | Self::Portability => false,
        }
    }
}
