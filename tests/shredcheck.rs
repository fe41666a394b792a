//! `shredcheck` finds what lies open or can be reached, and never calls nothing a clean check.

use std::path::{Path, PathBuf};

use harness::carve::copy;
use harness::process::{Ran, run};
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::Role;
use ledger::shredcheck::{Asked, Finding, Report, Source, shredcheck};

/// A closed ledger in which one person was shredded, and the vault from before.
struct After {
    scratch: Scratch,
}

impl After {
    fn new() -> Self {
        let mut scratch = Scratch::new();
        let role = Role::FocalPoint;
        let answer = scratch.done(role, words::open_case("Somebody"));
        let (case, consent) = (words::opened(&answer).0, words::given(&answer));
        scratch.ledger.close().unwrap();
        let folder = scratch.folder.path().to_owned();
        copy(&folder.join("vault"), &folder.join("old-vault"));
        scratch.ledger = Scratch::open_in(folder).unwrap();
        scratch.done(role, words::withdraw_now(case, consent));
        scratch.done(role, words::open_case("Another"));
        scratch.ledger.close().unwrap();
        Self { scratch }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.scratch.folder.path().join(name)
    }

    /// A file with these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.place(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn check(&self, copies: &[&Path], memories: &[&Path]) -> Report {
        let data = self.place("data");
        let copies = std::iter::once(data.as_path()).chain(copies.iter().copied());
        let asked = Asked {
            copies: copies.map(Path::to_owned).collect(),
            memories: memories.iter().map(|path| (*path).to_owned()).collect(),
            vault: self.place("vault"),
            passphrase: None,
            records_only: false,
        };
        shredcheck(&asked, &|_, _, _| {}).expect("everything can be read")
    }

    fn cli(&self, arguments: &[&str]) -> Ran {
        let arguments: Vec<&str> = ["shredcheck"].iter().chain(arguments).copied().collect();
        run(Path::new(crate::PROGRAM), &arguments)
    }
}

/// The root in a vault: SPEC §6.1, the first whole copy.
fn root_of(vault: &Path) -> [u8; 32] {
    let bytes = std::fs::read(vault.join("roots")).unwrap();
    let slots = (0..4).map(|copy| &bytes[copy << 20..][..72]);
    let mut full = slots.filter(|slot| slot.iter().any(|byte| *byte != 0));
    full.next().expect("a root")[8..40].try_into().unwrap()
}

/// Bytes that begin like records all the time, and are none.
fn noise(bytes: usize) -> Vec<u8> {
    b"RLK\x01\x01RRLK\x01\x09"
        .iter()
        .copied()
        .cycle()
        .take(bytes)
        .collect()
}

fn texts(report: &Report) -> Vec<String> {
    report.findings().iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_that_lies_at_an_odd_place_is_found_and_the_living_may_lie_in_memory_only() {
    let after = After::new();
    let root = root_of(&after.place("vault"));
    // Over the end of a chunk, at an odd place.
    let mut image = noise((1 << 20) - 13);
    image.extend_from_slice(&root);
    image.extend(noise(99));
    let image = after.file("image", &image);
    assert_eq!(texts(&after.check(&[], &[])), Vec::<String>::new());
    let memory = after.check(&[], &[&image]);
    assert_eq!(texts(&memory), Vec::<String>::new());
    let [lying] = memory.lying_open.as_slice() else {
        panic!("one key was planted");
    };
    assert_eq!(
        (lying.offset, lying.source),
        ((1 << 20) - 13, Source::Memory)
    );
    assert!(!lying.shredded);
    let copied = after.check(&[&image], &[]);
    assert!(
        matches!(copied.findings().as_slice(), [Finding::LyingOpen(key, file, _)]
            if *file == image && *key == lying.key),
        "{:?}",
        texts(&copied)
    );
}

#[test]
fn a_root_from_before_leads_back_wherever_it_lies() {
    let after = After::new();
    let old = root_of(&after.place("old-vault"));
    let image = after.file("swap", &[noise(4099), old.to_vec()].concat());
    let found = after.check(&[], &[&image]);
    assert!(!found.shredded.is_empty());
    assert_eq!(found.shredded_reachable.len(), found.shredded.len());
    assert!(
        texts(&found)
            .iter()
            .all(|text| text.starts_with("shredded key "))
    );
    // The present vault does not hold it any more; a vault that still does is noticed.
    after.file("vault/forgotten.tmp", &old);
    let found = texts(&after.check(&[], &[]));
    assert!(
        found.iter().any(|text| text.contains("forgotten.tmp")),
        "{found:?}"
    );
}

#[test]
fn records_are_found_over_the_end_of_a_chunk_and_count_once() {
    let after = After::new();
    let journal = std::fs::read(after.place("data/log/journal/00000001.seg")).unwrap();
    let used = journal.iter().rposition(|byte| *byte != 0).unwrap();
    let alone = after.check(&[], &[]).records;
    for shift in [100, 4000, 9000] {
        let moved = [&noise((1 << 20) - shift)[..], &journal[..=used]].concat();
        let moved = after.file("moved", &moved);
        assert_eq!(after.check(&[&moved], &[]).records, alone, "{shift}");
        let asked = Asked {
            copies: vec![moved],
            memories: Vec::new(),
            vault: after.place("vault"),
            passphrase: None,
            records_only: false,
        };
        let only = shredcheck(&asked, &|_, _, _| {}).unwrap();
        assert_eq!(only.records, alone, "{shift}");
    }
}

#[test]
fn without_the_present_records_nothing_is_called_well() {
    let after = After::new();
    let empty = after.file("empty", b"");
    let vault = after.place("vault");
    let ran = after.cli(&[
        "--json",
        "--vault",
        vault.to_str().unwrap(),
        empty.to_str().unwrap(),
    ]);
    let told = ran.expect(1).json();
    assert_eq!(told["ok"], false);
    assert_eq!(told["findings"].as_array().unwrap().len(), 1, "{told}");
    // The data of now with the vault of then: the living and the shredded are told apart.
    let (data, old) = (after.place("data"), after.place("old-vault"));
    let (data, old) = (data.to_str().unwrap(), old.to_str().unwrap());
    let told = after
        .cli(&["--json", "--vault", old, data])
        .expect(1)
        .json();
    let figures = &told["figures"];
    assert_eq!(figures["shredded_reachable"], figures["shredded"]);
    assert!(figures["living_unreachable"].as_u64() > Some(0), "{told}");
    let vault = vault.to_str().unwrap();
    let told = after
        .cli(&["--json", "--vault", vault, data])
        .expect(0)
        .json();
    assert_eq!(told["ok"], true);
    let figures = &told["figures"];
    assert!(figures["shredded"].as_u64() > Some(0) && figures["living"].as_u64() > Some(0));
    after.cli(&["--vault", vault, "not-there"]).expect(2);
    after.cli(&["--vault", data, data]).expect(2);
}
