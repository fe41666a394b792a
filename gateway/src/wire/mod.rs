//! The edge: protobuf messages become domain types here, once, or a refusal; and back again.
//!
//! - What passed is not validated again anywhere (STYLE 4).
//! - A refusal names the field by its path in the message and never repeats its content.

pub mod answer;
pub mod breach;
pub mod codes;
pub mod command;
pub mod complaint;
pub mod consequences;
pub mod contact;
pub mod entry;
pub mod erasure;
pub mod exception;
pub mod fees;
pub mod field;
pub mod filter;
pub mod given;
pub mod incoming;
pub mod inquiry;
pub mod interview;
pub mod mechanism;
pub mod page;
pub mod processing;
pub mod record;
pub mod retention;
pub mod rights;
pub mod row;
pub mod service;
pub mod shared;
pub mod statistics;
pub mod subject;
pub mod text;
pub mod time;

use ledger::refusal::Refused;

/// A part of a request that was understood, or why not.
pub type Checked<T> = Result<T, Refused>;
