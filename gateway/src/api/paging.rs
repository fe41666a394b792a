//! A page of a list whose rows not every caller may know of.
//!
//! - That the list goes on, and where, is said of what is shown alone: what lies in between does
//!   not exist for the caller.

use projections::views::Views;

use super::{Outcome, Reader};
use crate::wire::page::Page;

/// What becomes of a row of a list.
pub(super) enum Walked<R> {
    /// It is shown.
    Shown(R),
    /// The caller may not know of it, or did not ask for it.
    Passed,
    /// Neither it nor anything behind it is asked for.
    End,
}

/// Rows, where the list goes on, and the position up to which it is true.
pub(super) type Rows<R, K> = (Vec<R>, Option<K>, u64);

impl Reader<'_> {
    /// Walks a list behind a place, a piece at a time: the lock goes before streams are loaded, so
    /// that the views go on following.
    pub(super) fn walked<K: Copy, P, R>(
        &self,
        page: &Page<K>,
        piece: impl Fn(&Views, Option<K>) -> Vec<P>,
        place: impl Fn(&P) -> K,
        row: impl Fn(P) -> Outcome<Walked<R>>,
    ) -> Outcome<Rows<R, K>> {
        let (mut rows, mut looked, mut last) = (Vec::new(), page.after, None);
        let position = self.views.position();
        loop {
            self.go_on()?;
            let views = self.views.read()?;
            let some = piece(&views, looked);
            drop(views);
            if some.is_empty() {
                return Ok((rows, None, position));
            }
            for one in some {
                self.go_on()?;
                let here = place(&one);
                looked = Some(here);
                let shown = match row(one)? {
                    Walked::Shown(shown) => shown,
                    Walked::Passed => continue,
                    Walked::End => return Ok((rows, None, position)),
                };
                if rows.len() >= page.items_max {
                    return Ok((rows, last, position));
                }
                last = Some(here);
                rows.push(shown);
            }
        }
    }
}
