//! Why the story could not be told to its end.

use std::fmt;
use std::io;

use ledger::refusal::Refused;
use tonic::Status;

use crate::answer::refused;
use crate::text;

/// Why the story ended early. What was told is in the ledger; a new start goes on from there.
#[derive(Debug)]
pub enum DemoError {
    /// A file or the connection.
    Io(io::Error),
    /// A step that should have gone through was refused.
    Refused(String, Refused),
    /// An attempt that should have been refused went through.
    NotRefused(String),
    /// A call failed: which step, and the gRPC code.
    Failed(String, tonic::Code),
    /// An answer said something that cannot be.
    Unexpected(String, &'static str),
    /// A receipt or proof does not verify: at which position, and the verifier's code.
    Proof(u64, &'static str),
    /// Something that the story needs is not there.
    Missing(&'static str),
}

impl DemoError {
    /// What a failed call means for a step.
    pub(super) fn of(step: &str, status: &Status) -> Self {
        match refused(status) {
            Some(no) => Self::Refused(step.to_owned(), no),
            None => Self::Failed(step.to_owned(), status.code()),
        }
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Refused(step, no) => {
                let wrong = text::wrong(no.refusal, no.about.as_deref());
                write!(f, "step {step} was refused ({}): {wrong}", no.refusal)
            }
            Self::NotRefused(step) => write!(f, "step {step} should have been refused"),
            Self::Failed(step, code) => write!(f, "step {step} failed: {code}"),
            Self::Unexpected(step, what) => write!(f, "step {step}: {what}"),
            Self::Proof(position, code) => {
                write!(f, "the proof of event {position} does not verify ({code})")
            }
            Self::Missing(what) => write!(f, "the story needs {what}, which is not there"),
        }
    }
}

impl std::error::Error for DemoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Refused(..)
            | Self::NotRefused(_)
            | Self::Failed(..)
            | Self::Unexpected(..)
            | Self::Proof(..)
            | Self::Missing(_) => None,
        }
    }
}

impl From<io::Error> for DemoError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
