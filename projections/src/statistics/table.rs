//! Tables of counts with what may be shown of them: tallied, suppressed, checked.

use std::collections::BTreeMap;

use ledger::limits::FIGURES_ROWS_MAX;
use serde::Serialize;

use crate::suppression::{Cell, Sheet, Shown, Unsafe};

/// Counts of one thing as published; none where a count is kept back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What is counted.
    pub name: &'static str,
    /// The columns; the last is their sum.
    pub columns: Vec<&'static str>,
    /// All of it.
    pub all: Vec<Option<u64>>,
    /// The same, split.
    pub by: Vec<Grouping>,
}

/// The counts of a table, split by something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grouping {
    /// By what.
    pub group: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row of a grouping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which.
    pub name: String,
    /// Its counts.
    pub counts: Vec<Option<u64>>,
}

/// Counts of one thing while they are made. Never leaves this module.
pub(super) struct Tally {
    name: &'static str,
    columns: Vec<&'static str>,
    sums: Vec<u64>,
    by: Vec<(&'static str, BTreeMap<String, Vec<u64>>)>,
}

impl Tally {
    pub(super) fn new(
        name: &'static str,
        columns: &[&'static str],
        groups: &[&'static str],
    ) -> Self {
        Self {
            name,
            columns: columns.to_vec(),
            sums: vec![0; columns.len()],
            by: groups
                .iter()
                .map(|group| (*group, BTreeMap::new()))
                .collect(),
        }
    }

    /// Counts so many into a column, and into a row of each grouping.
    pub(super) fn add<const N: usize>(&mut self, column: usize, rows: [String; N], count: u64) {
        let width = self.columns.len();
        let add = |counts: &mut Vec<u64>| {
            if let Some(known) = counts.get_mut(column) {
                *known = known.saturating_add(count);
            }
        };
        add(&mut self.sums);
        for ((_, known), row) in self.by.iter_mut().zip(rows) {
            add(known.entry(row).or_insert_with(|| vec![0; width]));
        }
    }

    /// The table, with what must not be told kept back, and the proof of that gone through.
    pub(super) fn table(mut self, limit: u64) -> Result<Table, Unsafe> {
        for (_, rows) in &mut self.by {
            merge_smallest(rows, self.columns.len());
        }
        let groupings: Vec<Vec<Vec<u64>>> = self
            .by
            .iter()
            .map(|(_, rows)| rows.values().cloned().collect())
            .collect();
        let shown = Sheet::new(&self.sums, &groupings)?.suppress(limit);
        shown.check()?;
        let width = self.columns.len() + 1;
        let mut next = 0;
        let mut line = || {
            let counts = counts(&shown, next, width);
            next += 1;
            counts
        };
        let all = line();
        let by = self.by.into_iter().map(|(group, rows)| Grouping {
            group,
            rows: rows
                .into_keys()
                .map(|name| Row {
                    name,
                    counts: line(),
                })
                .collect(),
        });
        Ok(Table {
            name: self.name,
            by: by.collect(),
            columns: self.columns.into_iter().chain(["all"]).collect(),
            all,
        })
    }
}

impl Table {
    /// The sum of a column, if it may be shown.
    pub fn sum(&self, column: &str) -> Option<u64> {
        let place = self.columns.iter().position(|one| *one == column)?;
        self.all.get(place).copied().flatten()
    }
}

fn counts(shown: &Shown, row: usize, width: usize) -> Vec<Option<u64>> {
    let cells = (0..width).map(|column| Cell { row, column });
    cells.map(|cell| shown.at(cell)).collect()
}

/// Leaves the largest rows and adds all others up, so that a table stays readable.
fn merge_smallest(rows: &mut BTreeMap<String, Vec<u64>>, width: usize) {
    if rows.len() <= FIGURES_ROWS_MAX {
        return;
    }
    let total = |counts: &[u64]| {
        counts
            .iter()
            .fold(0_u64, |sum, one| sum.saturating_add(*one))
    };
    let mut order: Vec<(u64, String)> = rows
        .iter()
        .map(|(name, counts)| (total(counts), name.clone()))
        .collect();
    order.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut rest = rows.remove(OTHER).unwrap_or_else(|| vec![0; width]);
    let small = order.into_iter().map(|(_, name)| name);
    for name in small
        .filter(|name| name != OTHER)
        .skip(FIGURES_ROWS_MAX - 1)
    {
        let counts = rows.remove(&name).unwrap_or_default();
        for (sum, count) in rest.iter_mut().zip(counts) {
            *sum = sum.saturating_add(count);
        }
    }
    rows.insert(OTHER.to_owned(), rest);
}

/// What is not named: small rows, and what must not be.
pub(super) const OTHER: &str = "other";
