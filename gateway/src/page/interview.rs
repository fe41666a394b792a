//! Interviews, profiles and determinations on the page for a person, in words.

use ledger::domain::codes::InterviewForm;
use ledger::interview::form;
use serde_json::Value;

use super::copy::{Row, list, row};
use super::{text_of, words};

/// A row for each answer, under the question as it was asked.
pub(super) fn answers(answers: &Value) -> Vec<Row> {
    let asked = InterviewForm::from_code(text_of(answers, "form")).map(form);
    let given = answers.get("answers").and_then(Value::as_array);
    let rows = given.into_iter().flatten().map(|answer| {
        let id = text_of(answer, "question_id");
        // A question that the form has no more is told by its name.
        let question = asked.and_then(|form| form.question(id));
        let ask = question.map_or_else(|| words(id), |(_, question)| question.ask.clone());
        let said = [
            words(text_of(answer, "code")),
            list(answer, "chosen"),
            text_of(answer, "words").to_owned(),
        ];
        row(&ask, &said.concat())
    });
    rows.collect()
}

/// What staff decided on, and why.
pub(super) fn profile(profile: &Value) -> Vec<Row> {
    // Why staff think so may be what somebody at home must not read.
    vec![row("staff wrote down", &list(profile, "profiles"))]
}

/// What a mandated body is said to have determined.
pub(super) fn determination(it: &Value) -> Row {
    let (profile, outcome) = (text_of(it, "profile"), text_of(it, "outcome"));
    let said = format!("{}: {}", words(profile), words(outcome));
    row("staff were told by a mandated body", &said)
}
