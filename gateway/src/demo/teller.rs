//! Tells the story line by line. All talk goes to stderr; stdout is for data.

use std::io::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ledger::refusal::Refused;

use super::RoleCard;
use crate::text;

/// Where the story is told.
pub(super) struct Teller {
    bar: Option<ProgressBar>,
}

impl Teller {
    /// Tells on stderr.
    pub(super) fn new() -> Self {
        Self { bar: None }
    }

    /// A chapter begins.
    pub(super) fn chapter(&self, title: &str) {
        self.line(&format!("\n{title}"));
    }

    /// What happened, or why it matters.
    pub(super) fn say(&self, words: &str) {
        self.line(&format!("  {words}"));
    }

    /// What was recorded, and where in the log.
    pub(super) fn recorded(&self, events: &[(u64, String)], repeated: bool) {
        for (position, name) in events {
            let again = if repeated { " (recorded before)" } else { "" };
            self.line(&format!("    + {name} at {position}{again}"));
        }
    }

    /// An attempt that the ledger refused, as it should.
    pub(super) fn refused(&self, attempt: &str, refused: &Refused) {
        let about = refused.about.as_deref();
        self.line(&format!("  {attempt}"));
        self.line(&format!("    x refused: {}", refused.refusal.code()));
        self.line(&format!("      {}", text::wrong(refused.refusal, about)));
        self.line(&format!("      {}", text::remedy(refused.refusal, about)));
    }

    /// The long part begins.
    pub(super) fn begin_long_part(&mut self, what: &str, steps: u64) {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("  {msg} [{bar:32}] {pos} of {len} ({per_sec})");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what.to_owned());
        self.bar = Some(bar);
    }

    /// The long part goes on.
    pub(super) fn advance(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }

    /// The long part is over.
    pub(super) fn end_long_part(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// One card per role, at the end.
    pub(super) fn cards(&self, cards: &[RoleCard]) {
        self.chapter("Try it yourself: a token and a call per role");
        for card in cards {
            self.line(&format!("\n  {}: {}", card.role, card.name));
            self.line(&format!("    {}", card.call));
        }
    }

    fn line(&self, line: &str) {
        // Nobody listening is no reason to stop: the story is in the ledger.
        let _nobody_listens = writeln!(std::io::stderr(), "{line}");
    }
}
