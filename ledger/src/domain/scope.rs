//! What a consent or exception covers: purposes, recipients, data categories, and what is withheld
//! (B1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::codes::{DataCategory, Purpose};
use super::ids::OrganisationId;

/// The reach of a ground. Nothing outside it may be done on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// What the data may be used for.
    pub purposes: BTreeSet<Purpose>,
    /// Which organisations may receive them.
    pub recipients: BTreeSet<OrganisationId>,
    /// Which kinds of data.
    pub categories: BTreeSet<DataCategory>,
    /// Which kinds the person explicitly keeps back; wins over `categories`.
    pub withheld: BTreeSet<DataCategory>,
}

/// Why a scope does not cover a disclosure, the first reason in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncovered {
    /// The purpose is not in the scope.
    Purpose(Purpose),
    /// The recipient is not in the scope.
    Recipient(OrganisationId),
    /// A data category is not in the scope, or is withheld.
    Category(DataCategory),
}

impl Scope {
    /// A scope for keeping a record, with no recipient.
    pub fn record(categories: BTreeSet<DataCategory>) -> Self {
        Self {
            purposes: [Purpose::Record].into(),
            categories,
            ..Self::default()
        }
    }

    /// Whether this scope covers a purpose, a recipient and every one of the categories.
    pub fn covers(
        &self,
        purpose: Purpose,
        recipient: OrganisationId,
        categories: &BTreeSet<DataCategory>,
    ) -> Result<(), Uncovered> {
        if !self.purposes.contains(&purpose) {
            return Err(Uncovered::Purpose(purpose));
        }
        if !self.recipients.contains(&recipient) {
            return Err(Uncovered::Recipient(recipient));
        }
        let missing = categories
            .iter()
            .find(|one| !self.categories.contains(one) || self.withheld.contains(one));
        missing.map_or(Ok(()), |one| Err(Uncovered::Category(*one)))
    }

    /// This scope without what another names (a partial withdrawal, MISSION B6).
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        Self {
            purposes: &self.purposes - &part.purposes,
            recipients: &self.recipients - &part.recipients,
            categories: &self.categories - &part.categories,
            withheld: &self.withheld | &part.categories,
        }
    }

    /// Whether something that is covered now goes with a part.
    pub fn loses(&self, part: &Self) -> bool {
        let mut categories = part.categories.iter();
        !self.purposes.is_disjoint(&part.purposes)
            || !self.recipients.is_disjoint(&part.recipients)
            || categories.any(|one| self.holds(*one))
    }

    /// Whether data of a category may be kept on this scope.
    pub fn holds(&self, category: DataCategory) -> bool {
        self.categories.contains(&category) && !self.withheld.contains(&category)
    }

    /// Whether one of its purposes is served by keeping data at all.
    pub fn keeps_data(&self) -> bool {
        let keeps = |purpose: &Purpose| matches!(purpose, Purpose::Record | Purpose::Referral);
        self.purposes.iter().any(keeps)
    }

    /// Whether nothing can be done on this scope any more.
    pub fn is_empty(&self) -> bool {
        self.purposes.is_empty()
            || self.categories.is_empty()
            || (self.recipients.is_empty() && !self.purposes.contains(&Purpose::Record))
    }
}
