//! Parts that several commands share: meta, scope, identity, consent, items; and scopes back.

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::codes::DataCategory;
use ledger::domain::command::{BestInterests, ConsentTaken};
use ledger::domain::event::Interpreter;
use ledger::domain::ids::RequestId;
use ledger::domain::personal::{ConsentNote, Identity, Item, Support, Text};
use ledger::domain::scope::Scope;
use proto::common::v1 as wire;

use super::Checked;
use super::codes::{code, numbers, set};
use super::field::{id, ids, malformed, optional_id, required, within_limit};
use super::text::{long, optional_long, optional_short, short};
use super::time;

/// What came with a command, understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The caller's own name for the command.
    pub request: RequestId,
    /// The version it was decided on.
    pub expected_version: Option<u64>,
    /// When it happened, if that is another time than now.
    pub occurred: Option<Timestamp>,
}

/// What comes with every command.
pub fn meta(from: Option<wire::CommandMeta>) -> Checked<Meta> {
    let from = required(from, "meta")?;
    Ok(Meta {
        request: id(&from.request_id, "meta.request_id")?,
        expected_version: from.expected_version,
        occurred: time::optional(from.occurred_at, "meta.occurred_at")?,
    })
}

/// A scope that must be given.
pub fn scope(from: Option<wire::Scope>, field: &str) -> Checked<Scope> {
    let from = required(from, field)?;
    Ok(Scope {
        purposes: set(&from.purposes, &format!("{field}.purposes"))?,
        recipients: ids::<_, BTreeSet<_>>(&from.recipient_ids, &format!("{field}.recipient_ids"))?,
        categories: set(&from.categories, &format!("{field}.categories"))?,
        withheld: set(&from.withheld, &format!("{field}.withheld"))?,
    })
}

/// A scope as the wire says it.
pub fn scope_to_wire(scope: &Scope) -> wire::Scope {
    wire::Scope {
        purposes: numbers(&scope.purposes),
        recipient_ids: scope.recipients.iter().map(ToString::to_string).collect(),
        categories: numbers(&scope.categories),
        withheld: numbers(&scope.withheld),
    }
}

/// Who a person is.
pub fn identity(from: wire::Identity) -> Checked<Identity> {
    let name = short(from.name.clone(), "identity.name")?;
    Ok(Identity {
        name: Some(name),
        details: details(from)?,
    })
}

/// What of a person's details is put right; something at least.
pub fn correction(from: wire::Identity) -> Checked<Identity> {
    let name = Some(from.name.clone()).filter(|name| !name.is_empty());
    let identity = Identity {
        name: optional_short(name, "identity.name")?,
        details: details(from)?,
    };
    if identity.categories().is_empty() {
        return Err(malformed("identity"));
    }
    Ok(identity)
}

/// Which category each field of a person's details is: the only such list.
fn details(from: wire::Identity) -> Checked<BTreeMap<DataCategory, Text>> {
    let fields = [
        (DataCategory::Age, from.birth, "identity.birth"),
        (DataCategory::Gender, from.gender, "identity.gender"),
        (DataCategory::Language, from.languages, "identity.languages"),
        (
            DataCategory::Contact,
            from.safe_contact,
            "identity.safe_contact",
        ),
        (
            DataCategory::Family,
            from.relationship,
            "identity.relationship",
        ),
    ];
    let mut details = BTreeMap::new();
    for (category, text, field) in fields {
        let text = optional_short(text, field)?;
        details.extend(text.map(|text| (category, text)));
    }
    Ok(details)
}

/// How a consent was taken.
pub fn consent(from: Option<wire::ConsentTaken>) -> Checked<ConsentTaken> {
    let from = required(from, "consent")?;
    let note = required(from.note, "consent.note")?;
    Ok(ConsentTaken {
        capacity: code(from.capacity, "consent.capacity")?,
        form: code(from.form, "consent.form")?,
        explained: set(&from.explained, "consent.explained")?,
        interpreter: from
            .interpreter
            .map(|it| interpreter(it, "consent.interpreter.person_id"))
            .transpose()?,
        expires: time::optional(from.expires_at, "consent.expires_at")?,
        best_interests: from.best_interests.map(best_interests).transpose()?,
        note: ConsentNote {
            language: short(note.language, "consent.note.language")?,
            present: optional_short(note.present, "consent.note.present")?,
            note: optional_long(note.note, "consent.note.note")?,
            support: note.support.map(support).transpose()?,
        },
    })
}

/// Who interpreted.
pub fn interpreter(from: wire::Interpreter, field: &str) -> Checked<Interpreter> {
    Ok(Interpreter {
        person: optional_id(from.person_id.as_deref(), field)?,
        vetted: from.vetted,
        accepted: from.accepted,
    })
}

/// Support, which says what it was and who gave it.
fn support(from: wire::Support) -> Checked<Support> {
    if from.kinds.is_empty() {
        return Err(malformed("consent.note.support.kinds"));
    }
    if from.by.is_empty() {
        return Err(malformed("consent.note.support.by"));
    }
    let field = "consent.note.support.person_id";
    Ok(Support {
        kinds: set(&from.kinds, "consent.note.support.kinds")?,
        by: set(&from.by, "consent.note.support.by")?,
        person: optional_id(from.person_id.as_deref(), field)?,
    })
}

fn best_interests(from: wire::BestInterests) -> Checked<BestInterests> {
    Ok(BestInterests {
        caregiver: code(from.caregiver, "consent.best_interests.caregiver")?,
        view: code(from.view, "consent.best_interests.view")?,
    })
}

/// A referral's content. That no category comes twice is decided, not parsed.
pub fn items(from: Vec<wire::Item>) -> Checked<Vec<Item>> {
    within_limit(&from, "items")?;
    let item = |(place, item): (usize, wire::Item)| {
        Ok(Item {
            category: code(item.category, &format!("items[{place}].category"))?,
            text: long(item.text, &format!("items[{place}].text"))?,
        })
    };
    from.into_iter().enumerate().map(item).collect()
}

#[cfg(test)]
mod tests {
    use ledger::domain::codes::{DataCategory, Purpose};
    use ledger::domain::ids::OrganisationId;
    use ledger::refusal::{Refusal, Refused};

    use super::*;

    const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

    #[test]
    fn a_command_without_meta_or_with_a_wrong_request_id_is_refused() {
        assert_eq!(meta(None), Err(Refused::about(Refusal::Malformed, "meta")));
        let given = wire::CommandMeta {
            request_id: "1".to_owned(),
            ..Default::default()
        };
        let refused = Refused::about(Refusal::Malformed, "meta.request_id");
        assert_eq!(meta(Some(given)), Err(refused));
    }

    #[test]
    fn a_scope_comes_back_as_it_went() {
        let scope_in = Scope {
            purposes: [Purpose::Referral, Purpose::FollowUp].into(),
            recipients: [OrganisationId([7; 16])].into(),
            categories: [DataCategory::Age].into(),
            withheld: [DataCategory::Health].into(),
        };
        assert_eq!(scope(Some(scope_to_wire(&scope_in)), "scope"), Ok(scope_in));
    }

    #[test]
    fn an_unknown_category_is_refused_and_named() {
        let from = wire::Scope {
            withheld: vec![1, 99],
            ..Default::default()
        };
        let refused = Refused::about(Refusal::Malformed, "scope.withheld");
        assert_eq!(scope(Some(from), "scope"), Err(refused));
        let from = vec![wire::Item {
            category: 0,
            text: "x".to_owned(),
        }];
        let refused = Refused::about(Refusal::Malformed, "items[0].category");
        assert_eq!(items(from).err(), Some(refused));
    }

    #[test]
    fn b4_support_says_what_it_was_and_who_gave_it() {
        let refused = |kinds: &[i32], by: &[i32]| {
            let from = wire::Support {
                kinds: kinds.to_vec(),
                by: by.to_vec(),
                person_id: None,
            };
            support(from).err().and_then(|refused| refused.about)
        };
        let about = |field: &str| Some(format!("consent.note.support.{field}"));
        assert_eq!(refused(&[], &[1]), about("kinds"));
        assert_eq!(refused(&[1], &[]), about("by"));
        assert_eq!(refused(&[99], &[1]), about("kinds"));
        assert_eq!(refused(&[1, 2], &[1]), None);
    }

    #[test]
    fn a_consent_without_its_note_is_refused() {
        let from = wire::ConsentTaken {
            capacity: 1,
            form: 1,
            interpreter: Some(wire::Interpreter {
                person_id: Some(ID.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let refused = Refused::about(Refusal::Malformed, "consent.note");
        assert_eq!(consent(Some(from)).err(), Some(refused));
    }
}
