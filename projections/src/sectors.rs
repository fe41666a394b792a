//! Which sectors of services answer a need: a table of words, since published directories name
//! sectors each in their own way (MISSION A5, D5).

use ledger::domain::codes::Need;

/// The sectors whose services answer a need, as folded words. None for a need that has no word:
/// every service may be looked at then.
pub(crate) fn answering(need: Need) -> &'static [&'static str] {
    match need {
        Need::Basic => &[
            "basic needs",
            "food",
            "food security",
            "nfi",
            "nutrition",
            "wash",
        ],
        Need::Shelter => &["shelter"],
        Need::Health => &[
            "disability",
            "health",
            "hiv",
            "nutrition",
            "sexual and reproductive health",
            "srh",
        ],
        Need::MentalHealth => &["mental health", "mhpss"],
        Need::Protection => &["child protection", "gbv", "protection", "sgbv"],
        Need::Legal => &["legal", "migration"],
        Need::Education => &["education"],
        Need::Livelihood => &["employment", "livelihood", "livelihoods"],
        Need::FamilyLinks => &["family links", "tracing"],
        Need::Cash => &["cash", "vouchers"],
        Need::Other => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::phrase;

    #[test]
    fn every_word_is_written_as_a_search_folds_it() {
        for word in Need::ALL.iter().flat_map(|need| answering(*need)) {
            assert_eq!(phrase(word), *word);
        }
    }
}
