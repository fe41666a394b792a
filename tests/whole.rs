//! Whole-system tests: one binary, one module per theme.

mod damage;
mod erasure;
mod flow;
mod refusing_to_open;
mod tidy;
