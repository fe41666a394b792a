//! The passphrase of a packet: made here, said aloud on another road, stored nowhere (SPEC §14.2).

use zeroize::Zeroizing;

use crate::clock::Entropy;

/// Letters and digits that are not taken for one another when said or written (Crockford).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters, five bits each: 120 bits.
const CHARACTERS: usize = 24;
/// Characters between two hyphens.
const GROUP: usize = 4;

/// A passphrase in groups that can be read over the phone. It is never shown by accident.
pub struct Spoken(Zeroizing<String>);

impl Spoken {
    /// A fresh one.
    pub fn fresh(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; CHARACTERS]);
        entropy.fill(bytes.as_mut_slice());
        let letters = bytes.iter().filter_map(|byte| {
            let letter = ALPHABET.get(usize::from(byte & 31));
            letter.map(|letter| char::from(*letter))
        });
        Self(Zeroizing::new(letters.collect()))
    }

    /// What somebody typed: dashes, spaces and small letters do not matter, whatever a telephone or
    /// a word processor makes of them; O is 0, I and L are 1. Nothing if it cannot be a packet's
    /// passphrase.
    pub fn typed(text: &str) -> Option<Self> {
        let mut letters = Zeroizing::new(String::with_capacity(CHARACTERS));
        for character in text.chars().filter(|one| !stands_between(*one)) {
            let letter = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || letters.len() == CHARACTERS {
                return None;
            }
            letters.push(letter);
        }
        (letters.len() == CHARACTERS).then_some(Self(letters))
    }

    /// As it is shown once: groups of four.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut shown = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown
    }

    /// What Argon2id takes: the characters without hyphens.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether a character stands between two groups, or is seen by nobody.
fn stands_between(character: char) -> bool {
    let dash = matches!(
        character,
        '-' | '_' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    ) || ('\u{2010}'..='\u{2015}').contains(&character);
    let unseen = matches!(character, '\u{ad}' | '\u{2060}' | '\u{feff}')
        || ('\u{200b}'..='\u{200f}').contains(&character)
        || ('\u{202a}'..='\u{202e}').contains(&character)
        || ('\u{2066}'..='\u{2069}').contains(&character);
    character.is_whitespace() || dash || unseen
}
