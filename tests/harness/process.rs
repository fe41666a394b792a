//! The program as its users meet it: processes of its own, on folders of its own.
//!
//! - A server that is dropped is killed, so that no test leaves one behind.
//! - What a server says on stderr is kept in a file, for tests that read it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::words::busy_organisation;

/// A ledger that the program itself made, in scratch folders.
pub struct Place {
    /// Where the program lies.
    pub program: PathBuf,
    /// Holds data folder, vault and logs; gone when dropped.
    pub folder: TempDir,
    /// What `init` answered: the first administrator's token, the log's key.
    pub made: Value,
}

/// How a run of the program ended.
pub struct Ran {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Talk.
    pub stderr: String,
}

/// Runs the program with arguments and waits for its end.
pub fn run(program: &Path, arguments: &[&str]) -> Ran {
    run_in(Path::new("."), program, arguments, &[])
}

/// The same in a folder, with environment variables.
pub fn run_in(folder: &Path, program: &Path, arguments: &[&str], set: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    // Nothing of whoever runs the tests gets in.
    for name in ["REFERRAL_TOKEN", "REFERRAL_SERVER", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.envs(set.iter().copied()).stdin(Stdio::null());
    Ran::of(&command.output().expect("the program starts"))
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it speaks UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Its data, which must be one JSON value.
    pub fn json(&self) -> Value {
        let read = serde_json::from_str(&self.stdout);
        read.unwrap_or_else(|wrong| panic!("{wrong}: {}\n{}", self.stdout, self.stderr))
    }

    /// Itself, if it ended with this code.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl Place {
    /// A new ledger with its first administrator.
    pub fn new(program: &str) -> Self {
        let folder = TempDir::new().expect("a scratch folder");
        let program = PathBuf::from(program);
        let mut place = Self {
            program,
            folder,
            made: Value::Null,
        };
        // One member of staff does the work of many here.
        let organisation = place.folder.path().join("organisation.toml");
        fs::write(&organisation, busy_organisation(1_000)).expect("the file");
        let init = [
            "init",
            "--json",
            "--test-vault",
            "--origin",
            "tests.invalid/log",
            "--organisation",
            organisation.to_str().unwrap(),
        ];
        place.made = place.run(&init).expect(0).json();
        place
    }

    /// Runs the program on this ledger's folders.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let (data, vault) = (self.data(), self.vault());
        let folders = [
            "--data",
            data.to_str().unwrap(),
            "--vault",
            vault.to_str().unwrap(),
        ];
        run(&self.program, &[arguments, &folders].concat())
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The vault's folder.
    pub fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// The first administrator's token.
    pub fn token(&self) -> &str {
        self.made["token"].as_str().expect("a token")
    }

    /// The tokens of the first two persons: who asks, and who decides.
    pub fn tokens(&self) -> [&str; 2] {
        let second = self.made["second_token"].as_str();
        [self.token(), second.expect("a token")]
    }

    /// The log's public key.
    pub fn vkey(&self) -> &str {
        self.made["vkey"].as_str().expect("a key")
    }

    /// The same under a tracer, whose words come first.
    pub fn run_traced(&self, tracer: &[OsString], arguments: &[&str]) -> (Ran, u32) {
        let program = self.program.as_os_str().to_owned();
        let mut words = tracer.iter().cloned().chain([program]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        let process = child.id();
        let output = child.wait_with_output().expect("it ends");
        (Ran::of(&output), process)
    }

    /// Starts a server and waits until it says where it listens.
    pub fn serve(&self, flags: &[&str]) -> Serving {
        self.serve_saying("info", flags)
    }

    /// The same, for a server that logs at this level.
    pub fn serve_saying(&self, level: &str, flags: &[&str]) -> Serving {
        let mut serving = self.start(&[], level, flags);
        let address = serving.wait_for_address();
        serving.address =
            address.unwrap_or_else(|| panic!("it did not start:\n{}", serving.said()));
        serving
    }

    /// The same under a tracer, whose words come first; none if it ended before it served.
    pub fn serve_traced(&self, tracer: &[OsString], flags: &[&str]) -> Result<Serving, Serving> {
        let mut serving = self.start(tracer, "info", flags);
        match serving.wait_for_address() {
            Some(address) => {
                serving.address = address;
                Ok(serving)
            }
            None => Err(serving),
        }
    }

    fn start(&self, tracer: &[OsString], level: &str, flags: &[&str]) -> Serving {
        let log = self.folder.path().join("server.log");
        let mut kept = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        kept.write_all(b"-- a server starts\n").unwrap();
        let before = fs::metadata(&log).unwrap().len();
        let program = self.program.as_os_str().to_owned();
        let mut words = tracer.iter().cloned().chain([program]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words);
        command.arg("serve").arg("--data").arg(self.data());
        command.arg("--vault").arg(self.vault());
        command.args(["--listen", "127.0.0.1:0"]).args(flags);
        command.env("RUST_LOG", level);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(kept);
        let child = command.spawn().expect("the server starts");
        Serving {
            child,
            address: String::new(),
            log,
            before: usize::try_from(before).expect("a short log"),
        }
    }
}

/// A server in a process of its own.
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: String,
    /// What it says on stderr, those before it in this place included.
    pub log: PathBuf,
    /// Where in it this one begins.
    before: usize,
}

impl Serving {
    /// Where clients go.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        assert!(self.lives(), "it died by itself:\n{}", self.said());
        self.child.kill().expect("it can be killed");
        let status = self.child.wait().expect("it ends");
        assert_eq!(
            status.signal(),
            Some(9),
            "it died by itself:\n{}",
            self.said()
        );
    }

    /// Asks it to stop, and waits until it did.
    pub fn stop(self) -> ExitStatus {
        self.end_by(Signal::TERM)
    }

    /// Sends it a signal that it does not survive, and waits for its end.
    pub fn end_by(mut self, signal: Signal) -> ExitStatus {
        let id = i32::try_from(self.child.id()).expect("a process id");
        let id = Pid::from_raw(id).expect("a process id");
        kill_process(id, signal).expect("it lives");
        self.child.wait().expect("it ends")
    }

    /// Whether it runs.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }

    /// Everything that it said.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).expect("its log")).into_owned()
    }

    /// The most memory that it ever had resident, in bytes.
    pub fn peak_memory_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kilobytes
            .and_then(|number| number.trim().parse::<u64>().ok())
            .expect("a number")
            * 1024
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, if it has not ended by itself.
    pub fn end(mut self) -> ExitStatus {
        drop(self.child.kill());
        self.child.wait().expect("it ends")
    }

    /// Waits until it serves; none if it ends before.
    fn wait_for_address(&mut self) -> Option<String> {
        let patience = Instant::now() + START_MAX;
        loop {
            let said = self.said();
            let new = said.get(self.before..).unwrap_or_default();
            let after = new.split_once("Serving at ").map(|(_, after)| after);
            if let Some((address, _)) = after.and_then(|after| after.split_once(" until Ctrl-C")) {
                return Some(address.to_owned());
            }
            if !self.lives() {
                return None;
            }
            assert!(Instant::now() < patience, "it does not start:\n{new}");
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already; there is nobody left to tell.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Far longer than any start takes: a server that hangs must end the test, not stop it.
const START_MAX: Duration = Duration::from_secs(120);
