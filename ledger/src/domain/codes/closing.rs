//! Words about closing a case as work (MISSION C15).

use serde::{Deserialize, Serialize};

codes! {
    /// Why work on a case ends.
    ClosingReason {
        /// What was needed was given.
        NeedsMet = "needs_met",
        /// The person moved away.
        Moved = "moved",
        /// Nobody hears from the person any more.
        NoContact = "no_contact",
        /// The person does not want more.
        PersonsWish = "persons_wish",
        /// Another organisation took the person over.
        Transferred = "transferred",
        /// The person died.
        Died = "died",
        /// There is nothing more that can be done here.
        NothingMoreHere = "nothing_more_here",
        /// Something else.
        Other = "other",
    }

    /// Why a case is closed without a follow-up.
    NoFollowUp {
        /// The person did not agree to it.
        NotAgreed = "not_agreed",
        /// Any contact would be unsafe.
        Unsafe = "unsafe",
        /// The person could not be reached.
        NotReached = "not_reached",
        /// Nothing was sent that could be followed up.
        NothingSent = "nothing_sent",
        /// The person died.
        Died = "died",
        /// Something else.
        Other = "other",
    }

    /// Whether the person knows that the case is closed.
    ClosingTold {
        /// Yes, and that they may come back.
        MayReturn = "may_return",
        /// No: any contact would be unsafe.
        NotToldUnsafe = "not_told_unsafe",
        /// No: the person could not be reached.
        NotReached = "not_reached",
        /// No: the person died.
        Died = "died",
    }

    /// Why work on a case goes on.
    ReopeningReason {
        /// The person came back.
        CameBack = "came_back",
        /// Another need became known.
        NewNeed = "new_need",
        /// What a service answered, or somebody else told.
        Heard = "heard",
        /// Urgent care (MISSION C12).
        Emergency = "emergency",
        /// It was closed by mistake.
        Mistake = "mistake",
        /// Something else.
        Other = "other",
    }
}
