//! The vault from outside: what a running server leaves in memory and on disk, and what the program
//! says to who uses it.
//!
//! - What needs root, a tracer or a mount is left out with the reason printed where there is none.
#![allow(clippy::print_stdout, reason = "what is left out says why")]

mod boot;
mod carve;
mod memory;
mod path;
mod shared;
mod words;
