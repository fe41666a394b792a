//! Codes of asking a service first, and of what is arranged so that somebody gets there (C11).

use serde::{Deserialize, Serialize};

codes! {
    /// What a service is asked, without a word about the person.
    InquiryQuestion {
        /// Whether it has a place now.
        Availability = "availability",
        /// Whether somebody of this group can be served.
        Eligibility = "eligibility",
        /// What it costs.
        Fees = "fees",
    }

    /// Of which gender, as coarse as a question to a service needs it.
    GenderGroup {
        /// Women and girls.
        Female = "female",
        /// Men and boys.
        Male = "male",
        /// Neither.
        Other = "other",
    }

    /// What a service answers, or that it does not.
    InquiryAnswer {
        /// It has a place.
        Available = "available",
        /// Not now.
        NotNow = "not_now",
        /// After a wait of so many days.
        Wait = "wait",
        /// This group is not served.
        NotEligible = "not_eligible",
        /// Nothing came back: said by who asked, so that the same can be asked again.
        NoAnswer = "no_answer",
    }

    /// What it costs the person.
    InquiryFee {
        /// Nothing.
        Free = "free",
        /// Something; how much stands in the directory.
        Fee = "fee",
    }

    /// What is arranged so that somebody gets to a service and is understood there.
    ArrangementKind {
        /// Somebody goes along.
        Accompaniment = "accompaniment",
        /// A way to get there.
        Transport = "transport",
        /// Somebody who interprets, vetted, and accepted by the person.
        Interpreter = "interpreter",
    }

    /// Where an arrangement stands.
    ArrangementState {
        /// It was offered.
        Offered = "offered",
        /// The person wants it.
        Wanted = "wanted",
        /// The person does not.
        NotWanted = "not_wanted",
        /// It is arranged.
        Arranged = "arranged",
        /// It took place.
        Done = "done",
        /// It could not be arranged, or did not take place.
        NotPossible = "not_possible",
    }
}
