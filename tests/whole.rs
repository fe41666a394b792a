//! Whole-system tests: one binary, one module per theme.

mod flow;
