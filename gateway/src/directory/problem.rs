//! Why one record of a directory file did not come in.

use std::fmt;

use ledger::refusal::Refusal;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// What is wrong with a record, before the ledger was asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code; its text is `dir-<code>` in the message file.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

kinds! {
    /// The text there is not JSON, or ends in the middle.
    NotJson = "not_json",
    /// The record is larger than the limit.
    RecordTooLarge = "record_too_large",
    /// More records than one file may have; the rest was not read.
    TooManyRecords = "too_many_records",
    /// A field that must be there is not.
    Missing = "missing",
    /// A field holds another kind of value than HSDS says.
    WrongType = "wrong_type",
    /// A text is too long.
    TooLong = "too_long",
    /// A list is too long.
    TooMany = "too_many",
    /// A text holds control characters, or ones that turn its direction.
    ControlCharacter = "control_character",
    /// A word that must be one of a closed list is not.
    NotAWord = "not_a_word",
    /// A date is not a date, or lies in the future.
    DateInvalid = "date_invalid",
    /// The service is inactive or defunct.
    NotActive = "not_active",
    /// The same id and name stood in this file before, with other content.
    Repeated = "repeated",
    /// A confidential entry was exported without what would give it away.
    Redacted = "redacted",
}

/// A kind, and the field it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: Kind,
    /// With which HSDS field; empty if with the whole record.
    pub field: &'static str,
}

impl Problem {
    pub(super) fn of(kind: Kind, field: &'static str) -> Self {
        Self { kind, field }
    }
}

/// Why a record did not come in: we could not read it, or the ledger said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The record itself.
    Unread(Problem),
    /// The ledger refused, with the field or code that it is about.
    Refused(Refusal, Option<String>),
    /// The call itself failed, for example because the connection broke.
    Failed,
}

impl Cause {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unread(problem) => problem.kind.code(),
            Self::Refused(refusal, _) => refusal.code(),
            Self::Failed => "failed",
        }
    }

    /// The field or code that it is about.
    pub fn about(&self) -> Option<&str> {
        match self {
            Self::Unread(problem) => Some(problem.field).filter(|field| !field.is_empty()),
            Self::Refused(_, about) => about.as_deref(),
            Self::Failed => None,
        }
    }
}

/// One record that did not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRecord {
    /// Its place in the file, from 1.
    pub place: u64,
    /// Its id, if that is a UUID.
    pub id: Option<String>,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for RefusedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}", self.place)?;
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        write!(f, ": {}", self.cause.code())?;
        if let Some(about) = self.cause.about() {
            write!(f, " ({about})")?;
        }
        Ok(())
    }
}
