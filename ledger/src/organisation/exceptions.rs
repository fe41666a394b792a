//! What an organisation decides about exceptions to confidentiality, and its prepared procedures
//! for reports that a law obliges to (MISSION B5).
//!
//! - A procedure is used only while its safety assessment holds: a report can put the person in
//!   more danger than what is reported.
//! - What is in danger of life needs none of these: that is the other exception.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::calendar::Allowed;
use super::{Organisation, allowed, some, within};
use crate::clock::{Day, Timestamp};
use crate::domain::codes::{DataCategory, RecipientClass, Role, Sensitivity};
use crate::domain::directory::Service;
use crate::domain::exception::ProcedureId;
use crate::domain::ids::ServiceId;
use crate::limits::{
    EXCEPTION_AUTHORISE_HOURS_MAX, EXCEPTION_CATEGORIES_MAX, EXCEPTION_LAST_HOURS_MAX,
    EXCEPTION_REVIEW_HOURS_MAX, PROCEDURE_ASSESSED_DAYS_MAX, PROCEDURE_STEPS_MAX,
    PROCEDURE_TEXT_MAX, PROCEDURES_MAX,
};
use crate::written::{Written, WrittenError};

/// Times of exceptions, and the procedures by name.
#[derive(Clone, Debug)]
pub struct Exceptions {
    /// Within which a second person decides.
    pub(crate) authorise: Allowed,
    /// How long an exception lasts at all.
    pub(crate) last: Allowed,
    /// Within which a third person looks at it, and at urgent care that nobody signed off.
    pub(crate) review: Allowed,
    /// Who must see a review that is late.
    late_to: Role,
    /// Prepared procedures.
    pub procedures: BTreeMap<ProcedureId, Procedure>,
}

/// A prepared procedure for a report that a law obliges to.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// To whom the report goes.
    pub to: ReportedTo,
    /// Which law obliges.
    pub law: String,
    /// The most that goes there.
    pub categories: BTreeSet<DataCategory>,
    /// Within which it is reported, counted from when the exception was used.
    pub(crate) within: Allowed,
    /// The same as the file says it.
    pub within_words: String,
    /// On which day it was assessed whether reporting is safe.
    pub assessed_on: Day,
    /// The last day on which that assessment holds.
    pub assess_again_on: Day,
    /// What to do, in order.
    pub steps: Vec<String>,
}

/// The body that a report goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportedTo {
    /// This service of the directory.
    Service(ServiceId),
    /// Any service of this class.
    Class(RecipientClass),
}

impl Procedure {
    /// Whether its safety assessment holds on a day.
    pub fn is_assessed(&self, today: Day) -> bool {
        (self.assessed_on..=self.assess_again_on).contains(&today)
    }

    /// Whether it leads to a service.
    pub fn leads_to(&self, service: &Service) -> bool {
        match self.to {
            ReportedTo::Service(id) => service.id == id,
            ReportedTo::Class(class) => service.entry.class == class,
        }
    }
}

impl Organisation {
    /// By when a second person decides on an exception used now.
    pub fn exception_authorised_by(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.exceptions.authorise)
    }

    /// When an exception used now ends.
    pub fn exception_ends(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.exceptions.last)
    }

    /// By when a third person looks at an exception used now, or at urgent care given now.
    pub fn reviewed_by(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.exceptions.review)
    }

    /// By when a report of now is made.
    pub fn reported_by(&self, procedure: &Procedure, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, procedure.within)
    }

    /// The role that must see a review that is late. Restricted cases never go to who may not see
    /// them.
    pub fn late_reviews_go_to(&self, sensitivity: Sensitivity) -> Role {
        match (sensitivity, self.exceptions.late_to) {
            (Sensitivity::Restricted, Role::FocalPoint) => Role::ChildProtection,
            (Sensitivity::Standard | Sensitivity::Restricted, role) => role,
        }
    }
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenExceptions {
    authorise_within: Spanned<String>,
    last: Spanned<String>,
    // A file from before these were there is read as it was written.
    reviewed_within: Option<Spanned<String>>,
    late_reviews_to: Option<Spanned<String>>,
}

impl WrittenExceptions {
    pub(super) fn understand(
        &self,
        file: Written<'_>,
        procedures: &[WrittenProcedure],
    ) -> Result<Exceptions, WrittenError> {
        let timed = |written: &Spanned<String>, hours_max| {
            some(file, written)?;
            within(file, written, hours_max)
        };
        let review = self.reviewed_within.as_ref();
        let review = review.map(|written| timed(written, EXCEPTION_REVIEW_HOURS_MAX));
        let late_to = self
            .late_reviews_to
            .as_ref()
            .map(|word| reviewer(file, word));
        Ok(Exceptions {
            authorise: timed(&self.authorise_within, EXCEPTION_AUTHORISE_HOURS_MAX)?,
            last: timed(&self.last, EXCEPTION_LAST_HOURS_MAX)?,
            review: review.transpose()?.unwrap_or(REVIEWED_WITHIN),
            late_to: late_to.transpose()?.unwrap_or(Role::DataProtectionOfficer),
            procedures: understand_all(file, procedures)?,
        })
    }
}

/// A role that may look at exceptions afterwards.
fn reviewer(file: Written<'_>, word: &Spanned<String>) -> Result<Role, WrittenError> {
    let reviews = |role: &Role| {
        matches!(
            role,
            Role::FocalPoint | Role::ChildProtection | Role::DataProtectionOfficer
        )
    };
    let known = Role::from_code(word.get_ref()).filter(reviews);
    known.ok_or_else(|| {
        let meaning = format!(
            "{} is none of focal_point, child_protection and data_protection_officer",
            word.get_ref()
        );
        file.wrong(word, meaning)
    })
}

/// A procedure as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenProcedure {
    id: Spanned<String>,
    service: Option<Spanned<String>>,
    class: Option<Spanned<String>>,
    law: Spanned<String>,
    categories: Vec<Spanned<String>>,
    within: Spanned<String>,
    assessed_on: Spanned<String>,
    assess_again_on: Spanned<String>,
    steps: Vec<Spanned<String>>,
}

fn understand_all(
    file: Written<'_>,
    written: &[WrittenProcedure],
) -> Result<BTreeMap<ProcedureId, Procedure>, WrittenError> {
    let mut procedures = BTreeMap::new();
    for one in written {
        if procedures.len() >= PROCEDURES_MAX {
            return Err(file.wrong(&one.id, format!("more than {PROCEDURES_MAX} procedures")));
        }
        let id: ProcedureId = one.id.get_ref().parse().map_err(|_| {
            let meaning = "a procedure is named by small letters, digits and hyphens, at most 40";
            file.wrong(&one.id, meaning)
        })?;
        if procedures.insert(id, one.understand(file)?).is_some() {
            return Err(file.wrong(&one.id, "another procedure has this name"));
        }
    }
    Ok(procedures)
}

impl WrittenProcedure {
    fn understand(&self, file: Written<'_>) -> Result<Procedure, WrittenError> {
        let within = allowed(file, &self.within)?;
        if within.is_none() {
            return Err(file.wrong(&self.within, "not none: nobody could act in time"));
        }
        let (assessed_on, assess_again_on) = self.assessed(file)?;
        if self.steps.is_empty() || self.steps.len() > PROCEDURE_STEPS_MAX {
            let meaning = format!("between 1 and {PROCEDURE_STEPS_MAX} steps");
            return Err(file.wrong(&self.id, meaning));
        }
        let steps = self.steps.iter().map(|step| short(file, step));
        Ok(Procedure {
            to: self.reported_to(file)?,
            law: short(file, &self.law)?,
            categories: self.categories(file)?,
            within,
            within_words: self.within.get_ref().clone(),
            assessed_on,
            assess_again_on,
            steps: steps.collect::<Result<_, _>>()?,
        })
    }

    fn reported_to(&self, file: Written<'_>) -> Result<ReportedTo, WrittenError> {
        match (&self.service, &self.class) {
            (Some(word), None) => {
                let wrong = |_| file.wrong(word, "a service is named by its UUID");
                let id: ServiceId = word.get_ref().parse().map_err(wrong)?;
                Ok(ReportedTo::Service(id))
            }
            (None, Some(word)) => match RecipientClass::from_code(word.get_ref()) {
                Some(
                    class @ (RecipientClass::LawEnforcement
                    | RecipientClass::AsylumAuthority
                    | RecipientClass::ImmigrationAuthority),
                ) => Ok(ReportedTo::Class(class)),
                // Nothing reaches the State of origin, and "a service" would be anybody.
                Some(RecipientClass::Service | RecipientClass::StateOfOrigin) | None => {
                    let meaning = format!(
                        "{} is no law_enforcement, asylum_authority or immigration_authority; name \
                         the service",
                        word.get_ref()
                    );
                    Err(file.wrong(word, meaning))
                }
            },
            (Some(_), Some(word)) => Err(file.wrong(word, "a service or a class, not both")),
            (None, None) => Err(file.wrong(&self.id, "it needs a service or a class")),
        }
    }

    fn categories(&self, file: Written<'_>) -> Result<BTreeSet<DataCategory>, WrittenError> {
        let known = self.categories.iter().map(|word| {
            let wrong = || file.wrong(word, format!("{} is no data category", word.get_ref()));
            DataCategory::from_code(word.get_ref()).ok_or_else(wrong)
        });
        let known: BTreeSet<DataCategory> = known.collect::<Result<_, _>>()?;
        if known.is_empty() || known.len() > EXCEPTION_CATEGORIES_MAX {
            let meaning = format!("between 1 and {EXCEPTION_CATEGORIES_MAX} data categories");
            return Err(file.wrong(&self.id, meaning));
        }
        Ok(known)
    }

    /// The assessment holds for a time that has an end, and ends after it began.
    fn assessed(&self, file: Written<'_>) -> Result<(Day, Day), WrittenError> {
        let on = day(file, &self.assessed_on)?;
        let again = day(file, &self.assess_again_on)?;
        let days = again.0.checked_sub(on.0).filter(|days| *days > 0);
        let wrong = |meaning: String| file.wrong(&self.assess_again_on, meaning);
        let days = days.ok_or_else(|| wrong("not after assessed_on".to_owned()))?;
        if days > PROCEDURE_ASSESSED_DAYS_MAX {
            let meaning = format!("at most {PROCEDURE_ASSESSED_DAYS_MAX} days after assessed_on");
            return Err(wrong(meaning));
        }
        Ok((on, again))
    }
}

fn short(file: Written<'_>, text: &Spanned<String>) -> Result<String, WrittenError> {
    let fits = !text.get_ref().trim().is_empty() && text.get_ref().len() <= PROCEDURE_TEXT_MAX;
    if fits {
        return Ok(text.get_ref().clone());
    }
    Err(file.wrong(text, format!("between 1 and {PROCEDURE_TEXT_MAX} bytes")))
}

fn day(file: Written<'_>, word: &Spanned<String>) -> Result<Day, WrittenError> {
    let wrong = || {
        let meaning = format!("{} is no date like 2026-12-25", word.get_ref());
        file.wrong(word, meaning)
    };
    let date: Date = word.get_ref().parse().map_err(|_| wrong())?;
    let since = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    u32::try_from(since).map(Day).map_err(|_| wrong())
}

/// Where a file from before says nothing.
const REVIEWED_WITHIN: Allowed = Allowed::Days(30);
