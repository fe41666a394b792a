//! `ledger::fuzzed::key_records` under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ledger::fuzzed::key_records(bytes));
