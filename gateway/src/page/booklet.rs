//! The directory as it is printed: services by need and by where they are.
//!
//! - Made from the answers of the server, which leaves out what the reader, or the wall that it
//!   hangs on, must not have. Nothing here tells that anything was left out.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use ledger::domain::codes::Need;
use serde_json::Value;

use super::labels::{Labels, is_from_right};
use super::{said, text_of};

/// How something is printed.
#[derive(Clone, Debug)]
pub struct Printing {
    /// In which language, as BCP 47 writes it.
    pub language: String,
    /// In an easy-read edition: less, and larger.
    pub easy: bool,
    /// For staff alone, with what the community edition leaves out.
    pub staff: bool,
    /// On which day.
    pub made: String,
}

/// The page's parts, in its order.
#[derive(Template)]
#[template(path = "booklet.html")]
struct Page {
    labels: &'static Labels,
    title: &'static str,
    dir: &'static str,
    easy: bool,
    made: String,
    staff_only: bool,
    sections: Vec<Section>,
}

/// The services that answer a need.
struct Section {
    title: &'static str,
    areas: Vec<Area>,
}

/// Those of them in one place.
struct Area {
    name: String,
    places: Vec<Place>,
}

/// A service, as much of it as is printed.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) organisation: String,
    pub(super) confidential: bool,
    pub(super) not_assessed: bool,
    /// What is said of it, under which words.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Where it is printed whole already.
    pub(super) see: Option<&'static str>,
}

/// The directory as UTF-8 HTML: all its services, as `SearchServices` answers them, and which of
/// them answer which need.
pub fn page(
    services: &[Value],
    answering: &BTreeMap<Need, BTreeSet<String>>,
    how: &Printing,
) -> Result<String, askama::Error> {
    let labels = Labels::of(&how.language);
    let mut printed: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut sections = Vec::new();
    for need in Need::ALL {
        let title = labels.need(*need);
        let answers = |id: &str| {
            if *need == Need::Other {
                // What answers no need that has a word is other help.
                return !answering.values().any(|them| them.contains(id));
            }
            let them = answering.get(need);
            them.is_some_and(|them| them.contains(id))
        };
        let mut areas: BTreeMap<(bool, String), Vec<Place>> = BTreeMap::new();
        for service in services {
            let id = text_of(service, "service_id");
            if !answers(id) {
                continue;
            }
            let mut place = place(service, labels, how);
            match printed.get(id) {
                Some(before) => {
                    place.see = Some(before);
                    place.facts.clear();
                }
                None => {
                    printed.insert(id, title);
                }
            }
            let area = first_location(service);
            let area = area.map_or_else(|| (true, labels.no_place.to_owned()), |it| (false, it));
            areas.entry(area).or_default().push(place);
        }
        let areas = areas.into_iter();
        let areas: Vec<_> = areas
            .map(|((_, name), places)| Area { name, places })
            .collect();
        if !areas.is_empty() {
            sections.push(Section { title, areas });
        }
    }
    let page = Page {
        labels,
        title: labels.directory,
        dir: direction(labels.language),
        easy: how.easy,
        made: how.made.clone(),
        staff_only: how.staff && services.iter().any(is_confidential),
        sections,
    };
    page.render()
}

/// What is printed of a service.
pub(super) fn place(service: &Value, labels: &Labels, how: &Printing) -> Place {
    let none = Value::Null;
    let entry = service.get("entry").unwrap_or(&none);
    let details = entry.get("details").unwrap_or(&none);
    let one = |field: &str| text_of(entry, field).to_owned();
    let mut facts = vec![
        (labels.place, joined(entry, "locations", "; ")),
        (labels.open, open(entry, labels)),
        (labels.contact, one("contact")),
        (labels.cost, said::cost(entry, labels, &how.made)),
    ];
    if !how.easy {
        let who = [
            one("eligibility"),
            joined(details, "groups_served", ", "),
            text_of(details, "status_required").to_owned(),
        ];
        let access = [
            joined(entry, "accessibility", "; "),
            text_of(details, "transport").to_owned(),
        ];
        facts.extend([
            (labels.who, sentences(&who)),
            (labels.papers, joined(entry, "documents", "; ")),
            (labels.how, one("how_to_refer")),
            (labels.access, sentences(&access)),
            (labels.languages, joined(entry, "languages", ", ")),
        ]);
    }
    facts.retain(|(_, said)| !said.is_empty());
    Place {
        name: one("name"),
        organisation: one("organisation_name"),
        confidential: is_confidential(service),
        not_assessed: text_of(service, "assessment") == "not_assessed",
        facts,
        see: None,
    }
}

fn open(entry: &Value, labels: &Labels) -> String {
    let all = entry.get("schedules").and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_str);
    let all: Vec<_> = all.map(|it| said::hours(it, labels)).collect();
    all.join("; ")
}

/// Where a service is, if it says so.
pub(super) fn first_location(service: &Value) -> Option<String> {
    let first = service.pointer("/entry/locations/0")?.as_str()?;
    Some(first.to_owned())
}

pub(super) fn is_confidential(service: &Value) -> bool {
    let said = service.pointer("/entry/confidential");
    said.and_then(Value::as_bool) == Some(true)
}

/// As HTML says it.
pub(super) fn direction(language: &str) -> &'static str {
    if is_from_right(language) {
        "rtl"
    } else {
        "ltr"
    }
}

fn joined(of: &Value, field: &str, between: &str) -> String {
    let all = of.get(field).and_then(Value::as_array);
    let all: Vec<_> = all
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    all.join(between)
}

fn sentences(all: &[String]) -> String {
    let said: Vec<_> = all.iter().filter(|text| !text.is_empty()).collect();
    let said: Vec<_> = said.into_iter().map(String::as_str).collect();
    said.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn how(language: &str, staff: bool) -> Printing {
        Printing {
            language: language.to_owned(),
            easy: false,
            staff,
            made: "2026-11-22".to_owned(),
        }
    }

    fn service(id: &str, name: &str, location: &str, confidential: bool) -> Value {
        json!({ "service_id": id, "assessment": "approved", "entry": {
            "name": name, "organisation_name": "Org", "locations": [location],
            "contact": "+000 1", "fees": "free", "confidential": confidential } })
    }

    fn needs() -> BTreeMap<Need, BTreeSet<String>> {
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        BTreeMap::from([(Need::Health, of(&["a", "b"])), (Need::Legal, of(&["b"]))])
    }

    #[test]
    fn d5_services_are_printed_by_need_and_place_and_whole_only_once() {
        let services = [
            service("a", "Clinic <b>", "Rivertown", false),
            service("b", "Centre", "Anytown", false),
            service("c", "Something", "Anytown", false),
        ];
        let page = page(&services, &needs(), &how("en", false)).expect("a page");
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(at(">Health<") < at("Anytown") && at("Anytown") < at("Rivertown"));
        assert!(at("Rivertown") < at(">Legal help<") && at(">Legal help<") < at("see Health"));
        assert!(at(">Other help<") < at("Something"));
        assert_eq!(page.matches("<strong><bdi>Centre").count(), 2);
        // What others wrote is text, never markup, and nothing comes from elsewhere.
        assert!(!page.contains("Clinic <b>") && page.contains("Clinic &#60;b&#62;"));
        assert!(page.contains("default-src 'none'") && !page.contains("http://"));
    }

    #[test]
    fn d5_only_what_holds_something_confidential_says_that_it_is_for_staff() {
        let open = [service("a", "Clinic", "Rivertown", false)];
        let shelter = [service("a", "Shelter", "Rivertown", true)];
        let warned = |services: &[Value], staff| {
            let page = page(services, &needs(), &how("en", staff)).expect("a page");
            page.contains("For staff only")
        };
        assert!(warned(&shelter, true));
        assert!(!warned(&open, true) && !warned(&open, false));
    }

    #[test]
    fn d5_a_directory_in_arabic_is_written_from_the_right() {
        let services = [service("a", "عيادة", "Rivertown", false)];
        let page = page(&services, &needs(), &how("ar-SY", false)).expect("a page");
        assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"));
        assert!(page.contains("الصحة"));
    }
}
