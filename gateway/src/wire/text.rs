//! Text from outside: any script, bounded, without control characters.
//!
//! - Letters, combining marks and right-to-left text of every script pass as they are.
//! - Control characters are refused, and so are the explicit bidirectional controls, which can make
//!   a text read as something else than it says.

use ledger::domain::event::PublicText;
use ledger::domain::personal::Text;
use ledger::refusal::{Refusal, Refused};

use super::Checked;
use crate::limits::{LONG_TEXT_BYTES_MAX, SHORT_TEXT_BYTES_MAX};

/// One line about a person: a name, a language, a contact.
pub fn short(text: String, field: &str) -> Checked<Text> {
    checked(text, field, Extent::Line).map(Text::new)
}

/// Several lines about a person: an account, a note.
pub fn long(text: String, field: &str) -> Checked<Text> {
    checked(text, field, Extent::Lines).map(Text::new)
}

/// One line about a person, where there is one.
pub fn optional_short(text: Option<String>, field: &str) -> Checked<Option<Text>> {
    text.map(|text| short(text, field)).transpose()
}

/// Several lines about a person, where there are any.
pub fn optional_long(text: Option<String>, field: &str) -> Checked<Option<Text>> {
    text.map(|text| long(text, field)).transpose()
}

/// One line that an organisation published; must say something.
pub fn public_name(text: String, field: &str) -> Checked<PublicText> {
    checked(text, field, Extent::Line).map(PublicText)
}

/// Several lines that an organisation published; may be empty.
pub fn public(text: String, field: &str) -> Checked<PublicText> {
    if text.is_empty() {
        return Ok(PublicText(text));
    }
    checked(text, field, Extent::Lines).map(PublicText)
}

/// Words to search for; may be empty.
pub fn query(text: String, field: &str) -> Checked<String> {
    if text.is_empty() {
        return Ok(text);
    }
    checked(text, field, Extent::Line)
}

/// A line with its white space folded.
pub fn folded_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same line by line, without empty lines at the ends.
pub fn folded_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(folded_line).collect();
    lines.join("\n").trim().to_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Line,
    Lines,
}

fn checked(text: String, field: &str, extent: Extent) -> Checked<String> {
    let bytes_max = match extent {
        Extent::Line => SHORT_TEXT_BYTES_MAX,
        Extent::Lines => LONG_TEXT_BYTES_MAX,
    };
    if text.len() > bytes_max {
        return Err(Refused::about(Refusal::TooLarge, field));
    }
    let says_nothing = text.chars().all(char::is_whitespace);
    if says_nothing || text.chars().any(|c| forbidden(c, extent)) {
        return Err(Refused::about(Refusal::Malformed, field));
    }
    Ok(text)
}

fn forbidden(c: char, extent: Extent) -> bool {
    match c {
        '\t' | '\n' | '\r' => extent == Extent::Line,
        // Embeddings, overrides and isolates (Unicode Annex 9); the marks U+200E, U+200F and U+061C
        // and the joiners U+200C and U+200D are part of ordinary writing and pass.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        // Line and paragraph separators break lines where none is expected; U+FEFF and the
        // interlinear annotations hide text; noncharacters and tags mean nothing to a reader.
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => true,
        '\u{E0000}'..='\u{E007F}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T>(checked: Checked<T>) -> Option<Refusal> {
        checked.err().map(|refused| refused.refusal)
    }

    #[test]
    fn names_of_every_script_pass_unchanged() {
        let names = [
            "Mary",
            "مَرْيَم",
            "ישראל",
            "መሪም",
            "Nguyễn Thị",
            "e\u{301}e\u{301}",
            "नमस्ते\u{200D}",
            "می\u{200C}خواهم",
            "名前",
            "👩🏽\u{200D}⚕\u{FE0F}",
        ];
        for name in names {
            let text = short(name.to_owned(), "name").expect("accepted");
            assert_eq!(text.reveal(), name);
        }
    }

    #[test]
    fn control_characters_and_direction_overrides_are_refused() {
        let bad = [
            "a\0b",
            "a\u{7}b",
            "a\u{1b}[31mb",
            "a\u{85}b",
            "a\u{202E}b",
            "a\u{2066}b",
            "a\u{2028}b",
            "a\u{FEFF}b",
            "a\u{E0041}b",
            "a\u{7f}b",
        ];
        for text in bad {
            assert_eq!(
                refusal(short(text.to_owned(), "name")),
                Some(Refusal::Malformed)
            );
            assert_eq!(
                refusal(long(text.to_owned(), "note")),
                Some(Refusal::Malformed)
            );
        }
    }

    #[test]
    fn only_long_text_has_lines() {
        assert_eq!(
            refusal(short("a\nb".to_owned(), "name")),
            Some(Refusal::Malformed)
        );
        assert_eq!(
            refusal(short("a\tb".to_owned(), "name")),
            Some(Refusal::Malformed)
        );
        assert!(long("a\n\tb\r\n".to_owned(), "note").is_ok());
    }

    #[test]
    fn text_that_says_nothing_is_refused() {
        for text in ["", " ", "\u{a0}\u{2003}"] {
            assert_eq!(
                refusal(short(text.to_owned(), "name")),
                Some(Refusal::Malformed)
            );
        }
        assert_eq!(
            refusal(optional_short(Some(String::new()), "birth")),
            Some(Refusal::Malformed)
        );
        assert!(public(String::new(), "fees").is_ok());
    }

    #[test]
    fn a_text_one_byte_too_long_is_too_large_and_names_its_field() {
        assert!(short("x".repeat(SHORT_TEXT_BYTES_MAX), "name").is_ok());
        let refused = short("x".repeat(SHORT_TEXT_BYTES_MAX + 1), "identity.name").err();
        assert_eq!(
            refused,
            Some(Refused::about(Refusal::TooLarge, "identity.name"))
        );
        assert!(long("é".repeat(LONG_TEXT_BYTES_MAX / 2), "note").is_ok());
        assert_eq!(
            refusal(long("x".repeat(LONG_TEXT_BYTES_MAX + 1), "note")),
            Some(Refusal::TooLarge)
        );
    }
}
