//! What is recorded of two files of one person (MISSION C15): in the streams of both, and neither
//! names the other, so that what is left of one leads to none that ended.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::ids::MergeId;
use super::Event;
use crate::clock::Day;

fields! {
    /// Somebody says that two files are one person's; a second person decides.
    MergeAsked {
        /// Which merging.
        merge: MergeId,
        /// Whether work is to go on in this file.
        leads: bool,
    }
    /// Two files count as one person's.
    CasesMerged {
        /// Which merging.
        merge: MergeId,
        /// Whether work goes on in this file.
        leads: bool,
    }
    /// They were not merged.
    MergeRejected {
        /// Which merging.
        merge: MergeId,
    }
    /// They are two again, each as it was.
    CasesUnmerged {
        /// Which merging.
        merge: MergeId,
    }
    /// Files that may be of the same person as this one were looked for; none is named.
    DuplicatesSought {
        /// Only files that were opened on this day or later.
        opened_from: Option<Day>,
        /// Only files that were opened on this day or earlier.
        opened_until: Option<Day>,
        /// How many files were compared: such as who looked may open.
        compared: u32,
        /// How many of them were shown.
        shown: u32,
    }
}
