//! The register of processing activities (MISSION E11): from the files in force and from what is in
//! use, so that it never says what is not so.
//!
//! - In use is what consents and exceptions in force cover, in cases of the caller's organisation.
//!   No case is named, and nobody is counted.

use std::collections::{BTreeMap, BTreeSet};

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::codes::{AgeGroup, DataCategory, LegalBasis, Purpose};
use ledger::domain::ids::OrganisationId;
use ledger::domain::scope::Scope;
use projections::consents::Standing;

use super::{Outcome, Reader};

/// One purpose and what is done for it.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// On which legal basis; none if the file does not say.
    pub basis: Option<LegalBasis>,
    /// Which kinds of data.
    pub categories: BTreeSet<DataCategory>,
    /// Of whom: adults, minors.
    pub people: BTreeSet<AgeGroup>,
    /// To whom they may go.
    pub recipients: BTreeSet<OrganisationId>,
}

/// The register at a moment.
#[derive(Clone, Debug)]
pub struct Processing {
    /// Whose.
    pub organisation: OrganisationId,
    /// At which moment.
    pub as_of: Timestamp,
    /// Every purpose, in use or not.
    pub activities: BTreeMap<Purpose, Activity>,
    /// What is done so that nothing happens to the data, in sentences.
    pub measures: Vec<String>,
}

impl Reader<'_> {
    /// The register of the caller's organisation now.
    pub fn processing(&self) -> Outcome<Processing> {
        self.may(Reading::Status, None)?;
        let (own, now) = (self.caller.organisation, self.ledger.now());
        let bases = self.ledger.organisation().bases;
        let empty = |purpose: &Purpose| {
            let basis = bases.of(*purpose);
            let activity = Activity {
                basis,
                ..Activity::default()
            };
            (*purpose, activity)
        };
        let mut activities: BTreeMap<_, _> = Purpose::ALL.iter().map(empty).collect();
        let views = self.views.read()?;
        for case in views.consents().cases() {
            self.go_on()?;
            let head = views.cases().find(case);
            let Some(head) = head.filter(|head| head.organisation == own) else {
                continue;
            };
            let consents = views.consents().in_force(case, now).map(|one| one.scope);
            let exceptions = views.consents().exceptions_of(case);
            let exceptions = exceptions.filter(|one| {
                let stands = one.standing == Standing::InForce;
                stands && now < one.expires
            });
            let exceptions = exceptions.map(|one| one.scope);
            for scope in consents.chain(exceptions) {
                note(&mut activities, &scope, head.age_group);
            }
        }
        Ok(Processing {
            organisation: own,
            as_of: now,
            activities,
            measures: self.measures(),
        })
    }

    fn measures(&self) -> Vec<String> {
        let status = self.ledger.status();
        let vault = status.vault;
        let mut measures = vec![
            "Everything personal is encrypted under keys of its person and ground, and destroyed \
             with them."
                .to_owned(),
            format!("Vault: {}. {}", vault.tier.word(), vault.covers()),
        ];
        let held = vault.holders > 1;
        measures.extend(held.then(|| {
            let (needed, all) = (vault.threshold, vault.holders);
            format!("The root key is shared among {all} holders, {needed} of which read it.")
        }));
        let passphrase = "The vault lies under a passphrase.".to_owned();
        measures.extend(vault.passphrase.then_some(passphrase));
        let table = ledger::hex::hex(&self.ledger.policy().digest());
        measures.push(format!(
            "Who may do what stands in a table that denies by default, SHA-256 {table}."
        ));
        let always = [
            "Opening personal data says what for, and is recorded before anything is shown.",
            "Privileged roles, exceptions, deletions and sweeps take two persons.",
            "Every decision is in a signed log that can only grow and that anybody can check.",
            "Published figures keep small counts back.",
        ];
        measures.extend(always.map(str::to_owned));
        measures
    }
}

fn note(activities: &mut BTreeMap<Purpose, Activity>, scope: &Scope, of: AgeGroup) {
    for purpose in &scope.purposes {
        let activity = activities.entry(*purpose).or_default();
        activity.people.insert(of);
        let held = scope.categories.difference(&scope.withheld);
        activity.categories.extend(held);
        activity.recipients.extend(&scope.recipients);
    }
}
