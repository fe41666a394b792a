//! Ledgers of other organisations that packets and replies are believed of (MISSION C7): by their
//! verifier keys, which the two organisations told each other.
//!
//! - A ledger may hold the records of several organisations: its key stands once for each.
//! - Two ledgers may call one organisation by two ids: what theirs are there is said here.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::domain::ids::OrganisationId;
use crate::limits::{EXCHANGE_LEDGERS_MAX, EXCHANGE_NAMES_MAX};
use crate::prove::VerifierKey;
use crate::written::{Written, WrittenError};

/// The ledgers that are known.
#[derive(Clone, Debug)]
pub struct Exchange(Vec<KnownLedger>);

impl Exchange {
    /// Each key, once for each organisation whose packets it signs.
    pub fn known(&self) -> impl Iterator<Item = &KnownLedger> {
        self.0.iter()
    }

    /// Whether packets of this organisation are believed.
    pub fn knows(&self, organisation: OrganisationId) -> bool {
        self.known().any(|one| one.organisation == organisation)
    }
}

/// A ledger, as that of one organisation.
#[derive(Clone, Debug)]
pub struct KnownLedger {
    /// What this ledger calls the organisation.
    pub organisation: OrganisationId,
    /// The key that signs.
    pub key: VerifierKey,
    /// What the organisation is called there.
    pub calls_itself: OrganisationId,
    /// What organisations of this ledger are called there, where that is another id.
    calls_us: BTreeMap<OrganisationId, OrganisationId>,
}

impl KnownLedger {
    /// The organisation of this ledger that is called so there.
    pub fn ours(&self, there: OrganisationId) -> OrganisationId {
        self.calls_us.get(&there).copied().unwrap_or(there)
    }
}

/// One as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLedger {
    organisation: Spanned<String>,
    vkey: Spanned<String>,
    calls_itself: Option<Spanned<String>>,
    #[serde(default)]
    calls_us: Vec<WrittenName>,
}

/// What an organisation of this ledger is called in another one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenName {
    organisation: Spanned<String>,
    #[serde(rename = "as")]
    there: Spanned<String>,
}

pub(super) fn understand(
    file: Written<'_>,
    written: &[WrittenLedger],
) -> Result<Exchange, WrittenError> {
    if let Some(beyond) = written.get(EXCHANGE_LEDGERS_MAX) {
        let meaning = format!("more than {EXCHANGE_LEDGERS_MAX} ledgers");
        return Err(file.wrong(&beyond.vkey, meaning));
    }
    let mut known: Vec<KnownLedger> = Vec::with_capacity(written.len());
    for ledger in written {
        let organisation = named(file, &ledger.organisation)?;
        let wrong = |_| file.wrong(&ledger.vkey, "not a verifier key (name+id+key)");
        let key: VerifierKey = ledger.vkey.get_ref().parse().map_err(wrong)?;
        let itself = ledger.calls_itself.as_ref();
        let calls_itself = itself.map_or(Ok(organisation), |it| named(file, it))?;
        for other in known.iter().filter(|one| one.key.is_same_key(&key)) {
            if other.key != key {
                let meaning = "this key stands here under another name";
                return Err(file.wrong(&ledger.vkey, meaning));
            }
            if other.calls_itself == calls_itself {
                let meaning = "this key stands here twice for one organisation";
                return Err(file.wrong(&ledger.vkey, meaning));
            }
        }
        known.push(KnownLedger {
            organisation,
            key,
            calls_itself,
            calls_us: names(file, &ledger.calls_us)?,
        });
    }
    Ok(Exchange(known))
}

/// What they call ours: each id of theirs is one of ours.
fn names(
    file: Written<'_>,
    written: &[WrittenName],
) -> Result<BTreeMap<OrganisationId, OrganisationId>, WrittenError> {
    if let Some(beyond) = written.get(EXCHANGE_NAMES_MAX) {
        let meaning = format!("more than {EXCHANGE_NAMES_MAX} names");
        return Err(file.wrong(&beyond.there, meaning));
    }
    let mut names = BTreeMap::new();
    for name in written {
        let ours = named(file, &name.organisation)?;
        let there = named(file, &name.there)?;
        if names.insert(there, ours).is_some() {
            return Err(file.wrong(&name.there, "this id stands here twice"));
        }
    }
    Ok(names)
}

fn named(file: Written<'_>, id: &Spanned<String>) -> Result<OrganisationId, WrittenError> {
    let wrong = |_| file.wrong(id, "an organisation is named by its UUID");
    id.get_ref().parse().map_err(wrong)
}
