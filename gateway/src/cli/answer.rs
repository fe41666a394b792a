//! Answers as people read them: what was recorded in a line, lists without their machinery.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::output::{Output, say};

/// Prints an answer: whole as JSON, brief for people.
pub(crate) fn show(answer: Value, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.show(&answer);
    }
    let Value::Object(mut fields) = answer else {
        return output.show(&answer);
    };
    let page = fields.remove("page").unwrap_or_default();
    let next = page.get("next_page_token").and_then(Value::as_str);
    if let Some(next) = next.filter(|next| !next.is_empty()) {
        say(&format!("More: repeat with --page-token {next}"));
    }
    if let Some(outcome) = fields.remove("outcome") {
        fields.insert("recorded".to_owned(), recorded(&outcome));
        if let Some(version) = outcome.get("version") {
            fields.insert("version".to_owned(), version.clone());
        }
        if outcome.get("repeated") == Some(&Value::Bool(true)) {
            fields.insert("repeated".to_owned(), Value::Bool(true));
        }
    }
    output.show(&alone(fields))
}

/// Events as `ReferralSent at 12`; their proofs are for `--json` and `--receipts`.
fn recorded(outcome: &Value) -> Value {
    let receipts = outcome.get("receipts").and_then(Value::as_array);
    let event = |receipt: &Value| {
        let name = receipt.get("event_name").and_then(Value::as_str);
        let position = receipt.get("position").and_then(Value::as_u64);
        json!(format!(
            "{} at {}",
            name.unwrap_or("?"),
            position.unwrap_or_default()
        ))
    };
    Value::Array(receipts.into_iter().flatten().map(event).collect())
}

/// A single list or record stands for itself.
fn alone(mut fields: Map<String, Value>) -> Value {
    let wraps = fields.len() == 1
        && fields
            .values()
            .all(|value| value.is_array() || value.is_object());
    let only = fields.keys().next().cloned().filter(|_| wraps);
    match only.and_then(|name| fields.remove(&name)) {
        Some(inner) => inner,
        None => Value::Object(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_is_named_without_its_proofs() {
        let outcome = json!({"receipts": [
            {"position": 7, "event_name": "ReferralSent", "tlog_proof": "…"},
            {"position": 8, "event_name": "ReferralReceived"},
        ]});
        let shown = recorded(&outcome);
        assert_eq!(shown, json!(["ReferralSent at 7", "ReferralReceived at 8"]));
        assert_eq!(recorded(&json!({})), json!([]));
    }

    #[test]
    fn one_list_stands_for_itself_and_two_do_not() {
        let one = json!({"referrals": [{"a": 1}]});
        let Value::Object(one) = one else { panic!() };
        assert_eq!(alone(one), json!([{"a": 1}]));
        let two = json!({"states": [], "epoch": 3});
        let Value::Object(fields) = two.clone() else {
            panic!()
        };
        assert_eq!(alone(fields), two);
    }
}
