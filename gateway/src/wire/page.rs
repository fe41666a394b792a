//! Pages: how many items, from where on, and how fresh the list must be.

use std::str::FromStr;

use ledger::refusal::{Refusal, Refused};
use proto::common::v1::{PageRequest, PageResponse};

use super::Checked;
use super::field::malformed;
use crate::limits::{PAGE_ITEMS_MAX, PAGE_ITEMS_USUAL, PAGE_TOKEN_BYTES_MAX};

/// Which part of a list is wanted; `T` is what the list's tokens stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// How many items at most.
    pub items_max: usize,
    /// Where to go on.
    pub after: Option<T>,
    /// The position of the log that the list must have seen.
    pub at_least: Option<u64>,
}

/// A page as asked for. Larger pages than allowed are cut to the limit, as usual with gRPC lists.
pub fn page<T: FromStr>(from: Option<PageRequest>) -> Checked<Page<T>> {
    let from = from.unwrap_or_default();
    if from.page_token.len() > PAGE_TOKEN_BYTES_MAX {
        return Err(Refused::about(Refusal::TooLarge, "page.page_token"));
    }
    let after = match from.page_token.as_str() {
        "" => None,
        token => Some(token.parse().map_err(|_| malformed("page.page_token"))?),
    };
    let items_max = match usize::try_from(from.page_size).unwrap_or(PAGE_ITEMS_MAX) {
        0 => PAGE_ITEMS_USUAL,
        asked => asked.min(PAGE_ITEMS_MAX),
    };
    Ok(Page {
        items_max,
        after,
        at_least: from.at_least_position,
    })
}

/// Where a list goes on, and how far it has seen.
pub fn paged(next: Option<impl ToString>, position: u64) -> PageResponse {
    PageResponse {
        next_page_token: next.map(|next| next.to_string()).unwrap_or_default(),
        position,
    }
}

/// Cuts a page out of a stream's entries, whose token is the version of the last one shown.
pub fn cut<T>(items: Vec<T>, page: &Page<u64>) -> (Vec<T>, Option<u64>) {
    let after = page.after.unwrap_or(0);
    let skip = usize::try_from(after).unwrap_or(usize::MAX);
    let more = items.len() > skip.saturating_add(page.items_max);
    let items: Vec<T> = items.into_iter().skip(skip).take(page.items_max).collect();
    let shown = u64::try_from(items.len()).unwrap_or(0);
    (items, more.then(|| after.saturating_add(shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(page_size: u32, page_token: &str) -> Checked<Page<u64>> {
        let page_token = page_token.to_owned();
        page(Some(PageRequest {
            page_size,
            page_token,
            at_least_position: None,
        }))
    }

    #[test]
    fn a_page_has_a_usual_and_a_largest_size() {
        assert_eq!(
            page::<u64>(None).map(|page| page.items_max),
            Ok(PAGE_ITEMS_USUAL)
        );
        assert_eq!(asked(7, "").map(|page| page.items_max), Ok(7));
        assert_eq!(
            asked(u32::MAX, "").map(|page| page.items_max),
            Ok(PAGE_ITEMS_MAX)
        );
    }

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        assert_eq!(asked(0, "x"), Err(malformed("page.page_token")));
        assert_eq!(asked(0, "-1"), Err(malformed("page.page_token")));
        let long = "1".repeat(PAGE_TOKEN_BYTES_MAX + 1);
        assert_eq!(
            asked(0, &long).map_err(|refused| refused.refusal),
            Err(Refusal::TooLarge)
        );
    }

    #[test]
    fn pages_cut_from_a_list_show_every_item_once() {
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let page = asked(3, &token).expect("our own token");
            let (items, next) = cut((0..10).collect::<Vec<i32>>(), &page);
            seen.extend(items);
            match next {
                Some(next) => token = next.to_string(),
                None => break,
            }
        }
        assert_eq!(seen, (0..10).collect::<Vec<i32>>());
        let beyond = asked(3, &u64::MAX.to_string()).expect("a number");
        assert_eq!(cut(vec![1], &beyond), (Vec::new(), None));
    }
}
