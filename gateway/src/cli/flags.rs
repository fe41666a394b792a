//! The API's field names as the flags that say them, so that a refusal names what was typed.

/// How somebody at the command line says a field: `consent.note.language` → `--explained-in`.
pub(crate) fn spelled(field: &str) -> String {
    // A list's place says nothing at the command line: `items[0].text` is `items.text`.
    let field = without_places(field);
    let known = SPELLED.iter().find(|(name, _)| *name == field);
    if let Some((_, flag)) = known {
        return (*flag).to_owned();
    }
    let subject = field.split('.').next().unwrap_or_default();
    if ["entry", "membership", "agreement", "pathway"].contains(&subject) {
        return format!("\"{field}\" in --from FILE");
    }
    let last = field.rsplit('.').next().unwrap_or_default();
    format!("--{}", last.replace('_', "-"))
}

fn without_places(field: &str) -> String {
    let mut plain = String::with_capacity(field.len());
    let mut inside = false;
    for letter in field.chars() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if !inside => plain.push(letter),
            _ => {}
        }
    }
    plain
}

/// Fields whose flag is not their last word with dashes; those of decisions (`expires`) too.
const SPELLED: &[(&str, &str)] = &[
    ("absent", "--for"),
    ("absent_id", "--for"),
    (
        "agreed",
        "--given-by-id, --capacity and --form, or --agreed",
    ),
    (
        "other_agreed",
        "--other-given-by-id, --other-capacity and --other-form",
    ),
    ("other_agreed.given_by_id", "--other-given-by-id"),
    ("other_agreed.capacity", "--other-capacity"),
    ("other_agreed.child_agrees", "--other-child-agrees"),
    ("other_agreed.form", "--other-form"),
    ("client_code", "--code"),
    ("consent.note", "--explained-in"),
    ("consent.note.language", "--explained-in"),
    ("consent.note.note", "--consent-note"),
    (
        "consent",
        "--capacity, --form, --explained and --explained-in",
    ),
    ("best_interests", "--caregiver-gap and --child-view"),
    ("consent.best_interests", "--caregiver-gap and --child-view"),
    ("consent.best_interests.caregiver", "--caregiver-gap"),
    ("consent.best_interests.view", "--child-view"),
    ("expires", "--expires-at or --days"),
    (
        "follow_up",
        "--follow-up-on, --follow-up-by and --follow-up-items",
    ),
    ("follow_up.on", "--follow-up-on"),
    ("follow_up.channel", "--follow-up-by"),
    ("follow_up.items", "--follow-up-items"),
    ("how", "--method, --met, --unmet, --asked and --helped"),
    ("identity", "--name"),
    ("contact", "--words"),
    ("contact.from", "--from-time"),
    ("contact.until", "--until-time"),
    ("interpreter", "--interpreter-id"),
    ("consent.interpreter", "--interpreter-id"),
    ("consent.interpreter.person_id", "--interpreter-id"),
    ("consent.interpreter.vetted", "--interpreter-vetted"),
    ("consent.interpreter.accepted", "--interpreter-accepted"),
    ("support", "--supporter-id"),
    ("consent.note.support", "--support and --supported-by"),
    ("consent.note.support.kinds", "--support"),
    ("consent.note.support.by", "--supported-by"),
    ("consent.note.support.person_id", "--supporter-id"),
    ("contact.hours", "--from-time and --until-time"),
    ("items", "--item"),
    ("items.category", "--item"),
    ("items.text", "--item"),
    ("occurred", "--occurred-at"),
    ("people", "--people-at-least and --people-at-most"),
    ("people.at_least", "--people-at-least"),
    ("people.at_most", "--people-at-most"),
    ("records", "--records-at-least and --records-at-most"),
    ("records.at_least", "--records-at-least"),
    ("records.at_most", "--records-at-most"),
    ("part", "--purposes, --recipient-ids and --categories"),
    ("places", "--availability, --free, --of and --on"),
    (
        "sender",
        "--organisation-id, --service-id or --sender-class",
    ),
    ("scope", "--purposes, --recipient-ids and --categories"),
    ("scope.recipients", "--recipient-ids"),
    ("transferred_by_id", "--transferred-by"),
    ("with", "--with"),
    ("with_case_ids", "--with"),
    ("part.recipients", "--recipient-ids"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_said_by_its_flag() {
        for (field, flag) in [
            ("consent.note", "--explained-in"),
            ("items[3].text", "--item"),
            ("scope.purposes", "--purposes"),
            ("scope.recipient_ids", "--recipient-ids"),
            ("review_on", "--review-on"),
            ("meta.request_id", "--request-id"),
            ("entry.needs", "\"entry.needs\" in --from FILE"),
        ] {
            assert_eq!(spelled(field), flag);
        }
    }
}
