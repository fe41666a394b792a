//! What a machine can keep of the house style, so that readers need not (STYLE, CONTRIBUTING).
//!
//! - Each test lists everything it found, not only the first.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ledger::refusal::Refusal;

/// The crates, and which of ours each may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("ledger", &["proto"]),
    ("projections", &["proto", "ledger"]),
    ("gateway", &["proto", "ledger", "projections"]),
];

/// What a part of the ledger must not use: modules of its own crate, or other crates.
const APART: &[(&str, &[&str])] = &[
    ("ledger/src", &["tokio", "tonic"]),
    (
        "ledger/src/domain",
        &[
            "crate::authorise",
            "crate::decide",
            "crate::seal",
            "crate::keys",
        ],
    ),
    (
        "ledger/src/domain",
        &[
            "crate::log",
            "crate::prove",
            "crate::ledger",
            "crate::submit",
        ],
    ),
    (
        "ledger/src/authorise",
        &["crate::seal", "crate::keys", "crate::log", "crate::submit"],
    ),
    (
        "ledger/src/decide",
        &["crate::seal", "crate::keys", "crate::log", "crate::submit"],
    ),
    (
        "ledger/src/merkle",
        &[
            "crate::domain",
            "crate::keys",
            "crate::log",
            "crate::submit",
        ],
    ),
    (
        "ledger/src/prove",
        &[
            "crate::domain",
            "crate::keys",
            "crate::log",
            "crate::submit",
        ],
    ),
    (
        "ledger/src/log",
        &["crate::domain", "crate::seal", "crate::submit"],
    ),
    // Written from SPEC.md alone, so that it cannot share a mistake with what it checks.
    (
        "ledger/src/shredcheck",
        &["crate", "ledger", "super::super"],
    ),
    ("projections/src", &["tokio", "tonic", "sled"]),
];

/// Crates that only one place names.
const ONLY_THERE: &[(&str, &str)] = &[
    ("sled::", "ledger/src/log/store.rs"),
    ("bincode::", "ledger/src/seal/codec.rs"),
];

/// What may lie at the top.
const FOLDERS: &[&str] = &[
    ".cargo",
    ".ci",
    ".git",
    "benches",
    "gateway",
    "ledger",
    "projections",
    "proto",
    "tests",
];

const LINES_MAX: usize = 500;
const COLUMNS_MAX: usize = 100;

#[test]
fn crates_use_each_other_in_one_direction_only() {
    let mut found = Vec::new();
    for (name, may) in ARROWS {
        let manifest = read(&root().join(name).join("Cargo.toml"));
        let sources = sources(&root().join(name).join("src"));
        for (other, _) in ARROWS.iter().filter(|(other, _)| other != name) {
            if may.contains(other) {
                continue;
            }
            if manifest.lines().any(|line| depends(line, other)) {
                found.push(format!("{name}/Cargo.toml depends on {other}"));
            }
            for source in &sources {
                found.extend(naming(source, &format!("{other}::")));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn parts_that_are_apart_stay_apart() {
    let mut found = Vec::new();
    for (part, others) in APART {
        for source in sources(&root().join(part)) {
            for other in *others {
                found.extend(naming(&source, &format!("{other}::")));
            }
        }
    }
    for (name, only) in ONLY_THERE {
        let elsewhere = all_sources()
            .into_iter()
            .filter(|path| !path.ends_with(only));
        for source in elsewhere.filter(|path| path.starts_with(root().join("ledger/src"))) {
            found.extend(naming(&source, name));
        }
    }
    assert_none(&found);
}

#[test]
fn lines_and_files_are_not_too_long() {
    let mut found = Vec::new();
    for path in all_sources() {
        let text = read(&path);
        let lines = text.lines().count();
        if lines > LINES_MAX {
            found.push(format!("{}: {lines} lines", short(&path)));
        }
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > COLUMNS_MAX {
                found.push(format!(
                    "{}:{number}: longer than {COLUMNS_MAX}",
                    short(&path)
                ));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn every_file_begins_by_saying_what_it_is_for() {
    let silent = |path: &PathBuf| !read(path).starts_with("//! ");
    let found: Vec<String> = all_sources()
        .iter()
        .filter(|path| silent(path))
        .map(|path| short(path))
        .collect();
    assert_none(&found);
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_for_later() {
    // Put together here, so that this file does not hold them itself.
    let words = [
        ["#[ign", "ore"].concat(),
        ["todo", "!("].concat(),
        ["unimple", "mented!("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["place", "holder"].concat(),
        [" st", "ub"].concat(),
        ["for ", "now"].concat(),
    ];
    let mut found = Vec::new();
    for path in all_sources() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{number}: {word}", short(&path)));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn every_file_is_part_of_the_program() {
    let mut found = Vec::new();
    for (name, _) in ARROWS {
        let source = root().join(name).join("src");
        for path in sources(&source) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let folder = path.parent().unwrap();
            if ["lib", "main"].contains(&stem.as_ref()) && folder == source {
                continue;
            }
            // `a/b.rs` belongs to `a.rs` or `a/mod.rs`; `a/mod.rs` to what lies above `a`.
            let (name, above) = if stem == "mod" {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                (name.into_owned(), folder.parent().unwrap().to_path_buf())
            } else {
                (stem.into_owned(), folder.to_path_buf())
            };
            let mut parents = vec![above.join("mod.rs"), above.with_extension("rs")];
            if above == source {
                parents.extend([above.join("lib.rs"), above.join("main.rs")]);
            }
            let wanted = format!("mod {name};");
            if !parents.iter().any(|parent| read(parent).contains(&wanted)) {
                found.push(format!("{}: no `{wanted}`", short(&path)));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn every_refusal_has_both_texts_in_every_language() {
    let mut found = Vec::new();
    let folder = root().join("gateway/messages");
    let languages: Vec<PathBuf> = entries(&folder);
    assert!(!languages.is_empty(), "no messages in {}", folder.display());
    for language in languages {
        let text = read(&language);
        let defined = |name: &str| {
            text.lines()
                .any(|line| line.starts_with(&format!("{name} =")))
        };
        for refusal in Refusal::ALL {
            let code = refusal.code().replace('_', "-");
            for name in [format!("err-{code}"), format!("rec-{code}")] {
                if !defined(&name) {
                    found.push(format!("{}: no {name}", short(&language)));
                }
            }
        }
    }
    assert_none(&found);
}

#[test]
fn only_the_folders_that_the_map_names_lie_at_the_top() {
    let ignored: BTreeSet<String> = read(&root().join(".gitignore"))
        .lines()
        .filter_map(|line| line.strip_prefix('/').map(str::to_owned))
        .collect();
    let found: Vec<String> = entries(&root())
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| short(&path))
        .filter(|name| !FOLDERS.contains(&name.as_str()) && !ignored.contains(name))
        .collect();
    assert_none(&found);
}

#[test]
fn every_command_in_the_documents_is_one_that_the_program_takes() {
    let mut found = Vec::new();
    let documents = entries(&root()).into_iter();
    for document in documents.filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let text = read(&document);
        for line in commands(&text) {
            if let Err(wrong) = gateway::cli::understands(&line) {
                found.push(format!("{}: {line}: {wrong}", short(&document)));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn commands_are_found_in_documents_and_wrong_ones_are_noticed() {
    let text = "```sh\ncargo run --release -- demo   # the main job\n$ referral-ledger fsck \\\n  \
                --data d\nls\nreferral-ledger case show \"$CASE\" > shown\n```\n\
                referral-ledger outside\n";
    let found = commands(text);
    let shown = format!("case show {SOME_ID}");
    assert_eq!(found, ["demo", "fsck --data d", shown.as_str()]);
    assert!(
        found
            .iter()
            .all(|line| gateway::cli::understands(line).is_ok())
    );
    assert!(gateway::cli::understands("fsck --dta d").is_err());
    assert!(gateway::cli::understands("").is_err());
}

/// What the code blocks of a document let the program do: the words after its name.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let joined = text.replace("\\\n", " ");
    let mut inside = false;
    for line in joined.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            continue;
        }
        let line = line.trim().trim_start_matches("$ ");
        let line = line.split(" #").next().unwrap_or_default();
        let ours = line.strip_prefix("referral-ledger ").or_else(|| {
            let run = line.starts_with("cargo run");
            line.split_once(" -- ")
                .filter(|_| run)
                .map(|(_, words)| words)
        });
        if let Some(words) = ours.filter(|_| inside) {
            // Where a shell puts an id in the place of a name, any id will do; what it prints goes
            // where it likes.
            let words = words.split(" > ").next().unwrap_or_default();
            let words = words.split_whitespace();
            let words = words.map(|word| {
                if word.starts_with("\"$") {
                    SOME_ID
                } else {
                    word
                }
            });
            found.push(words.collect::<Vec<_>>().join(" "));
        }
    }
    found
}

/// An id as commands take it.
const SOME_ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

fn depends(line: &str, name: &str) -> bool {
    let rest = line.strip_prefix(name).unwrap_or("-");
    rest.starts_with('.') || rest.starts_with(' ') || rest.starts_with('=')
}

/// Lines of code that name a path, from its beginning.
fn naming(source: &Path, name: &str) -> Vec<String> {
    let text = read(source);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices(name) {
            let before = code[..at].chars().next_back();
            // `crate::log::` is not the crate `log`, and `blog::` neither.
            let inside = before.is_some_and(|c| c.is_alphanumeric() || "_:\"`".contains(c));
            if !inside {
                found.push(format!("{}:{number} names {name}", short(source)));
            }
        }
    }
    found
}

fn all_sources() -> Vec<PathBuf> {
    let crates = [
        "benches",
        "gateway",
        "ledger",
        "projections",
        "proto",
        "tests",
    ];
    let mut all: Vec<PathBuf> = crates
        .iter()
        .flat_map(|name| sources(&root().join(name)))
        .collect();
    all.sort();
    assert!(
        all.len() > 50,
        "the sources are where this test looks for them"
    );
    all
}

/// Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn short(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn assert_none(found: &[String]) {
    assert!(
        found.is_empty(),
        "{} found:\n{}",
        found.len(),
        found.join("\n")
    );
}
