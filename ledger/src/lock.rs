//! Exclusive locks on our folders: one process at a time, said clearly.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::error::Fault;
use crate::limits::{LOCK_ATTEMPTS, LOCK_PAUSE_MS};

/// Locks a file for as long as it is open. A child that this process is starting holds the lock of
/// a ledger just closed until it has become another program, so a held lock is asked for again for
/// a moment.
pub(crate) fn exclusive(file: &File, folder: &Path) -> Result<(), Fault> {
    let mut left = LOCK_ATTEMPTS;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Fault::io("locking the folder")(error)),
            Err(TryLockError::WouldBlock) if left == 0 => {
                return Err(Fault::Locked {
                    folder: folder.display().to_string(),
                });
            }
            Err(TryLockError::WouldBlock) => {
                left -= 1;
                sleep(Duration::from_millis(LOCK_PAUSE_MS));
            }
        }
    }
}
