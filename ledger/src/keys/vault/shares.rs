//! The vault whose root is shared among several holders: any k of n give it, k − 1 tell nothing.
//!
//! - Every epoch has a fresh root and a fresh split; shares of different roots do not combine.
//! - Up to n − k holders may be lost; up to k − 1 may fail to erase, or never come back to do so.
//! - A root counts as installed once a quorum holds it, and as destroyed once n − k + 1 holders
//!   have overwritten their shares and read them back.
//! - A holder that returns is wiped of what is old, and takes part again from the next rotation on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::holder::{Holder, Share, Split, named};
use super::home::Home;
use super::passphrase::{Hardness, Passphrase};
use super::sealed::Seal;
use super::settings::{Settings, Sharing, Tier};
use super::shamir;
use super::{Destroyed, Statement, Vault, VaultRoot, VaultRoots};
use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::keys::secret::{Key, KeyId};

/// What is done with a holder: its index, itself, how secrets lie, randomness.
type Act<'a> = &'a mut dyn FnMut(u8, &Holder, &Seal, &mut dyn Entropy) -> Result<(), Fault>;

/// A vault with holders.
pub struct ShareVault {
    pub(super) home: Home,
    sharing: Sharing,
    pub(super) split: Split,
    /// By index, from 1: the holder, or why it counts as lost.
    holders: BTreeMap<u8, Result<Holder, String>>,
    entropy: Box<dyn Entropy>,
    /// The root in force, once it is known.
    current: Option<(u64, KeyId)>,
    destroyed: Option<Destroyed>,
}

impl ShareVault {
    /// Makes a vault in a new or empty folder, and its holders in theirs.
    pub fn create(
        folder: &Path,
        tier: Tier,
        log_id: [u8; 32],
        (threshold, folders): (u8, &[PathBuf]),
        protection: Option<(&Passphrase, Hardness)>,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Self, Fault> {
        let sharing = Sharing {
            threshold,
            holders: folders.to_vec(),
        };
        if !sharing.is_sound() {
            let why = "a root is shared among 2 to 16 holders, and 2 of them at least must be \
                       needed to read it";
            return Err(Fault::Unusable(why.to_owned()));
        }
        let settings = Settings {
            tier,
            log_id,
            passphrase: protection.is_some(),
            sharing: Some(sharing.clone()),
        };
        let split = Split::of(&settings, &sharing);
        let home = Home::create(folder, settings, protection, &mut *entropy)?;
        let mut holders = BTreeMap::new();
        for (index, folder) in (1..).zip(&sharing.holders) {
            let holder = Holder::create(folder, &home.settings, split, (index, 0), &home.seal)?;
            holders.insert(index, Ok(holder));
        }
        home.finish()?;
        Ok(Self {
            home,
            sharing,
            split,
            holders,
            entropy,
            current: None,
            destroyed: None,
        })
    }

    pub(super) fn open(
        home: Home,
        sharing: Sharing,
        entropy: Box<dyn Entropy>,
    ) -> Result<Self, Fault> {
        let split = Split::of(&home.settings, &sharing);
        let mut vault = Self {
            home,
            sharing,
            split,
            holders: BTreeMap::new(),
            entropy,
            current: None,
            destroyed: None,
        };
        vault.look_for_holders()?;
        let lost = vault.lost();
        if vault.present() < split.threshold {
            return Err(vault.too_few(vault.present(), split.threshold));
        }
        for holder in lost {
            tracing::warn!(%holder, "a holder of the vault is not there; the others are enough");
        }
        Ok(vault)
    }

    /// Opens every holder that is not open. What a returning one holds beside the root in force
    /// is old, and is wiped before it counts again.
    fn look_for_holders(&mut self) -> Result<(), Fault> {
        for (index, folder) in (1..).zip(&self.sharing.holders) {
            if matches!(self.holders.get(&index), Some(Ok(_))) {
                continue;
            }
            let (settings, seal) = (&self.home.settings, &self.home.seal);
            let mut found = Holder::open(folder, settings, self.split, index, seal)?;
            if let (Ok(holder), Some(current)) = (&found, self.current) {
                let wiped =
                    holder.destroy(|epoch, root| (epoch, root) != current, &mut *self.entropy);
                if let Err(fault) = wiped {
                    found = Err(fault.to_string());
                }
            }
            self.holders.insert(index, found);
        }
        Ok(())
    }

    /// Does something with every holder that is there; one that fails counts as lost from then on.
    /// Says how many did it.
    fn each(&mut self, act: Act<'_>) -> u8 {
        let mut done = 0_u8;
        for (index, holder) in &mut self.holders {
            let Ok(there) = holder else { continue };
            match act(*index, there, &self.home.seal, &mut *self.entropy) {
                Ok(()) => done = done.saturating_add(1),
                Err(fault) => {
                    tracing::warn!(holder = index, %fault, "a holder of the vault failed");
                    *holder = Err(fault.to_string());
                }
            }
        }
        done
    }

    fn present(&self) -> u8 {
        let there = self.holders.values().filter(|holder| holder.is_ok());
        u8::try_from(there.count()).unwrap_or(u8::MAX)
    }

    /// The holders that are not there, as an operator has to find them.
    fn lost(&self) -> Vec<String> {
        let folders = (1_u8..).zip(&self.sharing.holders);
        folders
            .filter_map(|(index, folder)| {
                let why = self.holders.get(&index)?.as_ref().err()?;
                Some(named(index, folder, why))
            })
            .collect()
    }

    fn too_few(&self, found: u8, needed: u8) -> Fault {
        Fault::Vault(VaultFault::TooFewShares {
            found,
            needed,
            lost: self.lost(),
        })
    }

    /// The readable shares, by root. What one holder cannot read is only that holder's.
    fn by_root(&self) -> BTreeMap<(u64, KeyId), Vec<Share>> {
        let mut found: BTreeMap<(u64, KeyId), Vec<Share>> = BTreeMap::new();
        for (index, holder) in &self.holders {
            let Ok(holder) = holder else { continue };
            match holder.shares(&self.home.seal) {
                Ok(shares) => {
                    for share in shares {
                        found
                            .entry((share.epoch, share.root))
                            .or_default()
                            .push(share);
                    }
                }
                Err(fault) => tracing::warn!(holder = index, %fault, "a share cannot be read"),
            }
        }
        found
    }

    /// The newest epoch that a share is here of.
    pub(super) fn newest(&self) -> u64 {
        let newest = self.by_root().into_keys().next_back();
        newest.map_or(0, |(epoch, _)| epoch)
    }

    /// Has every holder that is there overwrite shares. Says how many of them answer for their
    /// place: one that took a lost one's place later knows nothing of what that one kept.
    fn wipe(&mut self, epoch: u64, doomed: impl Fn(u64, KeyId) -> bool) -> u8 {
        let mut answering = 0_u8;
        self.each(&mut |_, holder, _, entropy| {
            holder.destroy(&doomed, entropy)?;
            if holder.answers_for(epoch) {
                answering = answering.saturating_add(1);
            }
            Ok(())
        });
        answering
    }

    /// Refuses where, with another one in this place, too few could ever answer for the root in
    /// force: those that are lost would give it together, and no rotation changes that.
    pub(super) fn require_enough_to_answer(&self, index: u8) -> Result<(), Fault> {
        let newest = self.newest();
        let answering = self.holders.iter().filter(|(of, holder)| {
            // One that is away may come back.
            **of != index && holder.as_ref().map_or(true, |it| it.answers_for(newest))
        });
        let (left, needed) = (answering.count(), self.split.acknowledgements());
        if left >= usize::from(needed) {
            return Ok(());
        }
        Err(Fault::Unusable(format!(
            "with another folder in the place of holder {index}, {left} holders could say that \
             their share of the present root is gone, and {needed} must: the shares that are lost \
             give that root together, and no renewal changes it. Nothing was changed. Find a lost \
             holder, or begin a new ledger with a new vault"
        )))
    }

    /// Refuses where the holders but this one do not have enough shares of one root: whoever takes
    /// its place has none, and what it held would be needed.
    pub(super) fn require_without(&self, index: u8) -> Result<(), Fault> {
        let found = self.by_root().into_values().map(|shares| {
            let others = shares.iter().filter(|share| share.index != index);
            u8::try_from(others.count()).unwrap_or(u8::MAX)
        });
        let (most, needed) = (found.max().unwrap_or(0), self.split.threshold);
        if most >= needed {
            return Ok(());
        }
        Err(Fault::Unusable(format!(
            "without holder {index} there are {most} shares of the root and {needed} are needed: \
             nothing was changed. Attach the other holders, or have the root renewed first where \
             one was replaced and has no share yet: run its replacement again, with the same folder"
        )))
    }

    /// The root that a threshold of shares give; none if they give another.
    fn combined(&self, root: KeyId, shares: &[Share]) -> Option<Key> {
        let enough: Vec<(u8, &Key)> = shares
            .iter()
            .take(usize::from(self.split.threshold))
            .map(|share| (share.index, &share.value))
            .collect();
        shamir::combine(&enough).filter(|key| key.id() == root)
    }

    fn acknowledge(&mut self, epoch: u64, acknowledged: u8) -> bool {
        let needed = self.split.acknowledgements();
        self.destroyed = (acknowledged >= needed).then_some(Destroyed {
            epoch,
            acknowledged,
            needed,
        });
        self.destroyed.is_some()
    }
}

impl Vault for ShareVault {
    /// The roots that enough shares are here of. A new root that no quorum holds is left out while
    /// the old one can still be had: its installing did not come to an end, and boot gives it up.
    fn roots(&self) -> Result<VaultRoots, Fault> {
        let found = self.by_root();
        let threshold = usize::from(self.split.threshold);
        let quorum = usize::from(self.split.quorum());
        let mut roots: Vec<VaultRoot> = Vec::new();
        let mut most = 0;
        for ((epoch, root), shares) in &found {
            most = most.max(shares.len());
            if shares.len() < threshold || (!roots.is_empty() && shares.len() < quorum) {
                continue;
            }
            let key = self.combined(*root, shares);
            let key = key.ok_or_else(|| Fault::damaged("share", "shares that do not fit"))?;
            roots.push(VaultRoot { epoch: *epoch, key });
        }
        if roots.is_empty() && !found.is_empty() {
            let most = u8::try_from(most).unwrap_or(u8::MAX);
            return Err(self.too_few(most, self.split.threshold));
        }
        Ok(VaultRoots(roots))
    }

    fn ready(&mut self) -> Result<(), Fault> {
        self.look_for_holders()?;
        let quorum = self.split.quorum();
        let able = self.each(&mut |_, holder, _, entropy| holder.require_room(entropy));
        if able < quorum {
            return Err(self.too_few(able, quorum));
        }
        // Nothing is installed whose forerunner could not be called destroyed afterwards.
        let newest = self.newest();
        let there = self.holders.values().flatten();
        let answering = there.filter(|holder| holder.answers_for(newest));
        let answering = u8::try_from(answering.count()).unwrap_or(u8::MAX);
        let needed = self.split.acknowledgements();
        if answering < needed {
            return Err(self.too_few(answering, needed));
        }
        Ok(())
    }

    fn install(&mut self, epoch: u64, root: &Key) -> Result<(), Fault> {
        let Split {
            holders, threshold, ..
        } = self.split;
        let id = root.id();
        let values = shamir::split(root, threshold, holders, &mut *self.entropy);
        let shares: BTreeMap<u8, Share> = values
            .into_iter()
            .map(|(index, value)| {
                let share = Share {
                    epoch,
                    root: id,
                    index,
                    value,
                };
                (index, share)
            })
            .collect();
        // A crash between two holders leaves a root that no quorum holds: boot gives it up while
        // the old one lives.
        let done = self.each(
            &mut |index, holder, seal, entropy| match shares.get(&index) {
                Some(share) => holder.install(share, seal, entropy),
                None => Ok(()),
            },
        );
        if done >= self.split.quorum() {
            self.current = Some((epoch, id));
            return Ok(());
        }
        let installed = (epoch, id);
        self.each(&mut |_, holder, _, entropy| {
            holder.destroy(|at, of| (at, of) == installed, entropy)
        });
        Err(self.too_few(done, self.split.quorum()))
    }

    fn destroy(&mut self, epoch: u64) -> Result<(), Fault> {
        // A crash between two holders leaves both roots, or the new one: boot comes here again.
        let done = self.wipe(epoch, |at, _| at <= epoch);
        if self.acknowledge(epoch, done) {
            return Ok(());
        }
        Err(Fault::Vault(VaultFault::NotDestroyed {
            acknowledged: done,
            needed: self.split.acknowledgements(),
            lost: self.lost(),
        }))
    }

    fn keep_only(&mut self, epoch: u64) -> Result<(), Fault> {
        let roots = self.roots()?;
        let Some(root) = roots.of_epoch(epoch) else {
            return Err(Fault::Vault(VaultFault::Unreadable));
        };
        let kept = (epoch, root.id());
        self.current = Some(kept);
        let before = epoch.saturating_sub(1);
        let done = self.wipe(before, |at, of| (at, of) != kept);
        self.acknowledge(before, done);
        Ok(())
    }

    fn home(&self) -> &Home {
        &self.home
    }

    fn statement(&self) -> Statement {
        let found = self.by_root();
        let current = self.current.or_else(|| found.keys().next_back().copied());
        let shares = current.and_then(|current| found.get(&current));
        let holds = |index: u8| {
            let mut shares = shares.into_iter().flatten();
            shares.any(|share| share.index == index)
        };
        let (there, missing): (Vec<u8>, Vec<u8>) = (1..=self.split.holders)
            .partition(|index| matches!(self.holders.get(index), Some(Ok(_))));
        Statement {
            tier: self.home.settings.tier,
            passphrase: self.home.settings.passphrase,
            holders: self.split.holders,
            threshold: self.split.threshold,
            missing,
            behind: there.into_iter().filter(|index| !holds(*index)).collect(),
            destroyed: self.destroyed,
        }
    }
}
