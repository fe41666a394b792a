//! Views hold nothing that a person said or is called (SPEC §10): the personal vocabulary must not
//! even be named in this crate.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

use std::fs;
use std::path::Path;

const PERSONAL: &[&str] = &[
    "personal::",
    "Personal::",
    "PersonalContent",
    "PersonalPart",
    "open_personal",
    "ConsentNote",
    "Identity {",
    "reveal(",
    "domain::*",
];

#[test]
fn no_source_file_names_a_personal_type() {
    let mut found = Vec::new();
    let files = look_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(files >= 15, "only {files} files were looked at");
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_look_out_would_notice_one() {
    let line = "use ledger::domain::personal::Text;";
    assert!(PERSONAL.iter().any(|word| line.contains(word)));
    let nested = "use ledger::domain::{ids::*, personal::Item};";
    assert!(PERSONAL.iter().any(|word| nested.contains(word)));
}

fn look_in(folder: &Path, found: &mut Vec<String>) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += look_in(&path, found);
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).unwrap();
        let named = PERSONAL.iter().filter(|word| text.contains(**word));
        found.extend(named.map(|word| format!("{}: {word}", path.display())));
    }
    files
}
