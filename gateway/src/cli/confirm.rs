//! What cannot be undone is asked for once more: a person at a terminal says yes, a script `--yes`.

use std::io::{self, BufRead as _, IsTerminal as _};

use super::failure::Failure;
use super::output::say;

/// Goes on if it was said beforehand, or is said now; anything else ends it, and nothing is done.
pub(crate) fn confirmed(question: &str, said: bool) -> Result<(), Failure> {
    if said {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "{question}\nNobody is at a terminal to confirm it; give --yes if that is meant. \
             Nothing was done."
        )));
    }
    say(&format!("{question}\nType yes to go on:"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && answer.trim() == "yes" {
        return Ok(());
    }
    Err(Failure::Usage(
        "Not confirmed; nothing was done.".to_owned(),
    ))
}
