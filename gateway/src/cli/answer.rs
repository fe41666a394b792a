//! Answers as people read them: what was recorded in a line, lists without their machinery.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::output::{Output, say};
use super::people::figures::readable;

mod next;

/// Prints an answer: whole as JSON, brief for people.
pub(crate) fn show(answer: Value, output: Output) -> Result<(), Failure> {
    show_to(&Value::Null, answer, output)
}

/// The same for what was asked: with the lines that come next.
pub(crate) fn show_to(asked: &Value, answer: Value, output: Output) -> Result<(), Failure> {
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
    for hint in hints(&fields) {
        say(hint);
    }
    for line in next::lines(asked, &fields) {
        say(&line);
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
    let figures = fields.get("figures").and_then(Value::as_str);
    if let Some(readable) = figures.and_then(readable) {
        fields.insert("figures".to_owned(), readable);
    }
    name_what_goes(&mut fields);
    let empty = fields.contains_key("referrals");
    let shown = alone(fields);
    if shown.as_array().is_some_and(Vec::is_empty) {
        say(if empty { NOTHING_WAITS } else { NOTHING_THERE });
        return Ok(());
    }
    output.show(&shown)
}

/// Wherever an answer tells what goes and what stays: at its top, or of each file of a person.
fn name_what_goes(fields: &mut Map<String, Value>) {
    for rows in ["unreadable", "stays"] {
        if let Some(rows) = fields.get_mut(rows) {
            name_the_rest(rows);
        }
    }
    for of_a_file in ["consequences", "merged"] {
        if let Some(inner) = fields.get_mut(of_a_file).and_then(Value::as_object_mut) {
            name_what_goes(inner);
        }
    }
}

/// Says what data are that no category tells apart: a blank would read as none.
fn name_the_rest(rows: &mut Value) {
    let rows = rows.as_array_mut().into_iter().flatten();
    for row in rows.filter_map(Value::as_object_mut) {
        if row.contains_key("ground_id") && row.get("category").is_none_or(Value::is_null) {
            row.insert("category".to_owned(), EVERYTHING_ELSE.into());
        }
    }
}

/// What whoever reads the answer should know beside it.
fn hints(fields: &Map<String, Value>) -> Vec<&'static str> {
    let mut hints = Vec::new();
    let ended = fields.get("consent_ids").and_then(Value::as_array);
    if ended.is_some_and(|ended| !ended.is_empty()) && fields.contains_key("shred_due") {
        hints.push(COPY_FIRST);
    }
    let outcome = fields.get("outcome");
    let missing = outcome.and_then(|it| it.get("fence_not_mirrored"));
    if missing == Some(&Value::Bool(true)) {
        hints.push(FENCE_NOT_MIRRORED);
    }
    let waits = outcome.and_then(|it| it.get("destruction_waits"));
    let states = fields.get("states").and_then(Value::as_array);
    let kept = |row: &Value| row.get("keys_pending_copy").and_then(Value::as_u64) > Some(0);
    if waits == Some(&Value::Bool(true))
        || states.is_some_and(|states| states.iter().any(kept))
        || fields.get("shreds_pending_copy").and_then(Value::as_u64) > Some(0)
    {
        hints.push(DESTRUCTION_WAITS);
    }
    if fields.get("readers").and_then(Value::as_u64) == Some(0) {
        hints.push(NOBODY_READS);
    }
    if fields.get("taken_up") == Some(&Value::Bool(false)) {
        hints.push(NOBODY_TAKES_UP);
    }
    let late = fields.get("breaches_late").and_then(Value::as_u64);
    if late.is_some_and(|late| late > 0) {
        hints.push(BREACH_LATE);
    }
    let short = fields.get("safeguards_wanted").and_then(Value::as_array);
    if short.is_some_and(|short| !short.is_empty()) {
        hints.push(SAFEGUARDS_WANTED);
    }
    if fields.get("came_before") == Some(&Value::Bool(true)) {
        hints.push(CAME_BEFORE);
    }
    let rows = fields.get("referrals").and_then(Value::as_array);
    let rows = rows.into_iter().flatten().chain(fields.get("referral"));
    if rows.into_iter().any(was_received_and_ended) {
        hints.push(STOPPED);
    }
    hints
}

/// Whether this is a referral that ended under who received it. They know no client code.
fn was_received_and_ended(row: &Value) -> bool {
    let says = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    matches!(says("state"), "stopped" | "recalled")
        && says("client_code").is_empty()
        && !says("outward_reference").is_empty()
}

const EVERYTHING_ELSE: &str = "everything else on this ground";
const NOTHING_WAITS: &str = "Nothing waits.";
const NOTHING_THERE: &str = "Nothing is there: the list is empty.";
const COPY_FIRST: &str = "\
Does the person want a copy of what was withdrawn? It can be made until the keys are destroyed
(shred_due), once it is recorded that they ask for one: `request receive`, `request identity`, then
`protection copy`.";
const FENCE_NOT_MIRRORED: &str = "\
The withdrawal holds, but a mirror does not know of it yet. Should the ledger be restored from it
before it catches up, this has to be withdrawn again: note it. Mirrors: `audit status`.";
const DESTRUCTION_WAITS: &str = "\
No key is destroyed yet: keys wait until a mirror of the ledger knows that they go, and none
follows it now (`audit status`). Nobody can open what was withdrawn meanwhile. Whoever runs the
server starts it with --mirror DIR and sees that the folder can be reached, or with --no-mirror
where there is to be none.";
const NOBODY_READS: &str = "\
It is recorded, and nobody here may read it. Tell it now, by word of mouth, to somebody whom it is
not about: the head of the organisation, or whoever oversees it. Then have two persons given the
role safeguarding (`staff grant ID safeguarding`): they will find it in `complaint list`.";
const NOBODY_TAKES_UP: &str = "\
It is recorded, and nobody may take it up. Tell it now, by word of mouth, to somebody whom it is not
suspected of: the head of the organisation. Then have another person given the role
data_protection_officer: they will find it in `protection breach list`.";
const BREACH_LATE: &str = "\
An authority was to be notified of a breach by now: `protection breach list --open-only`.";
const SAFEGUARDS_WANTED: &str = "\
Fewer than two people have the role safeguarding (safeguards_wanted): a serious complaint, or one
about the only such person, is read by nobody. Give it to two: `staff grant ID safeguarding`.";
const CAME_BEFORE: &str = "\
This referral came in another packet before: it is the incoming referral that it was, and where it
stood it stands. Replies go to this packet from now on.";
const STOPPED: &str = "\
A referral that you received is stopped or recalled. Stop using what you were sent about the person,
return or destroy it, paper copies too, and tell the sender that you did.";

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
    fn c6_whoever_took_down_what_nobody_may_read_is_told_what_to_do() {
        let told = |answer: Value| hints(answer.as_object().expect("an object"));
        assert_eq!(told(json!({"readers": 0})), [NOBODY_READS]);
        assert!(told(json!({"readers": 1})).is_empty());
        assert!(told(json!({"readers": null})).is_empty());
        let short = json!({"safeguards_wanted": [{"active": 1}]});
        assert_eq!(told(short), [SAFEGUARDS_WANTED]);
        assert!(told(json!({"safeguards_wanted": []})).is_empty());
    }

    #[test]
    fn b6_whoever_withdraws_or_looks_is_told_that_keys_wait_for_a_mirror() {
        let told = |answer: Value| hints(answer.as_object().expect("an object"));
        for waits in [
            json!({"outcome": {"destruction_waits": true}}),
            json!({"states": [{"keys_pending_copy": 0}, {"keys_pending_copy": 4}]}),
            json!({"shreds_pending_copy": 8}),
        ] {
            assert_eq!(told(waits), [DESTRUCTION_WAITS]);
        }
        for nothing in [
            json!({"outcome": {"destruction_waits": false}}),
            json!({"states": [{"keys_pending_copy": 0}, {}], "shreds_pending_copy": 0}),
        ] {
            assert!(told(nothing).is_empty());
        }
    }

    #[test]
    fn e5_what_goes_is_named_in_both_files_of_a_person() {
        let told = |category: Value| {
            let rows = json!([{"ground_id": "a", "category": category}]);
            json!({"consequences": {"unreadable": rows, "merged": {"stays": rows}}})
        };
        let (mut blank, named) = (told(Value::Null), told(EVERYTHING_ELSE.into()));
        name_what_goes(blank.as_object_mut().expect("an object"));
        assert_eq!(blank, named);
    }

    #[test]
    fn what_hangs_on_the_whole_ground_is_not_a_blank() {
        let mut rows = json!([
            {"ground_id": "a", "category": "health"}, {"ground_id": "a"},
            {"ground_id": "a", "category": null}, {"other": 1},
        ]);
        name_the_rest(&mut rows);
        let category = |row: usize| rows[row].get("category").and_then(Value::as_str);
        assert_eq!(category(0), Some("health"));
        assert_eq!(category(1), Some("everything else on this ground"));
        assert_eq!((category(2), category(3)), (category(1), None));
    }

    #[test]
    fn who_received_what_is_stopped_is_told_to_stop_return_or_destroy() {
        let row = |state: &str, code: &str| {
            let row = json!({
                "state": state, "client_code": code, "outward_reference": "R7K-22",
            });
            hints(json!({ "referrals": [row] }).as_object().unwrap())
        };
        assert_eq!(row("stopped", ""), [STOPPED]);
        assert_eq!(row("recalled", ""), [STOPPED]);
        assert!(row("sent", "").is_empty() && row("stopped", "K7Q4M-92MDX").is_empty());
    }

    #[test]
    fn a_withdrawal_that_a_mirror_does_not_know_of_is_said() {
        let answer = json!({"outcome": {"fence_not_mirrored": true}});
        assert_eq!(hints(answer.as_object().unwrap()), [FENCE_NOT_MIRRORED]);
    }

    #[test]
    fn b6_who_withdraws_for_a_person_is_told_how_a_copy_is_made() {
        let told = |answer: Value| hints(answer.as_object().expect("an object"));
        let due = "2026-12-22T09:30:00Z";
        assert_eq!(
            told(json!({"consent_ids": ["c"], "shred_due": due})),
            [COPY_FIRST]
        );
        assert!(told(json!({"consent_ids": ["c"]})).is_empty());
        assert!(told(json!({"consent_ids": [], "shred_due": due})).is_empty());
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
