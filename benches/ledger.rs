//! Criterion benches of the ledger, each beside the limit that the same machine sets in the same
//! run.
//!
//! - `BENCH_DIR` is the folder on a real disk; `/dev/shm` is measured too. `LONG=1` adds 10^6.
//! - `cargo bench -p benches -- --test` runs everything once, small: the smoke run of CI.
#![allow(
    missing_docs,
    reason = "criterion's macros make functions without a word on them"
)]

mod appending;
mod growing;
mod sealing;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets =
        sealing::segments,
        appending::lone,
        appending::grouped,
        appending::many_threads,
        growing::reading,
        growing::shredding,
}
criterion_main!(benches);

/// Whether this is the smoke run (`-- --test`, or `cargo test`): everything once and small.
fn smoke() -> bool {
    let given = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    given("--test") || !given("--bench")
}

/// Sizes to measure at: events, or leaf keys.
fn sizes() -> Vec<u64> {
    if smoke() {
        vec![1_000]
    } else if std::env::var_os("LONG").is_some() {
        vec![1_000, 100_000, 1_000_000]
    } else {
        vec![1_000, 100_000]
    }
}
