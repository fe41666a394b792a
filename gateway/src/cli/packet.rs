//! Packets on this machine: opening one offline, and what `referral` and `incoming` need of files.
//!
//! - The passphrase is asked for at the terminal or read from a file descriptor, never taken from
//!   the command line, which others can read.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use ledger::limits::{PACKET_FILE_BYTES_MAX, PASSPHRASE_BYTES_MAX};
use ledger::packet::{Letter, PacketError};
use rustix::fs::{Mode, OFlags, open};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::output::{Output, say};
use super::private::{Growing, new_name};
use super::verify;
use crate::wire::time::moment_to_text;

/// Where a packet's passphrase comes from.
#[derive(Args, Clone, Debug)]
pub(crate) struct SpokenSource {
    /// Read the packet's passphrase from this open file descriptor [default: ask at the terminal]
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u32>,
}

/// Flags of `open-packet`.
#[derive(Args)]
pub(crate) struct OpenPacket {
    /// The file that came
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The sender's public key, to check who signed it: the key itself (name+id+base64) or a file
    #[arg(long, value_name = "VKEY|FILE")]
    key: Option<String>,
    #[command(flatten)]
    source: SpokenSource,
}

impl OpenPacket {
    /// Opens the packet and prints what it says; nothing is recorded or kept.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let key = self.key.as_deref().map(verify::key_of).transpose()?;
        let letter = self.source.open(&self.file)?;
        if let Some(key) = &key {
            letter.signed_by(key).map_err(no)?;
        } else {
            say(
                "Who signed it was not checked: give the sender's key with --key, or take the \
                 packet in (`incoming take-packet`).",
            );
        }
        output.show(&shown(&letter, key.is_some()))
    }
}

impl SpokenSource {
    /// Opens a packet's file with the passphrase that somebody says.
    pub(crate) fn open(&self, path: &Path) -> Result<Letter, Failure> {
        let file = read(path)?;
        // What is no packet needs no passphrase.
        ledger::packet::packet_of(&file).map_err(no)?;
        Letter::open(&file, &self.said()?).map_err(no)
    }

    fn said(&self) -> Result<Zeroizing<String>, Failure> {
        let Some(number) = self.passphrase_fd else {
            let typed = rpassword::prompt_password("Passphrase of the packet: ");
            let missing = "the packet wants its passphrase and there is no terminal to ask at; \
                           give --passphrase-fd N";
            return typed
                .map(Zeroizing::new)
                .map_err(|_| Failure::Usage(missing.to_owned()));
        };
        let wrong = |error| Failure::Usage(format!("cannot read the passphrase: {error}"));
        let most = u64::try_from(PASSPHRASE_BYTES_MAX).unwrap_or(u64::MAX);
        let mut text = Zeroizing::new(String::new());
        File::open(format!("/dev/fd/{number}"))
            .and_then(|file| file.take(most).read_to_string(&mut text))
            .map_err(wrong)?;
        Ok(Zeroizing::new(
            text.trim_end_matches(['\r', '\n']).to_owned(),
        ))
    }
}

/// A packet's or reply's file. What is no file is not waited for: nobody may ever write to a pipe.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| Failure::Usage(format!("cannot read {}: {why}", path.display()));
    let most = u64::try_from(PACKET_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let without_waiting = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = open(path, without_waiting, Mode::empty());
    let file = File::from(file.map_err(|error| wrong(error.to_string()))?);
    let kind = file.metadata().map_err(|error| wrong(error.to_string()))?;
    if !kind.is_file() {
        return Err(wrong("it is no file".to_owned()));
    }
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(error.to_string()))?;
    if bytes.len() > PACKET_FILE_BYTES_MAX {
        return Err(wrong("larger than any packet".to_owned()));
    }
    Ok(bytes)
}

/// As the API's JSON takes bytes.
pub(crate) fn encoded(bytes: &[u8]) -> Value {
    STANDARD.encode(bytes).into()
}

/// A file that an answer is to fill: begun before anything is asked, so that what cannot be written
/// is not recorded as made.
pub(crate) struct Kept(Growing);

impl Kept {
    /// Begins it beside its name, which nothing may have yet.
    pub(crate) fn new(path: &Path) -> Result<Self, Failure> {
        new_name(path)?;
        let wrong =
            |error| Failure::Usage(format!("{} cannot be written: {error}", path.display()));
        Growing::new(path).map(Self).map_err(wrong)
    }

    /// Fills it with what the answer holds, and takes that out of what is shown. It has its name
    /// once it is whole on the disk.
    pub(crate) fn fill(mut self, answer: &mut Value, field: &str) -> Result<(), Failure> {
        let held = answer.as_object_mut().and_then(|all| all.remove(field));
        let bytes = held.as_ref().and_then(Value::as_str);
        let bytes = bytes.and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.ok_or_else(|| Failure::Broken("the answer has no file".to_owned()))?;
        let written = self.0.write_all(&bytes).and_then(|()| self.0.finish());
        written.map_err(|error| {
            let what = "recorded, but the file cannot be written";
            Failure::Broken(format!("{what}: {error}; make another"))
        })
    }
}

fn shown(letter: &Letter, checked: bool) -> Value {
    let sent = &letter.sent;
    let items = letter
        .items
        .iter()
        .map(|item| json!({ "category": item.category.code(), "text": item.text.reveal() }));
    json!({
        "packet_id": sent.packet.to_string(),
        "signed_as": letter.signed_as(),
        "signer_checked": checked,
        "organisation_id": sent.organisation.to_string(),
        "recipient_id": sent.recipient.to_string(),
        "service_id": sent.service.to_string(),
        "service_name": sent.service_name,
        "reference": sent.reference.to_string(),
        "urgency": sent.urgency.code(),
        "consent_claim": sent.consent.code(),
        "sent_at": moment_to_text(sent.sent),
        "acknowledge_by": moment_to_text(sent.acknowledge_by),
        "follow_up": sent.follow_up,
        "items": items.collect::<Vec<_>>(),
    })
}

fn no(error: PacketError) -> Failure {
    Failure::refused(&error.refused())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn said(read: Result<Vec<u8>, Failure>) -> String {
        match read {
            Err(Failure::Usage(said)) => said,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn c3_what_is_no_file_is_refused_and_never_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            let said = said(read(path));
            assert!(said.ends_with("it is no file"), "{said}");
        }
        assert!(said(read(&folder.path().join("none"))).contains("cannot read"));
    }

    #[test]
    fn c3_a_file_has_its_name_once_it_is_whole_and_nothing_is_asked_where_none_can_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.packet");
        let left = || std::fs::read_dir(folder.path()).expect("a folder").count();
        let kept = Kept::new(&path).expect("begun");
        assert!(!path.exists(), "nothing of it is whole");
        // The call failed: nothing is left.
        drop(kept);
        assert_eq!(left(), 0);
        let kept = Kept::new(&path).expect("begun");
        let mut answer = json!({ "packet": encoded(b"RLPK"), "packet_id": "1" });
        kept.fill(&mut answer, "packet").expect("filled");
        assert_eq!(answer, json!({ "packet_id": "1" }));
        assert_eq!(std::fs::read(&path).expect("a file"), b"RLPK");
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!((mode & 0o777, left()), (0o600, 1));
        for taken in [path.clone(), path.join("under"), folder.path().join("no/a")] {
            assert!(matches!(Kept::new(&taken), Err(Failure::Usage(_))));
        }
    }
}
