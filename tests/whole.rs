//! Whole-system tests: one binary, one module per theme.

mod erasure;
mod flow;
