//! JSON ⇄ messages by their descriptors: the command line and its files use the API's field names.
//!
//! - Codes are written as the ledger's words (`health`), not as enum names
//!   (`DATA_CATEGORY_HEALTH`); both are read.
//! - A field that the API does not know is an error, so that a typing mistake is never ignored.

use std::sync::OnceLock;

use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind,
    MessageDescriptor, MethodDescriptor, ReflectMessage, SerializeOptions,
};
use serde_json::{Map, Value};

/// The method that a path such as `referral.intake.v1.IntakeService/OpenCase` names.
pub(crate) fn method(path: &str) -> Option<MethodDescriptor> {
    let (service, name) = path.split_once('/')?;
    let service = pool()?.get_service_by_name(service)?;
    service.methods().find(|method| method.name() == name)
}

/// A message from JSON, or in words what is wrong with the JSON.
pub(crate) fn to_message(
    kind: MessageDescriptor,
    mut json: Value,
) -> Result<DynamicMessage, String> {
    each_code(&kind, &mut json, &enum_name)?;
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(kind, json, &options)
        .map_err(|wrong| wrong.to_string())
}

/// JSON from a message.
pub(crate) fn to_json(message: &DynamicMessage) -> Result<Value, String> {
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .stringify_64_bit_integers(false)
        .skip_default_fields(false);
    let json = message.serialize_with_options(serde_json::value::Serializer, &options);
    let mut json = json.map_err(|wrong| wrong.to_string())?;
    each_code(&message.descriptor(), &mut json, &word)?;
    Ok(json)
}

/// Every word of an enum, first to last, without the one that says nothing.
fn words(codes: &EnumDescriptor) -> Vec<String> {
    let prefix = prefix(codes);
    let names = codes.values().filter(|value| value.number() != 0);
    let strip = |name: &str| name.strip_prefix(&prefix).unwrap_or(name).to_lowercase();
    names.map(|value| strip(value.name())).collect()
}

fn pool() -> Option<&'static DescriptorPool> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).ok())
        .as_ref()
}

type Change = dyn Fn(&EnumDescriptor, &str) -> Result<Value, String>;

/// Applies a change to every code in a message's JSON.
fn each_code(kind: &MessageDescriptor, json: &mut Value, change: &Change) -> Result<(), String> {
    // Well-known types have spellings of their own and hold no codes of ours.
    if kind.package_name() == "google.protobuf" {
        return Ok(());
    }
    let Value::Object(fields) = json else {
        return Ok(());
    };
    for (name, value) in fields {
        let field = kind.get_field_by_name(name);
        let Some(field) = field.or_else(|| kind.get_field_by_json_name(name)) else {
            continue;
        };
        match value {
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|item| one_code(&field, item, change))?,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => one_code(&field, value, change)?,
        }
    }
    Ok(())
}

fn one_code(field: &FieldDescriptor, value: &mut Value, change: &Change) -> Result<(), String> {
    if let Kind::Message(inner) = field.kind() {
        return each_code(&inner, value, change);
    }
    if let (Kind::Enum(codes), Value::String(text)) = (field.kind(), &*value) {
        *value = change(&codes, text).map_err(|wrong| format!("{}: {wrong}", field.name()))?;
    }
    Ok(())
}

fn enum_name(codes: &EnumDescriptor, text: &str) -> Result<Value, String> {
    let full = format!("{}{}", prefix(codes), text.to_uppercase());
    let known = [text, &full]
        .into_iter()
        .find(|name| codes.get_value_by_name(name).is_some());
    known.map(Value::from).ok_or_else(|| {
        let possible = words(codes).join(", ");
        format!("'{text}' is none of {possible}")
    })
}

fn word(codes: &EnumDescriptor, name: &str) -> Result<Value, String> {
    let unsaid = codes.default_value();
    if name == unsaid.name() {
        return Ok(Value::Null);
    }
    let prefix = prefix(codes);
    Ok(Value::from(
        name.strip_prefix(&prefix).unwrap_or(name).to_lowercase(),
    ))
}

fn prefix(codes: &EnumDescriptor) -> String {
    let unsaid = codes.default_value();
    let prefix = unsaid.name().strip_suffix("UNSPECIFIED");
    prefix.unwrap_or_default().to_owned()
}

/// Lays fields over others: what is said closer to the command wins, deep inside too.
pub(crate) fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

/// JSON without what was not said: nulls, `false`, empty texts, lists and objects.
pub(crate) fn said(value: Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) => (!text.is_empty()).then_some(Value::String(text)),
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(said).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(fields) => {
            let fields: Map<String, Value> = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, said(value)?)))
                .collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        Value::Bool(true) | Value::Number(_) => Some(value),
    }
}

/// The path of every method of the API.
#[cfg(test)]
pub(crate) fn methods() -> Vec<String> {
    let services = pool().into_iter().flat_map(DescriptorPool::services);
    let path = |method: MethodDescriptor| {
        format!("{}/{}", method.parent_service().full_name(), method.name())
    };
    services
        .flat_map(|service| service.methods().map(path).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn input(path: &str) -> MessageDescriptor {
        method(path).unwrap().input()
    }

    #[test]
    fn a_request_goes_to_the_wire_and_back_with_the_ledgers_words() {
        let json = json!({
            "meta": {
                "request_id": "r", "expected_version": 3, "occurred_at": "2026-11-01T10:00:00Z",
            },
            "case_id": "c",
            "scope": {"purposes": ["referral"], "categories": ["HEALTH", "DATA_CATEGORY_NEEDS"]},
            "consent": {"capacity": "best_interests", "note": {"language": "Arabic"}},
        });
        let message = to_message(
            input("referral.consent.v1.ConsentService/GiveConsent"),
            json,
        );
        let back = to_json(&message.unwrap()).unwrap();
        assert_eq!(back["scope"]["purposes"], json!(["referral"]));
        assert_eq!(back["scope"]["categories"], json!(["health", "needs"]));
        assert_eq!(back["consent"]["capacity"], "best_interests");
        assert_eq!(back["consent"]["form"], Value::Null);
        assert_eq!(back["meta"]["expected_version"], 3);
        assert_eq!(back["meta"]["occurred_at"], "2026-11-01T10:00:00Z");
    }

    #[test]
    fn an_unknown_field_or_word_is_an_error_that_names_it() {
        let kind = || input("referral.intake.v1.IntakeService/NoteUnmetNeed");
        let wrong = to_message(kind(), json!({"neeed": "cash"})).unwrap_err();
        assert!(wrong.contains("neeed"), "{wrong}");
        let wrong = to_message(kind(), json!({"need": "castle"})).unwrap_err();
        assert!(
            wrong.contains("castle") && wrong.contains("shelter"),
            "{wrong}"
        );
        assert!(to_message(kind(), json!({"need": {"deep": 1}})).is_err());
        assert!(to_message(kind(), json!([1])).is_err());
    }

    #[test]
    fn flags_win_over_the_file_and_leave_the_rest_of_it() {
        let mut file = json!({"identity": {"name": "A", "birth": "2010"}, "categories": ["age"]});
        let flags = said(json!({"identity": {"name": "B", "birth": null}, "categories": []}));
        lay_over(&mut file, flags.unwrap());
        let wanted = json!({"identity": {"name": "B", "birth": "2010"}, "categories": ["age"]});
        assert_eq!(file, wanted);
        assert_eq!(said(json!({"a": {"b": [null, {}]}, "c": false})), None);
    }
}
