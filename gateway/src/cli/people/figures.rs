//! `figures`: published once for a cohort, and shown as they were published.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::call::{Call, Meta};
use crate::cli::failure::Failure;

/// Figures without names and without small counts.
#[derive(Subcommand)]
pub(crate) enum Figures {
    /// Make the figures of whole months and publish them; once, and no month twice
    Publish(Publish),
    /// Show figures as they were published; a count that is kept back is a dash
    Show(Show),
    /// List what was published
    List,
    /// What your organisation pays for referrals that it sent in a quarter that is over, by service
    Billing(Show),
}

/// Flags of `figures publish`.
#[derive(Args, Serialize)]
pub(crate) struct Publish {
    /// The first day, the first of a month (2026-01-01)
    first_day: String,
    /// The day behind the last, the first of a month (2026-04-01)
    until_day: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `figures show` and `figures billing`.
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// The first day: of what was published, or of the quarter (2026-01-01)
    first_day: String,
}

impl Figures {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Publish(it) => Call::command(PUBLISH, it, &it.meta),
            Self::Show(it) => Call::question(GET, it),
            Self::List => Call::question(LIST, &json!({})),
            Self::Billing(it) => Call::question(BILLING, it),
        }
    }
}

/// Figures as people read them: each table with its rows, one below the other.
pub(crate) fn readable(figures: &str) -> Option<Value> {
    let mut figures: Value = serde_json::from_str(figures).ok()?;
    let fields = figures.as_object_mut()?;
    let tables = fields.remove("tables")?;
    for time in fields.get_mut("times")?.as_array_mut()? {
        for within in ["median", "p90"] {
            let told = time.get_mut(within)?;
            if let Some(hours) = told.get("hours") {
                *told = json!(format!("{hours} hours"));
            }
        }
    }
    for table in tables.as_array()? {
        let columns = table.get("columns")?.as_array()?;
        let mut rows = vec![row("all", columns, table.get("all")?)?];
        for grouping in table.get("by")?.as_array()? {
            let group = grouping.get("group")?.as_str()?;
            for one in grouping.get("rows")?.as_array()? {
                let name = format!("{group}: {}", one.get("name")?.as_str()?);
                rows.push(row(&name, columns, one.get("counts")?)?);
            }
        }
        fields.insert(table.get("name")?.as_str()?.to_owned(), Value::Array(rows));
    }
    Some(figures)
}

fn row(name: &str, columns: &[Value], counts: &Value) -> Option<Value> {
    let mut row = Map::new();
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    row.insert("of".to_owned(), Value::from(name));
    for (column, count) in columns.iter().zip(counts.as_array()?) {
        row.insert(column.as_str()?.to_owned(), count.clone());
    }
    Some(Value::Object(row))
}

/// Letters of a row's name, so that a table fits a screen.
const NAME_CHARS_MAX: usize = 28;
const PUBLISH: &str = "referral.statistics.v1.StatisticsService/PublishFigures";
const GET: &str = "referral.statistics.v1.StatisticsService/GetFigures";
const BILLING: &str = "referral.statistics.v1.StatisticsService/GetBilling";
const LIST: &str = "referral.statistics.v1.StatisticsService/ListFigures";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_laid_out_row_by_row_and_what_is_kept_back_stays_so() {
        let figures = json!({
            "limit": 10,
            "times": [{"name": "t", "median": {"hours": 4}, "p90": "not_yet"}],
            "tables": [{
                "name": "referrals", "columns": ["sent", "all"], "all": [12, 12],
                "by": [{"group": "area", "rows": [{"name": "Irbid", "counts": [null, null]}]}],
            }],
        });
        let shown = readable(&figures.to_string()).expect("figures");
        assert_eq!(
            shown["referrals"][0],
            json!({"of": "all", "sent": 12, "all": 12})
        );
        assert_eq!(
            shown["referrals"][1],
            json!({"of": "area: Irbid", "sent": null, "all": null})
        );
        assert_eq!(shown["times"][0]["median"], "4 hours");
        assert_eq!(readable("[]"), None);
    }
}
