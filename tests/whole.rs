//! whole

mod tidy;
