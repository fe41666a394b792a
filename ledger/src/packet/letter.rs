//! What a packet says: the signed text of a referral, and the words that it vouches for (SPEC
//! §14.3).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::errors::PacketError;
use super::passphrase::Spoken;
use super::sealed::{self, Opener};
use crate::clock::{Entropy, Timestamp};
use crate::domain::codes::{ConsentClaim, DataCategory, Urgency};
use crate::domain::ids::{OrganisationId, OutwardReference, PacketId, ServiceId};
use crate::domain::incoming::ReplyKey;
use crate::domain::personal::{Item, Text};
use crate::domain::referral::FollowUpContract;
use crate::hex::{from_hex, hex};
use crate::prove::{Note, NoteSigner, VerifierKey};

const FIRST_LINE: &str = "referral-ledger packet v1";

/// What is signed of a referral: no word about the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which packet.
    pub packet: PacketId,
    /// The organisation that sends.
    pub organisation: OrganisationId,
    /// The organisation that it is for, as the sender's directory calls it.
    pub recipient: OrganisationId,
    /// The service, there.
    pub service: ServiceId,
    /// What the service is called there.
    pub service_name: String,
    /// What the recipient calls the person.
    pub reference: OutwardReference,
    /// How quickly.
    pub urgency: Urgency,
    /// What the sender says of consent.
    pub consent: ConsentClaim,
    /// When the referral was sent.
    pub sent: Timestamp,
    /// By when its receipt should be confirmed.
    pub acknowledge_by: Timestamp,
    /// What was agreed for following up, in the words of `follow_up_line`.
    pub follow_up: String,
    /// Under which the reply is encrypted.
    pub reply_key: ReplyKey,
    /// SHA-256 of the words.
    pub words: [u8; 32],
}

/// An opened packet. Who signed it is still to be asked.
pub struct Letter {
    /// The signed note, as the ledger wants it when it is taken in.
    pub note: String,
    /// What it says.
    pub sent: Sent,
    /// The words about the person.
    pub items: Vec<Item>,
}

impl Sent {
    /// The signed note.
    pub(super) fn sign(&self, signer: &dyn NoteSigner) -> Result<String, PacketError> {
        let mut text = format!("{FIRST_LINE}\n");
        for (name, value) in self.lines() {
            writeln!(text, "{name} {value}").map_err(|_| PacketError::Text)?;
        }
        let note = Note::sign(&text, &[signer]).map_err(|_| PacketError::Text)?;
        Ok(note.to_string())
    }

    fn lines(&self) -> [(&'static str, String); 13] {
        [
            ("packet", self.packet.to_string()),
            ("organisation", self.organisation.to_string()),
            ("recipient", self.recipient.to_string()),
            ("service", self.service.to_string()),
            ("service-name", self.service_name.clone()),
            ("reference", self.reference.to_string()),
            ("urgency", self.urgency.code().to_owned()),
            ("consent", self.consent.code().to_owned()),
            ("sent", self.sent.0.to_string()),
            ("acknowledge-by", self.acknowledge_by.0.to_string()),
            ("follow-up", self.follow_up.clone()),
            ("reply-key", hex(&self.reply_key.0)),
            ("words", hex(&self.words)),
        ]
    }

    /// What a note's text says: every line once, in its one order and spelling.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut lines = Lines::after(text, FIRST_LINE)?;
        let sent = Self {
            packet: lines.next("packet")?.parse().ok()?,
            organisation: lines.next("organisation")?.parse().ok()?,
            recipient: lines.next("recipient")?.parse().ok()?,
            service: lines.next("service")?.parse().ok()?,
            service_name: lines.next("service-name")?.to_owned(),
            reference: lines.next("reference")?.parse().ok()?,
            urgency: Urgency::from_code(lines.next("urgency")?)?,
            consent: ConsentClaim::from_code(lines.next("consent")?)?,
            sent: Timestamp(lines.next("sent")?.parse().ok()?),
            acknowledge_by: Timestamp(lines.next("acknowledge-by")?.parse().ok()?),
            follow_up: lines.next("follow-up")?.to_owned(),
            reply_key: ReplyKey(from_hex(lines.next("reply-key")?)?),
            words: from_hex(lines.next("words")?)?,
        };
        lines.end()?;
        // One spelling for each: what is read is what would be written.
        let written = sent
            .lines()
            .into_iter()
            .map(|(name, value)| format!("{name} {value}"));
        text.lines().skip(1).eq(written).then_some(sent)
    }
}

/// The lines of a text, one after the other.
pub(super) struct Lines<'a>(std::str::Split<'a, char>);

impl<'a> Lines<'a> {
    pub(super) fn after(text: &'a str, first: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        (lines.next() == Some(first)).then_some(Self(lines))
    }

    pub(super) fn next(&mut self, name: &str) -> Option<&'a str> {
        self.0.next()?.strip_prefix(name)?.strip_prefix(' ')
    }

    pub(super) fn end(&mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// What was agreed for following up: channel, day as a number and items, or a hyphen.
pub(super) fn follow_up_line(agreed: Option<&FollowUpContract>) -> String {
    let Some(agreed) = agreed else {
        return "-".to_owned();
    };
    let items: Vec<&str> = agreed.items.iter().map(|item| item.code()).collect();
    let day = agreed.on.start().to_rfc3339();
    let day = day.get(..10).unwrap_or_default();
    format!("{} {day} {}", agreed.channel.code(), items.join(","))
}

/// The words as they are digested and sealed: one line each, in the order of their categories.
pub(super) fn words(items: &[Item]) -> Zeroizing<String> {
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by_key(|item| item.category);
    let mut text = Zeroizing::new(String::new());
    for item in sorted {
        text.push_str(item.category.code());
        text.push(' ');
        STANDARD.encode_string(item.text.reveal(), &mut text);
        text.push('\n');
    }
    text
}

/// Seals a signed note with the words that it vouches for.
pub(super) fn seal(
    (packet, note): (PacketId, &str),
    words: &str,
    passphrase: &Spoken,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, PacketError> {
    let bytes = u32::try_from(note.len()).map_err(|_| PacketError::Text)?;
    let mut plain = Zeroizing::new(bytes.to_be_bytes().to_vec());
    plain.extend_from_slice(note.as_bytes());
    plain.extend_from_slice(words.as_bytes());
    sealed::seal(packet, &plain, &Opener::Passphrase(passphrase), entropy)
}

impl Letter {
    /// Opens a packet with what somebody typed. That leaves no trace anywhere.
    pub fn open(file: &[u8], passphrase: &str) -> Result<Self, PacketError> {
        // A file that is no packet is told so before the passphrase is.
        sealed::packet_of(file)?;
        let spoken = Spoken::typed(passphrase).ok_or(PacketError::Passphrase)?;
        let (packet, plain) = sealed::open(file, &Opener::Passphrase(&spoken))?;
        let letter = Self::read(&plain).ok_or(PacketError::Text)?;
        // The number outside is the one that was signed.
        if letter.sent.packet == packet {
            Ok(letter)
        } else {
            Err(PacketError::Text)
        }
    }

    /// Whether this key signed it.
    pub fn signed_by(&self, key: &VerifierKey) -> Result<(), PacketError> {
        let note = Note::parse(self.note.as_bytes()).map_err(|_| PacketError::Text)?;
        note.verify(key).map(drop).map_err(|_| PacketError::Sender)
    }

    /// The names under which it is signed; nothing is checked.
    pub fn signed_as(&self) -> Vec<String> {
        let note = Note::parse(self.note.as_bytes());
        let names = note.iter().flat_map(Note::signatures);
        names.map(|line| line.name().to_owned()).collect()
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let (bytes, rest) = plain.split_first_chunk::<4>()?;
        let bytes = usize::try_from(u32::from_be_bytes(*bytes)).ok()?;
        let (note, said) = rest.split_at_checked(bytes)?;
        let sent = Sent::read(Note::parse(note).ok()?.unverified_text())?;
        let digest: [u8; 32] = Sha256::digest(said).into();
        if digest != sent.words {
            return None;
        }
        let said = str::from_utf8(said).ok()?;
        let items: Option<Vec<Item>> = said.lines().map(item).collect();
        let items = items?;
        // One order and spelling, and each category once.
        let once = items.windows(2).all(|two| match two {
            [first, second] => first.category < second.category,
            _ => true,
        });
        (once && !items.is_empty() && words(&items).as_str() == said).then(|| Self {
            note: str::from_utf8(note).unwrap_or_default().to_owned(),
            sent,
            items,
        })
    }
}

fn item(line: &str) -> Option<Item> {
    let (category, text) = line.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    Some(Item {
        category: DataCategory::from_code(category)?,
        text: Text::new(text),
    })
}
