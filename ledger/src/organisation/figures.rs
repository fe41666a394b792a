//! What an organisation decides about the figures that it publishes (MISSION E7).
//!
//! - Below ten no count is told, whatever a file says; above, the organisation decides.

use serde::Deserialize;
use toml::Spanned;

use crate::limits::{FIGURES_SMALL, FIGURES_SMALL_MAX};
use crate::written::{Written, WrittenError};

/// As it stands in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenFigures {
    small_below: Option<Spanned<u64>>,
}

impl WrittenFigures {
    pub(super) fn small(&self, file: Written<'_>) -> Result<u64, WrittenError> {
        let Some(small) = &self.small_below else {
            return Ok(FIGURES_SMALL);
        };
        if (FIGURES_SMALL..=FIGURES_SMALL_MAX).contains(small.get_ref()) {
            return Ok(*small.get_ref());
        }
        let meaning = format!(
            "counts below {FIGURES_SMALL} are never told: between {FIGURES_SMALL} and \
             {FIGURES_SMALL_MAX}"
        );
        Err(file.wrong(small, meaning))
    }
}

#[cfg(test)]
mod tests {
    use crate::organisation::{DEFAULT_ORGANISATION, Organisation};

    fn with(small: &str) -> String {
        format!("{DEFAULT_ORGANISATION}\n[figures]\nsmall_below = {small}\n")
    }

    #[test]
    fn e7_the_small_count_of_figures_is_raised_by_the_file_and_never_lowered() {
        let small = |text: &str| Organisation::parse(text).map(|file| file.figures_small);
        assert_eq!(small(DEFAULT_ORGANISATION).ok(), Some(10));
        assert_eq!(small(&with("10")).ok(), Some(10));
        assert_eq!(small(&with("25")).ok(), Some(25));
        let line = with("9").lines().count();
        for wrong in ["9", "0", "1001"] {
            let error = small(&with(wrong)).unwrap_err();
            assert_eq!(error.line, line, "{wrong}");
            assert!(error.meaning.contains("never told"), "{error}");
        }
        assert!(small(&with("\"few\"")).is_err());
    }
}
