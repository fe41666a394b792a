//! Sealing and opening one segment, beside the cipher and the hash that it is made of.
#![expect(
    clippy::expect_used,
    reason = "a bench that cannot run has nothing to measure"
)]

use std::hint::black_box;

use benches::{CONTENT_BYTES, Corpus, FITTING_BYTES};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use ledger::keys::{Cohort, KeyId, KeyTree, LeafHandle, MemoryIndex, index_records};
use ledger::seal::padding::padded_bytes;
use ledger::seal::{SCHEMA_VERSION, SegmentContext, open_segment, seal_segment};
use sha2::{Digest, Sha256};

const CONTEXT: SegmentContext<'_> = SegmentContext {
    log_id: &[7; 32],
    leaf_index: 5,
    number: 1,
    count: 2,
    schema: SCHEMA_VERSION,
};

pub(crate) fn segments(criterion: &mut Criterion) {
    let mut corpus = Corpus::seeded(1);
    let mut index = MemoryIndex::default();
    let (mut tree, _, _) = KeyTree::create(&mut corpus);
    let leaf = leaf(&mut tree, &mut index, &mut corpus);
    let mut group = criterion.benchmark_group("segment");
    for bytes in [FITTING_BYTES, CONTENT_BYTES] {
        let plain = vec![b'a'; bytes];
        let grants = [vec![&leaf]];
        group.throughput(Throughput::Bytes(bytes.try_into().expect("a small number")));
        group.bench_function(format!("seal_{bytes}"), |bencher| {
            bencher.iter(|| seal_segment(&CONTEXT, &plain, &grants, &mut corpus));
        });
        let sealed = seal_segment(&CONTEXT, &plain, &grants, &mut corpus).expect("a segment");
        group.bench_function(format!("open_{bytes}"), |bencher| {
            let mut keys = |id: &KeyId| tree.key(&index, *id);
            bencher.iter(|| open_segment(&CONTEXT, &sealed, &[], &mut keys).map(drop));
        });
        limits(&mut group, padded_bytes(bytes).expect("a small number"));
    }
    group.finish();
}

/// The cipher and the hash alone, over as many bytes as the padded segment has.
fn limits(group: &mut BenchmarkGroup<'_, WallTime>, bytes: usize) {
    let mut body = vec![b'a'; bytes];
    let cipher = XChaCha20Poly1305::new(&Key::from([1; 32]));
    group.bench_function(format!("raw_xchacha20poly1305_{bytes}"), |bencher| {
        bencher.iter(|| {
            let nonce = XNonce::from([2; 24]);
            cipher
                .encrypt_inout_detached(&nonce, b"", body.as_mut_slice().into())
                .is_ok()
        });
    });
    group.bench_function(format!("raw_sha256_{bytes}"), |bencher| {
        bencher.iter(|| Sha256::digest(black_box(&body)));
    });
}

fn leaf(tree: &mut KeyTree, index: &mut MemoryIndex, corpus: &mut Corpus) -> LeafHandle {
    let leaf = tree
        .insert_leaf(index, Cohort::Month(700), corpus)
        .expect("room in the tree");
    for record in &leaf.records {
        index.apply(index_records(&record.to_bytes()).expect("a record just made"));
    }
    leaf.handle
}
