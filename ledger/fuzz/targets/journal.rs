//! `ledger::fuzzed::journal` under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ledger::fuzzed::journal(bytes));
