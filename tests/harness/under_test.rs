//! The program itself, built beside these tests: `referral-ledger` under a name of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::cli::main()
}
