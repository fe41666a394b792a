//! The directory: services and how they are found. Published text only.
//!
//! - A confidential entry (MISSION D3) shows only to a query that says it may; not by id either.
//! - Rows are in the order of name. A page goes on behind a service, not at a number of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use ledger::clock::Day;
use ledger::domain::codes::{Assessment, Need, RecipientClass};
use ledger::domain::directory::Service;
use ledger::domain::event::{Event, Record, ServiceEntry};
use ledger::domain::ids::{OrganisationId, ServiceId};
use ledger::domain::stream::StreamId;
use ledger::limits::{SEARCH_WORDS_MAX, VIEW_ROWS_MAX};
use serde::{Deserialize, Serialize};

use crate::projection::Projection;
use crate::sectors::answering;
use crate::words::{phrase, words};

/// Every service.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    services: BTreeMap<ServiceId, Service>,
    #[serde(skip)]
    found: BTreeMap<ServiceId, Findable>,
    #[serde(skip)]
    by_name: BTreeSet<(String, ServiceId)>,
}

/// Which services are asked for. The default asks for all that are open to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Every word of it starts a word of name, organisation, sector, groups served or description.
    pub text: String,
    /// Of a sector that answers this need.
    pub need: Option<Need>,
    /// This sector, in any case of letters.
    pub sector: Option<String>,
    /// Every word of it starts a word of one of the locations.
    pub area: Option<String>,
    /// This language, in any case of letters.
    pub language: Option<String>,
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Takes referrals, or does not.
    pub accepts_referrals: Option<bool>,
    /// Assessed so.
    pub assessment: Option<Assessment>,
    /// Due for review on a day, or not confirmed since another: see [`Service::is_due`].
    pub due: Option<(Day, Day)>,
    /// Shows services that ended, too.
    pub retired: bool,
    /// Shows confidential entries, too: the caller was checked and may see them.
    pub confidential: bool,
    /// Goes on behind this service.
    pub after: Option<ServiceId>,
    /// Only what may hang on a wall: see [`is_for_the_community`].
    pub community: bool,
}

/// Whether a service stands in the community edition: what may hang on a wall, whoever prints it
/// (MISSION D3, D5). Nobody is shown the way to what is unsafe, or to who may send them back (B9).
pub fn is_for_the_community(service: &Service) -> bool {
    let entry = &service.entry;
    let safe = service.assessment != Assessment::Rejected;
    let helps = match entry.class {
        RecipientClass::Service | RecipientClass::AsylumAuthority => true,
        RecipientClass::LawEnforcement
        | RecipientClass::StateOfOrigin
        | RecipientClass::ImmigrationAuthority => false,
    };
    !entry.confidential && !service.retired && safe && helps
}

/// Folded words of an entry. Built from the rows; left out of snapshots.
#[derive(Debug, PartialEq)]
struct Findable {
    name: String,
    words: BTreeSet<String>,
    sectors: Vec<String>,
    languages: Vec<String>,
    locations: Vec<BTreeSet<String>>,
}

impl Directory {
    /// Services that fit, by name, at most `rows_max`.
    pub fn search(&self, search: &Search, rows_max: usize) -> Vec<&Service> {
        let wanted = Wanted::new(search);
        let after = search.after.and_then(|after| self.place(after));
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_name
            .range((after, Bound::Unbounded))
            .filter_map(|(_, id)| Some((self.services.get(id)?, self.found.get(id)?)))
            .filter(|(service, found)| wanted.fits(service, found))
            .map(|(service, _)| service)
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// One service; a confidential one only for who may see it.
    pub fn find(&self, service: ServiceId, confidential: bool) -> Option<&Service> {
        let service = self.services.get(&service)?;
        (confidential || !service.entry.confidential).then_some(service)
    }

    /// Services that have not ended, confidential ones included: for counting.
    pub fn in_use(&self) -> impl Iterator<Item = &Service> {
        let all = self.services.values();
        all.filter(|service| !service.retired)
    }

    /// Every service, those that have ended and confidential ones included.
    pub fn all(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// How many services are in use.
    pub fn count(&self) -> usize {
        let in_use = self.services.values().filter(|service| !service.retired);
        in_use.count()
    }

    fn place(&self, service: ServiceId) -> Option<(String, ServiceId)> {
        let found = self.found.get(&service)?;
        Some((found.name.clone(), service))
    }

    fn index(&mut self, id: ServiceId) {
        let Some(service) = self.services.get(&id) else {
            return;
        };
        let findable = Findable::new(&service.entry);
        if let Some(old) = self.place(id) {
            self.by_name.remove(&old);
        }
        self.by_name.insert((findable.name.clone(), id));
        self.found.insert(id, findable);
    }
}

impl Projection for Directory {
    const NAME: &'static str = "directory";
    const VERSION: u32 = 4;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Service(id) = record.stream else {
            return;
        };
        match self.services.get_mut(&id) {
            Some(service) => service.apply(record),
            None => self
                .services
                .extend(Service::registered(record).map(|it| (id, it))),
        }
        let says = &record.event;
        if matches!(says, Event::ServiceRegistered(_) | Event::ServiceUpdated(_)) {
            self.index(id);
        }
    }

    fn reindex(&mut self) {
        self.found.clear();
        self.by_name.clear();
        let ids: Vec<_> = self.services.keys().copied().collect();
        for id in ids {
            self.index(id);
        }
    }
}

/// A search with its texts folded once.
struct Wanted<'a> {
    search: &'a Search,
    words: Vec<String>,
    sector: Option<String>,
    area: Vec<String>,
    language: Option<String>,
}

impl Directory {
    /// Organisations with a service in an area with these words, among the services that the caller
    /// may know of.
    pub fn serving(&self, area: &str, confidential: bool) -> BTreeSet<OrganisationId> {
        let search = Search {
            area: Some(area.to_owned()),
            confidential,
            ..Search::default()
        };
        let found = self.search(&search, self.count());
        found.iter().map(|one| one.entry.organisation).collect()
    }
}

impl<'a> Wanted<'a> {
    fn new(search: &'a Search) -> Self {
        let limited = |text: &str| {
            let mut words = words(text);
            words.truncate(SEARCH_WORDS_MAX);
            words
        };
        Self {
            search,
            words: limited(&search.text),
            sector: search.sector.as_deref().map(phrase),
            area: limited(search.area.as_deref().unwrap_or_default()),
            language: search.language.as_deref().map(phrase),
        }
    }

    fn fits(&self, service: &Service, found: &Findable) -> bool {
        let search = self.search;
        let entry = &service.entry;
        let among = |wanted: &Option<String>, all: &[String]| {
            wanted.as_ref().is_none_or(|one| all.contains(one))
        };
        (search.confidential || !entry.confidential)
            && (!search.community || is_for_the_community(service))
            && (search.retired || !service.retired)
            && search
                .organisation
                .is_none_or(|one| entry.organisation == one)
            && search
                .accepts_referrals
                .is_none_or(|one| entry.accepts_referrals == one)
            && search
                .assessment
                .is_none_or(|one| service.assessment == one)
            && search
                .due
                .is_none_or(|(today, since)| service.is_due(today, since))
            && search.need.is_none_or(|need| answers(need, &found.sectors))
            && among(&self.sector, &found.sectors)
            && among(&self.language, &found.languages)
            && (self.area.is_empty() || found.locations.iter().any(|one| holds(one, &self.area)))
            && holds(&found.words, &self.words)
    }
}

impl Findable {
    fn new(entry: &ServiceEntry) -> Self {
        let texts = [&entry.name, &entry.organisation_name, &entry.description];
        let texts = texts
            .into_iter()
            .chain(&entry.sectors)
            .chain(&entry.locations)
            .chain(&entry.details.groups_served);
        Self {
            name: phrase(&entry.name.0),
            words: texts.flat_map(|text| words(&text.0)).collect(),
            sectors: entry.sectors.iter().map(|text| phrase(&text.0)).collect(),
            languages: entry.languages.iter().map(|text| phrase(&text.0)).collect(),
            locations: entry
                .locations
                .iter()
                .map(|text| words(&text.0).into_iter().collect())
                .collect(),
        }
    }
}

fn answers(need: Need, sectors: &[String]) -> bool {
    let answering = answering(need);
    answering.is_empty() || sectors.iter().any(|one| answering.contains(&one.as_str()))
}

/// Whether each of the wanted words starts one of these.
fn holds(words: &BTreeSet<String>, wanted: &[String]) -> bool {
    wanted.iter().all(|start| {
        let next = words
            .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded))
            .next();
        next.is_some_and(|word| word.starts_with(start.as_str()))
    })
}
