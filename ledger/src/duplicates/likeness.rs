//! Whether two persons look like one, and why: words, never a number that passes for a chance.
//!
//! - Likely is only who has the same name, word for word, and something else in common. Sisters and
//!   brothers share names, a phone and often an age: they are possible at most, and are told as
//!   such.
//! - Where nothing but the name is alike, an age that lies far off ends it.

use std::collections::BTreeSet;

use super::fold::{Letters, Word};
use super::traits::{Birth, Digits, Traits};
use crate::domain::codes::{Likeness, LikenessStrength};

/// What two files have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// How much speaks for one person.
    pub strength: LikenessStrength,
    /// What does, and what speaks against it.
    pub reasons: BTreeSet<Likeness>,
}

/// What two persons have in common; none where it is not worth anybody's look.
pub(super) fn compared(one: &Traits, other: &Traits) -> Option<Alike> {
    let name = names(&one.name, &other.name);
    let mut reasons = BTreeSet::new();
    reasons.extend(name.map(|it| it.0));
    reasons.extend(phones(&one.phones, &other.phones).then_some(Likeness::PhoneSame));
    reasons.extend(ages(one.birth.as_ref(), other.birth.as_ref()));
    let strength = strength(name, &reasons)?;
    let same =
        |one: &[Word], other: &[Word]| one.iter().any(|word| other.iter().any(|it| word.is(it)));
    reasons.extend(same(&one.gender, &other.gender).then_some(Likeness::GenderSame));
    reasons.extend(same(&one.languages, &other.languages).then_some(Likeness::LanguageSame));
    Some(Alike { strength, reasons })
}

/// How the names are alike, and how many of their words are exactly the same.
type Named = (Likeness, Exact);

/// How exactly names are alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exact {
    /// Every word of the shorter name stands in the other one.
    Words,
    /// Some only sound like it.
    Sound,
    /// Both are one word, the same.
    OneWord,
}

fn strength(name: Option<Named>, reasons: &BTreeSet<Likeness>) -> Option<LikenessStrength> {
    let has = |one| reasons.contains(&one);
    let far = has(Likeness::AgeFar);
    let phone = has(Likeness::PhoneSame);
    let born = has(Likeness::BirthSame);
    let near = born || has(Likeness::AgeNear);
    let (likely, possible) = match name {
        Some((Likeness::NameSame, Exact::OneWord)) => (phone && near, phone || near),
        Some((Likeness::NameSame, _)) => (phone || near, true),
        Some((Likeness::NameAlike, Exact::Words)) => (phone || born, true),
        Some((Likeness::NameAlike, _)) => (false, true),
        Some((_, _)) => (false, phone || born),
        None => (false, phone),
    };
    if likely && !far {
        return Some(LikenessStrength::Likely);
    }
    // An age may be a slip; one phone or one day of birth all the same says to look.
    let against = far && !phone && name.is_none_or(|it| it.0 != Likeness::NameSame);
    (possible && !against).then_some(LikenessStrength::Possible)
}

fn names(one: &[Word], other: &[Word]) -> Option<Named> {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.is_empty() {
        return None;
    }
    if joined(one, |word| &word.written) == joined(other, |word| &word.written) {
        let one_word = short.len() == 1 && long.len() == 1;
        let exact = if one_word {
            Exact::OneWord
        } else {
            Exact::Words
        };
        return Some((Likeness::NameSame, exact));
    }
    let (mut rest, mut left): (Vec<&Word>, Vec<&Word>) =
        (short.iter().collect(), long.iter().collect());
    let exact = pair_off(&mut rest, &mut left, Word::is);
    let sound = pair_off(&mut rest, &mut left, Word::sounds_like);
    let found = exact + sound;
    // One word alone is a name that many have.
    if found == short.len() && short.len() > 1 {
        return Some(match (sound, long.len() == short.len()) {
            (0, true) => (Likeness::NameSame, Exact::Words),
            (0, false) => (Likeness::NameAlike, Exact::Words),
            _ => (Likeness::NameAlike, Exact::Sound),
        });
    }
    if close_as_one(short, long) {
        return Some((Likeness::NameAlike, Exact::Sound));
    }
    (found > 0).then_some((Likeness::NamePart, Exact::Words))
}

/// Takes words out of both names that are the same; how many pairs.
fn pair_off(one: &mut Vec<&Word>, other: &mut Vec<&Word>, same: fn(&Word, &Word) -> bool) -> usize {
    let before = one.len();
    one.retain(|word| {
        let place = other.iter().position(|it| same(word, it));
        place.map(|place| other.swap_remove(place)).is_none()
    });
    before - one.len()
}

/// Whether two names of which one is written in fewer words sound the same as a whole.
fn close_as_one(short: &[Word], long: &[Word]) -> bool {
    let sound = |words| joined(words, |word: &Word| &word.sound);
    short.len() != long.len() && sound_alike(&sound(short), &sound(long))
}

/// All letters of a name as one word: names are written together and apart.
fn joined(words: &[Word], letters: fn(&Word) -> &Letters) -> Letters {
    let all: usize = words.iter().map(|word| letters(word).len()).sum();
    let mut joined = Letters::new(Vec::with_capacity(all));
    for word in words {
        joined.extend_from_slice(letters(word));
    }
    joined
}

impl Word {
    fn is(&self, other: &Self) -> bool {
        self.letters == other.letters
    }

    fn sounds_like(&self, other: &Self) -> bool {
        sound_alike(&self.sound, &other.sound)
    }
}

/// Whether words are the same by sound, but for a slip: none in a short word, one in a longer one,
/// two in a long one. They begin alike: Maria is not Daria.
fn sound_alike(one: &Letters, other: &Letters) -> bool {
    let slips = match one.len().min(other.len()) {
        0..SLIP_FROM => 0,
        SLIP_FROM..TWO_SLIPS_FROM => 1,
        _ => 2,
    };
    one.first() == other.first() && distance(one, other, slips) <= slips
}

/// Letters that are to be put in, taken out or changed, or two that changed places; more than
/// `most` where it is more.
fn distance(one: &[char], other: &[char], most: usize) -> usize {
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (row, letter) in one.iter().enumerate() {
        let mut now = vec![row + 1];
        let mut left = None;
        for (column, there) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX);
            let changed = at(&last, column) + usize::from(letter != there);
            let mut least = changed
                .min(at(&last, column + 1) + 1)
                .min(at(&now, column) + 1);
            if Some(letter) == left && previous == Some(there) {
                least = least.min(at(&before, column - 1) + 1);
            }
            now.push(least);
            left = Some(there);
        }
        before = std::mem::replace(&mut last, now);
        previous = Some(letter);
    }
    last.last().copied().unwrap_or(0)
}

/// Letters from which on a word may have a slip.
const SLIP_FROM: usize = 5;
/// Letters from which on it may have two.
const TWO_SLIPS_FROM: usize = 9;

/// Whether a number is the same, with the code of a country or without.
fn phones(one: &[Digits], other: &[Digits]) -> bool {
    let end = |it: &Digits, most: usize| {
        let from = it.len().saturating_sub(most);
        Digits::new(it.iter().skip(from).copied().collect())
    };
    let same = |one: &Digits, other: &Digits| {
        let most = one.len().min(other.len()).min(PHONE_END);
        end(one, most) == end(other, most)
    };
    one.iter()
        .any(|one| other.iter().any(|other| same(one, other)))
}

/// Digits at the end of a number that are the same at home and from abroad.
const PHONE_END: usize = 8;

fn ages(one: Option<&Birth>, other: Option<&Birth>) -> Option<Likeness> {
    let (one, other) = (one?, other?);
    if one.year == other.year && one.day.is_some() && one.day == other.day {
        return Some(Likeness::BirthSame);
    }
    match one.year.abs_diff(other.year) {
        0..=NEAR_YEARS => Some(Likeness::AgeNear),
        apart => (apart > FAR_YEARS).then_some(Likeness::AgeFar),
    }
}

/// Ages are estimates.
const NEAR_YEARS: u32 = 2;
/// But not that much.
const FAR_YEARS: u32 = 5;
