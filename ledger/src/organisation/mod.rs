//! What an organisation decides by itself, in one checked file: deadlines, days on which people
//! work, times of exceptions and destruction.
//!
//! - No file lifts a rule: what is in here are times, counts and choices that the rules leave open,
//!   and each has an end in `limits.rs` beyond which a rule would say nothing any more.
//! - Which file is in force stands in the log, word for word, with its digest.

mod attention;
mod basis;
mod calendar;
mod conduct;
mod exceptions;
mod exchange;
mod figures;
mod interview;
mod services;
mod specialists;

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

pub use attention::{Attention, Late, UnderWay};
pub use basis::Bases;
pub use calendar::{Allowed, Calendar};
pub use conduct::{Conduct, Lapsed};
pub use exceptions::{Exceptions, Procedure, ReportedTo};
pub use exchange::{Exchange, KnownLedger};
pub use interview::Interviews;
pub use services::ServiceRules;
use services::WrittenServices;
pub use specialists::Specialists;

use crate::clock::Timestamp;
use crate::domain::codes::{Role, Urgency};
use crate::domain::command::ShredWish;
use crate::domain::ids::OrganisationId;
use crate::limits::{
    ADULT_YEARS, AFTER_WITHDRAWAL_HOURS_MAX, ALLOWED_DAYS_MAX, ASSENT_FROM_MAX,
    AT_ONCE_PER_DAY_MAX, HOLIDAYS_MAX, MANDATED_BODIES_MAX, ORGANISATION_BYTES_MAX,
    REQUEST_MONTHS_MAX,
};
use crate::written::{Written, WrittenError};

/// The file that ships.
pub const DEFAULT_ORGANISATION: &str = include_str!("organisation.toml");

/// What an organisation decided, read and understood in full.
#[derive(Clone, Debug)]
pub struct Organisation {
    version: u32,
    digest: [u8; 32],
    text: String,
    calendar: Calendar,
    emergency: Deadlines,
    urgent: Deadlines,
    routine: Deadlines,
    /// Who must see what is late for too long, but for restricted cases.
    escalate_to: Role,
    /// Years from which on a child's own assent is asked for (B3).
    pub assent_from: u8,
    /// Years from which on a child can consent, beside a caregiver.
    pub consent_from: u8,
    /// Within which a best-interests decision is looked at again.
    review_within: Allowed,
    /// Organisations that are mandated for children who are alone.
    pub mandated_bodies: BTreeSet<OrganisationId>,
    /// Calendar months in which a request is answered, and how many more it may take (E3).
    answer_months: u8,
    longer_months: u8,
    /// What services people are referred to (D2).
    pub services: ServiceRules,
    /// Times of exceptions, and procedures for reports that a law obliges to (B5).
    pub exceptions: Exceptions,
    /// How long what rested on a withdrawn consent is kept, closed; none is allowed (B6).
    pub(crate) after_withdrawal: Allowed,
    /// How long what rested on a consent that ran out is kept, closed.
    pub(crate) after_expiry: Allowed,
    /// In how many cases one member of staff may have data destroyed at once within a day.
    pub at_once_per_day: u32,
    /// How long training and the signed code of conduct hold (E10).
    pub conduct: Conduct,
    /// On which legal basis each purpose rests (E11).
    pub bases: Bases,
    /// Whom to consult before a referral of a suspected case goes out (C10).
    pub specialists: Specialists,
    /// Whether people are interviewed, by which forms and by whom (C8).
    pub interviews: Interviews,
    /// Below this a count in published figures is small, and kept back (E7).
    pub figures_small: u64,
    /// Ledgers of others that packets are believed of (C7).
    pub exchange: Exchange,
}

/// Times allowed to a service, counted from sending, and what goes with them.
#[derive(Clone, Copy, Debug)]
struct Deadlines {
    acknowledge: Allowed,
    complete: Allowed,
    /// How long before a step is due people are reminded.
    remind: Allowed,
    /// How long after it was due the named role must see it.
    escalate: Allowed,
}

/// When a service is to have confirmed and completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Receipt confirmed.
    pub acknowledge_by: Timestamp,
    /// Help given.
    pub complete_by: Timestamp,
}

impl Organisation {
    /// Reads a file; every word in it must be known, and nothing may be missing.
    pub fn parse(text: &str) -> Result<Self, WrittenError> {
        let (file, written): (_, WrittenOrganisation) =
            Written::read("organisation file", text, ORGANISATION_BYTES_MAX)?;
        let deadlines = |written: &WrittenDeadlines| {
            let acknowledge = allowed(file, &written.acknowledge)?;
            let complete = allowed(file, &written.complete)?;
            Ok(Deadlines {
                acknowledge,
                complete,
                remind: hours_or_days(file, &written.remind)?,
                escalate: allowed(file, &written.escalate)?,
            })
        };
        let destruction = &written.destruction;
        Ok(Self {
            version: written.version,
            digest: file.digest(),
            text: text.to_owned(),
            calendar: written.calendar(file)?,
            emergency: deadlines(&written.referrals.emergency)?,
            urgent: deadlines(&written.referrals.urgent)?,
            routine: deadlines(&written.referrals.routine)?,
            escalate_to: attention::seeing(file, &written.referrals.escalate_to)?,
            assent_from: written.children.assent_from(file)?,
            consent_from: written.children.consent_from(file)?,
            review_within: some(file, &written.children.review_within)?,
            mandated_bodies: written.children.mandated_bodies(file)?,
            answer_months: written.requests.answer_months(file)?,
            longer_months: written.requests.longer_months(file)?,
            services: written.services.read(file)?,
            exceptions: written.exceptions.understand(file, &written.procedure)?,
            after_withdrawal: destruction.after_withdrawal(file)?,
            after_expiry: hours_or_days(file, &destruction.after_expiry)?,
            at_once_per_day: destruction.at_once_per_day(file)?,
            conduct: written.staff.understand(file)?,
            bases: written.basis.understand(file)?,
            specialists: written.specialists.understand(file)?,
            interviews: written.interview.understand(file)?,
            figures_small: written.figures.small(file)?,
            exchange: exchange::understand(file, &written.exchange)?,
        })
    }

    /// The file's own number; a changed file has a higher one.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 of the file as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The file as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// By when a person's request about their data is answered, and if it takes longer (E3).
    pub fn answered_by(&self, received: Timestamp, longer: bool) -> Timestamp {
        let more = if longer { self.longer_months } else { 0 };
        let months = self.answer_months.saturating_add(more);
        self.calendar.months_after(received, months)
    }

    /// When a referral sent now is to be confirmed and completed (MISSION C4).
    pub fn due(&self, urgency: Urgency, now: Timestamp) -> Due {
        let times = self.times(urgency);
        Due {
            acknowledge_by: self.calendar.end_of(now, times.acknowledge),
            complete_by: self.calendar.end_of(now, times.complete),
        }
    }

    fn times(&self, urgency: Urgency) -> Deadlines {
        match urgency {
            Urgency::Emergency => self.emergency,
            Urgency::Urgent => self.urgent,
            Urgency::Routine => self.routine,
        }
    }

    /// By when a best-interests decision of now is looked at again.
    pub fn review_by(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.review_within)
    }

    /// When the keys of what is withdrawn now are destroyed, where nobody asks for it at once.
    pub fn withdrawn_kept_until(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.after_withdrawal)
    }

    /// Whether a withdrawal with this wish destroys at once: without a period every one does.
    pub fn destroys_at_once(&self, wish: ShredWish) -> bool {
        match wish {
            ShredWish::AtOnce => true,
            ShredWish::AfterPeriod => self.after_withdrawal.is_none(),
        }
    }

    /// When the keys of what ran out now are destroyed.
    pub fn expired_kept_until(&self, now: Timestamp) -> Timestamp {
        self.calendar.end_of(now, self.after_expiry)
    }
}

impl Default for Organisation {
    #[expect(clippy::expect_used, reason = "a test reads the file that ships")]
    fn default() -> Self {
        Self::parse(DEFAULT_ORGANISATION).expect("the file that ships is understood")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOrganisation {
    version: u32,
    time_zone: Spanned<String>,
    weekend: Vec<Spanned<String>>,
    holidays: Vec<Spanned<String>>,
    referrals: WrittenReferrals,
    children: WrittenChildren,
    requests: WrittenRequests,
    services: WrittenServices,
    exceptions: exceptions::WrittenExceptions,
    destruction: WrittenDestruction,
    #[serde(default)]
    procedure: Vec<exceptions::WrittenProcedure>,
    #[serde(default)]
    staff: conduct::WrittenConduct,
    #[serde(default)]
    basis: basis::WrittenBases,
    #[serde(default)]
    specialists: specialists::WrittenSpecialists,
    #[serde(default)]
    interview: interview::WrittenInterviews,
    #[serde(default)]
    figures: figures::WrittenFigures,
    #[serde(default)]
    exchange: Vec<exchange::WrittenLedger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReferrals {
    escalate_to: Spanned<String>,
    emergency: WrittenDeadlines,
    urgent: WrittenDeadlines,
    routine: WrittenDeadlines,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDeadlines {
    acknowledge: Spanned<String>,
    complete: Spanned<String>,
    remind: Spanned<String>,
    escalate: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenChildren {
    assent_from: Spanned<u8>,
    consent_from: Spanned<u8>,
    review_within: Spanned<String>,
    mandated_bodies: Vec<Spanned<String>>,
}

impl WrittenChildren {
    /// Without an end no child would ever be asked.
    fn assent_from(&self, file: Written<'_>) -> Result<u8, WrittenError> {
        at_most(file, &self.assent_from, ASSENT_FROM_MAX)
    }

    fn consent_from(&self, file: Written<'_>) -> Result<u8, WrittenError> {
        let (assent, consent) = (*self.assent_from.get_ref(), *self.consent_from.get_ref());
        if assent <= consent && consent <= ADULT_YEARS {
            return Ok(consent);
        }
        let meaning = format!("not below assent_from ({assent}), and at most {ADULT_YEARS}");
        Err(file.wrong(&self.consent_from, meaning))
    }

    fn mandated_bodies(&self, file: Written<'_>) -> Result<BTreeSet<OrganisationId>, WrittenError> {
        if let Some(beyond) = self.mandated_bodies.get(MANDATED_BODIES_MAX) {
            return Err(file.wrong(beyond, format!("more than {MANDATED_BODIES_MAX} bodies")));
        }
        let ids = self.mandated_bodies.iter().map(|word| {
            let wrong = |_| file.wrong(word, "an organisation is named by its UUID");
            word.get_ref().parse().map_err(wrong)
        });
        ids.collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRequests {
    answer_months: Spanned<u8>,
    longer_months: Spanned<u8>,
}

impl WrittenRequests {
    fn answer_months(&self, file: Written<'_>) -> Result<u8, WrittenError> {
        let months = *self.answer_months.get_ref();
        if (1..=REQUEST_MONTHS_MAX).contains(&months) {
            return Ok(months);
        }
        let meaning = format!("between 1 and {REQUEST_MONTHS_MAX} months");
        Err(file.wrong(&self.answer_months, meaning))
    }

    fn longer_months(&self, file: Written<'_>) -> Result<u8, WrittenError> {
        at_most(file, &self.longer_months, REQUEST_MONTHS_MAX)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDestruction {
    after_withdrawal: Spanned<String>,
    after_expiry: Spanned<String>,
    at_once_per_day: Spanned<u32>,
}

impl WrittenDestruction {
    fn after_withdrawal(&self, file: Written<'_>) -> Result<Allowed, WrittenError> {
        within(file, &self.after_withdrawal, AFTER_WITHDRAWAL_HOURS_MAX)
    }

    fn at_once_per_day(&self, file: Written<'_>) -> Result<u32, WrittenError> {
        // Without any, and with no period, nobody could take a consent back (B6).
        if *self.at_once_per_day.get_ref() == 0 {
            return Err(file.wrong(&self.at_once_per_day, "at least 1"));
        }
        at_most(file, &self.at_once_per_day, AT_ONCE_PER_DAY_MAX)
    }
}

impl WrittenOrganisation {
    fn calendar(&self, file: Written<'_>) -> Result<Calendar, WrittenError> {
        let place = &self.time_zone;
        let zone = TimeZone::get(place.get_ref()).map_err(|_| {
            let meaning = format!("{} is no time zone like Asia/Amman", place.get_ref());
            file.wrong(place, meaning)
        })?;
        let weekend = self.weekend.iter().map(|word| weekday(file, word));
        let weekend: Vec<Weekday> = weekend.collect::<Result<_, _>>()?;
        if let Some(beyond) = self.holidays.get(HOLIDAYS_MAX) {
            return Err(file.wrong(beyond, format!("more than {HOLIDAYS_MAX} holidays")));
        }
        let holidays = self.holidays.iter().map(|word| {
            let wrong = || format!("{} is no date like 2026-12-25", word.get_ref());
            let date: Date = word
                .get_ref()
                .parse()
                .map_err(|_| file.wrong(word, wrong()))?;
            Ok(date)
        });
        let holidays: BTreeSet<Date> = holidays.collect::<Result<_, WrittenError>>()?;
        let whole_week = || match self.weekend.first() {
            Some(first) => file.wrong(first, "a week needs a day on which people work"),
            None => file.wrong(place, "a week needs a day on which people work"),
        };
        Calendar::new(zone, weekend, holidays).ok_or_else(whole_week)
    }
}

fn weekday(file: Written<'_>, word: &Spanned<String>) -> Result<Weekday, WrittenError> {
    match word.get_ref().as_str() {
        "monday" => Ok(Weekday::Monday),
        "tuesday" => Ok(Weekday::Tuesday),
        "wednesday" => Ok(Weekday::Wednesday),
        "thursday" => Ok(Weekday::Thursday),
        "friday" => Ok(Weekday::Friday),
        "saturday" => Ok(Weekday::Saturday),
        "sunday" => Ok(Weekday::Sunday),
        other => Err(file.wrong(word, format!("{other} is no day of the week"))),
    }
}

/// A time as people write it: `6 hours`, `1 day`, `3 working days`.
fn allowed(file: Written<'_>, written: &Spanned<String>) -> Result<Allowed, WrittenError> {
    let text = written.get_ref();
    let wrong = || {
        let meaning =
            format!("{text} is no time like \"6 hours\", \"1 day\" or \"3 working days\"");
        file.wrong(written, meaning)
    };
    let (count, unit) = text.split_once(' ').ok_or_else(wrong)?;
    let count: u16 = count.parse().map_err(|_| wrong())?;
    let (time, days) = match unit {
        "hour" | "hours" => (Allowed::Hours(count), count / 24),
        "day" | "days" => (Allowed::Days(count), count),
        "working day" | "working days" => (Allowed::WorkingDays(count), count),
        _ => return Err(wrong()),
    };
    if days > ALLOWED_DAYS_MAX {
        let meaning = format!("{text} is longer than {ALLOWED_DAYS_MAX} days");
        return Err(file.wrong(written, meaning));
    }
    Ok(time)
}

/// A time that does not stop for weekends: danger and destruction do not wait for them.
fn hours_or_days(file: Written<'_>, written: &Spanned<String>) -> Result<Allowed, WrittenError> {
    match allowed(file, written)? {
        Allowed::WorkingDays(_) => {
            Err(file.wrong(written, "this runs on weekends too: say hours or days"))
        }
        time @ (Allowed::Hours(_) | Allowed::Days(_)) => Ok(time),
    }
}

/// The same, and not none.
fn some(file: Written<'_>, written: &Spanned<String>) -> Result<Allowed, WrittenError> {
    let time = hours_or_days(file, written)?;
    if time.is_none() {
        return Err(file.wrong(written, "not none: nobody could act in time"));
    }
    Ok(time)
}

/// The same, no longer than so many hours.
fn within(
    file: Written<'_>,
    written: &Spanned<String>,
    hours_max: u32,
) -> Result<Allowed, WrittenError> {
    let time = hours_or_days(file, written)?;
    let hours = match time {
        Allowed::Hours(hours) => u32::from(hours),
        Allowed::Days(days) | Allowed::WorkingDays(days) => u32::from(days).saturating_mul(24),
    };
    if hours > hours_max {
        let meaning = format!("at most {hours_max} hours, or {} days", hours_max / 24);
        return Err(file.wrong(written, meaning));
    }
    Ok(time)
}

/// A number that is no larger than another.
fn at_most<N: Copy + PartialOrd + std::fmt::Display>(
    file: Written<'_>,
    written: &Spanned<N>,
    most: N,
) -> Result<N, WrittenError> {
    let number = *written.get_ref();
    if number > most {
        return Err(file.wrong(written, format!("at most {most}")));
    }
    Ok(number)
}

#[cfg(test)]
pub(crate) use tests::{busy, changed};

#[cfg(test)]
mod tests;
