//! Data to stdout: one JSON value, or lines and tables that people read.
//!
//! - A closed pipe is not an error: whoever reads has seen enough.
//! - Control characters in text from others are shown as escapes, so that no text moves the cursor.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::failure::Failure;

/// How data are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One JSON value instead of lines.
    pub(crate) json: bool,
}

impl Output {
    /// Prints a value.
    pub(crate) fn show(self, value: &Value) -> Result<(), Failure> {
        if self.json {
            self.text(&value.to_string())
        } else {
            self.text(readable(value).trim_end())
        }
    }

    /// Prints text as it is, and a line end.
    pub(crate) fn text(self, text: &str) -> Result<(), Failure> {
        written(writeln!(io::stdout().lock(), "{text}"))
    }
}

/// Says something on stderr.
pub(crate) fn say(text: &str) {
    // Nobody to talk to is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks for nothing; a closed pipe ends quietly, anything else is a failure.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Broken(format!("cannot write to stdout: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A value as people read it: names and values, and tables of rows.
pub(crate) fn readable(value: &Value) -> String {
    let mut lines = String::new();
    match value {
        Value::Object(fields) => object(fields, 0, &mut lines),
        Value::Array(rows) => array(rows, 0, &mut lines),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            lines.push_str(&scalar(value));
            lines.push('\n');
        }
    }
    lines
}

fn object(fields: &Map<String, Value>, indent: usize, lines: &mut String) {
    let width = fields.keys().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (name, value) in fields {
        let pad = " ".repeat(indent);
        match value {
            Value::Object(inner) => {
                lines.push_str(&format!("{pad}{name}\n"));
                object(inner, indent + 2, lines);
            }
            Value::Array(rows) if rows.iter().any(Value::is_object) => {
                lines.push_str(&format!("{pad}{name}\n"));
                array(rows, indent + 2, lines);
            }
            Value::String(text) if text.contains('\n') => {
                lines.push_str(&format!("{pad}{name}\n"));
                for line in text.lines() {
                    lines.push_str(&format!("{pad}  {}\n", visible(line)));
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                lines.push_str(&format!("{pad}{name:width$}  {}\n", scalar(value)));
            }
        }
    }
}

/// Rows of one shape become a table; anything else a list.
fn array(rows: &[Value], indent: usize, lines: &mut String) {
    let pad = " ".repeat(indent);
    let flat = |row: &Value| {
        row.as_object()
            .is_some_and(|fields| fields.values().all(is_scalar))
    };
    if !rows.is_empty() && rows.iter().all(flat) {
        return table(rows, &pad, lines);
    }
    for row in rows {
        match row {
            Value::Object(fields) => {
                object(fields, indent, lines);
                lines.push('\n');
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => lines.push_str(&format!("{pad}{}\n", scalar(row))),
        }
    }
}

/// A table of what any row says; rows that are too wide for a screen become blocks.
fn table(rows: &[Value], pad: &str, lines: &mut String) {
    let cell = |row: &Value, name: &str| row.get(name).map(scalar).unwrap_or_default();
    let says = |name: &str| rows.iter().any(|row| row.get(name).is_some_and(says));
    let mut heads: Vec<&str> = Vec::new();
    for name in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !heads.contains(&name.as_str()) && says(name) {
            heads.push(name);
        }
    }
    let width = |name: &&str| {
        let cells = rows.iter().map(|row| cell(row, name).chars().count());
        cells.max().unwrap_or(0).max(name.chars().count())
    };
    let widths: Vec<usize> = heads.iter().map(width).collect();
    let gaps = heads.len().saturating_sub(1) * GAP;
    if pad.len() + widths.iter().sum::<usize>() + gaps > WIDTH_MAX {
        return blocks(rows, &heads, pad, lines);
    }
    let mut line = |cells: Vec<String>| {
        let mut text = pad.to_owned();
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(&format!("{cell:width$}{:GAP$}", ""));
        }
        lines.push_str(text.trim_end());
        lines.push('\n');
    };
    line(heads.iter().map(|name| (*name).to_owned()).collect());
    for row in rows {
        line(heads.iter().map(|name| cell(row, name)).collect());
    }
}

/// Rows below each other: a line per field that says something, ids whole to be pasted back.
fn blocks(rows: &[Value], heads: &[&str], pad: &str, lines: &mut String) {
    let width = heads.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            lines.push('\n');
        }
        for name in heads {
            if let Some(value) = row.get(*name).filter(|value| says(value)) {
                lines.push_str(&format!("{pad}{name:width$}  {}\n", scalar(value)));
            }
        }
    }
}

/// Whether a value tells anything.
fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    }
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::String(text) => !text.contains('\n'),
        Value::Array(items) => !items.iter().any(|item| item.is_object() || item.is_array()),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => visible(text),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

/// Columns of a screen, and those between two cells.
const WIDTH_MAX: usize = 100;
const GAP: usize = 2;

/// Text without characters that steer a terminal.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        // Marks that turn the reading direction would let a text pose as another one.
        let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_of_one_shape_become_a_table_with_heads() {
        let rows = json!([{"id": "a", "state": "sent"}, {"id": "bcd", "late": true}]);
        assert_eq!(
            readable(&rows),
            "id   state  late\na    sent\nbcd         yes\n"
        );
    }

    #[test]
    fn rows_wider_than_a_screen_stand_below_each_other_and_say_nothing_empty() {
        let id = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";
        let rows = json!([
            {"case_id": id, "person_id": id, "service_id": id, "due": null, "late": false},
            {"case_id": id, "person_id": "", "service_id": id, "due": null, "late": true},
        ]);
        let shown = readable(&rows);
        assert!(
            shown.lines().all(|line| line.chars().count() <= WIDTH_MAX),
            "{shown}"
        );
        let first = format!("case_id     {id}\nperson_id   {id}\nservice_id  {id}\nlate        no");
        assert!(shown.starts_with(&first), "{shown}");
        let second = format!("\n\ncase_id     {id}\nservice_id  {id}\nlate        yes\n");
        assert!(shown.ends_with(&second), "{shown}");
        // What no row says gets no column either.
        let rows = json!([{"a": 1, "b": null}, {"a": 2, "b": ""}]);
        assert_eq!(readable(&rows), "a\n1\n2\n");
    }

    #[test]
    fn text_from_others_cannot_move_the_cursor_or_turn_the_line() {
        let shown = readable(&json!({"name": "a\u{1b}[2Jb\u{202e}c"}));
        assert_eq!(shown, "name  a\\u{1b}[2Jb\\u{202e}c\n");
        assert_eq!(visible("مريم"), "مريم");
    }

    #[test]
    fn nested_values_stay_readable() {
        let value = json!({"size": 3, "note": "one\ntwo", "list": ["x", "y"], "deep": {"a": null}});
        let shown = readable(&value);
        assert!(shown.contains("size  3\n"), "{shown}");
        assert!(shown.contains("note\n  one\n  two\n"), "{shown}");
        assert!(shown.contains("list  x, y\n"), "{shown}");
        assert!(shown.contains("deep\n  a  -\n"), "{shown}");
    }
}
