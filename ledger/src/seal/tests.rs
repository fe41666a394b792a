//! Sealed segments: frozen bytes, and everything that must not open.

mod bad_segments;
mod segments;

use crate::clock::Entropy;
use crate::keys::testing::{SeededEntropy, leaf};
use crate::keys::{KeyId, KeyState, LeafHandle};

use super::segment::{Opened, SegmentContext, open_segment, seal_segment};
use crate::error::Fault;

const LOG: [u8; 32] = [0x1D; 32];

fn context() -> SegmentContext<'static> {
    SegmentContext {
        log_id: &LOG,
        leaf_index: 512,
        number: 1,
        count: 3,
        schema: 2,
    }
}

/// Leaf keys of four persons, the same in every run, in the order of their ids.
fn leaves() -> Vec<LeafHandle> {
    let mut entropy = SeededEntropy::new(100);
    let mut leaves: Vec<_> = (0..4).map(|_| leaf(&mut entropy)).collect();
    leaves.sort_by_key(LeafHandle::id);
    leaves
}

fn entropy() -> impl Entropy {
    SeededEntropy::new(200)
}

/// A key ring in which the given keys live and all others are in another state.
fn ring(
    live: &[&LeafHandle],
    others: &KeyState,
) -> impl FnMut(&KeyId) -> Result<KeyState, Fault> + use<> {
    let live: Vec<LeafHandle> = live.iter().map(|leaf| (*leaf).clone()).collect();
    let others = others.clone();
    move |id| {
        let found = live.iter().find(|leaf| leaf.id() == *id);
        Ok(found.map_or_else(|| others.clone(), |leaf| KeyState::Live(leaf.clone())))
    }
}

fn seal(context: &SegmentContext<'_>, text: &[u8], grants: &[Vec<&LeafHandle>]) -> Vec<u8> {
    seal_segment(context, text, grants, &mut entropy()).unwrap()
}

fn open(
    context: &SegmentContext<'_>,
    segment: &[u8],
    live: &[&LeafHandle],
) -> Result<Opened, Fault> {
    open_segment(context, segment, &[], &mut ring(live, &KeyState::Shredded))
}

fn plain(opened: Result<Opened, Fault>) -> Option<Vec<u8>> {
    match opened {
        Ok(Opened::Plain(text)) => Some(text.to_vec()),
        Ok(Opened::Shredded | Opened::Fenced | Opened::UnknownKey) | Err(_) => None,
    }
}

fn refused(opened: &Result<Opened, Fault>) -> bool {
    matches!(opened, Err(Fault::Damaged { .. }))
}
