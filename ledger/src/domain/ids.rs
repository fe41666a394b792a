//! Identifiers: sixteen random bytes each, shown as UUIDs, and the client code (MISSION A4).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Entropy;

/// A text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId;

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID such as 3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00")
    }
}

impl std::error::Error for MalformedId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// A fresh random identifier.
            pub fn fresh(entropy: &mut dyn Entropy) -> Self {
                Self(fresh(entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse_uuid(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// An agreement with a member of the referral mechanism.
    AgreementId
    /// A case: one person's file at one organisation, a stream of its own.
    CaseId
    /// A consent, an assent or a decision in its place.
    ConsentId
    /// A disclosure of data to a recipient.
    DisclosureId
    /// An exception to confidentiality (MISSION B5).
    ExceptionId
    /// A ground that personal data rest on: the id of a consent, an exception or a legal duty.
    GroundId
    /// A legal hold on a case or a person in it.
    HoldId
    /// A leaf key of the key tree, by its public fingerprint.
    LeafKeyId
    /// A link between two files of a family (MISSION C14).
    LinkId
    /// A merging of two files of one person (MISSION C15).
    MergeId
    /// A member organisation of the mechanism.
    OrganisationId
    /// A person in a case: client, caregiver, interpreter.
    PersonId
    /// A referral of a person to a service.
    ReferralId
    /// A rotation of the key tree.
    RotationId
    /// A caller's own random name for one command, so that repeating it does no harm.
    RequestId
    /// A service in the directory.
    ServiceId
    /// A member of staff or a volunteer.
    StaffId
    /// What a person asks for about their data (MISSION E3).
    SubjectRequestId
    /// A sweep of what is over by the retention rules.
    SweepId
    /// A bearer token, by its public name.
    TokenId
    /// The name that one recipient knows one person by (MISSION A4): different for each recipient.
    OutwardReference
    /// A copy of the journal: a mirror or a backup.
    CopyId
    /// Feedback or a complaint (MISSION C6).
    ComplaintId
    /// A pathway from a need to services.
    PathwayId
    /// A breach of data (MISSION E8).
    BreachId
    /// A question to a service about a group (MISSION C11).
    InquiryId
    /// A referral that came in from outside (MISSION C13).
    IncomingId
    /// An interview with a person in a case (MISSION C8).
    InterviewId
    /// A referral in an encrypted file (MISSION C3, C7).
    PacketId
}

impl From<ConsentId> for GroundId {
    fn from(id: ConsentId) -> Self {
        Self(id.0)
    }
}

impl From<ExceptionId> for GroundId {
    fn from(id: ExceptionId) -> Self {
        Self(id.0)
    }
}

/// A client's code: nine random symbols and a check symbol, shown as `K7Q4M-92MDX`.
///
/// Unrelated to identity; said over the phone and written on paper instead of a name. The alphabet
/// has 31 symbols (no 0, I, L, O, U) and the check is a weighted sum modulo 31, so that every
/// single wrong symbol and every swap of neighbours is noticed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientCode([u8; 10]);

impl ClientCode {
    /// A fresh random code.
    pub fn fresh(entropy: &mut dyn Entropy) -> Self {
        let mut symbols = [0_u8; 10];
        for symbol in symbols.iter_mut().take(9) {
            *symbol = below_31(entropy);
        }
        let check = weighted(symbols.iter().take(9));
        if let Some(last) = symbols.last_mut() {
            *last = check;
        }
        Self(symbols)
    }

    /// The code's symbols as numbers, for keyed hashes.
    pub fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

impl fmt::Display for ClientCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in self.0.iter().enumerate() {
            if place == 5 {
                f.write_str("-")?;
            }
            let letter = CODE_ALPHABET
                .get(usize::from(*symbol))
                .copied()
                .unwrap_or(b'?');
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ClientCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a client code, or has a wrong symbol in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedCode;

impl fmt::Display for MalformedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a client code such as K7Q4M-92MDX; check each symbol")
    }
}

impl std::error::Error for MalformedCode {}

impl FromStr for ClientCode {
    type Err = MalformedCode;

    fn from_str(text: &str) -> Result<Self, MalformedCode> {
        let mut symbols = [0_u8; 10];
        let mut given = text.bytes().filter(|byte| *byte != b'-' && *byte != b' ');
        for symbol in &mut symbols {
            let byte = given.next().ok_or(MalformedCode)?.to_ascii_uppercase();
            let value = CODE_ALPHABET.iter().position(|letter| *letter == byte);
            *symbol = value
                .and_then(|value| u8::try_from(value).ok())
                .ok_or(MalformedCode)?;
        }
        let check = weighted(symbols.iter().take(9));
        if given.next().is_some() || symbols.last() != Some(&check) {
            return Err(MalformedCode);
        }
        Ok(Self(symbols))
    }
}

fn fresh(entropy: &mut dyn Entropy) -> [u8; 16] {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    // RFC 9562 version 4, so that other systems take it for what it is.
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn parse_uuid(text: &str) -> Result<[u8; 16], MalformedId> {
    let mut bytes = [0_u8; 16];
    let mut digits = text.chars();
    for (place, byte) in bytes.iter_mut().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) && digits.next() != Some('-') {
            return Err(MalformedId);
        }
        let mut digit = || {
            digits
                .next()
                .and_then(|c| c.to_digit(16))
                .ok_or(MalformedId)
        };
        let value = digit()? * 16 + digit()?;
        *byte = u8::try_from(value).map_err(|_| MalformedId)?;
    }
    if digits.next().is_some() {
        Err(MalformedId)
    } else {
        Ok(bytes)
    }
}

/// A number below 31 without bias: bytes at or over 248 are drawn again.
fn below_31(entropy: &mut dyn Entropy) -> u8 {
    loop {
        let mut byte = [0_u8; 1];
        entropy.fill(&mut byte);
        let [value] = byte;
        if value < 248 {
            return value % 31;
        }
    }
}

/// Weighted sum modulo 31 with the weights 1, 2, 3 …
fn weighted<'a>(symbols: impl Iterator<Item = &'a u8>) -> u8 {
    let sum: u32 = symbols
        .zip(1_u32..)
        .map(|(symbol, weight)| u32::from(*symbol) * weight)
        .sum();
    u8::try_from(sum % 31).unwrap_or(0)
}

const CODE_ALPHABET: &[u8; 31] = b"123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn an_id_survives_its_text_form() {
        let id = CaseId::fresh(&mut SystemEntropy);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            "3f2b8c1e0d4a4a579b1c6c1a2e5d7f00".parse::<CaseId>(),
            Err(MalformedId)
        );
        assert_eq!(
            "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f0é".parse::<CaseId>(),
            Err(MalformedId)
        );
    }

    #[test]
    fn every_wrong_symbol_and_every_swap_of_neighbours_in_a_code_is_noticed() {
        let code = ClientCode::fresh(&mut SystemEntropy);
        assert_eq!(code.to_string().to_lowercase().parse(), Ok(code));
        for place in 0..10 {
            for other in 0..31 {
                let mut wrong = code;
                wrong.0[place] = other;
                assert_eq!(
                    wrong == code,
                    wrong.to_string().parse::<ClientCode>().is_ok()
                );
            }
        }
        for place in 0..8 {
            let mut swapped = code;
            swapped.0.swap(place, place + 1);
            assert_eq!(
                swapped == code,
                swapped.to_string().parse::<ClientCode>().is_ok()
            );
        }
    }
}
