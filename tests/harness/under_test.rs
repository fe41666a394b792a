//! The program itself, built beside these tests: `referral-ledger` under a name of its own.

fn main() -> std::process::ExitCode {
    gateway::cli::main()
}
