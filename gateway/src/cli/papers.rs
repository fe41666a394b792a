//! `completions` and `man`, made from the command line's own description, and `words`, made from
//! the codes themselves, so that they cannot lag.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::failure::Failure;
use super::output::{Output, say, written};
use crate::standards;

/// Flags of `completions`.
#[derive(Args)]
pub(crate) struct Completions {
    /// For which shell
    shell: Shell,
}

/// Flags of `man`.
#[derive(Args)]
pub(crate) struct Man {
    /// The folder that gets one page per command
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), NAME, &mut script);
        written(std::io::Write::write_all(
            &mut std::io::stdout().lock(),
            &script,
        ))
    }
}

impl Man {
    /// Writes the pages.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let wrong = |error: std::io::Error| {
            Failure::Broken(format!(
                "cannot write to {}: {error}",
                self.folder.display()
            ))
        };
        fs::create_dir_all(&self.folder).map_err(wrong)?;
        let mut pages = 0_u32;
        page(Cli::command().name(NAME), NAME, &self.folder, &mut pages).map_err(wrong)?;
        say("Read one with: man -l DIR/referral-ledger.1");
        output.show(&serde_json::json!({ "folder": self.folder, "pages": pages }))
    }
}

/// Prints what other systems call our states.
pub(crate) fn words(output: Output) -> Result<(), Failure> {
    let words = serde_json::to_value(standards::words());
    let words = words.map_err(|wrong| Failure::Broken(format!("cannot be written: {wrong}")))?;
    output.show(&words)
}

/// Prints states and steps: as data, or as tables to read.
pub(crate) fn states(output: Output) -> Result<(), Failure> {
    let machines = ledger::decide::machines();
    if output.json {
        return output.show(&standards::states(&machines));
    }
    let mut text = Vec::new();
    for machine in &machines {
        text.push(format!("{}\n", machine.name));
        text.extend(ledger::decide::table(machine));
        text.push(String::new());
    }
    output.text(text.join("\n").trim_end())
}

/// The page of a command, and of every command below it, each under its whole name.
fn page(command: clap::Command, name: &str, folder: &Path, pages: &mut u32) -> std::io::Result<()> {
    let below: Vec<clap::Command> = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help")
        .cloned()
        .collect();
    let mut text = Vec::new();
    let titled = command.display_name(name.to_owned()).name(name.to_owned());
    clap_mangen::Man::new(titled).render(&mut text)?;
    fs::write(folder.join(format!("{name}.1")), text)?;
    *pages += 1;
    for command in below {
        let name = format!("{name}-{}", command.get_name());
        page(command, &name, folder, pages)?;
    }
    Ok(())
}

const NAME: &str = "referral-ledger";
