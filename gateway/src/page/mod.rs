//! Pages that a person can read and print. No scripts, nothing loaded from elsewhere.

use serde_json::Value;

pub mod booklet;
pub mod certificate;
mod certificate_words;
pub mod copy;
mod flowchart;
pub mod given;
mod interview;
pub mod labels;
pub mod pathways;
mod said;
mod wrapped;

/// A text of an answer; empty where it has none.
fn text_of<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The day of a moment in RFC 3339.
fn day(moment: &str) -> String {
    moment.split('T').next().unwrap_or_default().to_owned()
}

/// A code as people read it.
fn words(code: &str) -> String {
    code.replace('_', " ")
}
