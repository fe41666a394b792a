//! `demo`: a running ledger with example data, told through the real API.
//!
//! - It never touches a folder that holds anything else, nor a ledger that is not for trying out.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use ledger::ledger::{InitOptions, Ledger};

use super::doors;
use super::failure::Failure;
use super::folder::FolderArgs;
use super::output::{Output, say};
use crate::config::{SHRED_AFTER_DAYS, Serving};

/// Flags of `demo`.
#[derive(Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    folders: FolderArgs,
    /// Services to bring in, Open Referral HSDS 3.0 [default: about twenty of our own invention]
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// Stop after the story instead of serving until Ctrl-C
    #[arg(long)]
    exit: bool,
    /// Where to listen on this machine; 0 takes any free port
    #[arg(long, default_value_t = 50551, value_name = "PORT")]
    port: u16,
}

impl Demo {
    /// Opens or makes the ledger, serves it, tells the story, and goes on serving unless `--exit`.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let ledger = self.ledger()?;
        say("Everything here is invented. The vault is of tier `test`: for trying out only.");
        let serving = Serving {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            tls: None,
            insecure: false,
            reflection: true,
            log_json: false,
            shred_after_days: SHRED_AFTER_DAYS,
            policy: None,
        };
        let told = super::runtime()?.block_on(async {
            let server = doors::Server::start(ledger.clone(), serving).await?;
            let tale = doors::Tale {
                data: &self.folders.data,
                directory: self.directory.as_deref(),
                server: server.address(),
            };
            let sum = tale.tell(&ledger).await?;
            output.show(&sum)?;
            if self.exit {
                server.stop().await
            } else {
                say("Serving until Ctrl-C.");
                server.until_told().await
            }
        });
        ledger.close()?;
        told
    }

    fn ledger(&self) -> Result<Ledger, Failure> {
        if self.folders.is_empty() {
            ledger::ledger::init(&InitOptions {
                data: self.folders.data.clone(),
                vault: self.folders.vault()?,
                origin: ORIGIN.to_owned(),
                test_tier: true,
            })?;
        } else if !self.folders.holds_a_ledger() {
            return Err(Failure::Usage(format!(
                "{} holds other things; the demo only takes a new or empty folder, or its own",
                self.folders.data.display()
            )));
        }
        let ledger = self.folders.open(None, SHRED_AFTER_DAYS)?;
        if ledger.status().vault_tier != "test" {
            ledger.close()?;
            return Err(Failure::Usage(format!(
                "{} holds a ledger in earnest; the demo puts no invented people into it",
                self.folders.data.display()
            )));
        }
        Ok(ledger)
    }
}

/// The demo's log calls itself what it is.
const ORIGIN: &str = "demo.invalid/referral-ledger";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_other_things_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("mine");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("thesis.txt"), "years of work").unwrap();
        let demo = Demo {
            folders: FolderArgs {
                data: data.clone(),
                vault: None,
            },
            directory: None,
            exit: true,
            port: 0,
        };
        assert!(matches!(demo.ledger(), Err(Failure::Usage(_))));
        let left: Vec<_> = std::fs::read_dir(&data).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(!home.path().join("mine-vault").exists());
    }
}
