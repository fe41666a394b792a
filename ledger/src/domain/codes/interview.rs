//! Closed vocabularies of interviews and profiling (MISSION C8). What somebody answered, and which
//! profiles they may have, is personal, though it is a code: it never stands in a record part.

use serde::{Deserialize, Serialize};

codes! {
    /// A form of questions that an organisation may use.
    InterviewForm {
        /// A first look at who may need which protection (IOM annex 3.1).
        Profiling = "profiling",
        /// A guide to what somebody on the move may need (IOM annex 3.2).
        Guide = "guide",
    }

    /// What is not asked unless the organisation's file says why.
    SensitiveTopic {
        /// Religion.
        Religion = "religion",
        /// Ethnic group.
        Ethnicity = "ethnicity",
        /// Numbers of identity papers.
        IdentityNumbers = "identity_numbers",
        /// The way that somebody came.
        Route = "route",
    }

    /// How a question can be answered.
    AnswerKind {
        /// Yes or no.
        YesNo = "yes_no",
        /// One of the choices.
        OneOf = "one_of",
        /// Some of the choices.
        AnyOf = "any_of",
        /// One short line.
        Text = "text",
    }

    /// An answer that fits every question.
    AnswerCode {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// The person does not know.
        DoesNotKnow = "does_not_know",
        /// The person did not want to say.
        Declined = "declined",
        /// Nobody asked.
        NotAsked = "not_asked",
    }

    /// A situation in which protection may be needed. Nobody has only one, or must have any.
    Profile {
        /// May be a refugee or want asylum.
        PossibleRefugee = "possible_refugee",
        /// Asked for asylum without success, and needs protection.
        RejectedAsylumSeeker = "rejected_asylum_seeker",
        /// May be a victim of trafficking.
        PossibleTrafficking = "possible_trafficking",
        /// A child who is alone or separated.
        ChildAlone = "child_alone",
        /// Can neither go on nor back.
        Stranded = "stranded",
        /// May have no nationality.
        PossiblyStateless = "possibly_stateless",
        /// Otherwise at risk.
        AtRisk = "at_risk",
        /// None of these, with needs all the same.
        NoneOfThese = "none_of_these",
    }

    /// What a member of staff decided on a profile by.
    ProfileReason {
        /// Indicators in the answers.
        Indicators = "indicators",
        /// What the person says of themselves.
        PersonSays = "person_says",
        /// Papers that the person showed.
        PapersShown = "papers_shown",
        /// A specialist's advice.
        SpecialistAdvice = "specialist_advice",
        /// What the mandated body determined.
        Determination = "determination",
        /// Something else.
        Other = "other",
    }

    /// What a mandated body determined, as staff were told.
    DeterminationOutcome {
        /// It sees the person so.
        Recognised = "recognised",
        /// It does not.
        NotRecognised = "not_recognised",
        /// It has not decided yet.
        Pending = "pending",
        /// It ended without a decision.
        Closed = "closed",
    }
}
