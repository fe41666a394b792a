//! Golden folders in `tests/golden/`: what every later version, and every other hand, must answer
//! the same. `REFERRAL_LEDGER_GOLDEN=write` writes them anew, after a deliberate change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Compares a folder with the files that it must hold, and no others.
pub(crate) fn holds_only(name: &str, expected: BTreeMap<String, Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let folder = folder.join(name);
    if std::env::var_os("REFERRAL_LEDGER_GOLDEN").is_some_and(|value| value == "write") {
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in &expected {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        found.insert(name, fs::read(entry.path()).unwrap());
    }
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    for (name, bytes) in expected {
        assert_eq!(found.get(&name), Some(&bytes), "{name}");
    }
}

/// No name stands twice, and at least so many are of something bad.
pub(crate) fn mostly_bad<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, bad: usize) {
    let mut names = BTreeSet::new();
    let mut found = 0;
    for (name, code) in all {
        assert!(names.insert(name), "{name} stands twice");
        found += usize::from(code != "ok");
    }
    assert!(found >= bad, "{found} bad ones");
}
