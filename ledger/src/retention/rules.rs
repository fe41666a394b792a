//! Retention rules: one checked file, versioned, its digest recorded in the log (MISSION E2).
//!
//! - Every kind of data has a rule that fits any case; a file that leaves one out is refused.
//! - The first rule that fits counts, so that special ones stand before general ones.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::apart::{ApartEnd, ApartPlan, ApartRules, WrittenApart};
use crate::clock::Timestamp;
use crate::domain::apart::StandsApart;
use crate::domain::case::Case;
use crate::domain::codes::{AgeGroup, DataCategory, Sensitivity};
use crate::limits::{RETENTION_BYTES_MAX, RETENTION_MONTHS_MAX};
use crate::written::{Written, WrittenError};

/// The rules that ship.
pub const DEFAULT_RETENTION: &str = include_str!("retention.toml");

/// Rules that were read and understood in full.
#[derive(Clone, Debug)]
pub struct RetentionRules {
    version: u32,
    unattended_cases_max: u32,
    record: Vec<Rule>,
    staff: Kept,
    rules: Vec<Rule>,
    apart: ApartRules,
    digest: [u8; 32],
    text: String,
}

/// A rule's name and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The rule's name, for records and certificates.
    pub name: String,
    /// Calendar months after the last thing done in the case.
    pub months: u32,
}

/// A rule as people read it.
#[derive(Clone, Copy, Debug)]
pub struct Limit<'a> {
    /// Its name and its time.
    pub kept: &'a Kept,
    /// Which kinds of data; none for the record itself.
    pub categories: &'a BTreeSet<DataCategory>,
    /// Only in such cases.
    pub sensitivity: Option<Sensitivity>,
    /// Only of such people.
    pub age_group: Option<AgeGroup>,
}

/// One rule: for which data of which cases; of the record, for no kind of data.
#[derive(Clone, Debug)]
struct Rule {
    kept: Kept,
    categories: BTreeSet<DataCategory>,
    sensitivity: Option<Sensitivity>,
    age_group: Option<AgeGroup>,
}

impl RetentionRules {
    /// Reads rules; every word must be known and every kind of data covered.
    pub fn parse(text: &str) -> Result<Self, WrittenError> {
        let (file, written): (_, WrittenRules) =
            Written::read("retention rules", text, RETENTION_BYTES_MAX)?;
        let mut names = BTreeSet::new();
        let staff = kept(file, &mut names, &written.staff.name, &written.staff.months)?;
        let mut understood = |rules: &[WrittenRule]| -> Result<Vec<Rule>, WrittenError> {
            let rules = rules.iter();
            let rules = rules.map(|rule| rule.understand(file, &mut names));
            rules.collect()
        };
        let (record, rules) = (understood(&written.record)?, understood(&written.rule)?);
        let apart = ApartRules::understand(&written.apart, file, &mut names)?;
        if !record.iter().any(Rule::is_general) {
            return Err(file.wrong_at_end("no [[record]] without conditions"));
        }
        if let Some(odd) = written.record.iter().find_map(|one| one.categories.first()) {
            let meaning = "a record is kept as a whole, not by kinds of data";
            return Err(file.wrong(odd, meaning));
        }
        let covered: BTreeSet<DataCategory> = rules
            .iter()
            .filter(|rule| rule.is_general())
            .flat_map(|rule| rule.categories.clone())
            .collect();
        if let Some(missing) = DataCategory::ALL.iter().find(|one| !covered.contains(one)) {
            let meaning = format!("no rule without conditions covers {missing}");
            return Err(file.wrong_at_end(meaning));
        }
        Ok(Self {
            version: written.version,
            unattended_cases_max: written.unattended_cases_max,
            record,
            staff,
            rules,
            apart,
            digest: file.digest(),
            text: text.to_owned(),
        })
    }

    /// The file's own number; a changed file has a higher one.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 of the file as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The file, word for word.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Cases that a sweep by night may take without a person.
    pub fn unattended_cases_max(&self) -> u32 {
        self.unattended_cases_max
    }

    /// The shortest time that any rule for cases gives.
    pub fn shortest_months(&self) -> u32 {
        let all = self.record.iter().chain(&self.rules);
        let months = all.map(|rule| rule.kept.months);
        months.min().unwrap_or(RETENTION_MONTHS_MAX)
    }

    /// Every rule for what stands apart from cases; none where the file ends none of it.
    pub fn apart(&self) -> impl Iterator<Item = &Kept> {
        self.apart.all()
    }

    /// How long the record of a case is kept, and consents in it that cover no kind of data.
    pub fn record(&self, case: &Case) -> &Kept {
        first(&self.record, |rule| rule.fits(case))
    }

    /// Every rule in the order in which they are asked: records first, then kinds of data.
    pub fn limits(&self) -> impl Iterator<Item = Limit<'_>> {
        let all = self.record.iter().chain(&self.rules);
        all.map(|rule| Limit {
            kept: &rule.kept,
            categories: &rule.categories,
            sensitivity: rule.sensitivity,
            age_group: rule.age_group,
        })
    }

    /// How long the name of a member of staff is kept after they left.
    pub fn staff(&self) -> &Kept {
        &self.staff
    }

    /// When something that stands apart from cases ends, if nothing more is done.
    pub fn apart_end(&self, it: &StandsApart<'_>) -> ApartEnd {
        ApartEnd::of(it, &self.apart)
    }

    /// What of something that stands apart from cases is over at a moment.
    pub fn apart_plan(&self, it: &StandsApart<'_>, now: Timestamp) -> ApartPlan {
        self.apart_end(it).at(it, now)
    }

    /// The rule for one kind of data of a case.
    pub fn of(&self, category: DataCategory, case: &Case) -> &Kept {
        let fits = |rule: &Rule| rule.categories.contains(&category) && rule.fits(case);
        first(&self.rules, fits)
    }
}

impl Default for RetentionRules {
    #[expect(clippy::expect_used, reason = "a test reads the rules that ship")]
    fn default() -> Self {
        Self::parse(DEFAULT_RETENTION).expect("the rules that ship are understood")
    }
}

impl Rule {
    fn is_general(&self) -> bool {
        self.sensitivity.is_none() && self.age_group.is_none()
    }

    fn fits(&self, case: &Case) -> bool {
        self.sensitivity.is_none_or(|one| one == case.sensitivity)
            && self.age_group.is_none_or(|one| one == case.age_group)
    }
}

/// The first rule that fits. Parsing made sure that there is one for any case.
#[expect(
    clippy::expect_used,
    reason = "parsing refuses rules that leave a case out"
)]
fn first(rules: &[Rule], fits: impl Fn(&Rule) -> bool) -> &Kept {
    let found = rules.iter().find(|rule| fits(rule));
    &found.expect("some rule fits any case").kept
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRules {
    version: u32,
    unattended_cases_max: u32,
    staff: WrittenKept,
    #[serde(default)]
    record: Vec<WrittenRule>,
    #[serde(default)]
    rule: Vec<WrittenRule>,
    #[serde(default)]
    apart: Vec<WrittenApart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKept {
    name: Spanned<String>,
    months: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    name: Spanned<String>,
    #[serde(default)]
    categories: Vec<Spanned<String>>,
    sensitivity: Option<Spanned<String>>,
    age_group: Option<Spanned<String>>,
    months: Spanned<u32>,
}

impl WrittenRule {
    fn understand(
        &self,
        file: Written<'_>,
        names: &mut BTreeSet<String>,
    ) -> Result<Rule, WrittenError> {
        let kept = kept(file, names, &self.name, &self.months)?;
        let categories = self.categories.iter();
        let categories = categories.map(|one| known(file, one, DataCategory::from_code));
        let sensitivity = self.sensitivity.as_ref();
        let sensitivity = sensitivity.map(|one| known(file, one, Sensitivity::from_code));
        let age_group = self.age_group.as_ref();
        let age_group = age_group.map(|one| known(file, one, AgeGroup::from_code));
        Ok(Rule {
            kept,
            categories: categories.collect::<Result<_, _>>()?,
            sensitivity: sensitivity.transpose()?,
            age_group: age_group.transpose()?,
        })
    }
}

pub(super) fn kept(
    file: Written<'_>,
    names: &mut BTreeSet<String>,
    name: &Spanned<String>,
    months: &Spanned<u32>,
) -> Result<Kept, WrittenError> {
    let word = name.get_ref();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if word.is_empty() || word.len() > 40 || !word.bytes().all(plain) {
        let meaning = "a name is small letters, digits and hyphens, at most 40";
        return Err(file.wrong(name, meaning));
    }
    if !names.insert(word.clone()) {
        return Err(file.wrong(name, format!("the name {word} stands twice")));
    }
    if !(1..=RETENTION_MONTHS_MAX).contains(months.get_ref()) {
        let meaning = format!("months are between 1 and {RETENTION_MONTHS_MAX}");
        return Err(file.wrong(months, meaning));
    }
    Ok(Kept {
        name: word.clone(),
        months: *months.get_ref(),
    })
}

pub(super) fn known<T>(
    file: Written<'_>,
    word: &Spanned<String>,
    from_code: fn(&str) -> Option<T>,
) -> Result<T, WrittenError> {
    let code = word.get_ref();
    from_code(code).ok_or_else(|| file.wrong(word, format!("{code} is not a known word here")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&str) -> String) -> (usize, String) {
        let error = RetentionRules::parse(&change(DEFAULT_RETENTION)).unwrap_err();
        (error.line, error.meaning)
    }

    fn line_with(text: &str) -> usize {
        let mut lines = DEFAULT_RETENTION.lines();
        lines.position(|line| line.contains(text)).unwrap() + 1
    }

    #[test]
    fn the_rules_that_ship_are_understood() {
        let rules = RetentionRules::parse(DEFAULT_RETENTION).unwrap();
        assert_eq!((rules.version(), rules.record.len()), (1, 2));
        assert_ne!(rules.digest(), [0; 32]);
    }

    #[test]
    fn the_shortest_time_may_be_that_of_consents_that_cover_nothing() {
        assert_eq!(RetentionRules::default().shortest_months(), 12);
        let short = DEFAULT_RETENTION.replace("months = 84", "months = 3");
        assert_eq!(RetentionRules::parse(&short).unwrap().shortest_months(), 3);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let (line, meaning) = refused(|t| t.replace("\"restricted\"", "\"secret\""));
        assert_eq!(line, line_with("\"restricted\""));
        assert!(meaning.contains("secret"), "{meaning}");
        let (line, meaning) = refused(|t| t.replace("months = 18", "months = 0"));
        assert_eq!(line, line_with("months = 18"));
        assert!(meaning.contains("between 1"), "{meaning}");
        let (line, meaning) = refused(|t| t.replace("\"sensitive\"", "\"usual\""));
        assert_eq!(line, line_with("\"usual\""));
        assert!(meaning.contains("twice"), "{meaning}");
        let (_, meaning) = refused(|t| t.replace("\"employment\"", "\"education\""));
        assert!(meaning.contains("employment"), "{meaning}");
        let (line, meaning) = refused(|t| t.replace("version = 1", "version = 1\nmoon = 2"));
        assert_eq!(line, line_with("version = 1") + 1);
        assert!(meaning.contains("moon"), "{meaning}");
        let (line, _) = refused(|t| t.replace("months = 24", "months = many"));
        assert_eq!(line, line_with("months = 24"));
        let (_, meaning) = refused(|t| t.repeat(1000));
        assert!(meaning.contains("larger"), "{meaning}");
        let (_, meaning) = refused(|t| t.replace("name = \"usual\"", "name = \"Üsual thing\""));
        assert!(meaning.contains("small letters"), "{meaning}");
    }
}
