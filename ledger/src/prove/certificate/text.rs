//! The text of a certificate: lines of a name and words, in the order of `certificate/write.rs`.
//!
//! Lines of names that a reader does not know are passed over; the signature covers them all the
//! same.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::checkpoint::parse_decimal;
use super::errors::CertificateError;
use crate::hex::from_hex;

/// The first line of a certificate's text.
pub const CERTIFICATE_FIRST_LINE: &str = "referral-ledger/erasure-certificate@v1";

const FOUND_DEAD: &str = "found-dead";

/// One line: its name, and the words after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub name: String,
    /// The words, at least one.
    pub words: Vec<String>,
}

/// An event that the text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What it did: `fenced`, `ordered`, `intent`, `completed`.
    pub role: String,
    /// Where it stands in the log.
    pub position: u64,
    /// When it was recorded, in milliseconds since 1970.
    pub at: i128,
}

/// A certificate's text, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateText {
    /// The log's origin.
    pub log: String,
    /// The ledger.
    pub log_id: [u8; 32],
    /// The events that it rests on, in its order.
    pub events: Vec<Moment>,
    /// When the old root was destroyed, in milliseconds since 1970; none where a crash came between
    /// that and its recording.
    pub destroyed: Option<i128>,
    /// Every line after the first, in order.
    pub lines: Vec<Line>,
}

impl CertificateText {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let body = text.strip_prefix(CERTIFICATE_FIRST_LINE);
        let body = body.and_then(|rest| rest.strip_prefix('\n'));
        let body = body.ok_or(CertificateError::TextFirstLine)?;
        let lines: Vec<Line> = body.lines().map(line).collect::<Result<_, _>>()?;
        let log = once(&lines, "log")?.to_owned();
        let log_id = once(&lines, "log-id").map(hash)??;
        let events = lines.iter().filter(|line| line.name == "event");
        let events = events.map(moment).collect::<Result<_, _>>()?;
        let destroyed = match once(&lines, "destroyed")? {
            "not-timed" | FOUND_DEAD => None,
            text => Some(instant(text)?),
        };
        // Nobody says to have read back what another log's rotation left.
        match (once(&lines, "read-back")?, once(&lines, "destroyed")?) {
            ("not-seen", FOUND_DEAD) => {}
            ("passed", destroyed) if destroyed != FOUND_DEAD => {}
            (_, _) => return Err(CertificateError::Line),
        }
        Ok(Self {
            log,
            log_id,
            events,
            destroyed,
            lines,
        })
    }

    /// The words of every line of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [String]> {
        let named = self.lines.iter().filter(move |line| line.name == name);
        named.map(|line| line.words.as_slice())
    }

    /// The first word of the first line of this name.
    pub fn word(&self, name: &str) -> Option<&str> {
        let line = self.lines.iter().find(|line| line.name == name)?;
        line.words.first().map(String::as_str)
    }
}

fn line(text: &str) -> Result<Line, CertificateError> {
    let (name, words) = text.split_once(' ').ok_or(CertificateError::Line)?;
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    if name.is_empty() || words.iter().any(String::is_empty) {
        return Err(CertificateError::Line);
    }
    let name = name.to_owned();
    Ok(Line { name, words })
}

/// The one word of the one line of this name.
fn once<'a>(lines: &'a [Line], name: &str) -> Result<&'a str, CertificateError> {
    let mut named = lines.iter().filter(|line| line.name == name);
    match (named.next().map(|line| line.words.as_slice()), named.next()) {
        (Some([word]), None) => Ok(word),
        (Some(_) | None, _) => Err(CertificateError::Line),
    }
}

fn moment(line: &Line) -> Result<Moment, CertificateError> {
    let [role, position, at] = line.words.as_slice() else {
        return Err(CertificateError::Line);
    };
    Ok(Moment {
        role: role.clone(),
        position: parse_decimal(position).ok_or(CertificateError::Line)?,
        at: instant(at)?,
    })
}

fn instant(text: &str) -> Result<i128, CertificateError> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| CertificateError::Line)?;
    Ok(moment.unix_timestamp_nanos() / 1_000_000)
}

fn hash(text: &str) -> Result<[u8; 32], CertificateError> {
    from_hex(text).ok_or(CertificateError::Line)
}
