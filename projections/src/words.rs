//! Words of published text, folded so that a search finds them however they were typed.
//!
//! - Lower case by Unicode; combining marks, Arabic vowel signs and the tatweel are dropped;
//!   letters that people type without their mark fold to the plain one (é → e, أ → ا). No
//!   dependency: the Latin letters of Unicode's first two blocks and the usual Arabic variants are
//!   enough here.

/// The words of a text, folded, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    folded(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The whole text, folded: its words with one space between, for comparing and sorting.
pub(crate) fn phrase(text: &str) -> String {
    words(text).join(" ")
}

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            // Combining marks, Arabic vowel signs, superscript alef, tatweel, joiners.
            '\u{300}'..='\u{36f}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{640}'
            | '\u{200c}'
            | '\u{200d}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            other => folded.push(plain(other)),
        }
    }
    folded
}

fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' | 'ŧ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ς' => 'σ',
        // Alef with hamza or madda, alef maqsura, teh marbuta.
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' => 'ي',
        'ة' => 'ه',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_were_typed() {
        assert_eq!(
            words("Médecins du Monde—Irbid"),
            ["medecins", "du", "monde", "irbid"]
        );
        assert_eq!(words("Me\u{301}decins"), words("MÉDECINS"));
        assert_eq!(words("İstanbul"), ["istanbul"]);
        assert_eq!(words("Straße"), words("STRASSE"));
        assert_eq!(words("ΟΔΟΣ"), words("οδος"));
        assert_eq!(words("أُسْرَة"), words("اسره"));
        assert_eq!(words("مســاعدة"), words("مساعدة"));
    }

    #[test]
    fn text_without_letters_has_no_words() {
        assert!(words(" \u{301}--·, \n").is_empty());
        assert_eq!(phrase("  Legal   aid! "), "legal aid");
    }
}
