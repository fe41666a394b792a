//! What left, as a page that the person can be given: who got what, when, on which ground.
//!
//! - It names the kinds of data that left, never what they said, and no person: the client's code
//!   stands in place of the name.

use askama::Template;
use serde_json::Value;

use super::{text_of, words};

/// The page's parts, in its order.
#[derive(Template)]
#[template(path = "given.html")]
struct Page {
    code: String,
    made: String,
    rows: Vec<Row>,
}

struct Row {
    when: String,
    claimed: Option<String>,
    to: String,
    id: String,
    what: Vec<String>,
    how: String,
    ground: String,
    now: String,
    position: String,
}

/// The page of a case's `ListDisclosed`, in the API's field names, made on a day.
pub fn page(code: &str, disclosed: &[Value], made: &str) -> Result<String, askama::Error> {
    let page = Page {
        code: code.to_owned(),
        made: made.to_owned(),
        rows: disclosed.iter().map(row).collect(),
    };
    page.render()
}

fn row(one: &Value) -> Row {
    let text = |name: &str| text_of(one, name);
    let day = |name: &str| text(name).get(..16).map(|at| at.replace('T', " "));
    let to = match (text("service_name"), text("recipient_name")) {
        ("", "") => "An organisation without a name here".to_owned(),
        ("", recipient) => recipient.to_owned(),
        (service, recipient) => format!("{service} ({recipient})"),
    };
    let categories = one.get("categories").and_then(Value::as_array);
    let what = categories.into_iter().flatten().filter_map(Value::as_str);
    Row {
        when: day("recorded_at").unwrap_or_default(),
        claimed: day("occurred_at"),
        to,
        id: text("recipient_id").to_owned(),
        what: what.map(words).collect(),
        how: words(text("channel")),
        ground: ground(one),
        now: now(text("notice"), text("outcome"), one.get("recalled")),
        position: one
            .get("position")
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

/// Whoever consented: of a child it may be who cares for it, or who decided in its interest (B3).
fn ground(one: &Value) -> String {
    let grounds = one.get("grounds").and_then(Value::as_array);
    let said = grounds.into_iter().flatten().map(|ground| {
        let exception = ground.get("exception").and_then(Value::as_str);
        match exception {
            Some(kind) => format!("Without your consent, by an exception: {}", words(kind)),
            None => "It was agreed to".to_owned(),
        }
    });
    let mut said: Vec<String> = said.collect();
    said.dedup();
    if said.is_empty() {
        said.push("No consent is known. This is looked into.".to_owned());
    }
    said.join("; ")
}

/// What was asked of them, and what they say became of it.
fn now(notice: &str, outcome: &str, recalled: Option<&Value>) -> String {
    let recalled = recalled.filter(|it| it.is_object()).map(asked_back);
    let told = match recalled.is_some() && notice.is_empty() {
        true => None,
        false => Some(asked_to_end(notice, outcome).to_owned()),
    };
    let said: Vec<String> = recalled.into_iter().chain(told).collect();
    said.join(". ")
}

fn asked_back(recalled: &Value) -> String {
    let day = |name: &str| text_of(recalled, name).get(..10).unwrap_or("—").to_owned();
    let said = match text_of(recalled, "answer") {
        "destroyed" => "they say that they destroyed it",
        "not_read" => "they say that nobody had read it and that it is gone",
        "already_acted" => "they say that they had acted on it already and go on",
        _ => {
            return format!(
                "They were asked to give it back on {}, and have not answered",
                day("asked_at")
            );
        }
    };
    format!(
        "They were asked to give it back on {}; on {} {said}",
        day("asked_at"),
        day("answered_at")
    )
}

fn asked_to_end(notice: &str, outcome: &str) -> &'static str {
    match (notice, outcome) {
        ("planned", _) => "They are to be asked to stop, return or destroy it",
        ("sent", _) => "They were asked to stop, return or destroy it",
        ("confirmed", "returned") => "They say that they gave it back",
        ("confirmed", "destroyed") => "They say that they destroyed it",
        ("confirmed", _) => "They say that they stopped using it",
        ("failed", _) => "They were asked, and did not do it",
        ("impossible", _) => "They cannot be asked",
        _ => "They may still have it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_page_says_who_got_what_on_which_ground_and_what_they_did() {
        let given = [
            json!({
                "position": 12, "recipient_id": "r1", "recipient_name": "Clinic <b>",
                "service_name": "Health", "categories": ["needs", "legal_status"],
                "channel": "portal", "recorded_at": "2026-11-20T09:30:00Z",
                "grounds": [{"ground_id": "g"}], "notice": "confirmed", "outcome": "destroyed",
            }),
            json!({
                "position": 13, "recipient_id": "r2", "categories": ["contact"],
                "channel": "phone", "recorded_at": "2026-11-21T09:30:00Z",
                "occurred_at": "2026-11-19T08:00:00Z", "incident": true,
            }),
            json!({
                "position": 14, "recipient_id": "r3", "recipient_name": "Police",
                "categories": ["identity"], "channel": "phone",
                "recorded_at": "2026-11-21T09:31:00Z",
                "grounds": [{"ground_id": "e", "exception": "immediate_risk"}],
            }),
        ];
        let page = page("K7QM-2PXD", &given, "2026-11-22").unwrap();
        for words in [
            "K7QM-2PXD",
            "2026-11-20 09:30",
            "legal status",
            "It was agreed to",
            "They say that they destroyed it",
            "No consent is known",
            "2026-11-19 08:00",
            "by an exception: immediate risk",
            "They may still have it",
        ] {
            assert!(page.contains(words), "{words}");
        }
        // What others wrote is text, never markup.
        assert!(!page.contains("Clinic <b>"));
    }

    #[test]
    fn f4_the_page_says_that_a_referral_was_asked_back_and_what_was_answered() {
        let asked = json!({"asked_at": "2026-11-22T09:30:00Z"});
        let said = now("", "", Some(&asked));
        assert_eq!(
            said,
            "They were asked to give it back on 2026-11-22, and have not answered"
        );
        let answered = json!({
            "asked_at": "2026-11-22T09:30:00Z", "answered_at": "2026-11-23T08:00:00Z",
            "answer": "not_read",
        });
        let said = now("", "", Some(&answered));
        assert!(
            said.ends_with("on 2026-11-23 they say that nobody had read it and that it is gone"),
            "{said}"
        );
        let both = now("sent", "", Some(&answered));
        assert!(both.ends_with("it is gone. They were asked to stop, return or destroy it"));
        assert_eq!(now("", "", Some(&Value::Null)), "They may still have it");
    }

    #[test]
    fn a_page_of_nothing_says_so() {
        let page = page("K7QM-2PXD", &[], "2026-11-22").unwrap();
        assert!(page.contains("Nothing about you was given to anybody"));
    }
}
