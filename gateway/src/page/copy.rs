//! What a person is given who asks what is recorded about them: a page made from the answers of the
//! server, and nothing else.
//!
//! - It holds personal data: whoever writes it to a file keeps it from other people.
//! - It is handed to the person, and somebody else may take it home: nothing about others stands on
//!   it, and no reasons against them.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use super::{day, interview, text_of, words};

/// The page's parts, in its order.
#[derive(Template)]
#[template(path = "copy.html")]
struct Page {
    case: String,
    sections: Vec<Section>,
    consents: Vec<Consent>,
    gone: usize,
    closed: usize,
}

#[derive(Default)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

struct Consent {
    rows: Vec<Row>,
}

pub(super) struct Row {
    what: String,
    text: String,
}

/// The page of a case, as UTF-8 HTML: from what it says of itself, as `GetCase` answers it, and its
/// personal parts, as `ViewPersonalData` does; made at a moment in RFC 3339.
pub fn page(case: &Value, parts: &[Value], made: &str) -> Result<String, askama::Error> {
    let client = text_of(case, "client_person_id");
    let parts: Vec<_> = parts.iter().filter(|part| is_for(client, part)).collect();
    let in_state = |state: &'static str| {
        let found = parts.iter().filter(|part| text_of(part, "state") == state);
        found.count()
    };
    let gone = in_state("shredded");
    let consents = case.get("consents").and_then(Value::as_array);
    let stands = |it: &&Value| {
        // A consent is over at its time, whether or not the ledger has fenced it.
        let until = text_of(it, "expires_at");
        let over = !until.is_empty() && until <= made;
        text_of(it, "standing") == "in_force" && text_of(it, "person_id") == client && !over
    };
    let consents = consents.into_iter().flatten().filter(stands);
    let page = Page {
        case: text_of(case, "case_id").to_owned(),
        sections: sections(&parts),
        consents: consents.map(consent).collect(),
        gone,
        closed: parts.len() - gone - in_state("open"),
    };
    page.render()
}

/// Whether a part is for the person's eyes: what says whose it is must be theirs, and why
/// confidentiality was broken may harm whoever is met with it.
fn is_for(client: &str, part: &Value) -> bool {
    let whose = text_of(part, "person_id");
    let of_somebody = [
        "name",
        "detail",
        "consent_note",
        "answers",
        "profile",
        "determination",
    ];
    let of_somebody = of_somebody.iter().any(|kind| part.get(kind).is_some());
    let theirs = whose == client || (whose.is_empty() && !of_somebody);
    theirs && text_of(part, "event_name") != "ExceptionInvoked"
}

/// Who the person is, then what each referral says as last written, then notes.
fn sections(parts: &[&Value]) -> Vec<Section> {
    let mut person = Section {
        title: "Who you are".to_owned(),
        ..Section::default()
    };
    let mut notes = Section {
        title: "Notes".to_owned(),
        ..Section::default()
    };
    let mut asked = Section {
        title: "What you answered when you were asked".to_owned(),
        ..Section::default()
    };
    let mut seen = Section {
        title: "How others see your situation".to_owned(),
        ..Section::default()
    };
    let mut referrals: BTreeMap<&str, (u64, Vec<Row>)> = BTreeMap::new();
    for part in parts {
        if let Some(name) = part.get("name").and_then(Value::as_str) {
            person.rows.push(row("name", name));
        } else if let Some(detail) = part.get("detail") {
            person.rows.push(item(detail));
        } else if let Some(said) = part.get("item") {
            let version = part.get("version").and_then(Value::as_u64).unwrap_or(0);
            let written = referrals.entry(text_of(part, "referral_id")).or_default();
            // A later revision takes the place of an earlier one.
            if written.0 != version {
                *written = (version, Vec::new());
            }
            written.1.push(item(said));
        } else if let Some(note) = part.get("consent_note") {
            // Who else was there is about others.
            let said = ["language", "note"].map(|field| text_of(note, field));
            let said: Vec<_> = said.into_iter().filter(|text| !text.is_empty()).collect();
            notes.rows.push(row("when it was agreed", &said.join("; ")));
        } else if let Some(answers) = part.get("answers") {
            asked.rows.extend(interview::answers(answers));
        } else if let Some(profile) = part.get("profile") {
            seen.rows.extend(interview::profile(profile));
        } else if let Some(determined) = part.get("determination") {
            seen.rows.push(interview::determination(determined));
        } else if let Some(note) = part.get("note").and_then(Value::as_str) {
            notes.rows.push(row("note", note));
        }
    }
    let written = referrals.into_values().map(|(_, rows)| Section {
        title: "What was written for a service".to_owned(),
        rows,
    });
    let mut sections = vec![person, asked, seen];
    sections.extend(written);
    sections.push(notes);
    sections.retain(|section| !section.rows.is_empty());
    sections
}

fn item(item: &Value) -> Row {
    row(&words(text_of(item, "category")), text_of(item, "text"))
}

fn consent(consent: &Value) -> Consent {
    let none = Value::Null;
    let scope = consent.get("scope").unwrap_or(&none);
    let mut rows = vec![
        row("what for", &list(scope, "purposes")),
        row("what of", &list(scope, "categories")),
    ];
    for (what, text) in [
        ("never", list(scope, "withheld")),
        ("until", day(text_of(consent, "expires_at"))),
        ("given as", words(text_of(consent, "capacity"))),
        ("it stands", words(text_of(consent, "standing"))),
    ] {
        if !text.is_empty() {
            rows.push(row(what, &text));
        }
    }
    Consent { rows }
}

pub(super) fn list(value: &Value, field: &str) -> String {
    let all = value.get(field).and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_str);
    all.map(words).collect::<Vec<_>>().join(", ")
}

pub(super) fn row(what: &str, text: &str) -> Row {
    Row {
        what: what.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(fields: Value) -> Value {
        let mut part = json!({ "state": "open", "version": 1 });
        let fields = fields.as_object().expect("fields").clone();
        part.as_object_mut().expect("a part").extend(fields);
        part
    }

    #[test]
    fn the_page_says_who_the_person_is_and_of_a_referral_what_was_last_written() {
        let parts = [
            part(json!({ "name": "Ibrahim <Example>", "person_id": "p" })),
            part(
                json!({ "detail": { "category": "legal_status", "text": "waits" },
                         "person_id": "p" }),
            ),
            part(
                json!({ "item": { "category": "health", "text": "an old word" },
                         "referral_id": "r", "version": 6 }),
            ),
            part(
                json!({ "item": { "category": "health", "text": "a new word" },
                         "referral_id": "r", "version": 7 }),
            ),
            json!({ "state": "shredded", "version": 8 }),
            json!({ "state": "fenced", "version": 9 }),
        ];
        let case = json!({ "case_id": "c", "client_person_id": "p", "consents": [
            { "scope": { "purposes": ["referral"], "categories": ["health"],
                         "withheld": ["legal_status"] },
              "person_id": "p", "expires_at": "2027-05-21T17:13:23Z", "standing": "in_force" },
            { "scope": { "purposes": ["statistics"] }, "person_id": "p",
              "standing": "withdrawn" },
            { "scope": { "purposes": ["feedback"] }, "person_id": "p",
              "expires_at": "2026-11-22T09:29:59Z", "standing": "in_force" } ] });
        let page = page(&case, &parts, "2026-11-22T09:30:00Z").expect("a page");
        let there = |text: &str| assert!(page.contains(text), "{text} is missing: {page}");
        there("Ibrahim &#60;Example&#62;");
        there("legal status</th><td dir=\"auto\">waits");
        there("a new word");
        there("Destroyed: 1.");
        there("Locked, so that it cannot be shown here: 1. Until");
        there("until</th><td dir=\"auto\">2027-05-21</td>");
        there("never</th><td dir=\"auto\">legal status");
        assert!(
            !page.contains("an old word"),
            "what was put right is not shown"
        );
        assert!(!page.contains("statistics"), "it is not in force");
        assert!(!page.contains("feedback"), "its time is up");
        assert!(!page.contains("<script"));
    }

    #[test]
    fn e3_the_page_for_a_person_holds_nothing_about_others_and_no_reasons_against_them() {
        let about = |person: &str, text: &str| {
            let detail = json!({ "category": "contact", "text": text });
            part(json!({ "detail": detail, "person_id": person }))
        };
        let note = |person: &str, said: &str| {
            let note = json!({ "note": said, "present": "an uncle" });
            part(json!({ "consent_note": note, "person_id": person }))
        };
        let parts = [
            part(json!({ "name": "A stepfather", "person_id": "other" })),
            note("other", "he nodded"),
            part(json!({ "name": "The child", "person_id": "child" })),
            note("child", "said yes"),
            about("other", "hidden address 12"),
            about("child", "at school"),
            part(json!({ "name": "Whoever it is" })),
            // A consent that somebody else gave, or a decision in the child's best interests.
            part(json!({ "consent_note": { "note": "the stepfather beats her" } })),
            part(json!({ "note": "do not tell him", "person_id": "child",
                         "event_name": "ExceptionInvoked" })),
            part(json!({ "note": "was seen today", "event_name": "FollowUpRecorded" })),
            json!({ "state": "shredded", "person_id": "other" }),
        ];
        let case = json!({ "case_id": "c", "client_person_id": "child", "consents": [
            { "scope": { "purposes": ["follow_up"] }, "person_id": "other",
              "standing": "in_force" } ] });
        let page = page(&case, &parts, "2026-11-22T09:30:00Z").expect("a page");
        for theirs in ["The child", "said yes", "at school", "was seen today"] {
            assert!(page.contains(theirs), "{theirs} is missing: {page}");
        }
        let others = [
            "stepfather",
            "uncle",
            "nodded",
            "hidden",
            "Whoever",
            "not tell",
            "follow up",
            "Destroyed",
        ];
        for other in others {
            assert!(!page.contains(other), "{other} is told: {page}");
        }
    }

    #[test]
    fn a_page_without_anything_says_so() {
        let page = page(&json!({}), &[], "2026-11-22T09:30:00Z").expect("a page");
        assert!(page.contains("Nothing of it can be read any more."));
        assert!(page.contains("No consent is in force."));
    }
}
