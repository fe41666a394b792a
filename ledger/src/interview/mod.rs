//! The forms of interviews and the table of indicators that ship, as data (MISSION C8).
//!
//! - A question names its purpose, the data category that its answer is sealed under, how it can be
//!   answered, and whether it is one of those that are off unless the organisation's file says why.
//! - Words are asked for only where codes cannot say it, and never about protection or health: no
//!   question asks for details of an incident (MISSION C10).
//! - A form has a version; its digest stands with every interview.

mod form;
mod indicators;

use std::sync::LazyLock;

pub use form::{Form, Question};
pub use indicators::{Because, Indicators, Suggestion};

use crate::domain::codes::InterviewForm;

/// A form that ships.
pub fn form(which: InterviewForm) -> &'static Form {
    match which {
        InterviewForm::Profiling => &PROFILING,
        InterviewForm::Guide => &GUIDE,
    }
}

/// The table of indicators that ships.
pub fn indicators() -> &'static Indicators {
    &INDICATORS
}

static PROFILING: LazyLock<Form> = LazyLock::new(|| ships(include_str!("profiling.toml")));
static GUIDE: LazyLock<Form> = LazyLock::new(|| ships(include_str!("guide.toml")));

#[expect(clippy::expect_used, reason = "a test reads the forms that ship")]
fn ships(text: &str) -> Form {
    Form::parse(text).expect("the form that ships is understood")
}

#[expect(clippy::expect_used, reason = "a test reads the table that ships")]
static INDICATORS: LazyLock<Indicators> = LazyLock::new(|| {
    let table = Indicators::parse(include_str!("indicators.toml"), form);
    table.expect("the table that ships is understood")
});

#[cfg(test)]
mod tests;
