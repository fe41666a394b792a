//! Files that people write (TOML): what is wrong in one is named with its line and its meaning.

use std::fmt;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::Spanned;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenError {
    /// Which file, in words.
    pub file: &'static str,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub meaning: String,
}

impl fmt::Display for WrittenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            meaning,
        } = self;
        write!(f, "{file}, line {line}: {meaning}")
    }
}

impl std::error::Error for WrittenError {}

/// A file's text while it is being understood.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    name: &'static str,
    text: &'a str,
}

impl<'a> Written<'a> {
    /// Reads the whole file into what it is written as.
    pub(crate) fn read<T: DeserializeOwned>(
        name: &'static str,
        text: &'a str,
        bytes_max: usize,
    ) -> Result<(Self, T), WrittenError> {
        let file = Self { name, text };
        if text.len() > bytes_max {
            return Err(file.at(0, format!("the file is larger than {bytes_max} bytes")));
        }
        let read = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or(0, |span| span.start);
            file.at(place, error.message().to_owned())
        })?;
        Ok((file, read))
    }

    /// Something is wrong with a value.
    pub(crate) fn wrong<T>(self, value: &Spanned<T>, meaning: impl Into<String>) -> WrittenError {
        self.at(value.span().start, meaning.into())
    }

    /// Something is missing from the file as a whole.
    pub(crate) fn wrong_at_end(self, meaning: impl Into<String>) -> WrittenError {
        self.at(self.text.trim_end().len(), meaning.into())
    }

    /// SHA-256 of the file as it was written.
    pub(crate) fn digest(self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    fn at(self, place: usize, meaning: String) -> WrittenError {
        let before = self.text.bytes().take(place);
        WrittenError {
            file: self.name,
            line: 1 + before.filter(|byte| *byte == b'\n').count(),
            meaning,
        }
    }
}
