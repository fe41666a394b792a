//! The ledger's signing key: Ed25519 over C2SP signed notes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};

use super::secret::Key;
use crate::copies::RESTORED;
use crate::error::Fault;

/// C2SP signed-note: the signature type of plain Ed25519.
const ED25519_TYPE: u8 = 0x01;

/// Signs checkpoints under the ledger's name. The key is zeroised on drop (ed25519-dalek,
/// `zeroize`).
pub struct Signer {
    name: String,
    key: SigningKey,
    key_id: [u8; 4],
}

impl Signer {
    /// The signer of this name with this seed. A name is not empty and has no space and no plus
    /// (C2SP signed-note, "Format").
    pub fn new(name: &str, seed: &Key) -> Result<Self, Fault> {
        let unfit = |character: char| {
            character.is_whitespace() || character.is_control() || character == '+'
        };
        if name.is_empty() || name.contains(unfit) {
            return Err(Fault::Unusable(
                "the ledger's name may not be empty or hold spaces or plus signs".to_owned(),
            ));
        }
        // A restored log goes on under another name, and with another key.
        let own = name
            .contains(RESTORED)
            .then(|| seed.derive(&[b"signing/", name.as_bytes()].concat()));
        let key = SigningKey::from_bytes(own.as_ref().unwrap_or(seed).bytes());
        let mut hash = Sha256::new();
        hash.update(name.as_bytes());
        hash.update([0x0A, ED25519_TYPE]);
        hash.update(key.verifying_key().as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let [first, second, third, fourth, ..] = digest;
        Ok(Self {
            name: name.to_owned(),
            key,
            key_id: [first, second, third, fourth],
        })
    }

    /// The name in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id in signature lines: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[..4].
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// The verifier key that anyone may have: name+key id+base64(0x01 ‖ public key).
    pub fn vkey(&self) -> String {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(self.key.verifying_key().as_bytes());
        let id = u32::from_be_bytes(self.key_id);
        format!("{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }
}

impl crate::prove::NoteSigner for Signer {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn key_id(&self) -> [u8; 4] {
        Self::key_id(self)
    }

    fn sign(&self, text: &[u8]) -> [u8; 64] {
        Self::sign(self, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::testing::SeededEntropy;

    fn signer() -> Signer {
        let seed = Key::generate(&mut SeededEntropy::new(1));
        Signer::new("ledger.example/2026", &seed).unwrap()
    }

    #[test]
    fn another_implementation_reads_the_key_and_agrees_on_its_id() {
        use signed_note::Verifier as _;
        let signer = signer();
        let verifier = signed_note::StandardVerifier::new(&signer.vkey()).unwrap();
        assert_eq!(verifier.key_id(), u32::from_be_bytes(signer.key_id()));
        assert_eq!(verifier.name(), signer.name());
        assert!(verifier.verify(b"text\n", &signer.sign(b"text\n")));
        assert!(!verifier.verify(b"text", &signer.sign(b"text\n")));
    }

    #[test]
    fn names_that_break_the_note_format_are_refused() {
        let seed = Key::generate(&mut SeededEntropy::new(1));
        for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
            assert!(Signer::new(name, &seed).is_err(), "{name:?}");
        }
    }
}
