//! Codes of what an exception to confidentiality is accounted for with (MISSION B5).

use serde::{Deserialize, Serialize};

codes! {
    /// Whether the person whom an exception is about was told of it.
    ExceptionTold {
        /// Yes, before anything was passed on.
        Before = "before",
        /// Yes, afterwards.
        After = "after",
        /// No: telling would be unsafe, for the person or for somebody else.
        NotToldUnsafe = "not_told_unsafe",
        /// No: the person could not be reached.
        NotReached = "not_reached",
        /// No: the person cannot respond.
        CannotRespond = "cannot_respond",
    }

    /// Where an exception stands, as an auditor sees it.
    ExceptionState {
        /// It was used; a second person is to decide on it.
        Invoked = "invoked",
        /// A second person confirmed it.
        Authorised = "authorised",
        /// A second person did not confirm it.
        Refused = "refused",
        /// Nobody decided on it in time.
        Lapsed = "lapsed",
        /// A third person looked at it afterwards.
        Reviewed = "reviewed",
    }

    /// What somebody is still to do about what was done in a hurry.
    ReviewStep {
        /// A second person is to decide on an exception.
        Decide = "decide",
        /// A third person is to look at an exception.
        Review = "review",
        /// Somebody else is to sign off an emergency that went without.
        SignOff = "sign_off",
    }

    /// What a third person found afterwards.
    ReviewOutcome {
        /// It was right.
        Justified = "justified",
        /// It was right, and something is to be learned from it.
        JustifiedWithLessons = "justified_with_lessons",
        /// It should not have been used.
        NotJustified = "not_justified",
    }

    /// What follows from a review.
    ReviewMeasure {
        /// The procedure, or its safety assessment, is looked at again.
        ProcedureRevised = "procedure_revised",
        /// Staff are trained.
        Training = "training",
        /// A supervisor goes through it with those who acted.
        Supervision = "supervision",
        /// The code of conduct is applied.
        Conduct = "conduct",
        /// It is handled as a breach of the person's data.
        Breach = "breach",
        /// The person is told, and what can be put right is.
        Redress = "redress",
    }
}
