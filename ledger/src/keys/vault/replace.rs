//! Another holder in the place of one that is lost for good.
//!
//! - The new holder has no share until the next rotation, and the old one keeps what it had until
//!   then: who replaces a holder renews the root at once (`Ledger::renew_root`).
//! - Nobody is replaced without whose share the root could not be read: the others have to have it
//!   by themselves.
//! - Every step can be done again after a crash: the folder is a holder once `holder.toml` is in
//!   it, and the vault's once `vault.toml` names it.

use std::path::Path;

use super::holder::{Holder, SLOTS_NAME, Split};
use super::home::{Home, sync_folder, write_new};
use super::passphrase::Passphrase;
use super::settings::{FILE_NAME, SPARE_NAME, Settings};
use super::shares::ShareVault;
use crate::clock::SystemEntropy;
use crate::error::Fault;
use crate::open::require_apart;

/// Puts a new or empty folder in the place of a holder, by its number from 1, of a vault that
/// nobody has open. It has to lie apart from the vault, the other holders, and these folders: the
/// ledger's data and mirrors.
pub fn replace_holder(
    folder: &Path,
    (index, new): (u8, &Path),
    apart: &[&Path],
    words: Option<&Passphrase>,
) -> Result<(), Fault> {
    let settings = Settings::read(folder)?;
    let Some(mut sharing) = settings.sharing.clone() else {
        let why = "this vault holds its root itself; there is no holder to be replaced";
        return Err(Fault::Unusable(why.to_owned()));
    };
    let holders = sharing.holders.len();
    let place = usize::from(index).checked_sub(1);
    let Some(named) = place.and_then(|place| sharing.holders.get(place)) else {
        let why = format!("the vault has holders 1 to {holders}, and no holder {index}");
        return Err(Fault::Unusable(why));
    };
    if named == new {
        // A crash came after the last step: what is left to do is not done here.
        return Ok(());
    }
    let others = (1_u8..).zip(&sharing.holders);
    let others = others.filter(|(of, _)| *of != index);
    let others = others.map(|(_, other)| other.as_path());
    let apart = apart.iter().copied();
    for place in apart.chain([folder]).chain(others) {
        require_apart(new, place)?;
    }
    if let Some(named) = place.and_then(|place| sharing.holders.get_mut(place)) {
        new.clone_into(named);
    }
    // It takes every holder that is there for this process, and refuses where too few are.
    let home = Home::open(folder, settings.log_id, words)?;
    let before = settings.sharing.clone().unwrap_or_else(|| sharing.clone());
    let open = ShareVault::open(home, before, Box::new(SystemEntropy))?;
    open.require_without(index)?;
    prepare(new, &open, index)?;
    let settings = Settings {
        sharing: Some(sharing),
        ..settings
    };
    // A crash before the rename leaves the old list, and a folder that is taken as it is.
    let spare = folder.join(SPARE_NAME);
    let io = Fault::io("put the vault's settings in place");
    match std::fs::remove_file(&spare) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
    }
    write_new(&spare, settings.to_text().as_bytes())?;
    std::fs::rename(&spare, folder.join(FILE_NAME)).map_err(io)?;
    sync_folder(folder)
}

/// Makes the folder a holder without a share, or takes one that an earlier attempt made.
fn prepare(new: &Path, vault: &ShareVault, index: u8) -> Result<(), Fault> {
    let (settings, seal) = (&vault.home.settings, &vault.home.seal);
    let split: Split = vault.split;
    let unfinished = new.join(SLOTS_NAME);
    if !Holder::is_at(new) && unfinished.is_file() {
        // Made before `holder.toml`, and never written to but with zeros.
        std::fs::remove_file(&unfinished).map_err(Fault::io("clear a holder's folder"))?;
    }
    if !Holder::is_at(new) {
        return Holder::create(new, settings, split, index, seal).map(drop);
    }
    match Holder::open(new, settings, split, index, seal)? {
        Ok(holder) if holder.shares(seal)?.is_empty() => Ok(()),
        Ok(_) => {
            let place = new.display();
            let why = format!("{place} holds a share already; a holder is made in an empty folder");
            Err(Fault::Unusable(why))
        }
        Err(why) => Err(Fault::Unusable(format!("{}: {why}", new.display()))),
    }
}
