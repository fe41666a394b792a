//! Personal parts: what a person is called, said, needs or is. Each rests on grounds and can be
//! shredded.
//!
//! - No `Debug` that shows content; memory is zeroised when dropped.
//! - Every field here is classed *personal* by standing in this file (SPEC §3).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::codes::{
    AnswerCode, DataCategory, DeterminationOutcome, InterviewForm, Profile, SupportKind,
    SupportedBy,
};
use super::ids::PersonId;

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
    /// What a person in a case is called.
    Name(Text),
    /// How a consent was taken: words that describe people.
    ConsentNote(ConsentNote),
    /// One item of a referral's content.
    Item(Item),
    /// Free text about a person: reasons in words, a child's view, a follow-up note.
    Note(Text),
    /// A staff member's name and contact.
    StaffName(Text),
    /// One detail of a person beside the name.
    Detail(Item),
    /// What somebody complained about, and a safe way to answer.
    Complaint(ComplaintWords),
    /// What somebody answered in an interview, in one category.
    Answers(Answers),
    /// What staff decided on somebody's profile.
    Profile(Profiled),
    /// What a mandated body determined of somebody.
    Determination(Determined),
}

impl Personal {
    /// The data category that it is sealed under by itself, so that a partial withdrawal takes it.
    pub fn category(&self) -> Option<DataCategory> {
        match self {
            Self::Item(item) | Self::Detail(item) => Some(item.category),
            Self::Name(_) => Some(DataCategory::Identity),
            Self::Answers(answers) => Some(answers.category),
            Self::Profile(_) => Some(Profiled::CATEGORY),
            Self::Determination(_) => Some(Determined::CATEGORY),
            Self::ConsentNote(_) | Self::Note(_) | Self::StaffName(_) | Self::Complaint(_) => None,
        }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name(_) => "Name(hidden)",
            Self::ConsentNote(_) => "ConsentNote(hidden)",
            Self::Item(_) => "Item(hidden)",
            Self::Note(_) => "Note(hidden)",
            Self::StaffName(_) => "StaffName(hidden)",
            Self::Detail(_) => "Detail(hidden)",
            Self::Complaint(_) => "Complaint(hidden)",
            Self::Answers(_) => "Answers(hidden)",
            Self::Profile(_) => "Profile(hidden)",
            Self::Determination(_) => "Determination(hidden)",
        })
    }
}

/// Who a person is, as far as a service needs it (A3). Name and details are parts of their own,
/// each under its category, so that one can go without the others.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// What the person is called; an invented name is fine. A correction may leave it as it is.
    pub name: Option<Text>,
    /// What else is known, by category, in the person's words: a birth date or `about 16`, safe
    /// ways of contact (B10; none means: do not contact), the relationship to the client.
    pub details: BTreeMap<DataCategory, Text>,
}

impl Identity {
    /// Somebody of whom the name is known and nothing else.
    pub fn named(name: Text) -> Self {
        Self {
            name: Some(name),
            details: BTreeMap::new(),
        }
    }

    /// The categories of what is given here. A name's comes first, as its part does.
    pub fn categories(&self) -> BTreeSet<DataCategory> {
        let name = self.name.iter().map(|_| DataCategory::Identity);
        name.chain(self.details.keys().copied()).collect()
    }

    /// Its parts, in the order of their categories.
    pub fn into_parts(self) -> impl Iterator<Item = Personal> {
        let detail = |(category, text)| Personal::Detail(Item { category, text });
        let name = self.name.into_iter().map(Personal::Name);
        name.chain(self.details.into_iter().map(detail))
    }
}

/// How a consent was taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentNote {
    /// The language it was explained in.
    pub language: Text,
    /// Who else was present.
    pub present: Option<Text>,
    /// The child's view, what the person asked to withhold, and whatever else was said, in words.
    pub note: Option<Text>,
    /// Support that the person had in deciding.
    pub support: Option<Support>,
}

/// Support that somebody had in understanding and deciding for themselves (MISSION B4). Whoever
/// gave it decided nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// What kinds.
    pub kinds: BTreeSet<SupportKind>,
    /// From whom.
    pub by: BTreeSet<SupportedBy>,
    /// Which person of the case, if it was one.
    pub person: Option<PersonId>,
}

/// One item of a referral's content, under the category that consent must cover.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which kind of data this is.
    pub category: DataCategory,
    /// The content.
    pub text: Text,
}

/// What somebody complained about, or gave back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintWords {
    /// What was said.
    pub words: Text,
    /// A safe way to answer, if there is one.
    pub contact: Option<Text>,
}

/// What somebody answered in an interview, in one category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The form's.
    pub form: InterviewForm,
    /// Which category.
    pub category: DataCategory,
    /// The answers, in the order of the form.
    pub answers: Vec<Answer>,
}

/// One answer. Which question it answers is personal, too.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's id in the form.
    pub question: Text,
    /// What was answered.
    pub given: AnswerGiven,
}

/// What was answered to one question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnswerGiven {
    /// A code that fits every question.
    Code(AnswerCode),
    /// Some of the question's choices.
    Chosen(Vec<Text>),
    /// One short line.
    Words(Text),
}

/// What staff decided on somebody's profile.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profiled {
    /// Which profiles.
    pub profiles: BTreeSet<Profile>,
    /// Why, in words.
    pub words: Option<Text>,
}

impl Profiled {
    /// What it is sealed under.
    pub const CATEGORY: DataCategory = DataCategory::Protection;
}

/// What a mandated body determined of somebody, as staff were told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determined {
    /// As what.
    pub profile: Profile,
    /// What it came to.
    pub outcome: DeterminationOutcome,
}

impl Determined {
    /// What it is sealed under.
    pub const CATEGORY: DataCategory = DataCategory::LegalStatus;
}
