//! Whether overwriting a file in a folder destroys what was there.
//!
//! Only file systems known to write in place are allowed; everything else is refused by name. What
//! lies beneath (flash that remaps, a virtual disk that is snapshotted) cannot be seen from here.

use std::path::Path;

use rustix::fs::{CWD, IFlags, Mode, OFlags, ioctl_getflags, major, minor, openat};

use crate::error::{Fault, VaultFault};

/// Refuses the folder unless its file system writes in place.
pub(super) fn require_in_place(folder: &Path) -> Result<(), Fault> {
    let stat = rustix::fs::statfs(folder).map_err(looking)?;
    let magic = u32::try_from(stat.f_type).unwrap_or(u32::MAX);
    let mut unfit = judge(magic).err();
    if unfit.is_none() && magic == EXT && journals_data(folder)? {
        unfit = Some("ext4 that writes data to its journal first (data=journal)".to_owned());
    }
    match unfit {
        None => Ok(()),
        Some(kind) => Err(Fault::Vault(VaultFault::Unsuitable { kind })),
    }
}

/// By the magic numbers of `statfs(2)`.
fn judge(magic: u32) -> Result<(), String> {
    let kind = match magic {
        // ext2 to ext4, XFS, FAT.
        EXT | 0x5846_5342 | 0x4D44 => return Ok(()),
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

/// Whether an ext file system writes the data of files in this folder to its journal first, where
/// the old bytes stay: by mount option, by the file system's default, or by the folder's own mark
/// (`chattr +j`), which new files inherit.
fn journals_data(folder: &Path) -> Result<bool, Fault> {
    let opened = openat(CWD, folder, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let opened = opened.map_err(looking)?;
    if ioctl_getflags(&opened).is_ok_and(|flags| flags.contains(IFlags::JOURNALING)) {
        return Ok(true);
    }
    let device = rustix::fs::fstat(&opened).map_err(looking)?.st_dev;
    let device = format!("{}:{}", major(device), minor(device));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    if mounted_with(&mounts, &device, JOURNALED) {
        return Ok(true);
    }
    // The default that stands in the file system itself is not among the mount options.
    let name = std::fs::read_link(format!("/sys/dev/block/{device}")).ok();
    let name = name.as_deref().and_then(Path::file_name);
    let options = name.map(|name| Path::new("/proc/fs/ext4").join(name).join("options"));
    let options = options.and_then(|path| std::fs::read_to_string(path).ok());
    Ok(options.is_some_and(|text| text.lines().any(|line| line == JOURNALED)))
}

/// Whether a device is mounted with an option of its file system (`proc_pid_mountinfo(5)`).
fn mounted_with(mounts: &str, device: &str, option: &str) -> bool {
    mounts.lines().any(|line| {
        let Some((mount, system)) = line.split_once(" - ") else {
            return false;
        };
        mount.split(' ').nth(2) == Some(device)
            && system
                .split(' ')
                .nth(2)
                .is_some_and(|options| options.split(',').any(|one| one == option))
    })
}

fn looking(errno: rustix::io::Errno) -> Fault {
    Fault::Io {
        doing: "look at the vault's file system",
        source: errno.into(),
    }
}

const EXT: u32 = 0xEF53;
const JOURNALED: &str = "data=journal";

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
        assert!(judge(EXT).is_ok());
    }

    #[test]
    fn a_journaled_mount_is_found_by_its_device_and_no_other() {
        let mounts = "\
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n\
            42 27 7:0 / /a\\040b rw shared:1 - ext4 /dev/loop0 rw,nodelalloc,data=journal\n\
            43 27 7:1 / /c rw,data=journal - ext4 /dev/loop1 rw,data=ordered\n";
        assert!(mounted_with(mounts, "7:0", JOURNALED));
        for device in ["254:0", "7:1", "7", "1:7:0", ""] {
            assert!(!mounted_with(mounts, device, JOURNALED), "{device}");
        }
        assert!(!mounted_with("not a mount", "7:0", JOURNALED));
    }
}
