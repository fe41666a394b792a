//! Pathways as they are printed: drawn, and the same in words beside it, for who cannot see or
//! print a drawing.
//!
//! - In the language that is asked for, where the pathway holds it; another language is shown as
//!   what it is, and said so.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use ledger::domain::codes::{MechanismRole, Need};
use serde_json::Value;

use super::booklet::{Place, Printing, direction, first_location, is_confidential, place};
use super::flowchart::{Branch, Figure, Part, figures};
use super::labels::{Labels, is_easy_read, is_from_right, primary};
use super::text_of;

/// A page, and what has to be said of it.
pub struct Printed {
    /// The page, as UTF-8 HTML.
    pub html: String,
    /// How many pathways stand on it.
    pub pathways: usize,
    /// How many of them stand there in another language than was asked for.
    pub in_another_language: usize,
}

/// The page's parts, in its order.
#[derive(Template)]
#[template(path = "pathways.html")]
struct Page {
    labels: &'static Labels,
    title: &'static str,
    dir: &'static str,
    easy: bool,
    made: String,
    staff_only: bool,
    pathways: Vec<Shown>,
}

/// One pathway.
struct Shown {
    anchor: String,
    language: String,
    dir: &'static str,
    title: String,
    area: String,
    group: String,
    version: u64,
    notes: Vec<String>,
    /// What the drawing shows, for who cannot see it.
    description: String,
    figures: Vec<Figure>,
    steps: Vec<Step>,
}

/// A step in words.
struct Step {
    text: String,
    below: String,
    one_of: bool,
    places: Vec<Place>,
    other: Option<Other>,
}

/// Another need that is looked at, and the pathway for it on this page.
struct Other {
    title: &'static str,
    anchor: Option<String>,
}

/// The page of pathways, as `ListPathways` answers them, and of the services that they lead to, by
/// id, as `GetService` does.
pub fn page(
    pathways: &[Value],
    services: &BTreeMap<String, Value>,
    how: &Printing,
) -> Result<Printed, askama::Error> {
    let labels = Labels::of(&how.language);
    let by_need: BTreeMap<&str, String> = pathways
        .iter()
        .rev()
        .map(|one| (need_of(one), anchor(one)))
        .collect();
    let making = Making {
        services,
        how,
        labels,
        by_need,
    };
    let shown: Vec<Shown> = pathways.iter().filter_map(|it| making.shown(it)).collect();
    let other = |one: &&Shown| primary(&one.language) != primary(&how.language);
    let in_another_language = shown.iter().filter(other).count();
    let count = shown.len();
    let page = Page {
        labels,
        title: labels.pathways,
        dir: direction(labels.language),
        easy: how.easy,
        made: how.made.clone(),
        staff_only: how.staff && services.values().any(is_confidential),
        pathways: shown,
    };
    Ok(Printed {
        html: page.render()?,
        pathways: count,
        in_another_language,
    })
}

/// The services that pathways lead to.
pub fn services_of(pathways: &[Value]) -> BTreeSet<String> {
    let steps = pathways.iter().flat_map(steps_of);
    let ids = steps.flat_map(service_ids);
    ids.map(str::to_owned).collect()
}

/// What a page is made with.
struct Making<'a> {
    services: &'a BTreeMap<String, Value>,
    how: &'a Printing,
    labels: &'static Labels,
    by_need: BTreeMap<&'a str, String>,
}

impl Making<'_> {
    fn shown(&self, pathway: &Value) -> Option<Shown> {
        let plan = pathway.get("pathway")?;
        let texts = plan.get("texts")?.as_array()?;
        let text = chosen(texts, self.how)?;
        let language = text_of(text, "language").to_owned();
        let words = text.get("steps").and_then(Value::as_array)?;
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let title = text_of(text, "title").to_owned();
        let steps = steps_of(pathway).zip(&words);
        let steps: Vec<Step> = steps.map(|(step, words)| self.step(step, words)).collect();
        let numbered = words.iter().enumerate();
        let description = numbered.map(|(before, words)| format!("{}. {words}", before + 1));
        let description: Vec<String> = description.collect();
        Some(Shown {
            anchor: anchor(pathway),
            dir: direction(&language),
            figures: figures(
                &self.drawn(pathway, &title, &steps),
                is_from_right(&language),
            ),
            title,
            area: text_of(plan, "area").to_owned(),
            group: text_of(plan, "group").to_owned(),
            version: pathway.get("version").and_then(number).unwrap_or_default(),
            notes: self.notes(&language),
            description: description.join(" "),
            steps,
            language,
        })
    }

    /// What is not as it was asked for.
    fn notes(&self, language: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if primary(language) != primary(&self.how.language) {
            notes.push(format!("{}: {language}", self.labels.held_only_in));
        }
        if self.how.easy && !is_easy_read(language) {
            notes.push(self.labels.no_easy_read.to_owned());
        }
        notes
    }

    fn step(&self, step: &Value, words: &str) -> Step {
        let labels = self.labels;
        let role = MechanismRole::from_code(text_of(step, "role")).map(|it| labels.role(it));
        let hours = step.get("within_hours").and_then(number);
        let below = [role.map(str::to_owned), hours.map(|it| labels.within(it))];
        let below: Vec<String> = below.into_iter().flatten().collect();
        let found = service_ids(step).filter_map(|id| self.services.get(id));
        let places: Vec<Place> = found.map(|it| place(it, labels, self.how)).collect();
        let other = Need::from_code(text_of(step, "need")).map(|need| Other {
            title: labels.need(need),
            anchor: self.by_need.get(need.code()).cloned(),
        });
        Step {
            text: words.to_owned(),
            below: below.join(" · "),
            one_of: places.len() > 1,
            places,
            other,
        }
    }

    /// What the drawing consists of.
    fn drawn(&self, pathway: &Value, title: &str, steps: &[Step]) -> Vec<Part> {
        let mut parts = vec![Part::Start(title.to_owned())];
        for (before, (step, from)) in steps.iter().zip(steps_of(pathway)).enumerate() {
            let one_of = if step.one_of { self.labels.one_of } else { "" };
            let below = [step.below.as_str(), one_of];
            let below: Vec<_> = below.into_iter().filter(|it| !it.is_empty()).collect();
            parts.push(Part::Step {
                number: before + 1,
                text: step.text.clone(),
                below: below.join(" · "),
            });
            let there = service_ids(from).filter_map(|id| self.services.get(id));
            let mut branches: Vec<Branch> = there.map(|it| self.branch(it)).collect();
            let other = step.other.as_ref().map(|it| Branch {
                text: format!("{}: {}", self.labels.also, it.title),
                below: String::new(),
                is_other: true,
            });
            if branches.len() == 1 && other.is_none() {
                parts.extend(branches.pop().map(Part::Place));
                continue;
            }
            let mut branches = branches.into_iter().chain(other);
            while let Some(one) = branches.next() {
                parts.push(Part::Beside(one, branches.next()));
            }
        }
        parts
    }

    fn branch(&self, service: &Value) -> Branch {
        let name = service.pointer("/entry/name").and_then(Value::as_str);
        let mut below: Vec<String> = first_location(service).into_iter().collect();
        if is_confidential(service) {
            below.push(self.labels.confidential.to_owned());
        }
        Branch {
            text: name.unwrap_or_default().to_owned(),
            below: below.join(" · "),
            is_other: false,
        }
    }
}

/// The text that fits best: as easy to read as asked for, in the language asked for, or the first.
fn chosen<'a>(texts: &'a [Value], how: &Printing) -> Option<&'a Value> {
    let wanted = primary(&how.language);
    let language = |text: &'a Value| text_of(text, "language");
    let fits = |text: &&'a Value| primary(language(text)) == wanted;
    let as_easy = |text: &&'a Value| is_easy_read(language(text)) == how.easy;
    let exact = |text: &&'a Value| language(text).eq_ignore_ascii_case(&how.language);
    let all = || texts.iter();
    let same = all().find(|it| exact(it) && as_easy(it));
    same.or_else(|| all().find(|it| fits(it) && as_easy(it)))
        .or_else(|| all().find(|it| fits(it)))
        .or_else(|| all().find(|it| as_easy(it)))
        .or_else(|| all().next())
}

fn anchor(pathway: &Value) -> String {
    format!("p-{}", text_of(pathway, "pathway_id"))
}

fn need_of(pathway: &Value) -> &str {
    pathway
        .get("pathway")
        .map_or("", |plan| text_of(plan, "need"))
}

fn steps_of(pathway: &Value) -> impl Iterator<Item = &Value> {
    let steps = pathway.pointer("/pathway/steps").and_then(Value::as_array);
    steps.into_iter().flatten()
}

fn service_ids(step: &Value) -> impl Iterator<Item = &str> {
    let ids = step.get("service_ids").and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(Value::as_str)
}

/// A number of the API: a JSON number, or a text where 64 bits are meant.
fn number(value: &Value) -> Option<u64> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text)
}

#[cfg(test)]
mod tests;
