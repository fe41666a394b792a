//! Closed vocabularies of support in deciding, and of safe contact (MISSION B4, B10).

use serde::{Deserialize, Serialize};

codes! {
    /// Support that somebody had in understanding and deciding (MISSION B4). It says something
    /// about the person, so it never stands in a record part.
    SupportKind {
        /// Plain language, short sentences.
        PlainLanguage = "plain_language",
        /// Pictures or symbols.
        Pictures = "pictures",
        /// Sign language.
        SignLanguage = "sign_language",
        /// Everything in writing, or captions.
        Writing = "writing",
        /// Large print, braille, or read aloud.
        Reading = "reading",
        /// A device that helps to hear, see or speak.
        Device = "device",
        /// More time, breaks, more than one meeting.
        MoreTime = "more_time",
        /// A quiet or accessible place.
        Place = "place",
        /// Somebody they trust beside them.
        Company = "company",
        /// Something else.
        Other = "other",
    }

    /// Who gave that support; nobody who did decided in the person's place.
    SupportedBy {
        /// Staff.
        Staff = "staff",
        /// Somebody the person trusts.
        TrustedPerson = "trusted_person",
        /// The interpreter.
        Interpreter = "interpreter",
        /// Somebody whose work it is.
        Professional = "professional",
    }

    /// What may be said to anybody but the person (MISSION B10).
    ContactWords {
        /// Nothing: whoever else answers is told that it was a mistake.
        Nothing = "nothing",
        /// That somebody called, and to call back; no organisation, no reason.
        CallBack = "call_back",
        /// The words agreed, which stand with the ways of contact in the person's details.
        AgreedWords = "agreed_words",
    }

    /// A day of the week.
    DayOfWeek {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}
