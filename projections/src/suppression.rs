//! Suppression of small cells in tables of counts, so that no cell that is kept back can be
//! computed from those that are shown (MISSION E7). Pure: counts in, what may be shown out.
//!
//! - A sheet is one row of sums and groupings of it: each grouping splits the same sums by
//!   something else, and every row ends with its own sum. All sums are margins that an attacker
//!   has, those that tie two groupings together included.
//! - Each cell kept back has [`Swing`]s: ways to move counts between cells that are kept back which
//!   leave everything shown as it is. They are the proof that other counts fit as well; how far
//!   they reach together is how little can be known. [`Shown::check`] goes through all of it again.
//! - Zeros are shown, and an attacker knows the rule: what is kept back is not zero. So no swing
//!   takes the last one out of a cell, and none moves a zero.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Counts of one thing, split in several ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    columns: usize,
    /// The sums first, then the rows of all groupings, in order.
    rows: Vec<Vec<u64>>,
    /// Which rows a grouping has: the first one, and the one behind its last.
    groupings: Vec<(usize, usize)>,
}

/// A sheet of which some cells are kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    sheet: Sheet,
    limit: u64,
    kept_back: BTreeSet<Cell>,
    /// For each of them swings in which it rises.
    proofs: BTreeMap<Cell, Vec<Swing>>,
}

/// A row, the sums first, and a column, the row's own sum last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Which row.
    pub row: usize,
    /// Which column.
    pub column: usize,
}

/// A change of several cells by one, up or down, that no sum tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Swing(BTreeMap<Cell, bool>);

/// What is wrong with a sheet, or with what is kept back of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsafe {
    /// Rows of different lengths, or a grouping that does not add up to the sums.
    NotASheet,
    /// A small count would be shown.
    Small(Cell),
    /// Nothing proves that a cell that is kept back cannot be computed.
    Computable(Cell),
}

impl Sheet {
    /// A sheet of one or more groupings of the same things, each a list of rows of counts. Without
    /// a grouping the sums alone are the sheet.
    pub fn new(sums: &[u64], groupings: &[Vec<Vec<u64>>]) -> Result<Self, Unsafe> {
        let with_sum = |row: &[u64]| {
            let sum = row.iter().try_fold(0_u64, |sum, one| sum.checked_add(*one));
            let sum = sum.filter(|_| row.len() == sums.len() && !row.is_empty());
            let sum = sum.ok_or(Unsafe::NotASheet)?;
            Ok::<Vec<u64>, Unsafe>(row.iter().copied().chain([sum]).collect())
        };
        let mut rows = vec![with_sum(sums)?];
        let mut ranges = Vec::new();
        for grouping in groupings {
            let first = rows.len();
            for row in grouping {
                rows.push(with_sum(row)?);
            }
            ranges.push((first, rows.len()));
        }
        let sheet = Self {
            columns: sums.len() + 1,
            rows,
            groupings: ranges,
        };
        let adds_up = sheet.sums().iter().all(|(sum, parts)| {
            let parts = parts.iter().map(|cell| u128::from(sheet.at(*cell)));
            u128::from(sheet.at(*sum)) == parts.sum()
        });
        adds_up.then_some(sheet).ok_or(Unsafe::NotASheet)
    }

    /// Keeps back every small count that is not zero, and as much more as it takes that none of it
    /// can be computed: every cell kept back could be any of more than `limit` numbers.
    pub fn suppress(self, limit: u64) -> Shown {
        let small = self.cells().filter(|cell| self.is_small(*cell, limit));
        let mut waiting: VecDeque<Cell> = small.collect();
        let mut shown = Shown {
            sheet: self,
            limit,
            kept_back: waiting.iter().copied().collect(),
            proofs: BTreeMap::new(),
        };
        // What is kept back to protect another cell needs protection itself.
        while let Some(cell) = waiting.pop_front() {
            if shown.proofs.contains_key(&cell) {
                continue;
            }
            let proof = shown.cheapest(cell);
            for moved in proof.iter().flat_map(|swing| swing.0.keys()) {
                if shown.kept_back.insert(*moved) {
                    waiting.push_back(*moved);
                }
            }
            if let [swing] = proof.as_slice() {
                // One that is enough alone is so for every cell that it moves.
                for moved in swing.0.keys() {
                    let own = || vec![swing.in_which_rises(*moved)];
                    shown.proofs.entry(*moved).or_insert_with(own);
                }
            }
            shown.proofs.insert(cell, proof);
        }
        shown
    }

    /// Every cell, row by row.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let columns = self.columns;
        let rows = 0..self.rows.len();
        rows.flat_map(move |row| (0..columns).map(move |column| Cell { row, column }))
    }

    /// Every sum and the cells that it is of: rows across, groupings down.
    pub fn sums(&self) -> Vec<(Cell, Vec<Cell>)> {
        let last = self.columns - 1;
        let across = (0..self.rows.len()).map(|row| {
            let parts = (0..last).map(|column| Cell { row, column }).collect();
            (Cell { row, column: last }, parts)
        });
        let down = self.groupings.iter().flat_map(|(first, end)| {
            (0..self.columns).map(|column| {
                let parts = (*first..*end).map(|row| Cell { row, column }).collect();
                (Cell { row: 0, column }, parts)
            })
        });
        across.chain(down).collect()
    }

    /// The count in a cell; zero for one that is not there.
    pub fn at(&self, cell: Cell) -> u64 {
        let row = self.rows.get(cell.row);
        row.and_then(|row| row.get(cell.column))
            .copied()
            .unwrap_or(0)
    }

    fn is_small(&self, cell: Cell, limit: u64) -> bool {
        (1..limit).contains(&self.at(cell))
    }

    /// What may be taken out of a cell by a swing: all but the last one.
    fn slack(&self, cell: Cell) -> u64 {
        self.at(cell).saturating_sub(1)
    }

    /// How far a cell can go by these swings, in each of which it rises: as far up as all of them
    /// together, for no cell falls in two of them, and as far down as one of them. None if there is
    /// no end to it.
    fn reach(&self, swings: &[Swing]) -> Option<u64> {
        let least = |swing: &Swing, rises: bool| {
            let moved = swing.0.iter().filter(|(_, up)| **up == rises);
            moved.map(|(cell, _)| self.slack(*cell)).min()
        };
        let up = swings.iter().try_fold(0_u64, |sum, swing| {
            Some(sum.saturating_add(least(swing, false)?))
        })?;
        let down = swings.iter().filter_map(|swing| least(swing, true)).max();
        Some(up.saturating_add(down.unwrap_or(0)))
    }

    fn is_enough(&self, swings: &[Swing], limit: u64) -> bool {
        let reach = self.reach(swings);
        reach.is_none_or(|reach| reach >= limit)
    }
}

impl Swing {
    fn falling(&self) -> impl Iterator<Item = &Cell> {
        self.0
            .iter()
            .filter(|(_, rises)| !**rises)
            .map(|(cell, _)| cell)
    }

    /// The same, in the direction in which a cell of it rises.
    fn in_which_rises(&self, cell: Cell) -> Self {
        let rises = self.0.get(&cell).copied().unwrap_or(true);
        let turned = self.0.iter().map(|(cell, up)| (*cell, *up == rises));
        Self(turned.collect())
    }
}

impl Shown {
    /// The count in a cell, if it may be shown.
    pub fn at(&self, cell: Cell) -> Option<u64> {
        let open = !self.kept_back.contains(&cell);
        open.then(|| self.sheet.at(cell))
    }

    /// Goes through all of it again, by its own rule and not by how it was made: no small count is
    /// shown, and every cell kept back has swings in which it rises, which move nothing that is
    /// shown, change no sum, take from no cell twice, and reach far enough.
    pub fn check(&self) -> Result<(), Unsafe> {
        for cell in self.sheet.cells() {
            let hidden = self.kept_back.contains(&cell);
            if !hidden && self.sheet.is_small(cell, self.limit) {
                return Err(Unsafe::Small(cell));
            }
            let proof = self.proofs.get(&cell).map(Vec::as_slice);
            if hidden && !proof.is_some_and(|proof| self.proves(cell, proof)) {
                return Err(Unsafe::Computable(cell));
            }
        }
        Ok(())
    }

    fn proves(&self, cell: Cell, proof: &[Swing]) -> bool {
        let sums = self.sheet.sums();
        let sound = |swing: &Swing| {
            let step = |one: &Cell| match swing.0.get(one) {
                Some(true) => 1_i64,
                Some(false) => -1,
                None => 0,
            };
            let mut moved = swing.0.keys();
            moved.all(|one| self.kept_back.contains(one))
                && step(&cell) == 1
                && sums
                    .iter()
                    .all(|(sum, parts)| step(sum) == parts.iter().map(step).sum::<i64>())
        };
        let mut taken = BTreeSet::new();
        let mut falling = proof.iter().flat_map(Swing::falling);
        !proof.is_empty()
            && proof.iter().all(sound)
            && falling.all(|cell| taken.insert(*cell))
            && self.sheet.is_enough(proof, self.limit)
    }

    /// The swings of a cell that cost least in what could otherwise be shown: one that is enough
    /// alone, or several together. There is always one: that which takes every sum above the cell
    /// along has no end.
    fn cheapest(&self, cell: Cell) -> Vec<Swing> {
        let across = (0..self.sheet.columns).filter(|column| *column != cell.column);
        let all: Vec<Swing> = across
            .flat_map(|column| self.swings(cell, column))
            .collect();
        let limit = self.limit;
        let enough = |swing: &&Swing| self.sheet.is_enough(std::slice::from_ref(*swing), limit);
        let alone = all.iter().filter(enough);
        let alone = alone.min_by_key(|swing| self.cost([*swing]));
        let together = self.together(&all);
        match (alone, together) {
            (Some(alone), Some(together)) if self.cost(&together) < self.cost([alone]) => together,
            (None, Some(together)) => together,
            (Some(alone), _) => vec![alone.clone()],
            (None, None) => Vec::new(),
        }
    }

    /// Several swings that are enough together, those first that reach far for what they cost.
    fn together(&self, all: &[Swing]) -> Option<Vec<Swing>> {
        let mut order: Vec<(u64, &Swing)> = Vec::new();
        for swing in all {
            let falling = swing.falling().map(|cell| self.sheet.slack(*cell)).min();
            let up = falling.unwrap_or(self.limit).min(self.limit);
            if let Some(price) = self.cost([swing]).checked_div(up) {
                order.push((price, swing));
            }
        }
        order.sort();
        let (mut chosen, mut taken) = (Vec::new(), BTreeSet::new());
        for (_, swing) in order {
            if swing.falling().any(|cell| taken.contains(cell)) {
                continue;
            }
            taken.extend(swing.falling().copied());
            chosen.push(swing.clone());
            if self.sheet.is_enough(&chosen, self.limit) {
                return Some(chosen);
            }
        }
        None
    }

    /// The ways to move a count between two columns: with another row of the same grouping, or
    /// along all sums with a row of each grouping.
    fn swings(&self, cell: Cell, column: usize) -> Vec<Swing> {
        let own = self.sheet.groupings.iter();
        let own = own
            .copied()
            .find(|(first, end)| (*first..*end).contains(&cell.row));
        let last = self.sheet.columns - 1;
        // With a row's own sum the other cell goes the same way, else the opposite one.
        let same = cell.column == last || column == last;
        let pair = |row: usize, rises: bool| {
            let there = Cell { row, column };
            let other = if same { rises } else { !rises };
            [(Cell { row, ..cell }, rises), (there, other)]
        };
        let others = own.into_iter().flat_map(|(first, end)| first..end);
        let mut swings: Vec<Swing> = others
            .filter(|row| *row != cell.row)
            .map(|row| {
                Swing(
                    pair(cell.row, true)
                        .into_iter()
                        .chain(pair(row, false))
                        .collect(),
                )
            })
            .collect();
        let companions = self.sheet.groupings.iter().map(|grouping| {
            if Some(*grouping) == own {
                Some(cell.row)
            } else {
                self.companion(*grouping, cell.column, column)
            }
        });
        if let Some(rows) = companions.collect::<Option<Vec<usize>>>() {
            let all = [0].into_iter().chain(rows);
            swings.push(Swing(all.flat_map(|row| pair(row, true)).collect()));
        }
        swings.retain(|swing| swing.0.keys().all(|cell| self.sheet.at(*cell) > 0));
        swings
    }

    /// The row of a grouping that best takes part in a move between two columns: one that leaves
    /// room for it, and of those the one that hides least.
    fn companion(&self, (first, end): (usize, usize), from: usize, to: usize) -> Option<usize> {
        let slack = |row: usize, column: usize| self.sheet.slack(Cell { row, column });
        let pair = |row: usize| {
            let (from, to) = (Cell { row, column: from }, Cell { row, column: to });
            Swing([(from, true), (to, true)].into())
        };
        let filled = |row: &usize| {
            [from, to].iter().all(|column| {
                self.sheet.at(Cell {
                    row: *row,
                    column: *column,
                }) > 0
            })
        };
        (first..end).filter(filled).min_by_key(|row| {
            let room = slack(*row, from).max(slack(*row, to));
            let lacking = self.limit.saturating_sub(room);
            (lacking, self.cost([&pair(*row)]), *row)
        })
    }

    /// What it costs to keep back what is not kept back yet; sums cost more, for they tell more.
    fn cost<'a>(&self, swings: impl IntoIterator<Item = &'a Swing>) -> u64 {
        let last = self.sheet.columns - 1;
        let cells = swings.into_iter().flat_map(|swing| swing.0.keys());
        let open: BTreeSet<&Cell> = cells
            .filter(|cell| !self.kept_back.contains(cell))
            .collect();
        open.into_iter().fold(0, |sum: u64, cell| {
            let across = if cell.column == last { SUM_COSTS } else { 1 };
            let down = if cell.row == 0 {
                SUM_COSTS * SUM_COSTS
            } else {
                1
            };
            let count = self.sheet.at(*cell).saturating_add(1);
            sum.saturating_add(count.saturating_mul(across * down))
        })
    }
}

/// How much dearer a sum is than a cell of the same count; those of the whole sheet once more.
const SUM_COSTS: u64 = 8;
