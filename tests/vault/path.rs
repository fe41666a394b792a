//! Attack tests 4 and 5: where a destruction writes, and on which file systems it may.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::process::run;

use super::memory::Somebody;

/// Everything that could leave old bytes behind, and what a destruction is made of.
const CALLS: &str = "trace=openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,link,\
                     linkat,truncate,ftruncate,fallocate,copy_file_range,sendfile,pwrite64,write,\
                     fdatasync,fsync";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destruction_makes_no_file_renames_nothing_and_shortens_nothing_in_the_vault() {
    let somebody = Somebody::at_a_server().await;
    let out = somebody.place.folder.path().join("calls");
    let Some(tracer) = traced(somebody.serving.id(), &out) else {
        println!("SKIPPED: strace is not here, or may not attach");
        return;
    };
    let roots = somebody.place.vault().join("roots");
    let extents = extents(&roots);
    somebody.is_forgotten().await;
    detach(tracer);
    let calls = std::fs::read_to_string(&out).unwrap();
    let vault = somebody.place.vault();
    let there: Vec<&str> = calls
        .lines()
        .filter(|line| line.contains(vault.to_str().unwrap()))
        .collect();
    let named = |name: &str| there.iter().filter(|line| line.contains(name)).count();
    // Two copies of the new root, and noise over two copies of the old one, each synced; zeros go
    // to the disk with the next root.
    assert!(
        named("pwrite64(") >= 6,
        "the trace sees the destruction: {there:#?}"
    );
    assert!(named("fdatasync(") >= 2, "{there:#?}");
    let allowed = ["pwrite64(", "fdatasync(", "<... pwrite64", "<... fdatasync"];
    let others: Vec<&&str> = there
        .iter()
        .filter(|line| !allowed.iter().any(|call| line.contains(call)))
        .collect();
    assert!(others.is_empty(), "{others:#?}");
    match extents {
        None => println!("SKIPPED: filefrag is not here, or says nothing of this file system"),
        Some(before) => assert_eq!(self::extents(&roots), Some(before), "the same blocks"),
    }
    somebody.serving.stop();
}

#[test]
fn a_vault_in_earnest_is_made_where_overwriting_destroys_and_nowhere_else() {
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in [
        "lower", "upper", "work", "overlay", "ext4", "journal", "marked",
    ] {
        std::fs::create_dir(at(name)).unwrap();
    }
    let text = |name: &str| at(name).to_str().unwrap().to_owned();
    let layers = format!(
        "lowerdir={},upperdir={},workdir={}",
        text("lower"),
        text("upper"),
        text("work")
    );
    let overlay = Mounted::new(&["-t", "overlay", "overlay", "-o", &layers], &at("overlay"));
    judged(overlay, &at("overlay"), Some("overlay"));
    let images = ["ext4", "journal", "marked"].map(|name| image(&at(&format!("{name}.img"))));
    let [Some(plain), Some(journal), Some(marked)] = images else {
        println!("SKIPPED: no mkfs.ext4 here");
        return;
    };
    let mounted = Mounted::new(&["-o", "loop", &plain], &at("ext4"));
    judged(mounted, &at("ext4"), None);
    let mounted = Mounted::new(&["-o", "loop,data=journal", &journal], &at("journal"));
    judged(mounted, &at("journal"), Some("data=journal"));
    // The file system's own default, which is not among the mount options.
    let tuned = Command::new("tune2fs")
        .args(["-o", "journal_data", &marked])
        .output();
    if tuned.is_ok_and(|output| output.status.success()) {
        let mounted = Mounted::new(&["-o", "loop", &marked], &at("marked"));
        judged(mounted, &at("marked"), Some("data=journal"));
    }
    judged(
        Some(Mounted::nothing()),
        Path::new("/dev/shm"),
        Some("tmpfs"),
    );
}

/// Tries to make a ledger whose vault lies in a mounted folder; without a mount nothing is tried.
fn judged(mounted: Option<Mounted>, place: &Path, refused: Option<&str>) {
    let Some(mounted) = mounted else {
        println!("SKIPPED: {} cannot be mounted here", place.display());
        return;
    };
    let data = tempfile::TempDir::new().unwrap();
    let vault = tempfile::Builder::new()
        .prefix("vault")
        .tempdir_in(place)
        .unwrap();
    let (data, inside) = (data.path().join("data"), vault.path().join("vault"));
    let program = Path::new(crate::PROGRAM);
    let arguments = ["init", "--json", "--data", data.to_str().unwrap()];
    let ran = run(
        program,
        &[&arguments[..], &["--vault", inside.to_str().unwrap()]].concat(),
    );
    match refused {
        None => drop(ran.expect(0)),
        Some(word) => {
            let ran = ran.expect(3);
            assert!(ran.stderr.contains(word), "{}", ran.stderr);
            assert!(!inside.join("vault.toml").exists());
        }
    }
    drop(vault);
    drop(mounted);
}

/// A mount that goes when it is dropped.
struct Mounted(Option<std::path::PathBuf>);

impl Mounted {
    fn new(arguments: &[&str], place: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        let done = mount.args(arguments).arg(place).output().ok()?;
        done.status.success().then(|| Self(Some(place.to_owned())))
    }

    fn nothing() -> Self {
        Self(None)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(place) = &self.0 {
            let _ = Command::new("umount").arg(place).status();
        }
    }
}

/// A small ext4 file system in a file.
fn image(path: &Path) -> Option<String> {
    let file = std::fs::File::create(path).unwrap();
    file.set_len(32 * 1024 * 1024).unwrap();
    let made = Command::new("mkfs.ext4")
        .args(["-q", "-F"])
        .arg(path)
        .output();
    let made = made.is_ok_and(|output| output.status.success());
    made.then(|| path.to_str().unwrap().to_owned())
}

fn traced(process: u32, out: &Path) -> Option<Child> {
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-y", "-s", "8", "-e", CALLS, "-o"])
        .arg(out);
    strace.args(["-p", &process.to_string()]);
    let mut tracer = strace.stderr(Stdio::null()).spawn().ok()?;
    let patience = Instant::now() + Duration::from_secs(20);
    let status = format!("/proc/{process}/status");
    while Instant::now() < patience {
        let text = std::fs::read_to_string(&status).unwrap();
        if text
            .lines()
            .any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
        {
            // Every thread, not only the first.
            std::thread::sleep(Duration::from_millis(300));
            return Some(tracer);
        }
        if tracer.try_wait().unwrap().is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = tracer.kill();
    None
}

fn detach(mut tracer: Child) {
    let id = rustix::process::Pid::from_raw(i32::try_from(tracer.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    tracer.wait().unwrap();
}

/// Where a file's blocks lie, as `filefrag` has it.
fn extents(file: &Path) -> Option<Vec<String>> {
    let listed = Command::new("filefrag")
        .args(["-v", "-s"])
        .arg(file)
        .output()
        .ok()?;
    let text = String::from_utf8(listed.stdout).ok()?;
    let rows = text
        .lines()
        .filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let rows: Vec<String> = rows.map(str::to_owned).collect();
    (listed.status.success() && !rows.is_empty()).then_some(rows)
}
