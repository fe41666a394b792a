//! The raw bytes of folders, as somebody finds them who has the disk.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

/// Reads every file below some folders.
pub fn files(folders: &[&Path]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                found.extend(files(&[&path]));
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    found
}

/// The files in which a text lies, in UTF-8 or UTF-16.
pub fn holding(files: &[(String, Vec<u8>)], text: &str) -> Vec<String> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let has = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    files
        .iter()
        .filter(|(_, bytes)| has(bytes, text.as_bytes()) || has(bytes, &wide))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Copies a folder with everything below it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            match std::fs::copy(entry.path(), to) {
                // Of a ledger that is open: renamed since it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied => drop(copied.expect("a copy")),
            }
        }
    }
}

/// The files below a folder in which one of some pieces lies, as far as its beginning or its end
/// goes.
pub fn lies_in(folder: &Path, pieces: &[&[u8]]) -> Vec<String> {
    let mut wanted: HashSet<&[u8]> = HashSet::new();
    for piece in pieces {
        wanted.extend(
            [piece.first_chunk::<PIECE>(), piece.last_chunk()]
                .iter()
                .flatten()
                .map(|it| it.as_slice()),
        );
    }
    let begins: HashSet<[u8; 4]> = wanted
        .iter()
        .filter_map(|it| it.first_chunk().copied())
        .collect();
    let mut found = files(&[folder]);
    found.retain(|(_, bytes)| {
        let blocks = bytes.chunks(ZEROS.len()).enumerate();
        let mut blocks = blocks.filter(|(_, block)| **block != ZEROS[..block.len()]);
        blocks.any(|(number, block)| {
            (0..block.len()).any(|at| {
                let rest = &bytes[number * ZEROS.len() + at..];
                rest.first_chunk().is_some_and(|it| begins.contains(it))
                    && rest.get(..PIECE).is_some_and(|it| wanted.contains(it))
            })
        })
    });
    found.into_iter().map(|(name, _)| name).collect()
}

/// Bytes of a piece that are looked for.
const PIECE: usize = 64;
const ZEROS: [u8; 4096] = [0; 4096];
