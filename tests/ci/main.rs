//! `cargo ci`: starts `.ci/run`, with the environment that a shell would have given it.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.ci/run");
    let mut run = Command::new("bash");
    run.arg(script);
    // `cargo run` describes this package in the environment. Build scripts watch those names, so
    // left in place they would make every dependency look changed.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let own = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        if name == "CARGO" || own.iter().any(|prefix| name.starts_with(prefix)) {
            run.env_remove(name);
        }
    }
    let code = run.status().ok().and_then(|status| status.code());
    ExitCode::from(u8::try_from(code.unwrap_or(1)).unwrap_or(1))
}
