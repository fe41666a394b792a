//! Invented people in four scripts: who looks like one person, who like a sister, and who like
//! nobody.

use super::likeness::compared;
use super::traits::Traits;
use super::*;
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::codes::{DataCategory, Likeness};
use crate::domain::personal::{Item, Personal, Text};

/// In May 2026.
const TODAY: Timestamp = Timestamp(20_590 * DAY_MS);

fn text(text: &str) -> Text {
    Text::new(text.to_owned())
}

/// Somebody of this name, phone and age; what is empty is not known.
fn somebody(name: &str, phone: &str, age: &str) -> Traits {
    let mut traits = Traits::default();
    let details = [
        (DataCategory::Contact, phone),
        (DataCategory::Age, age),
        (DataCategory::Language, "Arabic"),
    ];
    if !name.is_empty() {
        traits.take(&Personal::Name(text(name)), TODAY);
    }
    for (category, said) in details.into_iter().filter(|it| !it.1.is_empty()) {
        let text = text(said);
        traits.take(&Personal::Detail(Item { category, text }), TODAY);
    }
    traits
}

type Said<'a> = (&'a str, &'a str, &'a str);

fn alike(one: Said<'_>, other: Said<'_>) -> Option<Alike> {
    let of = |it: Said<'_>| somebody(it.0, it.1, it.2);
    let alike = compared(&of(one), &of(other));
    assert_eq!(
        alike,
        compared(&of(other), &of(one)),
        "whichever is asked for"
    );
    alike
}

#[track_caller]
fn is(strength: LikenessStrength, one: Said<'_>, other: Said<'_>) -> BTreeSet<Likeness> {
    let alike = alike(one, other).expect("alike");
    assert_eq!(
        alike.strength, strength,
        "{one:?} {other:?}: {:?}",
        alike.reasons
    );
    alike.reasons
}

const PHONE: &str = "+962 79 555 0199";
const HOME: &str = "0795550199";

#[test]
fn c15_nobody_is_found_for_what_many_people_have_in_common() {
    for (one, other) in [
        (("Omar Hassan", "", "30"), ("Layla Haddad", "", "30")),
        // One word is no name to go by, nor is a family's.
        (("Amina", "", ""), ("Amina", "", "")),
        (("Amina", "", ""), ("Amina Yusuf", "", "")),
        (
            ("Omar Hassan Ali", "", "30"),
            ("Amina Hassan Ali", "", "28"),
        ),
        // Names of one sound and another person's age.
        (("Mohamed Ahmed", "", "12"), ("Muhammad Ahmad", "", "47")),
        // Two of the commonest names differ by one letter.
        (("أحمد", "", "30"), ("محمد", "", "30")),
        (("Maria Gomez", "", "30"), ("Daria Lopez", "", "30")),
        (("", "", "30"), ("", "", "30")),
        (("", "", ""), ("", "", "")),
    ] {
        assert_eq!(alike(one, other), None, "{one:?} {other:?}");
    }
}

#[test]
fn c15_a_sister_a_brother_and_a_twin_are_possible_at_most() {
    let possible = LikenessStrength::Possible;
    for (one, other) in [
        (
            ("Omar Hassan Ali", PHONE, "30"),
            ("Amina Hassan Ali", HOME, "28"),
        ),
        // Twins whose names differ by a letter, with one phone and one day of birth.
        (
            ("Amina Yusuf", PHONE, "2012-04-03"),
            ("Amira Yusuf", HOME, "2012-04-03"),
        ),
        (
            ("حسن علي", PHONE, "2012-04-03"),
            ("حسين علي", HOME, "2012-04-03"),
        ),
        (("Иван Петров", PHONE, "30"), ("Иванна Петрова", HOME, "30")),
        // A household with one phone.
        (("Omar Hassan", PHONE, "30"), ("Layla Haddad", HOME, "60")),
        // Namesakes of whom nothing else is known, or who are of another age.
        (("Omar Hassan", "", ""), ("Omar Hassan", "", "")),
        (("Omar Hassan", PHONE, "15"), ("Omar Hassan", HOME, "44")),
    ] {
        let reasons = is(possible, one, other);
        assert!(!reasons.is_empty());
    }
    let shared = is(
        possible,
        ("Omar Hassan", PHONE, ""),
        ("Layla Haddad", HOME, ""),
    );
    assert!(shared.contains(&Likeness::PhoneSame));
    let far = ("Omar Hassan", PHONE, "15");
    assert!(is(possible, far, ("Omar Hassan", HOME, "44")).contains(&Likeness::AgeFar));
}

#[test]
fn c15_one_person_is_found_however_the_name_was_written_down() {
    let likely = LikenessStrength::Likely;
    for (one, other) in [
        ("Omar Hassan Ali", "HASSAN ALI, Omar"),
        ("José Muñoz", "Jose Munoz"),
        ("أحمد إبراهيم", "احمد ابراهيم"),
        ("مُحَمَّد الأحمد", "محمد الاحمد"),
        ("عبد الرحمن سالم", "عبدالرحمن سالم"),
        ("علی کریمی", "علي كريمي"),
        ("ሐና ዓለሙ", "ሀና አለሙ"),
        ("Семён Ёлкин", "ЕЛКИН Семен"),
    ] {
        let reasons = is(likely, (one, PHONE, ""), (other, HOME, ""));
        let both = [Likeness::NameSame, Likeness::PhoneSame];
        assert!(both.iter().all(|it| reasons.contains(it)), "{one} {other}");
        let reasons = is(likely, (one, "", "about 16"), (other, "", "2011"));
        assert!(reasons.contains(&Likeness::AgeNear), "{one} {other}");
    }
    // With a grandfather's name and without.
    is(
        likely,
        ("Amina Yusuf", PHONE, ""),
        ("Amina Yusuf Ali", HOME, ""),
    );
}

#[test]
fn c15_a_name_that_was_heard_differently_is_possible_and_says_so() {
    for (one, other) in [
        ("Mohammed Yousef", "Muhamad Yusuf"),
        ("Mahmoud Haddad", "Mahmud Hadad"),
        ("Oleksandr Kovalenko", "Oleksander Kovalenko"),
        ("Abdulrahman Salem", "Abd al-Rahman Salim"),
        ("ابراهيم سليمان", "ابرهيم سليمان"),
    ] {
        let possible = LikenessStrength::Possible;
        let reasons = is(possible, (one, PHONE, "30"), (other, HOME, "31"));
        assert!(reasons.contains(&Likeness::NameAlike), "{one} {other}");
    }
}

#[test]
fn c15_what_two_files_have_in_common_besides_stands_beside_it_and_finds_nobody() {
    let reasons = is(
        LikenessStrength::Likely,
        ("Omar Hassan", PHONE, "30"),
        ("Omar Hassan", HOME, "31"),
    );
    assert!(reasons.contains(&Likeness::LanguageSame));
    assert!(alike(("Omar Hassan", "", "30"), ("Layla Haddad", "", "30")).is_none());
}
