//! The vocabulary: ids, codes, commands, events, and the states that decisions fold from events.

mod about;
pub mod case;
pub(crate) mod children;
mod class;
pub mod codes;
pub mod command;
pub mod complaint;
pub mod contact;
pub mod directory;
pub mod event;
pub mod figures;
pub mod grounds;
pub mod handover;
pub mod ids;
pub mod interview;
pub mod mechanism;
pub mod notices;
pub mod personal;
pub mod record;
pub mod referral;
pub mod registers;
pub mod request;
pub mod rights;
pub mod scope;
pub mod staff;
pub mod stream;
pub mod subjects;
