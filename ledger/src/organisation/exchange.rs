//! Ledgers of other organisations that packets and replies are believed of (MISSION C7): by their
//! verifier keys, which the two organisations told each other.

use serde::Deserialize;
use toml::Spanned;

use crate::domain::ids::OrganisationId;
use crate::limits::EXCHANGE_LEDGERS_MAX;
use crate::prove::VerifierKey;
use crate::written::{Written, WrittenError};

/// The ledgers that are known.
#[derive(Clone, Debug)]
pub struct Exchange(Vec<(OrganisationId, VerifierKey)>);

impl Exchange {
    /// Each key, and whose ledger it is of.
    pub fn known(&self) -> impl Iterator<Item = (OrganisationId, &VerifierKey)> {
        self.0.iter().map(|(of, key)| (*of, key))
    }
}

/// One as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLedger {
    organisation: Spanned<String>,
    vkey: Spanned<String>,
}

pub(super) fn understand(
    file: Written<'_>,
    written: &[WrittenLedger],
) -> Result<Exchange, WrittenError> {
    if let Some(beyond) = written.get(EXCHANGE_LEDGERS_MAX) {
        let meaning = format!("more than {EXCHANGE_LEDGERS_MAX} ledgers");
        return Err(file.wrong(&beyond.vkey, meaning));
    }
    let mut known: Vec<(OrganisationId, VerifierKey)> = Vec::with_capacity(written.len());
    for ledger in written {
        let wrong = |_| file.wrong(&ledger.organisation, "an organisation is named by its UUID");
        let of = ledger.organisation.get_ref().parse().map_err(wrong)?;
        let wrong = |_| file.wrong(&ledger.vkey, "not a verifier key (name+id+key)");
        let key: VerifierKey = ledger.vkey.get_ref().parse().map_err(wrong)?;
        if known.iter().any(|(_, other)| *other == key) {
            return Err(file.wrong(&ledger.vkey, "this key stands here twice"));
        }
        known.push((of, key));
    }
    Ok(Exchange(known))
}
