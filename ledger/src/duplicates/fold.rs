//! Words of a name without what keyboards and habits add: marks on letters, vowel signs, letters
//! that sound alike and are written in several ways.
//!
//! - Within one script only: a name in Arabic letters and the same one in Latin letters have
//!   nothing in common here. What is left is compared and dropped, never stored.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use crate::limits::{NAME_LETTERS_MAX, NAME_WORDS_MAX};

/// Letters, wiped when dropped.
pub(super) type Letters = Zeroizing<Vec<char>>;

/// One word of a name.
pub(super) struct Word {
    /// Its letters, with an article that stands in it.
    pub(super) written: Letters,
    /// Its letters without one.
    pub(super) letters: Letters,
    /// The same by sound, roughly: vowels that are written for one another, and no letter twice.
    pub(super) sound: Letters,
}

/// The words of a name, in their order. Articles and `son of` say nothing.
pub(super) fn words(name: &str) -> Vec<Word> {
    let mut words: Vec<Letters> = vec![fresh()];
    for letter in folded(name) {
        let Some(letter) = letter else {
            if words.len() > 2 * NAME_WORDS_MAX {
                break;
            }
            if words.last().is_some_and(|word| !word.is_empty()) {
                words.push(fresh());
            }
            continue;
        };
        if let Some(word) = words.last_mut().filter(|it| it.len() < NAME_LETTERS_MAX) {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    let all = words.len();
    words.retain(|word| all < 2 || !says_nothing(word));
    words.truncate(NAME_WORDS_MAX);
    words.into_iter().map(Word::of).collect()
}

impl Word {
    fn of(written: Letters) -> Self {
        let letters = without_article(&written);
        let mut sound = fresh();
        for letter in letters.iter().map(|letter| sounds_like(*letter)) {
            if sound.last() != Some(&letter) {
                sound.push(letter);
            }
        }
        Self {
            written,
            letters,
            sound,
        }
    }
}

/// Room for a word, so that it never moves and leaves its letters behind.
pub(super) fn fresh() -> Letters {
    Zeroizing::new(Vec::with_capacity(NAME_LETTERS_MAX))
}

/// The letters of a text one by one; none where a word ends.
fn folded(text: &str) -> impl Iterator<Item = Option<char>> + '_ {
    let letters = text.nfkd().filter(|it| !is_combining_mark(*it));
    // A capital may have a mark only once it is small.
    let small = letters.flat_map(char::to_lowercase).nfkd();
    let small = small.filter(|it| !is_combining_mark(*it) && !is_unheard(*it));
    small.flat_map(|letter| {
        let (one, two) = plain(letter);
        let word = |it: char| it.is_alphanumeric().then_some(it);
        std::iter::once(word(one)).chain(two.map(word))
    })
}

/// Letters that are the same for whoever reads a name aloud.
fn plain(letter: char) -> (char, Option<char>) {
    let one = match letter {
        'ß' => return ('s', Some('s')),
        'æ' => return ('a', Some('e')),
        'œ' => return ('o', Some('e')),
        'þ' => return ('t', Some('h')),
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ı' => 'i',
        // Arabic, and what Persian and Urdu keyboards write for the same.
        'ٱ' => 'ا',
        'ى' | 'ی' | 'ے' => 'ي',
        'ة' | 'ہ' | 'ۀ' | 'ە' => 'ه',
        'ک' => 'ك',
        // Ethiopic: series that sound the same.
        'ሐ'..='ሗ' => shifted(letter, 'ሐ', 'ሀ'),
        'ኀ'..='ኇ' => shifted(letter, 'ኀ', 'ሀ'),
        'ሠ'..='ሧ' => shifted(letter, 'ሠ', 'ሰ'),
        'ዐ'..='ዖ' => shifted(letter, 'ዐ', 'አ'),
        'ፀ'..='ፆ' => shifted(letter, 'ፀ', 'ጸ'),
        other => other,
    };
    let one = match one {
        'ሃ' => 'ሀ',
        'ኣ' => 'አ',
        other => other,
    };
    (one, None)
}

/// The letter of another series that stands in the same place.
fn shifted(letter: char, from: char, to: char) -> char {
    let place = u32::from(letter).saturating_sub(u32::from(from));
    char::from_u32(u32::from(to).saturating_add(place)).unwrap_or(letter)
}

/// What stands inside a word and is not heard: hamza, tatweel, the signs of a Cyrillic word, marks
/// of direction, and the many apostrophes.
fn is_unheard(letter: char) -> bool {
    matches!(
        letter,
        'ء' | 'ـ'
            | 'ъ'
            | 'ь'
            | '\''
            | '’'
            | '‘'
            | 'ʼ'
            | 'ʿ'
            | 'ʾ'
            | '`'
            | '´'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{061C}'
            | '\u{FEFF}'
    )
}

/// How a letter sounds, roughly: Latin vowels of one name are written in many ways.
fn sounds_like(letter: char) -> char {
    match letter {
        'e' | 'y' => 'i',
        'o' | 'w' => 'u',
        other => other,
    }
}

fn says_nothing(word: &Letters) -> bool {
    const NOTHING: [&str; 13] = [
        "al", "el", "ul", "and", "bin", "ben", "ibn", "bint", "de", "da", "بن", "ابن", "بنت",
    ];
    NOTHING
        .iter()
        .any(|one| one.chars().eq(word.iter().copied()))
}

/// An Arabic article is written or left out.
fn without_article(written: &Letters) -> Letters {
    let letters = match written.as_slice() {
        ['ا', 'ل', rest @ ..] if rest.len() > 2 => rest,
        all => all,
    };
    let mut word = fresh();
    word.extend_from_slice(letters);
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Vec<String> {
        let words = words(name);
        words.iter().map(|it| it.letters.iter().collect()).collect()
    }

    #[test]
    fn c15_a_name_is_the_same_with_and_without_marks_on_its_letters() {
        for (one, other) in [
            ("José  Muñoz", "JOSE MUNOZ"),
            ("Åsa Strøm", "asa strom"),
            ("İpek Işık", "ipek isik"),
            ("Weiß", "WEISS"),
            ("Ｎｏｕｒ", "nour"),
            ("Sana'a", "Sanaʿa"),
            ("Nour\u{200F}", "Nour"),
            ("مُحَمَّد", "محمد"),
            ("محـــمد", "محمد"),
            ("أحمد إيمان آمنة", "احمد ايمان امنه"),
            ("فاطمة الزهراء", "فاطمه زهرا"),
            ("علی کریمی", "علي كريمي"),
            ("ﻣﺤﻤﺪ", "محمد"),
            ("Семён Ёлкин", "Семен Елкин"),
            ("Наталья", "НАТАЛЯ"),
            ("ሐና ዓለሙ", "ሀና አለሙ"),
            ("ፀሐይ ሠላም", "ጸሀይ ሰላም"),
        ] {
            assert_eq!(shown(one), shown(other), "{one} {other}");
            assert!(!shown(one).is_empty(), "{one}");
        }
    }

    #[test]
    fn c15_what_separates_words_and_says_nothing_is_no_part_of_a_name() {
        assert_eq!(shown("Abu-Bakr, Al Said"), ["abu", "bakr", "said"]);
        assert_eq!(shown("Omar bin Said"), shown("Omar Said"));
        assert_eq!(shown("Al"), ["al"], "it is all there is");
        assert_eq!(shown(" -- ... "), Vec::<String>::new());
    }

    #[test]
    fn c15_a_name_without_an_end_is_cut_and_no_harder_to_compare() {
        let words = words(&"a ".repeat(100_000));
        assert_eq!(words.len(), NAME_WORDS_MAX);
        let long = "b".repeat(100_000);
        assert_eq!(shown(&long)[0].len(), NAME_LETTERS_MAX);
        // Letters that come apart into many are cut, too.
        assert!(shown(&"ﷺ".repeat(10_000)).len() <= NAME_WORDS_MAX);
    }
}
