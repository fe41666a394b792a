//! Personal parts: what a person is called, said, needs or is. Each rests on grounds and can be
//! shredded.
//!
//! - No `Debug` that shows content; memory is zeroised when dropped.
//! - Every field here is classed *personal* by standing in this file (SPEC §3).

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::codes::DataCategory;

/// Text about a person: kept out of logs, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Text(String);

impl Text {
    /// Text that was checked at the edge (length, control characters).
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for sealing and for an answer to somebody who may read it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(hidden)")
    }
}

/// One personal part of an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Personal {
    /// Who a person in a case is.
    Identity(Identity),
    /// How a consent was taken: words that describe people.
    ConsentNote(ConsentNote),
    /// One item of a referral's content.
    Item(Item),
    /// Free text about a person: reasons in words, a child's view, a follow-up note.
    Note(Text),
    /// A staff member's name and contact.
    StaffName(Text),
}

impl Personal {
    /// The data category that it is sealed under by itself, so that a partial withdrawal takes it.
    pub fn category(&self) -> Option<DataCategory> {
        match self {
            Self::Item(item) => Some(item.category),
            Self::Identity(_) | Self::ConsentNote(_) | Self::Note(_) | Self::StaffName(_) => None,
        }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity(_) => "Identity(hidden)",
            Self::ConsentNote(_) => "ConsentNote(hidden)",
            Self::Item(_) => "Item(hidden)",
            Self::Note(_) => "Note(hidden)",
            Self::StaffName(_) => "StaffName(hidden)",
        })
    }
}

/// Who a person is. Only the name is always there; the rest as far as a service needs it (A3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What the person is called; an invented name is fine.
    pub name: Text,
    /// Birth date or age in the person's words, for example `2010-04-02` or `about 16`.
    pub birth: Option<Text>,
    /// Gender in the person's words.
    pub gender: Option<Text>,
    /// Languages.
    pub languages: Option<Text>,
    /// Safe ways, hours and words for contact (B10); none means: do not contact.
    pub safe_contact: Option<Text>,
    /// Relationship to the client, for further persons.
    pub relationship: Option<Text>,
}

/// How a consent was taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentNote {
    /// The language it was explained in.
    pub language: Text,
    /// Who else was present.
    pub present: Option<Text>,
    /// Support given, the child's view, what the person asked to withhold in words.
    pub note: Option<Text>,
}

/// One item of a referral's content, under the category that consent must cover.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which kind of data this is.
    pub category: DataCategory,
    /// The content.
    pub text: Text,
}
