//! Bearer tokens at the command line: made here, shown once; only their SHA-256 goes anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use ledger::clock::{Entropy, SystemEntropy};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::failure::Failure;

/// A bearer token's text; wiped when dropped, never printed by `Debug`.
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// A fresh token: 32 random bytes as base64url after `rl_`, so that scanners recognise a leak.
    pub(crate) fn fresh() -> Self {
        let mut bytes = [0_u8; 32];
        SystemEntropy.fill(&mut bytes);
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        bytes.zeroize();
        Self(Zeroizing::new(text))
    }

    /// What the ledger is told.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The text, for its one showing and for the authorization header.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let body = text.strip_prefix(PREFIX).unwrap_or_default();
        let mut bytes = URL_SAFE_NO_PAD.decode(body).unwrap_or_default();
        let fits = bytes.len() == 32;
        bytes.zeroize();
        if fits {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            let wrong = "the token is not one of ours (rl_ and 43 letters); copy it whole";
            Err(Failure::Usage(wrong.to_owned()))
        }
    }
}

/// Where the token comes from.
#[derive(Args)]
pub(crate) struct TokenSource {
    /// Your bearer token; better in REFERRAL_TOKEN or a file, for others can see command lines
    #[arg(
        long,
        env = "REFERRAL_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    #[arg(global = true, help_heading = "Server")]
    token: Option<String>,
    /// A file that holds your bearer token (and nothing else)
    #[arg(long, value_name = "FILE", global = true, help_heading = "Server")]
    token_file: Option<PathBuf>,
}

impl TokenSource {
    /// The token; a named file wins over the environment.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        match (&self.token_file, &self.token) {
            (Some(file), _) => from_file(file),
            (None, Some(text)) => Secret::parse(text),
            (None, None) => Err(Failure::Usage(
                "no token: set REFERRAL_TOKEN or give --token-file FILE; \
                 your administrator issues one with `referral-ledger token issue`"
                    .to_owned(),
            )),
        }
    }
}

fn from_file(file: &Path) -> Result<Secret, Failure> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| {
        Failure::Usage(format!(
            "cannot read the token file {}: {error}",
            file.display()
        ))
    })?;
    Secret::parse(&text)
}

const PREFIX: &str = "rl_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_token_is_read_back_and_has_the_same_digest() {
        let token = Secret::fresh();
        let Ok(read) = Secret::parse(&format!("{}\n", token.reveal())) else {
            panic!("a token of ours is accepted");
        };
        assert_eq!(read.digest(), token.digest());
        assert_ne!(Secret::fresh().digest(), token.digest());
    }

    #[test]
    fn what_is_not_a_whole_token_is_refused_before_it_leaves_this_machine() {
        let whole = Secret::fresh();
        let (short, _) = whole.reveal().split_at(20);
        for wrong in [
            "",
            "rl_",
            short,
            "password",
            &format!("{}x", whole.reveal()),
        ] {
            assert!(Secret::parse(wrong).is_err());
        }
    }
}
