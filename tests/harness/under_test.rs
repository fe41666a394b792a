//! The program again, under a name that cargo tells the tests of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::cli::main()
}
