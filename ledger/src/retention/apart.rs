//! Rules for what stands apart from cases, and what they come to at a moment (MISSION C6, C13, E8).
//! Pure.
//!
//! - A file has rules for all of it or for none: one from before there were any ends nothing of it,
//!   so that no file that two persons let loose comes to mean more than it did.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::plan::RecordOver;
use super::rules::{Kept, kept, known};
use crate::clock::Timestamp;
use crate::domain::apart::{Apart, StandsApart};
use crate::written::{Written, WrittenError};

/// What a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    ComplaintWords,
    Complaint,
    BreachWords,
    Breach,
    Incoming,
}

impl What {
    const ALL: [Self; 5] = [
        Self::ComplaintWords,
        Self::Complaint,
        Self::BreachWords,
        Self::Breach,
        Self::Incoming,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::ComplaintWords => "complaint_words",
            Self::Complaint => "complaint",
            Self::BreachWords => "breach_words",
            Self::Breach => "breach",
            Self::Incoming => "incoming",
        }
    }

    fn from_code(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == word)
    }

    fn of_complaints(self) -> bool {
        matches!(self, Self::ComplaintWords | Self::Complaint)
    }
}

/// The rules of a file for what stands apart.
#[derive(Clone, Debug, Default)]
pub(super) struct ApartRules(Vec<ApartRule>);

#[derive(Clone, Debug)]
struct ApartRule {
    kept: Kept,
    of: What,
    serious: bool,
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenApart {
    name: Spanned<String>,
    of: Spanned<String>,
    #[serde(default)]
    serious: Option<Spanned<bool>>,
    months: Spanned<u32>,
}

impl ApartRules {
    pub(super) fn understand(
        written: &[WrittenApart],
        file: Written<'_>,
        names: &mut BTreeSet<String>,
    ) -> Result<Self, WrittenError> {
        let mut rules = Vec::with_capacity(written.len());
        for one in written {
            let kept = kept(file, names, &one.name, &one.months)?;
            let of = known(file, &one.of, What::from_code)?;
            let serious = one.serious.as_ref();
            if let Some(odd) = serious.filter(|_| !of.of_complaints()) {
                return Err(file.wrong(odd, "only complaints are serious or not"));
            }
            let serious = serious.is_some_and(|it| *it.get_ref());
            rules.push(ApartRule { kept, of, serious });
        }
        let covers = |what: What| rules.iter().any(|one| one.of == what && !one.serious);
        let missing = What::ALL.into_iter().find(|what| !covers(*what));
        if let Some(missing) = missing.filter(|_| !rules.is_empty()) {
            let meaning = format!("no [[apart]] without conditions is of {}", missing.code());
            return Err(file.wrong_at_end(meaning));
        }
        Ok(Self(rules))
    }

    /// Every rule, in the order in which they are asked.
    pub(super) fn all(&self) -> impl Iterator<Item = &Kept> {
        self.0.iter().map(|one| &one.kept)
    }

    /// The first rule that fits; none where the file has no such rules.
    fn of(&self, what: What, serious: bool) -> Option<&Kept> {
        let fits = |one: &&ApartRule| one.of == what && (serious || !one.serious);
        self.0.iter().find(fits).map(|one| &one.kept)
    }
}

/// When it ends by the rules, if nothing more is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApartEnd {
    /// Its words, if there are any and they are not over yet.
    pub words: Option<RecordOver>,
    /// All of it; never before its words.
    pub record: Option<RecordOver>,
    /// Until when it is held, if it is.
    pub held_until: Option<Timestamp>,
}

/// What the rules come to at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApartPlan {
    /// Nothing is over.
    Stays,
    /// Something is over, and a hold keeps it.
    Held,
    /// Its words end.
    Words(RecordOver),
    /// Its record ends: its time is up, and its words are destroyed.
    Closes(RecordOver),
}

impl ApartEnd {
    pub(super) fn of(it: &StandsApart<'_>, rules: &ApartRules) -> Self {
        let (words, record) = match it.what {
            Apart::Complaint(_) => (Some(What::ComplaintWords), What::Complaint),
            Apart::Breach(_) => (Some(What::BreachWords), What::Breach),
            Apart::Incoming(_) => (None, What::Incoming),
        };
        let over = |what: What| {
            let kept = rules.of(what, it.serious)?;
            let since = it.lasting.since?.plus_months(kept.months);
            let rule = kept.name.clone();
            Some(RecordOver { rule, since })
        };
        let wordless = it.leaves.is_empty();
        let of_words = words.filter(|_| !wordless).and_then(over);
        let mut record = over(record);
        if let (Some(record), Some(words)) = (&mut record, &of_words) {
            record.since = record.since.max(words.since);
        }
        Self {
            words: of_words.filter(|_| !it.lasting.words_ended),
            record,
            held_until: it.lasting.held_until,
        }
    }

    /// What of that is so at a moment. A clock that was set back does not count.
    pub(super) fn at(self, it: &StandsApart<'_>, now: Timestamp) -> ApartPlan {
        let now = it.lasting.since.map_or(now, |since| since.max(now));
        let over = |it: &RecordOver| it.since <= now;
        let gone = it.leaves.is_subset(&it.lasting.gone);
        let plan = match (self.words.filter(over), self.record.filter(over)) {
            (Some(words), _) => ApartPlan::Words(words),
            (None, Some(record)) if gone => ApartPlan::Closes(record),
            (None, _) => return ApartPlan::Stays,
        };
        let held = self.held_until.is_some_and(|until| now < until);
        if held { ApartPlan::Held } else { plan }
    }
}
