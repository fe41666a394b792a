//! Whether overwriting a file in a folder destroys what was there.
//!
//! Only file systems known to write in place are allowed; everything else is refused by name. What
//! lies beneath (flash that remaps, a virtual disk that is snapshotted) cannot be seen from here.

use std::path::Path;

use crate::error::{Fault, VaultFault};

/// Refuses the folder unless its file system writes in place.
pub(super) fn require_in_place(folder: &Path) -> Result<(), Fault> {
    let stat = rustix::fs::statfs(folder).map_err(|errno| Fault::Io {
        doing: "look at the vault's file system",
        source: errno.into(),
    })?;
    let magic = u32::try_from(stat.f_type).unwrap_or(u32::MAX);
    match judge(magic) {
        Ok(()) => Ok(()),
        Err(kind) => Err(Fault::Vault(VaultFault::Unsuitable { kind })),
    }
}

/// By the magic numbers of `statfs(2)`.
fn judge(magic: u32) -> Result<(), String> {
    let kind = match magic {
        // ext2 to ext4, XFS, FAT.
        0xEF53 | 0x5846_5342 | 0x4D44 => return Ok(()),
        0x0102_1994 => "tmpfs (memory)",
        0x8584_58F6 => "ramfs (memory)",
        0x794C_7630 => "overlayfs (a container's own layer)",
        0x6969 => "NFS (network)",
        0xFF53_4D42 | 0xFE53_4D42 | 0x517B => "SMB (network)",
        0x00C3_6400 => "Ceph (network)",
        0x0102_1997 => "9P (network or host folder)",
        0x6573_5546 => "FUSE",
        0x9123_683E => "btrfs (copy-on-write)",
        0x2FC1_2FC1 => "ZFS (copy-on-write)",
        0xCA45_1A4E => "bcachefs (copy-on-write)",
        0xF2F5_2010 => "F2FS (log-structured)",
        0x3434 => "NILFS (log-structured)",
        other => return Err(format!("an unknown file system ({other:#010x})")),
    };
    Err(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_on_write_memory_network_and_unknown_file_systems_are_refused_by_name() {
        for (magic, word) in [
            (0x0102_1994, "tmpfs"),
            (0x794C_7630, "overlay"),
            (0x6969, "NFS"),
            (0xFE53_4D42, "SMB"),
            (0x9123_683E, "btrfs"),
            (0x2FC1_2FC1, "ZFS"),
            (0xDEAD_BEEF, "0xdeadbeef"),
        ] {
            assert!(judge(magic).unwrap_err().contains(word));
        }
        assert!(judge(0xEF53).is_ok());
    }
}
