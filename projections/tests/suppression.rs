//! Suppression attacked: a solver that knows every number shown, every sum and the rule itself
//! tries to compute what is kept back, and fails.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeMap;

use projections::suppression::{Cell, Sheet, Shown, Unsafe};
use proptest::prelude::*;

const LIMIT: u64 = 10;
/// An attacker looks no further than this; a cell that could be larger is open upwards.
const FAR: i64 = 4_000;

/// What an attacker knows: the sums, with numbers where those are shown.
struct Attack {
    cells: Vec<Cell>,
    equations: Vec<Vec<(usize, i64)>>,
    known: Vec<i64>,
}

impl Attack {
    fn on(sheet: &Sheet, shown: &Shown) -> Self {
        let hidden: Vec<Cell> = sheet
            .cells()
            .filter(|cell| shown.at(*cell).is_none())
            .collect();
        let place: BTreeMap<Cell, usize> = hidden
            .iter()
            .enumerate()
            .map(|(at, cell)| (*cell, at))
            .collect();
        let (mut equations, mut known) = (Vec::new(), Vec::new());
        for (sum, parts) in sheet.sums() {
            let mut equation = Vec::new();
            let mut rest = 0_i64;
            let terms = parts.iter().map(|cell| (*cell, 1)).chain([(sum, -1)]);
            for (cell, sign) in terms {
                match shown.at(cell) {
                    Some(count) => rest -= sign * i64::try_from(count).unwrap(),
                    None => equation.push((place[&cell], sign)),
                }
            }
            if !equation.is_empty() {
                equations.push(equation);
                known.push(rest);
            }
        }
        Self {
            cells: hidden,
            equations,
            known,
        }
    }

    /// Intervals narrowed until nothing changes; none if the numbers contradict each other.
    fn narrowed(&self, mut bounds: Vec<(i64, i64)>) -> Option<Vec<(i64, i64)>> {
        loop {
            let before = bounds.clone();
            for (equation, known) in self.equations.iter().zip(&self.known) {
                for (at, sign) in equation {
                    let others = equation.iter().filter(|(one, _)| one != at);
                    let (mut low, mut high) = (*known, *known);
                    for (other, sign) in others {
                        let (least, most) = bounds[*other];
                        let ends = [sign * least, sign * most];
                        low -= ends[0].max(ends[1]);
                        high -= ends[0].min(ends[1]);
                    }
                    let ends = [sign * low, sign * high];
                    bounds[*at].0 = bounds[*at].0.max(ends[0].min(ends[1]));
                    bounds[*at].1 = bounds[*at].1.min(ends[0].max(ends[1]));
                    if bounds[*at].0 > bounds[*at].1 {
                        return None;
                    }
                }
            }
            if bounds == before {
                return Some(bounds);
            }
        }
    }

    /// Whether there are whole numbers within these bounds that fit: by trying them all, the cell
    /// with the fewest choices first.
    fn fits(&self, bounds: Vec<(i64, i64)>, patience: &mut u32) -> Option<bool> {
        *patience = patience.checked_sub(1)?;
        let Some(bounds) = self.narrowed(bounds) else {
            return Some(false);
        };
        let open = (0..bounds.len()).filter(|at| bounds[*at].0 < bounds[*at].1);
        let Some(at) = open.min_by_key(|at| bounds[*at].1 - bounds[*at].0) else {
            return Some(true);
        };
        for value in bounds[at].0..=bounds[at].1 {
            let mut tried = bounds.clone();
            tried[at] = (value, value);
            if self.fits(tried, patience)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The least and the greatest number that a cell can be; none if that is too much work.
    fn interval(&self, at: usize) -> Option<(i64, i64)> {
        let free = self.narrowed(vec![(1, FAR); self.cells.len()]).unwrap();
        let (low, high) = free[at];
        let possible = |value: i64| {
            let mut bounds = free.clone();
            bounds[at] = (value, value);
            self.fits(bounds, &mut 20_000)
        };
        let first = |mut values: Box<dyn Iterator<Item = i64>>| loop {
            let value = values.next().unwrap();
            if possible(value)? {
                break Some(value);
            }
        };
        Some((
            first(Box::new(low..=high))?,
            first(Box::new((low..=high).rev()))?,
        ))
    }
}

/// Holds every cell kept back to its width; gives how many could not be searched to the end.
fn wide(sheet: &Sheet, shown: &Shown) -> usize {
    let attack = Attack::on(sheet, shown);
    let bounds = vec![(1, FAR); attack.cells.len()];
    let outer = attack.narrowed(bounds).unwrap();
    let mut given_up = 0;
    for (at, cell) in attack.cells.iter().enumerate() {
        // What narrowing alone finds is never better than the whole search.
        let (low, high) = outer[at];
        assert!(
            u64::try_from(high - low).unwrap() >= LIMIT,
            "{cell:?} is within {low}..={high}"
        );
        if let Some((low, high)) = attack.interval(at) {
            let width = u64::try_from(high - low).unwrap();
            assert!(
                width >= LIMIT,
                "{cell:?} is within {low}..={high}: {shown:?}"
            );
        } else {
            given_up += 1;
        }
    }
    given_up
}

/// Counts of things by column and two groupings, most of them small.
fn sheets(rows: usize, columns: usize) -> impl Strategy<Value = Sheet> {
    let things = prop::collection::vec((0..rows, 0..rows, 0..columns, 1_u64..30), 1..14);
    things.prop_map(move |things| {
        let mut groupings = vec![vec![vec![0_u64; columns]; rows]; 2];
        let mut sums = vec![0_u64; columns];
        for (one, other, column, count) in things {
            groupings[0][one][column] += count;
            groupings[1][other][column] += count;
            sums[column] += count;
        }
        Sheet::new(&sums, &groupings).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn e7_no_cell_that_is_kept_back_can_be_computed(sheet in sheets(3, 3)) {
        let shown = sheet.clone().suppress(LIMIT);
        prop_assert_eq!(shown.check(), Ok(()));
        wide(&sheet, &shown);
    }

    #[test]
    fn large_sheets_pass_their_own_check(sheet in sheets(12, 7)) {
        prop_assert_eq!(sheet.suppress(LIMIT).check(), Ok(()));
    }
}

#[test]
fn a_sheet_without_small_counts_is_shown_whole() {
    let sheet = Sheet::new(&[30, 0, 12], &[vec![vec![30, 0, 12], vec![0, 0, 0]]]).unwrap();
    let shown = sheet.clone().suppress(LIMIT);
    assert_eq!(shown.check(), Ok(()));
    assert!(sheet.cells().all(|cell| shown.at(cell).is_some()));
}

#[test]
fn a_small_cell_takes_others_with_it_so_that_no_margin_gives_it_away() {
    // given one small count in a table whose margins are all large
    let rows = vec![vec![3, 40, 50], vec![60, 70, 80], vec![20, 30, 25]];
    let sheet = Sheet::new(&[83, 140, 155], &[rows]).unwrap();
    // when it is suppressed
    let shown = sheet.clone().suppress(LIMIT);
    // then neither its row nor its column has it as the only one missing
    assert_eq!(shown.at(Cell { row: 1, column: 0 }), None);
    let missing = |of: &dyn Fn(&Cell) -> bool| {
        let cells = sheet.cells().filter(|cell| of(cell));
        cells.filter(|cell| shown.at(*cell).is_none()).count()
    };
    assert!(missing(&|cell| cell.row == 1) >= 2);
    assert!(missing(&|cell| cell.column == 0) >= 2);
    // and what was not needed for that is shown
    assert_eq!(shown.at(Cell { row: 0, column: 3 }), Some(378));
    assert_eq!(wide(&sheet, &shown), 0);
}

#[test]
fn a_small_sum_is_kept_back_with_all_that_would_tell_it() {
    let sheet = Sheet::new(&[2, 0, 0], &[vec![vec![2, 0, 0]]]).unwrap();
    let shown = sheet.clone().suppress(LIMIT);
    assert_eq!(shown.check(), Ok(()));
    for (row, column) in [(0, 0), (0, 3), (1, 0), (1, 3)] {
        assert_eq!(shown.at(Cell { row, column }), None);
    }
    assert_eq!(wide(&sheet, &shown), 0);
}

#[test]
fn two_groupings_of_the_same_sums_do_not_betray_each_other() {
    // given a sum that is small, and so missing in each grouping
    let by_age = vec![vec![4, 90], vec![0, 60]];
    let by_area = vec![vec![1, 50], vec![3, 100]];
    let sheet = Sheet::new(&[4, 150], &[by_age, by_area]).unwrap();
    let shown = sheet.clone().suppress(LIMIT);
    // then both groupings keep back as much as it takes
    assert_eq!(shown.check(), Ok(()));
    assert_eq!(wide(&sheet, &shown), 0);
}

#[test]
fn what_does_not_add_up_is_no_sheet() {
    let wrong = Sheet::new(&[3, 4], &[vec![vec![3, 3]]]);
    assert_eq!(wrong, Err(Unsafe::NotASheet));
    assert_eq!(
        Sheet::new(&[3, 4], &[vec![vec![7]]]),
        Err(Unsafe::NotASheet)
    );
    assert_eq!(Sheet::new(&[], &[]), Err(Unsafe::NotASheet));
    assert_eq!(Sheet::new(&[u64::MAX, 1], &[]), Err(Unsafe::NotASheet));
}

#[test]
fn the_solver_finds_what_is_not_protected() {
    // given a table with one small cell, of which only that cell is kept back: suppressed for a
    // limit of one, nothing is, so the attack has nothing to do; for a wrong limit it finds all
    let rows = vec![vec![3, 40], vec![60, 70]];
    let sheet = Sheet::new(&[63, 110], &[rows]).unwrap();
    let naive = Attack {
        cells: vec![Cell { row: 1, column: 0 }],
        equations: vec![vec![(0, 1)], vec![(0, 1)]],
        known: vec![43 - 40, 63 - 60],
    };
    assert_eq!(naive.interval(0), Some((3, 3)));
    // and a rectangle of small ones is narrow, which the check of the real thing does not allow
    let shown = sheet.clone().suppress(LIMIT);
    let attack = Attack::on(&sheet, &shown);
    assert!(attack.cells.len() >= 4);
}
