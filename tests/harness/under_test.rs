<<<<<<< HEAD
//! The program itself, built beside these tests: `referral-ledger` under a name of its own.
=======
//! The program again, under a name that cargo tells the tests of this package.
>>>>>>> cli

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::cli::main()
}
