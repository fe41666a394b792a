//! The rest of the Danish list, from HSDS 3.0 and from our own profile of it.
//!
//! | HSDS 3.0 | details |
//! |---|---|
//! | `organization.alternate_name` | `organisation_also` |
//! | `minimum_age`, `maximum_age` | the same, in whole years |
//! | `interpretation_services` | `interpretation` |
//! | `locations.transportation` | `transport` |
//! | `contacts.{title,phones}`, and `email` where no person is named | `focal_point`,
//! `focal_contact` |
//! | `attributes` `next_step`, `response_delay`, `feedback_*` | `next_steps`, `response_within`,
//! `feedback`, `feedback_within` |
//! | `attributes` `referral_method` | `referral_methods`, as far as the words are known |
//! | `safe_referral` (our profile) | all but the first four, and what HSDS has no place for |

use std::collections::BTreeSet;

use ledger::domain::codes::{ReferralMethod, RunBy, StaffGender};
use ledger::domain::directory::ServiceDetails;
use ledger::domain::event::PublicText;
use ledger::limits::SERVICE_AGE_MAX;

use super::entry::{Attributes, bounded, codes, item, phones, text};
use super::fields::Fields;
use super::problem::{Kind, Problem};

/// The one property that our profile adds to a service of HSDS.
pub(super) const PROFILE: &str = "safe_referral";

/// Reads what the entry's first fields do not hold.
pub(super) fn read(
    record: Fields<'_>,
    profile: Option<Fields<'_>>,
    attributes: &Attributes,
    transport: PublicText,
    organisation_also: PublicText,
) -> Result<ServiceDetails, Problem> {
    let of_standard = ServiceDetails {
        organisation_also,
        minimum_age: years(record, "minimum_age", false)?,
        maximum_age: years(record, "maximum_age", true)?,
        interpretation: text(record, "interpretation_services")?,
        transport,
        ..ServiceDetails::default()
    };
    match profile {
        Some(profile) => of_profile(profile, of_standard),
        None => guessed(record, attributes, of_standard),
    }
}

fn of_profile(own: Fields<'_>, standard: ServiceDetails) -> Result<ServiceDetails, Problem> {
    let list = |name| -> Result<Vec<PublicText>, Problem> {
        let words = own.words(name)?.unwrap_or_default();
        Ok(words.into_iter().map(PublicText).collect())
    };
    let run_by = item(own, "run_by")?
        .map(|word| RunBy::from_code(&word).ok_or_else(|| Problem::of(Kind::NotAWord, "run_by")));
    let genders = own.words("staff_genders")?.unwrap_or_default();
    let methods = own.words("referral_methods")?.unwrap_or_default();
    Ok(ServiceDetails {
        run_by: run_by.transpose()?,
        focal_point: text(own, "focal_point")?,
        focal_contact: text(own, "focal_contact")?,
        groups_served: list("groups_served")?,
        groups_excluded: list("groups_excluded")?,
        status_required: text(own, "status_required")?,
        staff_genders: codes(genders, StaffGender::from_code, "staff_genders")?,
        referral_methods: codes(methods, ReferralMethod::from_code, "referral_methods")?,
        next_steps: list("next_steps")?,
        response_within: list("response_within")?,
        feedback: list("feedback")?,
        feedback_within: list("feedback_within")?,
        data_use: text(own, "data_use")?,
        mandatory_reporting: text(own, "mandatory_reporting")?,
        ..standard
    })
}

/// What published files say in other places, as far as it is understood.
fn guessed(
    record: Fields<'_>,
    attributes: &Attributes,
    standard: ServiceDetails,
) -> Result<ServiceDetails, Problem> {
    let (mut focal_point, mut reached) = (String::new(), Vec::new());
    let contacts = record.list("contacts")?;
    for contact in contacts {
        let Some(title) = item(contact, "title")? else {
            continue;
        };
        focal_point = title;
        reached = phones(contact)?;
        // An address beside a name is a person's.
        if item(contact, "name")?.is_none() {
            reached.extend(item(contact, "email")?);
        }
        break;
    }
    let methods = attributes.values(&["referral_method"]);
    Ok(ServiceDetails {
        focal_point: PublicText(focal_point),
        focal_contact: bounded(reached.join(", "), "contacts")?,
        referral_methods: methods.flat_map(methods_in).collect::<BTreeSet<_>>(),
        next_steps: attributes.texts(&["next_step"]),
        response_within: attributes.texts(&["response_delay"]),
        feedback: attributes.texts(&["feedback_method"]),
        feedback_within: attributes.texts(&["feedback_delay"]),
        ..standard
    })
}

/// The ways to refer that free words name, by whole words: no form is in "information".
fn methods_in(words: &str) -> impl Iterator<Item = ReferralMethod> {
    let spaced: String = words
        .chars()
        .map(|one| if one.is_alphanumeric() { one } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    let spaced: Vec<_> = spaced.split_whitespace().collect();
    let spaced = format!(" {} ", spaced.join(" "));
    let known = KNOWN_METHODS.iter();
    known
        .filter(move |(known, _)| spaced.contains(&format!(" {known} ")))
        .map(|(_, method)| *method)
}

/// Lower case, one space between words.
const KNOWN_METHODS: &[(&str, ReferralMethod)] = &[
    ("walk in", ReferralMethod::WalkIn),
    ("form", ReferralMethod::ReferralForm),
    ("forms", ReferralMethod::ReferralForm),
    ("appointment", ReferralMethod::Appointment),
    ("appointments", ReferralMethod::Appointment),
    ("phone", ReferralMethod::Phone),
    ("telephone", ReferralMethod::Phone),
    ("email", ReferralMethod::Email),
    ("e mail", ReferralMethod::Email),
    ("mail", ReferralMethod::Email),
    ("rais", ReferralMethod::SharedSystem),
    ("not required", ReferralMethod::NotRequired),
];

/// An age in whole years; a part of a year is given to the person.
fn years(record: Fields<'_>, name: &'static str, up: bool) -> Result<Option<u32>, Problem> {
    let Some(written) = record.number(name)? else {
        return Ok(None);
    };
    let wrong = Problem::of(Kind::WrongType, name);
    let (whole, part) = written.split_once('.').unwrap_or((&written, ""));
    let whole: u32 = whole.parse().map_err(|_| wrong)?;
    let more = up && part.chars().any(|digit| digit != '0');
    let years = whole.saturating_add(u32::from(more));
    if years > SERVICE_AGE_MAX {
        return Err(wrong);
    }
    Ok(Some(years))
}
