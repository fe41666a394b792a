//! Keys and personal text are in this process: nobody else of this user looks into it, nothing of
//! it is dumped or swapped, and its files are only for its user.

use rustix::fs::Mode;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};
use rustix::thread::{CapabilitySet, capabilities};

/// No memory dump, no other process of this user that looks in, and files only for its user.
pub(super) fn keep_to_ourselves() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering these cannot be refused; if it were, going on is no worse than any other program.
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    umask(Mode::RWXG | Mode::RWXO);
}

/// Keeps what this process touches out of swap; says so once where it cannot.
pub(super) fn lock_or_warn() {
    if let Err(why) = lock() {
        tracing::warn!(%why, "keys in memory may be swapped: turn swap off, or encrypt it");
    }
}

/// Keeps everything that this process touches out of swap. Where the limit on locked memory would
/// make a later allocation fail, nothing is locked and the reason is answered.
fn lock() -> Result<(), String> {
    if let Some(limit) = getrlimit(Resource::Memlock).current {
        let free =
            capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK));
        if !free {
            return Err(format!(
                "the limit on locked memory is {} KiB; LimitMEMLOCK=infinity lifts it",
                limit / 1024
            ));
        }
    }
    // On fault: a page is locked when it is first used, so nothing is taken in advance.
    let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    mlockall(all).map_err(|error| error.to_string())
}
