//! The raw bytes of folders, as somebody finds them who has the disk.

use std::collections::{BTreeSet, HashMap, HashSet};
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

/// Which of these words lie below some folders, and in which file.
pub fn words_in(folders: &[&Path], words: &[Vec<u8>]) -> Vec<(String, usize)> {
    let mut begins: HashMap<[u8; 4], Vec<usize>> = HashMap::new();
    for (number, word) in words.iter().enumerate() {
        let begin = word.first_chunk().expect("four bytes of a word");
        begins.entry(*begin).or_default().push(number);
    }
    let mut found = BTreeSet::new();
    for (name, bytes) in files(folders) {
        for (number, block) in bytes.chunks(ZEROS.len()).enumerate() {
            if *block == ZEROS[..block.len()] {
                continue;
            }
            for at in 0..block.len() {
                let rest = &bytes[number * ZEROS.len() + at..];
                let words_here = rest.first_chunk().and_then(|begin| begins.get(begin));
                for word in words_here.into_iter().flatten() {
                    if rest.starts_with(&words[*word]) {
                        found.insert((name.clone(), *word));
                    }
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Bytes of a piece that are looked for.
const PIECE: usize = 64;
const ZEROS: [u8; 4096] = [0; 4096];
