//! Which data a service may receive, by its sector (MISSION A3).
//!
//! - HSDS has no field for it, so a small table stands in: identity, contact, language and what the
//!   person asks for everywhere, and beyond that only what services of the sector work with.
//! - A service of several sectors may receive what any of them may.
//! - An entry that lists `data_category` attributes of its own is taken at its word instead.

use std::collections::BTreeSet;

use ledger::domain::codes::DataCategory::{self, *};

/// The data categories that services of these sectors may receive.
pub(super) fn of_sectors<'a>(sectors: impl Iterator<Item = &'a str>) -> BTreeSet<DataCategory> {
    let mut needs: BTreeSet<DataCategory> = EVERYWHERE.iter().copied().collect();
    for sector in sectors {
        let sector = normal(sector);
        let beyond = BY_SECTOR
            .iter()
            .find(|(names, _)| names.contains(&sector.as_str()));
        needs.extend(
            beyond
                .into_iter()
                .flat_map(|(_, more)| more.iter().copied()),
        );
    }
    needs
}

/// Upper case, with `_` between words, as sectors are written in the table.
fn normal(sector: &str) -> String {
    let upper = sector.trim().to_uppercase();
    let words = upper.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

const EVERYWHERE: &[DataCategory] = &[Identity, Contact, Language, Needs];

/// Sector names, and what their services may receive beyond [`EVERYWHERE`].
const BY_SECTOR: &[(&[&str], &[DataCategory])] = &[
    (&["HEALTH", "NUTRITION"], &[Age, Gender, Health, Disability]),
    (
        &["MENTAL_HEALTH", "MHPSS"],
        &[Age, Gender, Family, Health, Disability],
    ),
    (
        &["HIV", "SRH", "SEXUAL_AND_REPRODUCTIVE_HEALTH"],
        &[Age, Gender, Health],
    ),
    (&["DISABILITY"], &[Age, Gender, Health, Disability, Place]),
    (
        &["PROTECTION"],
        &[Age, Gender, Family, Place, Protection, Disability],
    ),
    (
        &["CHILD_PROTECTION"],
        &[
            Age, Gender, Family, Place, Protection, Disability, Education,
        ],
    ),
    (
        &["SGBV", "GBV"],
        &[Age, Gender, Place, Protection, Disability],
    ),
    (
        &["LEGAL", "MIGRATION"],
        &[Age, Gender, Family, LegalStatus, Protection],
    ),
    (&["FAMILY_LINKS", "TRACING"], &[Age, Gender, Family, Place]),
    (&["EDUCATION"], &[Age, Gender, Education, Disability]),
    (
        &["LIVELIHOOD", "LIVELIHOODS", "EMPLOYMENT"],
        &[Age, Education, Employment],
    ),
    (
        &["SHELTER"],
        &[Age, Gender, Family, Place, Disability, Protection],
    ),
    (&["CASH", "VOUCHERS"], &[Age, Family, Place, LegalStatus]),
    (&["FOOD", "FOOD_SECURITY"], &[Age, Family, Place]),
    (&["NFI", "WASH", "BASIC_NEEDS"], &[Family, Place]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_service_does_not_need_a_health_condition() {
        let job = of_sectors(["Livelihood"].into_iter());
        assert!(job.contains(&Employment));
        assert!(!job.contains(&Health));
        assert!(!job.contains(&Protection));
    }

    #[test]
    fn an_unknown_sector_gets_what_every_service_gets_and_no_more() {
        let everywhere: BTreeSet<_> = EVERYWHERE.iter().copied().collect();
        assert_eq!(of_sectors(["ASTROLOGY"].into_iter()), everywhere);
        assert_eq!(of_sectors(std::iter::empty()), everywhere);
    }

    #[test]
    fn several_sectors_add_up_however_they_are_written() {
        let both = of_sectors(["child protection", " Education "].into_iter());
        assert!(both.contains(&Family) && both.contains(&Education));
        assert!(!both.contains(&Health));
    }

    #[test]
    fn no_sector_is_in_the_table_twice_or_in_another_spelling() {
        let mut seen = BTreeSet::new();
        for name in BY_SECTOR.iter().flat_map(|(names, _)| names.iter()) {
            assert_eq!(normal(name), *name);
            assert!(seen.insert(*name), "{name} twice");
        }
    }
}
