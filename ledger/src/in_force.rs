//! Files that decisions go by and that stand in the log word for word: which one is in force, and
//! which may take its place (SPEC §5.1).
//!
//! - Records and certificates name such a file by its number, so one number never stands for two
//!   files: another file needs a higher one.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each file looks for its own event and passes all others by"
)]

use crate::authorise::Policy;
use crate::domain::event::{Event, OrganisationInstalled, PublicText, RetentionInstalled};
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyIndex};
use crate::ledger::Ledger;
use crate::open::unusable;
use crate::organisation::Organisation;
use crate::retention::RetentionRules;
use crate::shared::{Shared, read_u64};
use crate::written::WrittenError;

/// A file that decisions go by, read and understood.
pub(crate) trait Filed: Default {
    /// What it is, in words that a sentence can begin with.
    const NAME: &'static str;
    /// Where the index names the one in force.
    const KEY: &'static [u8];

    /// Reads a file.
    fn parse(text: &str) -> Result<Self, WrittenError>;
    /// The file's own number.
    fn version(&self) -> u32;
    /// SHA-256 of the file as it was written.
    fn digest(&self) -> [u8; 32];
    /// The event that tells of it.
    fn installed(&self) -> Event;
    /// The file as an event tells of it; nothing if that is another event.
    fn recorded(event: &Event) -> Option<&str>;
}

impl Filed for RetentionRules {
    const NAME: &'static str = "the retention rules";
    const KEY: &'static [u8] = b"tr";

    fn parse(text: &str) -> Result<Self, WrittenError> {
        Self::parse(text)
    }

    fn version(&self) -> u32 {
        self.version()
    }

    fn digest(&self) -> [u8; 32] {
        self.digest()
    }

    fn installed(&self) -> Event {
        let installed = RetentionInstalled {
            digest: self.digest(),
            version: self.version(),
            rules: PublicText(self.text().to_owned()),
        };
        installed.into()
    }

    fn recorded(event: &Event) -> Option<&str> {
        match event {
            Event::RetentionInstalled(it) => Some(&it.rules.0),
            _ => None,
        }
    }
}

impl Filed for Organisation {
    const NAME: &'static str = "the organisation's file";
    const KEY: &'static [u8] = b"to";

    fn parse(text: &str) -> Result<Self, WrittenError> {
        Self::parse(text)
    }

    fn version(&self) -> u32 {
        self.version()
    }

    fn digest(&self) -> [u8; 32] {
        self.digest()
    }

    fn installed(&self) -> Event {
        let installed = OrganisationInstalled {
            digest: self.digest(),
            version: self.version(),
            file: PublicText(self.text().to_owned()),
        };
        installed.into()
    }

    fn recorded(event: &Event) -> Option<&str> {
        match event {
            Event::OrganisationInstalled(it) => Some(&it.file.0),
            _ => None,
        }
    }
}

impl Ledger {
    /// The policy table in force.
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }

    /// The retention rules in force.
    pub fn retention(&self) -> &RetentionRules {
        &self.shared.rules.retention
    }

    /// The organisation's file in force.
    pub fn organisation(&self) -> &Organisation {
        &self.shared.rules.organisation
    }
}

/// The index record that an event about such a file leaves.
pub(crate) fn of(event: &Event, position: u64) -> Option<IndexRecord> {
    let (key, version, digest) = match event {
        Event::RetentionInstalled(it) => (RetentionRules::KEY, it.version, &it.digest),
        Event::OrganisationInstalled(it) => (Organisation::KEY, it.version, &it.digest),
        _ => return None,
    };
    let value = [&version.to_be_bytes()[..], digest, &position.to_be_bytes()].concat();
    Some(IndexRecord {
        key: key.to_vec(),
        value: Some(value),
    })
}

/// The file that is in force from now on: the one given, else the log's, else the one that ships.
pub(crate) fn in_force<T: Filed>(shared: &Shared, given: Option<T>) -> Result<T, Fault> {
    let Some(known) = noted::<T>(&shared.reader)? else {
        return Ok(given.unwrap_or_default());
    };
    match given {
        Some(given) if given.digest() == known.digest || given.version() > known.version => {
            Ok(given)
        }
        Some(given) => Err(Fault::Unusable(format!(
            "{} in force: number {}. Another file needs a higher one than that, and this one says \
             {}",
            T::NAME,
            known.version,
            given.version()
        ))),
        None => {
            let event = shared.record_at(known.position)?.event;
            let text = T::recorded(&event).ok_or_else(damaged)?;
            T::parse(text).map_err(unusable)
        }
    }
}

/// Whether the log tells of this very file as the one in force.
pub(crate) fn is_noted<T: Filed>(index: &impl KeyIndex, file: &T) -> Result<bool, Fault> {
    Ok(noted::<T>(index)?.is_some_and(|known| known.digest == file.digest()))
}

/// What the log says is in force.
struct Noted {
    version: u32,
    digest: [u8; 32],
    position: u64,
}

/// None in a log that never had such a file.
fn noted<T: Filed>(index: &impl KeyIndex) -> Result<Option<Noted>, Fault> {
    let Some(value) = index.value(T::KEY)? else {
        return Ok(None);
    };
    let (version, rest) = value.split_first_chunk().ok_or_else(damaged)?;
    let (digest, position) = rest.split_first_chunk().ok_or_else(damaged)?;
    Ok(Some(Noted {
        version: u32::from_be_bytes(*version),
        digest: *digest,
        position: read_u64(position)?,
    }))
}

fn damaged() -> Fault {
    Fault::damaged("index", "a record of a file in force")
}
