//! Maps one HSDS 3.0 service onto a directory entry.
//!
//! | HSDS 3.0 | entry |
//! |---|---|
//! | `name`, `organization.{id,name}` or `organization_id` | `name`, `organisation`,
//! `organisation_name` |
//! | `attributes` of link type `sector` | `sectors`, and `needs` by the table in `needs.rs` |
//! | `attributes` of link type `data_category` | `needs`, in place of the table |
//! | `attributes` of link type `recipient_class` | `class` (a service if not said) |
//! | `attributes` of link type `visibility`, value `need_to_know` | `confidential` |
//! | `attributes` of link type `accessibility`, `location.accessibility` | `accessibility` |
//! | `description` | `description` |
//! | `service_areas`, `service_at_locations.location`, `locations` | `locations` |
//! | `languages` | `languages` |
//! | `eligibility_description` | `eligibility` |
//! | `fees_description` | `fees`; `cost_options` are read in `fees.rs` |
//! | `schedules` | `schedules` |
//! | `required_documents` | `documents` |
//! | `application_process`, `attributes` `referral_method` | `how_to_refer`, `accepts_referrals` |
//! | `phones`, `email`, `url`, `contacts.{department,phones}` | `contact` |
//! | `assured_date` | `assured_on` |
//! | the rest of the Danish list | `details`: see `details.rs` |
//!
//! - Names and addresses of contact *persons* are left out: they are people, and an entry is not.
//! - What our own profile says (`safe_referral`, see `export.rs`) goes before what is guessed from
//!   the rest, so that an exported entry comes in again as it was.
//! - A service that is `inactive` or `defunct` does not come in; one that is `temporarily closed`
//!   comes in and takes no referrals.

use std::collections::BTreeSet;

use ledger::clock::Day;
use ledger::domain::codes::{DataCategory, RecipientClass};
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::ids::OrganisationId;
use ledger::limits::{
    SERVICE_BYTES_MAX, SERVICE_ITEM_BYTES_MAX, SERVICE_ITEMS_MAX, SERVICE_TEXT_BYTES_MAX,
};

use super::details::{self, PROFILE};
use super::fields::Fields;
use super::needs;
use super::problem::{Kind, Problem};

/// The organisation that a service belongs to, as far as the record says.
pub(super) struct Runner {
    pub(super) id: OrganisationId,
    pub(super) name: String,
    pub(super) also: PublicText,
}

/// Reads everything but the ids of a record.
pub(super) fn read(
    record: Fields<'_>,
    name: String,
    runner: Runner,
    today: Day,
) -> Result<ServiceEntry, Problem> {
    let open = is_open(record)?;
    let attributes = Attributes::of(record)?;
    let profile = record.object(PROFILE)?;
    let places = Places::of(record)?;
    let takes_referrals = match profile
        .map(|own| own.yes("accepts_referrals"))
        .transpose()?
    {
        Some(Some(said)) => said,
        Some(None) | None => !attributes.decline_referrals(record)?,
    };
    let details = details::read(record, profile, &attributes, places.transport, runner.also)?;
    let entry = ServiceEntry {
        name: PublicText(name),
        organisation: runner.id,
        organisation_name: PublicText(runner.name),
        class: class(profile, &attributes)?,
        sectors: attributes.texts(&["sector"]),
        description: text(record, "description")?,
        locations: places.names,
        languages: languages(record)?,
        eligibility: text(record, "eligibility_description")?,
        fees: text(record, "fees_description")?,
        schedules: schedules(record)?,
        documents: named(record, "required_documents", "document")?,
        accessibility: accessibility(&attributes, places.access)?,
        how_to_refer: how_to_refer(record, profile, &attributes)?,
        contact: contact(record, profile)?,
        accepts_referrals: open && takes_referrals,
        needs: needs(profile, &attributes)?,
        assured_on: assured(record, today)?,
        confidential: confidential(profile, &attributes)?,
        details,
    };
    if entry.texts_bytes() > SERVICE_BYTES_MAX {
        return Err(Problem::of(Kind::RecordTooLarge, ""));
    }
    Ok(entry)
}

fn is_open(record: Fields<'_>) -> Result<bool, Problem> {
    match record.required("status", SERVICE_ITEM_BYTES_MAX)?.as_str() {
        "active" => Ok(true),
        "temporarily closed" => Ok(false),
        "inactive" | "defunct" => Err(Problem::of(Kind::NotActive, "status")),
        _ => Err(Problem::of(Kind::NotAWord, "status")),
    }
}

/// The attributes of a record: link type and value.
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn of(record: Fields<'_>) -> Result<Self, Problem> {
        let mut found = Vec::new();
        for attribute in record.list("attributes")? {
            let kind = attribute.text("link_type", SERVICE_ITEM_BYTES_MAX)?;
            let value = attribute.text("value", SERVICE_ITEM_BYTES_MAX)?;
            found.extend(kind.zip(value));
        }
        Ok(Self(found))
    }

    pub(super) fn values<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let of_kind = self
            .0
            .iter()
            .filter(|(kind, _)| kinds.contains(&kind.as_str()));
        of_kind.map(|(_, value)| value.as_str())
    }

    pub(super) fn texts(&self, kinds: &[&str]) -> Vec<PublicText> {
        self.values(kinds)
            .map(|value| PublicText(value.to_owned()))
            .collect()
    }

    fn decline_referrals(&self, record: Fields<'_>) -> Result<bool, Problem> {
        let process = record.text("application_process", SERVICE_TEXT_BYTES_MAX)?;
        let said = process
            .as_deref()
            .into_iter()
            .chain(self.values(&["referral_method"]));
        Ok(said
            .map(|words| words.trim_end_matches('.').to_lowercase())
            .any(|words| NO_REFERRALS.contains(&words.as_str())))
    }
}

/// A word that a profile says, or an attribute; the profile's goes first.
fn said(
    profile: Option<Fields<'_>>,
    attributes: &Attributes,
    name: &'static str,
) -> Result<Option<String>, Problem> {
    let own = match profile {
        Some(profile) => item(profile, name)?,
        None => None,
    };
    Ok(own.or_else(|| attributes.values(&[name]).next().map(str::to_owned)))
}

fn class(profile: Option<Fields<'_>>, attributes: &Attributes) -> Result<RecipientClass, Problem> {
    let Some(word) = said(profile, attributes, "recipient_class")? else {
        return Ok(RecipientClass::Service);
    };
    RecipientClass::from_code(&word).ok_or_else(|| Problem::of(Kind::NotAWord, "recipient_class"))
}

fn needs(
    profile: Option<Fields<'_>>,
    attributes: &Attributes,
) -> Result<BTreeSet<DataCategory>, Problem> {
    let listed = match profile {
        Some(profile) => profile.words("data_categories")?,
        None => None,
    };
    let own: Vec<String> = listed.unwrap_or_else(|| {
        let words = attributes.values(&["data_category"]);
        words.map(str::to_owned).collect()
    });
    // A profile that says "none" means none; a file without the word means nothing by that.
    if own.is_empty() && profile.is_none() {
        return Ok(needs::of_sectors(attributes.values(&["sector"])));
    }
    codes(own, DataCategory::from_code, "data_category")
}

/// Each word must be one of a vocabulary.
pub(super) fn codes<T: Ord>(
    words: Vec<String>,
    from_code: fn(&str) -> Option<T>,
    field: &'static str,
) -> Result<BTreeSet<T>, Problem> {
    let code = |word: String| from_code(&word).ok_or_else(|| Problem::of(Kind::NotAWord, field));
    words.into_iter().map(code).collect()
}

/// An unknown word is refused: guessing "public" would show a shelter to everybody.
fn confidential(profile: Option<Fields<'_>>, attributes: &Attributes) -> Result<bool, Problem> {
    match said(profile, attributes, "visibility")?.as_deref() {
        None | Some("public" | "members") => Ok(false),
        Some("need_to_know" | "confidential") => Ok(true),
        Some("redacted") => Err(Problem::of(Kind::Redacted, "visibility")),
        Some(_) => Err(Problem::of(Kind::NotAWord, "visibility")),
    }
}

const NO_REFERRALS: &[&str] = &[
    "referrals not accepted",
    "referrals are not accepted",
    "does not accept referrals",
    "no referrals",
    "no referrals accepted",
];

/// Where a service is and how one gets in.
struct Places {
    names: Vec<PublicText>,
    access: Vec<PublicText>,
    transport: PublicText,
}

impl Places {
    fn of(record: Fields<'_>) -> Result<Self, Problem> {
        let mut locations = record.list("locations")?;
        for at in record.list("service_at_locations")? {
            locations.extend(at.object("location")?);
        }
        let (mut names, mut access) = (Vec::new(), Vec::new());
        let mut transport: Vec<String> = Vec::new();
        for location in locations {
            let mut words: Vec<String> = item(location, "name")?.into_iter().collect();
            for address in location.list("addresses")? {
                for part in ["address_1", "city", "state_province", "country"] {
                    words.extend(item(address, part)?);
                }
            }
            push(&mut names, words.join(", "), "locations")?;
            for way in location.list("accessibility")? {
                let way = item(way, "description")?.unwrap_or_default();
                push(&mut access, way, "accessibility")?;
            }
            let way = location.lines("transportation")?;
            transport.extend(way.filter(|way| !transport.contains(way)));
        }
        for area in named(record, "service_areas", "name")? {
            push(&mut names, area.0, "service_areas")?;
        }
        Ok(Self {
            names,
            access,
            transport: bounded(transport.join("; "), "transportation")?,
        })
    }
}

fn accessibility(
    attributes: &Attributes,
    of_places: Vec<PublicText>,
) -> Result<Vec<PublicText>, Problem> {
    let mut access = attributes.texts(&["accessibility"]);
    for way in of_places {
        push(&mut access, way.0, "accessibility")?;
    }
    Ok(access)
}

fn languages(record: Fields<'_>) -> Result<Vec<PublicText>, Problem> {
    let mut languages = Vec::new();
    for language in record.list("languages")? {
        let name = item(language, "name")?.or(item(language, "code")?);
        push(&mut languages, name.unwrap_or_default(), "languages")?;
    }
    Ok(languages)
}

fn schedules(record: Fields<'_>) -> Result<Vec<PublicText>, Problem> {
    let mut schedules = Vec::new();
    for schedule in record.list("schedules")? {
        let days = item(schedule, "byday")?
            .or(item(schedule, "freq")?)
            .unwrap_or_default();
        let hours = match (item(schedule, "opens_at")?, item(schedule, "closes_at")?) {
            (Some(opens), Some(closes)) => format!("{opens} to {closes}"),
            (Some(opens), None) => format!("from {opens}"),
            (None, Some(closes)) => format!("until {closes}"),
            (None, None) => String::new(),
        };
        let valid = match (item(schedule, "valid_from")?, item(schedule, "valid_to")?) {
            (Some(from), Some(to)) => format!("valid {from} to {to}"),
            (Some(from), None) => format!("valid from {from}"),
            (None, Some(to)) => format!("valid until {to}"),
            (None, None) => String::new(),
        };
        let described = item(schedule, "description")?.unwrap_or_default();
        let words = sentence(&[&days, &hours, &described, &valid], ", ");
        push(&mut schedules, words, "schedules")?;
    }
    Ok(schedules)
}

fn how_to_refer(
    record: Fields<'_>,
    profile: Option<Fields<'_>>,
    attributes: &Attributes,
) -> Result<PublicText, Problem> {
    let mut parts = vec![text(record, "application_process")?.0];
    if profile.is_none() {
        for method in attributes.values(&["referral_method"]) {
            if !parts.iter().any(|part| part == method) {
                parts.push(method.to_owned());
            }
        }
    }
    bounded(sentence(&parts, ". "), "application_process")
}

fn contact(record: Fields<'_>, profile: Option<Fields<'_>>) -> Result<PublicText, Problem> {
    if let Some(profile) = profile {
        return text(profile, "contact");
    }
    let mut parts = phones(record)?;
    parts.extend(item(record, "email")?);
    parts.extend(item(record, "url")?);
    for contact in record.list("contacts")? {
        parts.extend(item(contact, "department")?);
        parts.extend(phones(contact)?);
    }
    bounded(sentence(&parts, ", "), "contacts")
}

pub(super) fn phones(of: Fields<'_>) -> Result<Vec<String>, Problem> {
    let mut numbers = Vec::new();
    for phone in of.list("phones")? {
        numbers.push(phone.required("number", SERVICE_ITEM_BYTES_MAX)?);
    }
    Ok(numbers)
}

fn assured(record: Fields<'_>, today: Day) -> Result<Option<Day>, Problem> {
    let Some(written) = item(record, "assured_date")? else {
        return Ok(None);
    };
    let invalid = Problem::of(Kind::DateInvalid, "assured_date");
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = time::Date::parse(&written, format).map_err(|_| invalid)?;
    let days = i64::from(date.to_julian_day()) - JULIAN_DAY_OF_1970;
    let day = Day(u32::try_from(days).map_err(|_| invalid)?);
    // One day of grace: the file may come from a place where it is tomorrow already.
    if day.0 > today.0.saturating_add(1) {
        return Err(invalid);
    }
    Ok(Some(day))
}

const JULIAN_DAY_OF_1970: i64 = 2_440_588;

pub(super) fn text(of: Fields<'_>, name: &'static str) -> Result<PublicText, Problem> {
    Ok(PublicText(of.lines(name)?.unwrap_or_default()))
}

pub(super) fn item(of: Fields<'_>, name: &'static str) -> Result<Option<String>, Problem> {
    of.text(name, SERVICE_ITEM_BYTES_MAX)
}

fn named(
    record: Fields<'_>,
    list: &'static str,
    field: &'static str,
) -> Result<Vec<PublicText>, Problem> {
    let mut found = Vec::new();
    for one in record.list(list)? {
        push(&mut found, item(one, field)?.unwrap_or_default(), list)?;
    }
    Ok(found)
}

/// Adds a text unless it is empty or there already.
fn push(list: &mut Vec<PublicText>, text: String, field: &'static str) -> Result<(), Problem> {
    let text = PublicText(text);
    if text.0.is_empty() || list.contains(&text) {
        return Ok(());
    }
    if text.0.len() > SERVICE_ITEM_BYTES_MAX {
        return Err(Problem::of(Kind::TooLong, field));
    }
    if list.len() >= SERVICE_ITEMS_MAX {
        return Err(Problem::of(Kind::TooMany, field));
    }
    list.push(text);
    Ok(())
}

pub(super) fn bounded(text: String, field: &'static str) -> Result<PublicText, Problem> {
    if text.len() > SERVICE_TEXT_BYTES_MAX {
        return Err(Problem::of(Kind::TooLong, field));
    }
    Ok(PublicText(text))
}

fn sentence(parts: &[impl AsRef<str>], between: &str) -> String {
    let said = parts
        .iter()
        .map(AsRef::as_ref)
        .filter(|part| !part.is_empty());
    said.collect::<Vec<_>>().join(between)
}
