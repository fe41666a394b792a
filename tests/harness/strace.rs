//! The program under strace: every call that changes or syncs a file, or a fault put into one.
//!
//! - Where strace is missing or may not trace, tests say so and are skipped; `.ci/run` installs it.
//! - Strings are recorded in hexadecimal, so that no byte of a file can look like strace's own
//!   words. A call that would change a file in a way that is not understood here ends the test.
//! - What a call writes is taken apart once, when the recording is read: whole files of zeros are
//!   in it, at four letters a byte.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A call as it was recorded.
pub struct Call {
    /// The thread that asked.
    pub thread: u32,
    /// Line at which it began.
    pub entered: usize,
    /// Line at which it had returned; none if it never did.
    pub left: Option<usize>,
    /// Its name.
    pub name: String,
    /// Its arguments, as strace wrote them; what it writes is left out.
    pub arguments: Vec<String>,
    /// What it writes.
    pub written: Option<Written>,
    /// What it returned, if it did: a negative number is a failure.
    pub result: Option<i64>,
}

/// The bytes that a call writes.
#[derive(Clone)]
pub enum Written {
    /// So many zeros.
    Zeros(u64),
    /// Any bytes.
    Bytes(Arc<[u8]>),
}

/// A recorded run.
pub struct Trace {
    /// In the order in which they began.
    pub calls: Vec<Call>,
    /// When each line was written, in microseconds since 1970.
    pub times: Vec<u64>,
}

/// Whether strace can trace here; if not, why a test is skipped goes to stderr.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    let can = tried.is_ok_and(|ran| ran.status.success());
    if !can {
        eprintln!("SKIPPED: no strace that may trace here; `.ci/run` installs it");
    }
    can
}

/// The words before the program's own that record it into a file. The tracer is a process apart,
/// so that the program is the child of whoever starts it.
pub fn recording(into: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["strace", "-D", "-f", "-q", "--seccomp-bpf", "-y", "-xx"]
        .map(OsString::from)
        .to_vec();
    words.extend(["-ttt", "-s", "134217728", "-e", "signal=SIGKILL"].map(OsString::from));
    words.push("-e".into());
    words.push(format!("trace={CALLS}").into());
    words.push("-o".into());
    words.push(into.into());
    words
}

/// Reads a recording once the program has ended and the tracer has written everything.
pub fn read(from: &Path, process: u32) -> Trace {
    let end = Instant::now() + Duration::from_secs(60);
    let ended = |line: &[u8]| line.windows(4).any(|part| part == b" +++");
    let own = format!("{process} ");
    while !last_line_of(from, own.as_bytes()).is_some_and(|line| ended(&line)) {
        assert!(Instant::now() < end, "the tracer does not come to its end");
        sleep(Duration::from_millis(20));
    }
    let mut trace = Trace {
        calls: Vec::new(),
        times: Vec::new(),
    };
    let mut open: Vec<(u32, usize)> = Vec::new();
    let file = std::fs::File::open(from).expect("a recording");
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut line = String::new();
    while reader.read_line(&mut line).expect("hexadecimal text") > 0 {
        trace.line(line.trim_end(), &mut open);
        line.clear();
    }
    trace
}

/// The last line of a thread, near the end of the file.
fn last_line_of(path: &Path, thread: &[u8]) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut tail = vec![0; usize::try_from(length.min(65_536)).expect("small")];
    let start = length - u64::try_from(tail.len()).expect("small");
    file.read_exact_at(&mut tail, start).ok()?;
    let mut lines = tail.split(|byte| *byte == b'\n').rev();
    lines
        .find(|line| line.starts_with(thread))
        .map(<[u8]>::to_vec)
}

impl Trace {
    fn line(&mut self, line: &str, open: &mut Vec<(u32, usize)>) {
        let (thread, rest) = line.split_once(' ').expect("a thread");
        let (time, rest) = rest.trim_start().split_once(' ').expect("a time");
        let number = self.times.len();
        self.times
            .push(time.replace('.', "").parse().expect("a time"));
        let thread = thread.parse().expect("a thread");
        if rest.starts_with("+++") || rest.starts_with("---") {
            return;
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let place = open.iter().position(|(of, _)| *of == thread);
            let (_, call) = open.remove(place.expect("it had begun"));
            let (_, rest) = resumed.split_once(" resumed>").expect("its name");
            let call = &mut self.calls[call];
            call.finish(rest, number);
            return;
        }
        let (name, rest) = rest.split_once('(').expect("a call");
        let mut call = Call {
            thread,
            entered: number,
            left: None,
            name: name.to_owned(),
            arguments: Vec::new(),
            written: None,
            result: None,
        };
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            open.push((thread, self.calls.len()));
            call.take(begun);
        } else {
            call.finish(rest, number);
        }
        self.calls.push(call);
    }
}

impl Call {
    fn take(&mut self, arguments: &str) {
        let writes = ["write", "pwrite64"].contains(&self.name.as_str());
        for argument in arguments.split(", ").filter(|it| !it.is_empty()) {
            if writes && self.arguments.len() == 1 {
                self.written = Some(Written::of(argument));
                self.arguments.push(String::new());
            } else {
                self.arguments.push(argument.to_owned());
            }
        }
    }

    /// The rest of the arguments and the result.
    fn finish(&mut self, rest: &str, line: usize) {
        let (arguments, result) = rest.rsplit_once(" = ").expect("a result");
        self.take(arguments.trim_end().trim_end_matches(')'));
        let number: String = result
            .chars()
            .take_while(|letter| letter.is_ascii_digit() || *letter == '-')
            .collect();
        // A call that was cut off by the end of its process has a question mark for a result.
        if let Ok(number) = number.parse() {
            self.result = Some(number);
            self.left = Some(line);
        }
        if result.contains('<') {
            self.arguments.push(result.to_owned());
        }
    }

    /// The path behind a file descriptor, or an empty one where it is no file.
    pub fn descriptor(&self, argument: usize) -> PathBuf {
        path_of_descriptor(&self.arguments[argument])
    }

    /// The file that the call opened.
    pub fn opened(&self) -> (String, PathBuf) {
        let last = self.arguments.last().expect("a result");
        let number = last.split('<').next().expect("a number");
        (number.to_owned(), path_of_descriptor(last))
    }

    /// A path, relative to the folder that an argument before it names.
    pub fn path(&self, argument: usize, folder: Option<usize>) -> PathBuf {
        let path = PathBuf::from(OsString::from_vec(self.bytes(argument)));
        match folder {
            Some(folder) => self.descriptor(folder).join(path),
            None => path,
        }
    }

    /// The bytes of a string.
    pub fn bytes(&self, argument: usize) -> Vec<u8> {
        unhex(string(&self.arguments[argument]))
    }

    /// A number.
    pub fn number(&self, argument: usize) -> u64 {
        let text = &self.arguments[argument];
        text.parse()
            .unwrap_or_else(|_| panic!("{}: {text}", self.name))
    }
}

impl Written {
    fn of(text: &str) -> Self {
        let text = string(text);
        let blocks = text.as_bytes().chunks(ZEROS.len());
        if blocks.into_iter().all(|it| *it == ZEROS[..it.len()]) {
            return Self::Zeros(u64::try_from(text.len() / 4).expect("a length"));
        }
        Self::Bytes(unhex(text).into())
    }

    /// Only the first bytes: a write may end early.
    pub fn first(self, bytes: u64) -> Self {
        match self {
            Self::Zeros(all) => Self::Zeros(all.min(bytes)),
            Self::Bytes(all) => match all.get(..usize::try_from(bytes).expect("a length")) {
                Some(some) => Self::Bytes(some.into()),
                None => Self::Bytes(all),
            },
        }
    }
}

/// What stands between the quotation marks.
fn string(text: &str) -> &str {
    assert!(!text.ends_with("..."), "a string was cut short");
    let text = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    text.expect("a string")
}

fn path_of_descriptor(text: &str) -> PathBuf {
    let path = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    let Some((path, _)) = path.filter(|(path, _)| path.starts_with("\\x")) else {
        return PathBuf::new();
    };
    let path = unhex(path);
    if path.ends_with(b" (deleted)") {
        // What is written to it now is lost, and another file may have its name.
        return PathBuf::new();
    }
    OsString::from_vec(path).into()
}

/// `\x41\x42` → `AB`.
fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("hexadecimal");
    let bytes = text.as_bytes().chunks(4);
    bytes
        .map(|four| u8::try_from(digit(four[2]) * 16 + digit(four[3])).expect("a byte"))
        .collect()
}

/// Zeros, as they are recorded.
const ZEROS: [u8; 16_384] = zeros();

const fn zeros() -> [u8; 16_384] {
    let mut text = [b'0'; 16_384];
    let mut at = 0;
    while at < text.len() {
        text[at] = b'\\';
        text[at + 1] = b'x';
        at += 4;
    }
    text
}

/// What changes a file, syncs one, or moves where the next write goes.
const CALLS: &str = "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,\
fallocate,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,\
rmdir,fsync,fdatasync,sync_file_range,syncfs,sync,copy_file_range,sendfile,splice,lseek,mmap,\
io_uring_setup";
