//! Age: how it is assessed, and which of two consents is asked for (MISSION B3). In doubt a child.
//!
//! - A birth date decides to the day. What is recorded of it is a month, of an estimate a year,
//!   rounded so that nobody counts as an adult too early (SPEC §11.10).

use jiff::ToSpan;
use jiff::civil::Date;

use super::Decision;
use super::context::Context;
use crate::clock::{Day, Timestamp};
use crate::domain::case::Case;
use crate::domain::children::date;
use crate::domain::codes::{AgeBasis, AgeGroup, Company};
use crate::domain::command::Age;
use crate::domain::event::AgeAssessed;
use crate::domain::stream::StreamId;
use crate::limits::{ADULT_YEARS, AGE_YEARS_MAX, ESTIMATE_YEARS};
use crate::organisation::Organisation;
use crate::refusal::{Refusal, Refused};

/// Whose consent is asked for at a moment.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// A caregiver's, a guardian's or a best-interests decision, too.
    pub(super) minor: bool,
    /// The child's own; not of those who are too young to be asked.
    pub(super) child: bool,
    /// The person came of age then: what was agreed to before is asked for anew.
    pub(super) reopened: Option<Timestamp>,
}

impl Asked {
    pub(super) fn of(case: &Case, at: Timestamp, file: &Organisation) -> Self {
        Self {
            minor: case.is_minor(at),
            child: case.age_at(at).is_none_or(|age| age >= file.assent_from),
            reopened: case.came_of_age(at),
        }
    }
}

/// Records how old the person is, as far as it is known, and who is with a child.
pub(super) fn assess(
    context: &mut Context<'_>,
    age: Age,
    company: Company,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    check_better(context, &case, age);
    let known = date(context.now.day()).and_then(|today| known(age, today));
    let Some((age_group, adult_on)) = known else {
        return Err(context.refuse(Refused::about(Refusal::TimeInvalid, "age")));
    };
    let adult = age_group == AgeGroup::Adult;
    // A child loses what protects it by one word: not by that of the front line alone.
    if adult && case.is_known_as_child(context.now) && !context.protects_children() {
        context.object(Refusal::ChildProtectionDecides);
    }
    // Who is with an adult is nobody's business here.
    let accompanied = adult && company != Company::Unknown;
    context.object_if(accompanied, Refusal::CapacityInvalid, "company");
    let assessed = AgeAssessed {
        age_group,
        basis: basis(age),
        adult_on,
        company,
    };
    let known = (case.age_group, case.age_basis, case.adult_on, case.company);
    if known == (age_group, Some(assessed.basis), adult_on, company) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Case(case.id), assessed);
    Ok(Decision::of(vec![event]))
}

/// Objects to an estimate where a birth date is recorded. Doubt about the date itself is for child
/// protection; after it an estimate counts again.
fn check_better(context: &mut Context<'_>, case: &Case, age: Age) {
    if case.age_basis != Some(AgeBasis::BirthDate) {
        return;
    }
    match age {
        Age::Born(_) => {}
        Age::About(_) => context.object(Refused::about(Refusal::AlreadyExists, "birth_date")),
        Age::Unknown if context.protects_children() => {}
        Age::Unknown => context.object(Refusal::ChildProtectionDecides),
    }
}

/// The group on a day, and from when on the person counts as an adult; none if it cannot be.
fn known(age: Age, today: Date) -> Option<(AgeGroup, Option<Day>)> {
    match age {
        Age::Unknown => Some((AgeGroup::Unknown, None)),
        Age::Born(day) => by_birth(date(day)?, today),
        Age::About(years) => by_estimate(years, today),
    }
}

fn by_birth(born: Date, today: Date) -> Option<(AgeGroup, Option<Day>)> {
    if born > today {
        return None;
    }
    let birthday = born.checked_add(i32::from(ADULT_YEARS).years()).ok()?;
    // Who was born on a leap day has the birthday after the last of February.
    let birthday = if birthday.day() == born.day() {
        birthday
    } else {
        birthday.tomorrow().ok()?
    };
    if birthday <= today {
        return Some((AgeGroup::Adult, None));
    }
    let month = if birthday.day() == 1 {
        birthday
    } else {
        birthday.first_of_month().checked_add(1.month()).ok()?
    };
    Some((AgeGroup::Minor, Some(day(month)?)))
}

/// An estimate may be wrong by some years: the lowest age that it leaves counts.
fn by_estimate(years: u8, today: Date) -> Option<(AgeGroup, Option<Day>)> {
    if years > AGE_YEARS_MAX {
        return None;
    }
    let left = ADULT_YEARS.saturating_sub(years.saturating_sub(ESTIMATE_YEARS));
    if left == 0 {
        return Some((AgeGroup::Adult, None));
    }
    let group = if years < ADULT_YEARS {
        AgeGroup::Minor
    } else {
        AgeGroup::Unknown
    };
    let next = today.first_of_year().checked_add(1.year()).ok()?;
    let year = next.checked_add(i32::from(left).years()).ok()?;
    Some((group, Some(day(year)?)))
}

fn basis(age: Age) -> AgeBasis {
    match age {
        Age::Born(_) => AgeBasis::BirthDate,
        Age::About(_) => AgeBasis::Estimate,
        Age::Unknown => AgeBasis::Unknown,
    }
}

fn day(date: Date) -> Option<Day> {
    let since = Date::constant(1970, 1, 1).until(date).ok()?;
    u32::try_from(since.get_days()).ok().map(Day)
}
