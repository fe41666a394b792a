//! The forms of interviews and the table of indicators that ship, as data (MISSION C8).
//!
//! - A question names its purpose, the data category that its answer is sealed under, how it can be
//!   answered, and whether it is one of those that are off unless the organisation's file says why.
//! - Words are asked for only where codes cannot say it, and never about protection or health: no
//!   question asks for details of an incident (MISSION C10).
//! - A form has a version; its digest stands with every interview.

mod form;
mod indicators;
mod translation;

use std::sync::LazyLock;

pub use form::{Form, Question};
pub use indicators::{Because, Indicators, Suggestion};
pub use translation::{TranslatedQuestion, Translation};

use crate::domain::codes::InterviewForm;

/// A form that ships.
pub fn form(which: InterviewForm) -> &'static Form {
    match which {
        InterviewForm::Profiling => &PROFILING,
        InterviewForm::Guide => &GUIDE,
    }
}

/// A form in the other languages that ship; the form itself is English.
pub fn translations(which: InterviewForm) -> &'static [Translation] {
    match which {
        InterviewForm::Profiling => &PROFILING_TRANSLATED,
        InterviewForm::Guide => &GUIDE_TRANSLATED,
    }
}

/// The language of the form itself.
pub const FORM_LANGUAGE: &str = "en";

/// A form in a language (BCP 47: `fr`, `fr-CH`), where it ships in it and is not itself in it.
pub fn translation(which: InterviewForm, language: &str) -> Option<&'static Translation> {
    let primary = language.split('-').next().unwrap_or_default();
    let mut all = translations(which).iter();
    all.find(|one| one.language().eq_ignore_ascii_case(primary))
}

/// In which language an interview was held, by the digest that stands with it; unknown where this
/// program ships another text by now.
pub fn language_of(which: InterviewForm, digest: [u8; 32]) -> Option<&'static str> {
    if form(which).digest() == digest {
        return Some(FORM_LANGUAGE);
    }
    let mut all = translations(which).iter();
    let found = all.find(|one| one.digest() == digest);
    found.map(Translation::language)
}

/// The table of indicators that ships.
pub fn indicators() -> &'static Indicators {
    &INDICATORS
}

static PROFILING: LazyLock<Form> = LazyLock::new(|| ships(include_str!("profiling.toml")));
static GUIDE: LazyLock<Form> = LazyLock::new(|| ships(include_str!("guide.toml")));

static PROFILING_TRANSLATED: LazyLock<Vec<Translation>> = LazyLock::new(|| {
    vec![
        translated(include_str!("ar/profiling.toml"), &PROFILING),
        translated(include_str!("fr/profiling.toml"), &PROFILING),
    ]
});
static GUIDE_TRANSLATED: LazyLock<Vec<Translation>> = LazyLock::new(|| {
    vec![
        translated(include_str!("ar/guide.toml"), &GUIDE),
        translated(include_str!("fr/guide.toml"), &GUIDE),
    ]
});

#[expect(
    clippy::expect_used,
    reason = "a test reads the translations that ship"
)]
fn translated(text: &str, form: &Form) -> Translation {
    Translation::parse(text, form).expect("the translation that ships has the form's questions")
}

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
