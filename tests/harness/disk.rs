//! A disk that loses what was not synced: a recorded run, replayed until the power is cut.
//!
//! - A file's writes are durable once an `fsync` or `fdatasync` of it, begun after they returned,
//!   has returned itself. `sync_file_range` makes nothing durable.
//! - A folder's entries are durable once that folder was synced; a file's own sync does not do it.
//! - What is not durable may be there or not: writes each by itself and torn at 512 bytes, a
//!   folder's changes up to any one of them, in order. A file may be longer than its writes: zeros.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::dice::Dice;
use crate::pages::{Edit, Pages};
use crate::strace::{Call, Trace, Written};

/// A folder's or file's number.
type Id = usize;

/// Everything below some folders, as it is and as it would be after a power cut.
#[derive(Clone, Default)]
pub struct Disk {
    folders: BTreeMap<Id, Folder>,
    files: BTreeMap<Id, Contents>,
    /// Above everything: the folders that are watched, by their full paths.
    tops: Vec<(PathBuf, Id)>,
    /// Where descriptors that are written to in order stand: by number and path.
    places: BTreeMap<(String, PathBuf), u64>,
    next: Id,
    never_synced: Option<PathBuf>,
}

#[derive(Clone, Default)]
struct Folder {
    live: BTreeMap<OsString, Id>,
    durable: BTreeMap<OsString, Id>,
    pending: Vec<(Option<usize>, Change)>,
}

#[derive(Clone)]
enum Change {
    Link(OsString, Id),
    Unlink(OsString),
    Move(OsString, OsString, Id),
}

#[derive(Clone, Default)]
struct Contents {
    durable: Pages,
    length: u64,
    pending: Vec<(Option<usize>, Edit)>,
}

impl Disk {
    /// The folders as they are now, everything synced.
    pub fn of(folders: &[&Path]) -> Self {
        let mut disk = Self::default();
        for top in folders {
            let id = disk.load(top);
            disk.tops.push(((*top).to_owned(), id));
        }
        disk
    }

    fn load(&mut self, folder: &Path) -> Id {
        let mut loaded = Folder::default();
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.expect("an entry");
            let id = if entry.path().is_dir() {
                self.load(&entry.path())
            } else {
                let bytes = fs::read(entry.path()).expect("a file");
                let mut contents = Contents::default();
                contents.durable.write(0, &bytes);
                contents.length = contents.durable.length;
                let id = self.fresh();
                self.files.insert(id, contents);
                id
            };
            loaded.live.insert(entry.file_name(), id);
        }
        loaded.durable = loaded.live.clone();
        let id = self.fresh();
        self.folders.insert(id, loaded);
        id
    }

    fn fresh(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    /// From now on syncs of this file do nothing: what a program would leave that forgot them.
    pub fn ignore_syncs_of(&mut self, path: &Path) {
        self.never_synced = Some(path.to_owned());
    }

    /// Replays what had begun by a line of a recording.
    pub fn replay(&mut self, trace: &Trace, until: usize) {
        for call in &trace.calls {
            if call.entered > until {
                break;
            }
            // What failed changed nothing; what was under way may have.
            if call.result.is_none_or(|result| result >= 0) {
                let returned = call.left.filter(|left| *left <= until);
                self.call(call, returned);
            }
        }
    }

    fn call(&mut self, call: &Call, returned: Option<usize>) {
        match call.name.as_str() {
            "openat" => self.opened(call, returned),
            "pwrite64" => {
                let at = call.number(3);
                self.written(call, at, returned);
            }
            "write" => {
                let path = call.descriptor(0);
                if self.watches(&path) {
                    let number = call.arguments[0].split('<').next().expect("a number");
                    let key = (number.to_owned(), path);
                    let at = *self.places.get(&key).expect("where it writes is known");
                    let bytes = self.written(call, at, returned);
                    self.places.insert(key, at + bytes);
                }
            }
            "lseek" => {
                let number = call.arguments[0].split('<').next().expect("a number");
                let key = (number.to_owned(), call.descriptor(0));
                if let (Some(place), Some(now)) = (self.places.get_mut(&key), call.result) {
                    *place = u64::try_from(now).expect("a place");
                }
            }
            "ftruncate" => {
                let length = call.number(1);
                if let Some(file) = self.file(&call.descriptor(0)) {
                    file.length = length;
                    file.pending.push((returned, Edit::Length(length)));
                }
            }
            "rename" => self.moved(&call.path(0, None), &call.path(1, None), returned),
            "renameat" | "renameat2" => {
                self.moved(&call.path(1, Some(0)), &call.path(3, Some(2)), returned);
            }
            "unlink" | "rmdir" => self.gone(&call.path(0, None), returned),
            "unlinkat" => self.gone(&call.path(1, Some(0)), returned),
            "mkdir" => self.made(&call.path(0, None), returned),
            "mkdirat" => self.made(&call.path(1, Some(0)), returned),
            "fsync" | "fdatasync" => self.synced(call, returned),
            // Makes nothing durable; and what only reads.
            "sync_file_range" => {}
            "mmap" => {
                let shared = call.arguments[3].contains("MAP_SHARED");
                let writes = call.arguments[2].contains("PROT_WRITE");
                let path = call.descriptor(4);
                assert!(!(shared && writes && self.watches(&path)), "a mapped file");
            }
            other => {
                let named = (0..call.arguments.len()).map(|it| call.descriptor(it));
                let quoted = call.arguments.iter().any(|it| it.starts_with('"'));
                assert!(
                    !quoted && !named.into_iter().any(|path| self.watches(&path)),
                    "{other} is not understood"
                );
            }
        }
    }

    fn watches(&self, path: &Path) -> bool {
        self.tops.iter().any(|(top, _)| path.starts_with(top))
    }

    fn opened(&mut self, call: &Call, returned: Option<usize>) {
        let path = call.path(1, Some(0));
        if !self.watches(&path) {
            return;
        }
        if call.arguments[2].contains("O_CREAT") && self.find(&path).is_none() {
            let id = self.fresh();
            self.files.insert(id, Contents::default());
            self.linked(&path, id, returned);
        }
        if call.arguments[2].contains("O_TRUNC")
            && let Some(file) = self.file(&path)
            && file.length > 0
        {
            file.length = 0;
            file.pending.push((returned, Edit::Length(0)));
        }
        if call.result.is_some() {
            assert!(!call.arguments[2].contains("O_APPEND"), "an appended file");
            let (number, _) = call.opened();
            self.places.insert((number, path), 0);
        }
    }

    /// Notes a write; answers how many bytes it wrote.
    fn written(&mut self, call: &Call, at: u64, returned: Option<usize>) -> u64 {
        let Some(file) = self.file(&call.descriptor(0)) else {
            return 0;
        };
        let mut written = call.written.clone().expect("it writes something");
        if let Some(result) = call.result {
            written = written.first(u64::try_from(result).expect("a length"));
        }
        let (length, edit) = match written {
            Written::Zeros(length) => (length, Edit::Zeros(at, length)),
            Written::Bytes(bytes) => {
                let length = u64::try_from(bytes.len()).expect("a length");
                (length, Edit::Write(at, bytes))
            }
        };
        file.length = file.length.max(at + length);
        file.pending.push((returned, edit));
        length
    }

    fn synced(&mut self, call: &Call, returned: Option<usize>) {
        let path = call.descriptor(0);
        if returned.is_none() || self.never_synced.as_ref() == Some(&path) {
            return;
        }
        let Some(id) = self.find(&path) else {
            return;
        };
        let before = |left: &Option<usize>| left.is_some_and(|left| left < call.entered);
        if let Some(file) = self.files.get_mut(&id) {
            let pending = std::mem::take(&mut file.pending);
            for (left, edit) in pending {
                if before(&left) {
                    file.durable.edit(&edit);
                } else {
                    file.pending.push((left, edit));
                }
            }
        }
        if let Some(folder) = self.folders.get_mut(&id) {
            let pending = std::mem::take(&mut folder.pending);
            for (left, change) in pending {
                if before(&left) {
                    apply(&mut folder.durable, &change);
                } else {
                    folder.pending.push((left, change));
                }
            }
        }
    }

    fn moved(&mut self, from: &Path, to: &Path, returned: Option<usize>) {
        if !self.watches(from) && !self.watches(to) {
            return;
        }
        assert_eq!(from.parent(), to.parent(), "a move between folders");
        let id = self.find(from).expect("what is moved is there");
        let name = |path: &Path| path.file_name().expect("a name").to_owned();
        self.change(from, Change::Move(name(from), name(to), id), returned);
    }

    fn gone(&mut self, path: &Path, returned: Option<usize>) {
        if self.watches(path) {
            let name = path.file_name().expect("a name").to_owned();
            self.change(path, Change::Unlink(name), returned);
        }
    }

    fn made(&mut self, path: &Path, returned: Option<usize>) {
        if self.watches(path) && self.find(path).is_none() {
            let id = self.fresh();
            self.folders.insert(id, Folder::default());
            self.linked(path, id, returned);
        }
    }

    fn linked(&mut self, path: &Path, id: Id, returned: Option<usize>) {
        let name = path.file_name().expect("a name").to_owned();
        self.change(path, Change::Link(name, id), returned);
    }

    fn change(&mut self, path: &Path, change: Change, returned: Option<usize>) {
        let folder = path.parent().and_then(|folder| self.find(folder));
        let folder = folder.expect("its folder is there");
        let folder = self.folders.get_mut(&folder).expect("a folder");
        apply(&mut folder.live, &change);
        folder.pending.push((returned, change));
    }

    fn find(&self, path: &Path) -> Option<Id> {
        let (top, id) = self.tops.iter().find(|(top, _)| path.starts_with(top))?;
        let mut id = *id;
        for name in path.strip_prefix(top).ok()? {
            id = *self.folders.get(&id)?.live.get(name)?;
        }
        Some(id)
    }

    fn file(&mut self, path: &Path) -> Option<&mut Contents> {
        let id = self.find(path)?;
        self.files.get_mut(&id)
    }

    /// The names of the folders that are watched.
    pub fn watched(&self) -> impl Iterator<Item = &OsStr> {
        let names = self.tops.iter().map(|(top, _)| top.file_name());
        names.map(|name| name.expect("a name"))
    }

    /// Cuts the power and writes what the disk then holds into other folders, one for each that is
    /// watched.
    pub fn cut(&self, into: &[PathBuf], dice: &mut Dice) {
        for ((_, id), into) in self.tops.iter().zip(into) {
            self.restore(*id, into, dice);
        }
    }

    fn restore(&self, id: Id, into: &Path, dice: &mut Dice) {
        fs::create_dir_all(into).expect("a folder");
        let folder = &self.folders[&id];
        let mut entries = folder.durable.clone();
        let survived = match dice.below(3) {
            0 => 0,
            1 => folder.pending.len(),
            _ => dice.below(folder.pending.len() + 1),
        };
        for (_, change) in folder.pending.iter().take(survived) {
            apply(&mut entries, change);
        }
        for (name, id) in entries {
            let path = into.join(name);
            if let Some(contents) = self.files.get(&id) {
                contents.survive(dice).save(&path);
            } else {
                self.restore(id, &path, dice);
            }
        }
    }
}

fn apply(entries: &mut BTreeMap<OsString, Id>, change: &Change) {
    match change {
        Change::Link(name, id) => {
            entries.insert(name.clone(), *id);
        }
        Change::Unlink(name) => {
            entries.remove(name);
        }
        Change::Move(from, to, id) => {
            entries.remove(from);
            entries.insert(to.clone(), *id);
        }
    }
}

impl Contents {
    /// What is there after the power was cut.
    fn survive(&self, dice: &mut Dice) -> Pages {
        let mut left = self.durable.clone();
        let manner = dice.below(4);
        for (_, edit) in &self.pending {
            match manner {
                0 => {}
                1 => left.edit(edit),
                2 if dice.coin() => left.edit(edit),
                2 => {}
                _ => left.tear(edit, dice),
            }
        }
        if dice.coin() {
            // The length was written, the bytes were not.
            left.length = left.length.max(self.length);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strace;

    fn trace(lines: &[&str]) -> Trace {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace");
        let end = "1 9.000009 +++ exited with 0 +++".to_owned();
        let numbered = (0..)
            .zip(lines)
            .map(|(number, line)| format!("1 1.00000{number} {line}"));
        let text: Vec<String> = numbered.chain([end]).collect();
        fs::write(&path, text.join("\n")).unwrap();
        strace::read(&path, 1)
    }

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    /// What is in a file after each of many cuts at a line, or that it is not there.
    fn cuts(lines: &[&str], at: usize, name: &str) -> Vec<Option<Vec<u8>>> {
        let home = tempfile::tempdir().unwrap();
        let mut found = Vec::new();
        for seed in 0..64 {
            let top = Path::new("/watched");
            let mut disk = Disk::of(&[top]);
            disk.replay(&trace(lines), at);
            let into = home.path().join(seed.to_string());
            disk.cut(std::slice::from_ref(&into), &mut Dice::seeded(seed));
            found.push(fs::read(into.join(name)).ok());
        }
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn only_what_was_synced_is_certain() {
        let path = hex("/watched/a");
        let fd = format!("3<{path}>");
        let open = format!(
            "openat(AT_FDCWD<{}>, \"{path}\", O_RDWR|O_CREAT, 0666) = {fd}",
            hex("/")
        );
        let one = format!("pwrite64({fd}, \"{}\", 3, 0) = 3", hex("one"));
        let two = format!("pwrite64({fd}, \"{}\", 3, 0) = 3", hex("two"));
        let sync = format!("fdatasync({fd}) = 0");
        let folder = format!("fsync(4<{}>) = 0", hex("/watched"));
        let lines = [&*open, &*one, &*sync, &*folder, &*two];
        let (one, two) = (Some(b"one".to_vec()), Some(b"two".to_vec()));
        assert!(
            cuts(&lines, 2, "a").contains(&None),
            "the folder was not synced"
        );
        assert_eq!(cuts(&lines, 3, "a"), std::slice::from_ref(&one));
        assert_eq!(cuts(&lines, 4, "a"), [one, two]);
    }

    #[test]
    fn a_sync_that_has_not_returned_and_a_write_under_way_are_uncertain() {
        let path = hex("/watched/a");
        let fd = format!("3<{path}>");
        let open = format!(
            "openat(AT_FDCWD<{}>, \"{path}\", O_RDWR|O_CREAT, 0666) = {fd}",
            hex("/")
        );
        let folder = format!("fsync(4<{}>) = 0", hex("/watched"));
        let one = format!("pwrite64({fd}, \"{}\", 3, 0) = 3", hex("one"));
        let begun = format!("fdatasync({fd} <unfinished ...>");
        let lines = [
            &*open,
            &*folder,
            &*one,
            &*begun,
            "<... fdatasync resumed>) = 0",
        ];
        assert!(cuts(&lines, 3, "a").len() > 1);
        assert_eq!(cuts(&lines, 4, "a"), [Some(b"one".to_vec())]);
    }
}
