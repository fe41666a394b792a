//! How the worklist is asked: filters, pages, changes, page tokens.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use ledger::clock::Timestamp;
use ledger::domain::codes::ReferralState;
use ledger::domain::ids::OrganisationId;
use ledger::limits::VIEW_ROWS_MAX;
use ledger::organisation::UnderWay;

use super::{Cursor, Head, Late, Page, Query, Row, Side, WAITING, WorkItem, Worklist};

impl Worklist {
    /// Rows from a place on that fit the query and that the caller may see, at most `rows_max`.
    ///
    /// `may_see` is the gateway's: it hides, for example, restricted cases from who is not
    /// assigned.
    pub fn page(
        &self,
        query: &Query,
        from: Cursor,
        rows_max: usize,
        now: Timestamp,
        may_see: &dyn Fn(&WorkItem) -> bool,
    ) -> Page {
        let rows_max = rows_max.clamp(1, VIEW_ROWS_MAX);
        let mut page = Page {
            items: Vec::new(),
            next: from,
            more: false,
        };
        for cursor in self
            .walk(query)
            .into_iter()
            .flat_map(|walk| walk.range(from..))
        {
            let fits = self
                .row(cursor.row)
                .filter(|row| self.fits(row, query, now));
            let item = fits.and_then(|row| self.item(row, now)).filter(may_see);
            let item = item.map(|item| WorkItem {
                place: *cursor,
                ..item
            });
            if item.is_some() && page.items.len() == rows_max {
                page.more = true;
                return page;
            }
            page.items.extend(item);
            page.next = cursor.after();
        }
        page
    }

    /// Rows that changed at this place in the log or after it, each as it is now.
    ///
    /// Several changes of one row between two calls show once. States are not filtered, so that a
    /// follower also learns that a referral has ended.
    pub fn changes_since(
        &self,
        side: Option<Side>,
        from: Cursor,
        rows_max: usize,
        now: Timestamp,
        may_see: &dyn Fn(&WorkItem) -> bool,
    ) -> Page {
        let query = Query {
            side,
            ..Query::default()
        };
        self.page(&query, from, rows_max, now, may_see)
    }

    pub(super) fn item(&self, row: &Row, now: Timestamp) -> Option<WorkItem> {
        let head = self.heads.get(&row.case)?;
        let place = *self.index.by_id.get(&row.referral)?;
        Some(WorkItem {
            referral: row.referral,
            case: row.case,
            code: head.code,
            organisation: head.organisation,
            service: row.service,
            recipient: row.recipient,
            reference: row.reference,
            state: row.state,
            waits_for: waits_for(row, head),
            urgency: row.urgency,
            drafted: row.drafted,
            since: row.since,
            acknowledge_by: row.acknowledge_by,
            complete_by: row.complete_by,
            answer_by: row.answer_by,
            late: late(row, now),
            followed_up: row.followed_up,
            follow_up_on: row.follow_up_on,
            follow_up_due: follow_up_due(row, now),
            follows: row.follows,
            sensitivity: head.sensitivity,
            assigned: head.assigned.clone(),
            version: head.version,
            place: Cursor {
                position: row.changed,
                row: place,
            },
        })
    }

    /// The shortest walk that holds every row of the query.
    fn walk(&self, query: &Query) -> Option<&BTreeSet<Cursor>> {
        let walk = match query.side {
            None => &self.index.everybody,
            Some(Side::Sender(one) | Side::Recipient(one) | Side::Either(one)) => {
                self.index.by_organisation.get(&one)?
            }
        };
        let waits = |state| WAITING.contains(state);
        let all_wait = !query.states.is_empty() && query.states.iter().all(waits);
        if all_wait || query.late_only {
            Some(&walk.waiting)
        } else {
            Some(&walk.all)
        }
    }

    fn fits(&self, row: &Row, query: &Query, now: Timestamp) -> bool {
        // What the row itself says comes first: most rows go by without a look at their case.
        let by_itself = (query.states.is_empty() || query.states.contains(&row.state))
            && query.urgency.is_none_or(|urgency| row.urgency == urgency)
            && (!query.late_only || late(row, now).is_some())
            && (!query.follow_up_due_only || follow_up_due(row, now));
        if !by_itself {
            return false;
        }
        let Some(head) = self.heads.get(&row.case) else {
            return false;
        };
        let sender = |one| head.organisation == one;
        let recipient = |one| row.recipient == one && row.reference.is_some();
        let side = match query.side {
            None => true,
            Some(Side::Sender(one)) => sender(one),
            Some(Side::Recipient(one)) => recipient(one),
            Some(Side::Either(one)) => sender(one) || recipient(one),
        };
        let works = |staff| query.assigned.contains(staff);
        side && (query.assigned.is_empty() || head.assigned.iter().any(works))
    }
}

impl Cursor {
    /// Its position in the log.
    pub fn position(self) -> u64 {
        self.position
    }

    /// Everything that changed at this position of the log or after it.
    pub fn at(position: u64) -> Self {
        Self { position, row: 0 }
    }

    /// Right behind this place.
    pub fn after(self) -> Self {
        Self {
            position: self.position,
            row: self.row.saturating_add(1),
        }
    }
}

/// A page token that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedCursor;

impl fmt::Display for MalformedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a page token; use the one that came with the page before")
    }
}

impl std::error::Error for MalformedCursor {}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.position, self.row)
    }
}

impl FromStr for Cursor {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let (position, row) = text.split_once('.').ok_or(MalformedCursor)?;
        let cursor = Self {
            position: position.parse().map_err(|_| MalformedCursor)?,
            row: row.parse().map_err(|_| MalformedCursor)?,
        };
        // One way to write each token: no plus sign, no leading zeros.
        if cursor.to_string() == text {
            Ok(cursor)
        } else {
            Err(MalformedCursor)
        }
    }
}

fn waits_for(row: &Row, head: &Head) -> Option<OrganisationId> {
    match row.state {
        ReferralState::Draft | ReferralState::Returned | ReferralState::Reviewed => {
            Some(head.organisation)
        }
        ReferralState::Sent
        | ReferralState::Received
        | ReferralState::Accepted
        | ReferralState::RecallAsked => Some(row.recipient),
        ReferralState::NotAccepted
        | ReferralState::Completed
        | ReferralState::NotCompleted
        | ReferralState::Recalled
        | ReferralState::Stopped
        | ReferralState::Cancelled => None,
    }
}

/// Whether the day agreed for following up has come, and nothing was heard. What was taken back is
/// not followed up; what has ended otherwise is.
fn follow_up_due(row: &Row, now: Timestamp) -> bool {
    !row.state.is_taken_back()
        && !row.follow_up_done
        && !row.rests
        && row.follow_up_on.is_some_and(|on| on <= now.day())
}

/// By the one rule that there is for it.
fn late(row: &Row, now: Timestamp) -> Option<Late> {
    let under_way = UnderWay {
        state: row.state,
        urgency: row.urgency,
        acknowledge_by: row.acknowledge_by,
        complete_by: row.complete_by,
        answer_by: row.answer_by,
    };
    under_way.late(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_token_survives_its_text_form() {
        let cursor = Cursor {
            position: u64::MAX,
            row: 3,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn a_text_that_is_no_page_token_is_refused() {
        for text in [
            "",
            ".",
            "1",
            "1.",
            ".1",
            "+1.0",
            "01.0",
            "1.0 ",
            "-1.0",
            "1.2.3",
            "1.4294967296",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(MalformedCursor), "{text}");
        }
    }
}
