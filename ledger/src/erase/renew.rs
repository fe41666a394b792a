//! Another root although nothing is to die: every share of the old one is worth nothing afterwards.

use crate::domain::event::HolderReplaced;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::ledger::Ledger;
use crate::submit::writer::Writer;

impl Ledger {
    /// Records that a holder of the vault was replaced, and rotates to a fresh root, of which the
    /// new holder has a share and the old one none. Says the new epoch.
    pub fn renew_root(&self, holder: u8) -> Result<u64, Fault> {
        self.between(move |writer| writer.renew_root(holder))
    }
}

impl Writer {
    /// A crash after the event leaves a holder without a share, which `status` names: done again.
    fn renew_root(&mut self, holder: u8) -> Result<u64, Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let holder = u32::from(holder);
        let replaced = self.told(StreamId::Ledger, HolderReplaced { holder }.into());
        let mut staged = self.stage_events(vec![replaced])?;
        self.append(&mut staged, true)?;
        // Where a copy or a holder is missing nothing was begun, or it was given up.
        let turned = self.turn(true);
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        if !turned {
            let why = "the root was not renewed: a mirror that is attached, or a holder that is \
                       needed, is not there; give it and do the same again";
            return Err(Fault::Unusable(why.to_owned()));
        }
        Ok(self.shared.keys().epoch())
    }
}
