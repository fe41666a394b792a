//! One call of the API from flags and, if given, a JSON file.
//!
//! - Structs of flags carry the API's field names, so that flags, files and messages are one thing.
//! - Every command gets a request id; repeating the same one does no harm.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use ledger::clock::SystemEntropy;
use ledger::domain::ids::RequestId;
use ledger::limits::COMMAND_BYTES_MAX;
use serde::Serialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::words;

/// A call: which method, with what.
#[derive(Debug)]
pub(crate) struct Call {
    /// Service and method, for example `referral.intake.v1.IntakeService/OpenCase`.
    pub(crate) path: &'static str,
    /// The request as JSON with the API's field names.
    pub(crate) body: Value,
}

impl Call {
    /// A question: changes nothing.
    pub(crate) fn question(path: &'static str, fields: &impl Serialize) -> Result<Self, Failure> {
        let body = flags(fields)?;
        Ok(Self { path, body })
    }

    /// A command, with what comes with every command.
    pub(crate) fn command(
        path: &'static str,
        fields: &impl Serialize,
        meta: &Meta,
    ) -> Result<Self, Failure> {
        let mut body = meta.file()?;
        words::lay_over(&mut body, flags(fields)?);
        words::lay_over(&mut body, json!({ "meta": meta.fields() }));
        Ok(Self { path, body })
    }
}

/// What comes with every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Meta {
    /// Take the request from a JSON file with the API's field names (- for stdin); flags win
    #[arg(long, value_name = "FILE", help_heading = "Command")]
    pub(crate) from: Option<PathBuf>,
    /// Your name for this command (a UUID): with the same one a repetition does no harm
    #[arg(long, value_name = "UUID", help_heading = "Command")]
    request_id: Option<RequestId>,
    /// Refuse if the case or entry has another version by now
    #[arg(long, value_name = "N", help_heading = "Command")]
    expected_version: Option<u64>,
    /// When it happened, if that is not now (2026-11-22T09:30:00Z or 2026-11-22)
    #[arg(long, value_name = "TIME", value_parser = moment, help_heading = "Command")]
    occurred_at: Option<String>,
}

impl Meta {
    fn fields(&self) -> Value {
        let request = self
            .request_id
            .unwrap_or_else(|| RequestId::fresh(&mut SystemEntropy));
        let mut fields = json!({ "request_id": request.to_string() });
        let said = words::said(json!({
            "expected_version": self.expected_version,
            "occurred_at": self.occurred_at,
        }));
        if let Some(said) = said {
            words::lay_over(&mut fields, said);
        }
        fields
    }

    fn file(&self) -> Result<Value, Failure> {
        let Some(path) = &self.from else {
            return Ok(json!({}));
        };
        let wrong = |what: String| Failure::Usage(format!("{}: {what}", path.display()));
        let text = if path.as_os_str() == "-" {
            read_bounded(&mut std::io::stdin().lock())
        } else {
            fs::File::open(path).and_then(|mut file| read_bounded(&mut file))
        };
        let text = text.map_err(|error| wrong(error.to_string()))?;
        let value = serde_json::from_str(&text);
        let value: Value = value.map_err(|error| wrong(format!("not JSON: {error}")))?;
        if value.is_object() {
            Ok(value)
        } else {
            Err(wrong("not a JSON object".to_owned()))
        }
    }
}

/// A moment as the API takes it: RFC 3339, or a day for midnight UTC.
pub(crate) fn moment(text: &str) -> Result<String, String> {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    match OffsetDateTime::parse(&full, &Rfc3339) {
        Ok(_) => Ok(full),
        Err(_) => Err("not a time such as 2026-11-22T09:30:00Z or 2026-11-22".to_owned()),
    }
}

/// A parser that knows the words of a closed vocabulary, for help and completions.
pub(crate) fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> CodeParser {
    CodeParser::new(all.iter().map(|one| code(*one)))
}

/// What [`codes`] makes.
pub(crate) type CodeParser = clap::builder::PossibleValuesParser;

fn flags(fields: &impl Serialize) -> Result<Value, Failure> {
    let value = serde_json::to_value(fields);
    let value = value.map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(words::said(value).unwrap_or_else(|| json!({})))
}

fn read_bounded(from: &mut impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(COMMAND_BYTES_MAX).unwrap_or(u64::MAX);
    from.take(most.saturating_add(1))
        .read_to_string(&mut text)?;
    if text.len() > COMMAND_BYTES_MAX {
        return Err(std::io::Error::other("larger than one command may be"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_midnight_and_nonsense_is_refused() {
        assert_eq!(moment("2026-11-22").as_deref(), Ok("2026-11-22T00:00:00Z"));
        assert_eq!(
            moment("2026-11-22T09:30:00+02:00").as_deref(),
            Ok("2026-11-22T09:30:00+02:00")
        );
        for wrong in [
            "",
            "tomorrow",
            "2026-13-01",
            "2026-11-22T25:00:00Z",
            "22.11.2026",
        ] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_command_carries_a_request_id_of_its_own_unless_one_is_given() {
        let meta = Meta {
            from: None,
            request_id: None,
            expected_version: Some(4),
            occurred_at: None,
        };
        let (one, two) = (meta.fields(), meta.fields());
        assert_eq!(one["expected_version"], 4);
        assert!(one.get("occurred_at").is_none());
        assert_ne!(one["request_id"], two["request_id"]);
    }
}
