//! `demo`: a running ledger with example data, told through the real API.
//!
//! - It never touches a folder that holds anything else, nor a ledger that is not for trying out.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use ledger::ledger::{InitOptions, Ledger, Protection};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::folder::FolderArgs;
use super::founder::Founder;
use super::output::{Output, say};
use super::serve::Running;
use crate::config::CUT_AFTER_DAYS;
use crate::demo::{self, DemoError, StoryOptions, first_persons};
use crate::server::{ServeOptions, asked_to_stop};

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
        if let Some(file) = self.directory.as_ref().filter(|file| !file.is_file()) {
            let why = format!("--directory {}: there is no such file", file.display());
            return Err(Failure::Usage(why));
        }
        let ledger = self.ledger()?;
        say("Everything here is invented. The vault is of tier `test`: for trying out only.");
        let options = ServeOptions {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            tls: None,
            insecure: false,
            reflection: true,
            cut_after_days: CUT_AFTER_DAYS,
            metrics: None,
            sweep_at: None,
        };
        super::runtime()?.block_on(async {
            let admin_token = self.admin_token(&ledger)?;
            let server = Running::start(ledger, &options).await?;
            let told = self.tell(server.address, admin_token, output).await;
            if told.is_ok() && self.exit {
                say("Without --exit it goes on serving, and tells a token and a call per role.");
            }
            if told.is_ok() && !self.exit {
                say("Serving until Ctrl-C.");
                asked_to_stop().await;
            }
            let stopped = server.stop().await;
            told.and(stopped)
        })
    }

    /// The first administrator's token; whoever has the folder founds the ledger with two persons,
    /// once.
    fn admin_token(&self, ledger: &Ledger) -> Result<Zeroizing<String>, Failure> {
        let [second, first] = first_persons(&self.folders.data).map_err(ended)?;
        let token = first.token.clone();
        for person in [second, first] {
            let founder = Founder {
                staff: person.staff,
                organisation: person.organisation,
                name: person.name.to_owned(),
                role: person.role,
                digest: Sha256::digest(person.token.as_bytes()).into(),
                token_days: TOKEN_DAYS,
            };
            founder.found(ledger)?;
        }
        Ok(token)
    }

    async fn tell(
        &self,
        server: SocketAddr,
        admin_token: Zeroizing<String>,
        output: Output,
    ) -> Result<(), Failure> {
        let told = demo::run(StoryOptions {
            data: self.folders.data.clone(),
            directory: self.directory.clone(),
            endpoint: format!("http://{server}"),
            admin_token,
            // Whoever leaves at once has no use for calls to a server that is gone.
            json: output.json || self.exit,
        });
        let summary = told.await.map_err(ended)?;
        let sum = serde_json::to_value(&summary);
        output.show(&sum.map_err(|error| Failure::Broken(error.to_string()))?)
    }

    fn ledger(&self) -> Result<Ledger, Failure> {
        if self.folders.is_free() {
            ledger::ledger::init(&InitOptions {
                data: self.folders.data.clone(),
                vault: self.folders.vault()?,
                origin: ORIGIN.to_owned(),
                test_tier: true,
                protection: Protection::default(),
                organisation: None,
            })?;
        } else if !self.folders.holds_a_ledger() {
            return Err(Failure::Usage(format!(
                "{} holds other things; the demo only takes a new or empty folder, or its own",
                self.folders.data.display()
            )));
        }
        let ledger = self.folders.open()?;
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

fn ended(error: DemoError) -> Failure {
    Failure::Broken(error.to_string())
}

/// Days that the tokens of the first two persons work.
const TOKEN_DAYS: u16 = 90;
/// The demo's log calls itself what it is.
const ORIGIN: &str = "demo.invalid/referral-ledger";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::passphrase::PassphraseSource;

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
                passphrase: PassphraseSource::default(),
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
