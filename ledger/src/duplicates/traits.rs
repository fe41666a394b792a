//! What is compared of one person: made of the opened parts of a file, held for one search, wiped.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::fold::{Word, words};
use crate::clock::{Day, Timestamp};
use crate::domain::codes::DataCategory;
use crate::domain::personal::{Item, Personal};
use crate::limits::{ADULT_YEARS, PHONES_MAX};

/// The categories that are opened for it, and no others.
pub(super) const COMPARED: [DataCategory; 5] = [
    DataCategory::Identity,
    DataCategory::Contact,
    DataCategory::Age,
    DataCategory::Gender,
    DataCategory::Language,
];

/// What is known of one person, as far as it is compared.
#[derive(Default)]
pub(super) struct Traits {
    pub(super) name: Vec<Word>,
    pub(super) phones: Vec<Digits>,
    pub(super) birth: Option<Birth>,
    pub(super) gender: Vec<Word>,
    pub(super) languages: Vec<Word>,
}

/// Digits, wiped when dropped.
pub(super) type Digits = Zeroizing<Vec<u8>>;

/// When somebody was born, as far as it is said.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Birth {
    /// The year.
    pub(super) year: u32,
    /// Day and month where a whole date was written, the smaller first: countries differ in which
    /// stands first.
    pub(super) day: Option<(u32, u32)>,
}

impl Traits {
    /// What is known of the birth where no detail says it.
    pub(super) fn say_born(&mut self, birth: Birth) {
        self.birth = Some(birth);
    }

    /// Takes in one opened part, that was written down at a moment.
    pub(super) fn take(&mut self, part: &Personal, at: Timestamp) {
        match part {
            Personal::Name(name) => self.name = words(name.reveal()),
            Personal::Detail(Item { category, text }) => {
                let text = text.reveal();
                match category {
                    DataCategory::Contact => self.phones = phones(text),
                    DataCategory::Age => {
                        // What the record part says stays where the words say nothing.
                        if let Some(said) = birth(text, at.day()) {
                            self.birth = Some(said);
                        }
                    }
                    DataCategory::Gender => self.gender = words(text),
                    DataCategory::Language => self.languages = words(text),
                    DataCategory::Identity
                    | DataCategory::LegalStatus
                    | DataCategory::Family
                    | DataCategory::Place
                    | DataCategory::Needs
                    | DataCategory::Health
                    | DataCategory::Disability
                    | DataCategory::Protection
                    | DataCategory::Education
                    | DataCategory::Employment => {}
                }
            }
            Personal::ConsentNote(_)
            | Personal::Item(_)
            | Personal::Note(_)
            | Personal::StaffName(_)
            | Personal::Complaint(_)
            | Personal::Answers(_)
            | Personal::Profile(_)
            | Personal::Determination(_) => {}
        }
    }
}

impl Birth {
    /// What the record part of a case says of a child: the year before eighteen years.
    pub(super) fn of_child(adult_on: Day) -> Self {
        Self {
            year: year_of(adult_on).saturating_sub(u32::from(ADULT_YEARS)),
            day: None,
        }
    }
}

/// A date, a year, or an age as it was on a day: `2003-05-12`, `born 2003`, `about 16`.
fn birth(text: &str, on: Day) -> Option<Birth> {
    let numbers = numbers(text);
    let this_year = year_of(on);
    let is_year = |one: &u32| (this_year.saturating_sub(AGE_MAX)..=this_year).contains(one);
    if let Some(place) = numbers.iter().position(is_year) {
        let year = *numbers.get(place)?;
        let day = match (numbers.as_slice(), place) {
            ([_, one, two], 0) | ([one, two, _], 2) => Some((*one.min(two), *one.max(two))),
            _ => None,
        };
        return Some(Birth { year, day });
    }
    let age = numbers.iter().copied().find(|age| *age <= AGE_MAX)?;
    Some(Birth {
        year: this_year.saturating_sub(age),
        day: None,
    })
}

/// The first few numbers of a text.
fn numbers(text: &str) -> Zeroizing<Vec<u32>> {
    let mut numbers = Zeroizing::new(Vec::with_capacity(NUMBERS_MAX));
    let mut open: Option<u32> = None;
    for digit in text.chars().map(digit).chain([None]) {
        match (digit, open) {
            (Some(digit), _) => {
                let so_far = open.unwrap_or(0).saturating_mul(10);
                open = Some(so_far.saturating_add(u32::from(digit)));
            }
            (None, Some(number)) => {
                if numbers.len() < NUMBERS_MAX {
                    numbers.push(number);
                }
                open = None;
            }
            (None, None) => {}
        }
    }
    numbers
}

/// Numbers to call: digits with spaces, dots, dashes and brackets between them.
fn phones(text: &str) -> Vec<Digits> {
    let mut phones = Vec::new();
    let mut pieces: Vec<Digits> = vec![Digits::default()];
    for letter in text.chars().chain(['.', ';']) {
        match (digit(letter), letter) {
            (Some(digit), _) => {
                if let Some(piece) = pieces.last_mut().filter(|it| it.len() < PHONE_DIGITS_MAX) {
                    if piece.capacity() == 0 {
                        piece.reserve_exact(PHONE_DIGITS_MAX);
                    }
                    piece.push(digit);
                }
            }
            (None, ' ' | '\u{A0}') => pieces.push(Digits::default()),
            (None, '-' | '.' | '(' | ')' | '+' | '\u{200E}' | '\u{200F}') => {}
            (None, _) => {
                phones.extend(called(&pieces));
                pieces = vec![Digits::default()];
            }
        }
    }
    phones.truncate(PHONES_MAX);
    phones
}

/// Pieces are one number as long as they make one that could be dialled, else one each.
fn called(pieces: &[Digits]) -> Vec<Digits> {
    let digits: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut numbers: Vec<Digits> = Vec::new();
    if digits <= PHONE_DIGITS_MAX {
        let mut whole = Zeroizing::new(Vec::with_capacity(PHONE_DIGITS_MAX));
        for piece in pieces {
            whole.extend_from_slice(piece);
        }
        numbers.push(whole);
    } else {
        numbers.extend(pieces.iter().take(PHONES_MAX).cloned());
    }
    // Zeros all along are written where there is no number.
    let differ = |it: &Digits| it.iter().any(|one| Some(one) != it.first());
    numbers.retain(|it| it.len() >= PHONE_DIGITS_MIN && differ(it));
    numbers
}

/// A digit, as it is written in the scripts that phones are set to.
fn digit(letter: char) -> Option<u8> {
    let place = |zero: char| u32::from(letter).checked_sub(u32::from(zero));
    let zeros = ['0', '٠', '۰', '०', '০', '０'];
    let found = zeros
        .into_iter()
        .filter_map(place)
        .find(|value| *value < 10);
    found.and_then(|value| u8::try_from(value).ok())
}

fn year_of(day: Day) -> u32 {
    (day.month() / 12).saturating_add(1970)
}

/// Nobody is older.
const AGE_MAX: u32 = 120;
/// Numbers in what is said of an age that count.
const NUMBERS_MAX: usize = 4;
/// Digits of a number to call: one without an area has seven.
const PHONE_DIGITS_MIN: usize = 7;
/// ITU-T E.164 has at most fifteen.
const PHONE_DIGITS_MAX: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    /// In 2026.
    const TODAY: Day = Day(20_600);

    fn born(text: &str) -> Option<(u32, Option<(u32, u32)>)> {
        birth(text, TODAY).map(|it| (it.year, it.day))
    }

    fn numbers_in(text: &str) -> Vec<String> {
        let shown = |it: &Digits| it.iter().map(|one| char::from(b'0' + one)).collect();
        phones(text).iter().map(shown).collect()
    }

    #[test]
    fn c15_a_birth_is_read_from_a_date_a_year_or_an_age_and_from_nothing_else() {
        for (text, year, day) in [
            ("2003-05-12", 2003, Some((5, 12))),
            ("12/05/2003", 2003, Some((5, 12))),
            ("١٢/٥/٢٠٠٣", 2003, Some((5, 12))),
            ("born 2003", 2003, None),
            ("about 16", 2010, None),
            ("۱۶ ساله", 2010, None),
        ] {
            assert_eq!(born(text), Some((year, day)), "{text}");
        }
        for text in ["", "old", "999", "3003-05-12", "1700"] {
            assert_eq!(born(text).filter(|it| it.1.is_some()), None, "{text}");
        }
        assert_eq!(born("unknown"), None);
    }

    #[test]
    fn c15_numbers_to_call_are_found_however_they_are_written() {
        assert_eq!(numbers_in("+962 79 123-4567 (sister)"), ["962791234567"]);
        assert_eq!(numbers_in("٠٧٩١٢٣٤٥٦٧"), ["0791234567"]);
        let two = ["0791234567", "0787654321"];
        assert_eq!(numbers_in("0791234567, or 0787654321"), two);
        assert_eq!(numbers_in("0791234567 0787654321"), two);
        assert_eq!(numbers_in("at the tea house, 3rd floor"), [""; 0]);
        assert_eq!(numbers_in("000000000"), [""; 0]);
        assert_eq!(numbers_in(&"0791234567;".repeat(1_000)).len(), PHONES_MAX);
        assert_eq!(numbers_in(&"7".repeat(100_000)), [""; 0]);
    }
}
