//! Reads the fields of one JSON object: typed, bounded, and naming the field that is wrong.

use ledger::limits::{SERVICE_ITEM_BYTES_MAX, SERVICE_ITEMS_MAX, SERVICE_TEXT_BYTES_MAX};
use serde_json::{Map, Value};

use super::problem::{Kind, Problem};
use crate::wire::text::{folded_line, folded_lines};

/// The fields of one object. `null` counts as absent, as HSDS writers use it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The fields of a value that must be an object.
    pub(super) fn of(value: &'a Value, name: &'static str) -> Result<Self, Problem> {
        let map = value.as_object();
        map.map(|map| Self { map })
            .ok_or_else(|| Problem::of(Kind::WrongType, name))
    }

    /// How many of the fields are not among those known.
    pub(super) fn unknown(&self, known: &[&str]) -> u64 {
        let unknown = self.map.keys().filter(|key| !known.contains(&key.as_str()));
        u64::try_from(unknown.count()).unwrap_or(u64::MAX)
    }

    /// Text on one line: white space is folded, other control characters are refused.
    pub(super) fn text(
        &self,
        name: &'static str,
        bytes_max: usize,
    ) -> Result<Option<String>, Problem> {
        self.folded(name, bytes_max, folded_line)
    }

    /// The same of several lines.
    pub(super) fn lines(&self, name: &'static str) -> Result<Option<String>, Problem> {
        self.folded(name, SERVICE_TEXT_BYTES_MAX, folded_lines)
    }

    /// A yes or no.
    pub(super) fn yes(&self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(*yes)),
            Some(_) => Err(Problem::of(Kind::WrongType, name)),
        }
    }

    /// A list of texts of one line, each once; nothing if absent.
    pub(super) fn words(&self, name: &'static str) -> Result<Option<Vec<String>>, Problem> {
        let Some(value) = self.present(name) else {
            return Ok(None);
        };
        let Value::Array(items) = value else {
            return Err(Problem::of(Kind::WrongType, name));
        };
        if items.len() > SERVICE_ITEMS_MAX {
            return Err(Problem::of(Kind::TooMany, name));
        }
        let mut words = Vec::new();
        for item in items {
            let word = bounded(item, name, SERVICE_ITEM_BYTES_MAX, folded_line)?;
            words.extend(word.filter(|word| !words.contains(word)));
        }
        Ok(Some(words))
    }

    fn folded(
        &self,
        name: &'static str,
        bytes_max: usize,
        fold: fn(&str) -> String,
    ) -> Result<Option<String>, Problem> {
        let Some(value) = self.present(name) else {
            return Ok(None);
        };
        bounded(value, name, bytes_max, fold)
    }

    /// Text that must be there.
    pub(super) fn required(&self, name: &'static str, max: usize) -> Result<String, Problem> {
        let text = self.text(name, max)?;
        text.ok_or_else(|| Problem::of(Kind::Missing, name))
    }

    /// A number in its written form, for an age or an amount.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(
                Value::Null
                | Value::Bool(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_),
            ) => Err(Problem::of(Kind::WrongType, name)),
        }
    }

    /// An object inside this one.
    pub(super) fn object(&self, name: &'static str) -> Result<Option<Fields<'a>>, Problem> {
        self.present(name)
            .map(|value| Fields::of(value, name))
            .transpose()
    }

    /// A list of objects, empty if absent.
    pub(super) fn list(&self, name: &'static str) -> Result<Vec<Fields<'a>>, Problem> {
        let Some(value) = self.present(name) else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = value else {
            return Err(Problem::of(Kind::WrongType, name));
        };
        if items.len() > SERVICE_ITEMS_MAX {
            return Err(Problem::of(Kind::TooMany, name));
        }
        items.iter().map(|item| Fields::of(item, name)).collect()
    }

    fn present(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }
}

fn bounded(
    value: &Value,
    name: &'static str,
    bytes_max: usize,
    fold: fn(&str) -> String,
) -> Result<Option<String>, Problem> {
    let Value::String(text) = value else {
        return Err(Problem::of(Kind::WrongType, name));
    };
    let folded = fold(text);
    let wrong = |c: char| c != '\n' && is_refused(c);
    if folded.chars().any(wrong) {
        return Err(Problem::of(Kind::ControlCharacter, name));
    }
    if folded.len() > bytes_max {
        return Err(Problem::of(Kind::TooLong, name));
    }
    Ok(Some(folded).filter(|text| !text.is_empty()))
}

/// Control characters, and those that turn the direction of a text or hide a part of it.
/// Ordinary marks of right-to-left writing pass.
fn is_refused(c: char) -> bool {
    match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}
