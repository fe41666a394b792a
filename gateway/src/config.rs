//! How a server runs: parsed once from the command line, checked before anything is opened.
//!
//! - Only loopback is served without TLS, unless `--insecure` says otherwise, and then it is said aloud.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Where a server listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:50551";
/// Days from a withdrawal to the destruction of its keys, unless told otherwise.
pub const SHRED_AFTER_DAYS: u32 = 30;

/// Flags of `serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Where to listen
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The server's certificate chain
    #[arg(long, value_name = "PEM", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve other machines without TLS: tokens and personal data can be read on the way
    #[arg(long)]
    insecure: bool,
    /// Let clients ask for the API's description (grpc.reflection)
    #[arg(long)]
    reflection: bool,
    /// Logs as JSON
    #[arg(long)]
    log_json: bool,
    /// Days from a withdrawal to the destruction of its keys, where not asked for at once
    #[arg(long, default_value_t = SHRED_AFTER_DAYS, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=365))]
    shred_after_days: u32,
    /// Another policy table than the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// How a server runs.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate chain and private key, PEM.
    pub tls: Option<Tls>,
    /// Whether `--insecure` was needed and given.
    pub insecure: bool,
    /// Whether reflection answers.
    pub reflection: bool,
    /// Whether logs are JSON.
    pub log_json: bool,
    /// Days from a withdrawal to the destruction of its keys, where not asked for at once.
    pub shred_after_days: u32,
    /// Text of the policy table; none for the one that ships.
    pub policy: Option<String>,
}

/// A certificate chain and its key.
#[derive(Clone)]
pub struct Tls {
    /// The chain, PEM.
    pub certificate: Vec<u8>,
    /// The private key, PEM.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(hidden)")
    }
}

impl ServeArgs {
    /// Reads the files and refuses what would be unsafe; the text says why.
    pub fn read(&self) -> Result<Serving, String> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls {
                certificate: read(certificate)?,
                key: read(key)?,
            }),
            (None, _) | (_, None) => None,
        };
        let open = tls.is_none() && !self.listen.ip().is_loopback();
        if open && !self.insecure {
            return Err(format!(
                "--listen {} is reachable from other machines: give --tls-cert and --tls-key, or \
                 --insecure if something else encrypts the way",
                self.listen
            ));
        }
        let policy = self.policy.as_ref().map(|file| {
            let text = read(file)?;
            String::from_utf8(text).map_err(|_| format!("{} is not text", file.display()))
        });
        Ok(Serving {
            listen: self.listen,
            tls,
            insecure: open,
            reflection: self.reflection,
            log_json: self.log_json,
            shred_after_days: self.shred_after_days,
            policy: policy.transpose()?,
        })
    }
}

fn read(file: &PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(listen: &str, insecure: bool) -> ServeArgs {
        ServeArgs {
            listen: listen.parse().unwrap(),
            tls_cert: None,
            tls_key: None,
            insecure,
            reflection: false,
            log_json: false,
            shred_after_days: 30,
            policy: None,
        }
    }

    #[test]
    fn other_machines_are_served_with_tls_or_not_by_mistake() {
        assert!(args("127.0.0.1:1", false).read().is_ok());
        assert!(args("[::1]:1", false).read().is_ok());
        for open in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1"] {
            let refused = args(open, false).read().unwrap_err();
            assert!(refused.contains("--insecure"), "{refused}");
            assert!(args(open, true).read().unwrap().insecure);
        }
        // Needless, so not worth a warning.
        assert!(!args("127.0.0.1:1", true).read().unwrap().insecure);
    }

    #[test]
    fn a_policy_file_that_is_not_there_is_named() {
        let mut wrong = args("127.0.0.1:1", false);
        wrong.policy = Some("/nowhere/policy.toml".into());
        let refused = wrong.read().unwrap_err();
        assert!(refused.contains("/nowhere/policy.toml"), "{refused}");
    }

    #[test]
    fn a_private_key_never_shows_in_debug_text() {
        let tls = Tls {
            certificate: b"cert".to_vec(),
            key: b"SECRET".to_vec(),
        };
        assert!(!format!("{tls:?}").contains("SECRET"));
    }
}
