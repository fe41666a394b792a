//! `check`: reads the files that decisions go by, without a ledger: what is wrong in one is named
//! with its line and its meaning.

use std::path::PathBuf;

use clap::Args;
use ledger::authorise::Policy;
use ledger::clock::{Clock, SystemClock, Timestamp};
use ledger::domain::codes::Urgency;
use ledger::hex::hex;
use ledger::organisation::Organisation;
use ledger::retention::RetentionRules;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::output::Output;
use crate::config::read;

/// Flags of `check`.
#[derive(Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Check {
    /// An organisation's file
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Retention rules
    #[arg(long, value_name = "FILE")]
    retention: Option<PathBuf>,
    /// A policy table
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Check {
    /// Reads each file, and says what it comes to.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let mut found = Map::new();
        if let Some(file) = &self.organisation {
            let file = understood(file, Organisation::parse)?;
            let now = SystemClock.now();
            found.insert("organisation".to_owned(), organisation(&file, now));
        }
        if let Some(file) = &self.retention {
            let rules = understood(file, RetentionRules::parse)?;
            found.insert("retention".to_owned(), retention(&rules));
        }
        if let Some(file) = &self.policy {
            let table = understood(file, Policy::parse)?;
            found.insert(
                "policy".to_owned(),
                json!({ "digest": hex(&table.digest()) }),
            );
        }
        output.show(&Value::Object(found))
    }
}

/// What a file comes to: when a referral that is sent now would be due.
fn organisation(file: &Organisation, now: Timestamp) -> Value {
    let due = Urgency::ALL.iter().map(|urgency| {
        let due = file.due(*urgency, now);
        let told = json!({
            "acknowledge_by": due.acknowledge_by.to_rfc3339(),
            "complete_by": due.complete_by.to_rfc3339(),
        });
        (urgency.code().to_owned(), told)
    });
    json!({
        "version": file.version(),
        "digest": hex(&file.digest()),
        "sent_now": now.to_rfc3339(),
        "due": due.collect::<Map<_, _>>(),
    })
}

/// What retention rules come to: each rule's months, and the shortest of each kind. Nothing apart
/// from cases ends by rules that do not say so.
fn retention(rules: &RetentionRules) -> Value {
    let cases = rules.limits().map(|limit| limit.kept);
    let all = cases.chain([rules.staff()]).chain(rules.apart());
    let months = all.map(|kept| (kept.name.clone(), json!(kept.months)));
    json!({
        "version": rules.version(),
        "digest": hex(&rules.digest()),
        "shortest_months": rules.shortest_months(),
        "staff_months": rules.staff().months,
        "apart_shortest_months": rules.apart().map(|kept| kept.months).min(),
        "months": months.collect::<Map<_, _>>(),
    })
}

fn understood<T, E: std::fmt::Display>(
    file: &PathBuf,
    parse: fn(&str) -> Result<T, E>,
) -> Result<T, Failure> {
    let text = read(file).map_err(Failure::Usage)?;
    parse(&text).map_err(|wrong| Failure::Usage(format!("{}: {wrong}", file.display())))
}

#[cfg(test)]
mod tests {
    use ledger::organisation::DEFAULT_ORGANISATION;
    use ledger::retention::DEFAULT_RETENTION;

    use super::*;

    fn checked(text: &str) -> Result<(), Failure> {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("organisation.toml");
        std::fs::write(&file, text).unwrap();
        let check = Check {
            organisation: Some(file),
            retention: None,
            policy: None,
        };
        check.run(Output { json: true })
    }

    #[test]
    fn a_file_that_is_wrong_is_told_with_its_line() {
        assert!(checked(DEFAULT_ORGANISATION).is_ok());
        let wrong = DEFAULT_ORGANISATION.replace("\"UTC\"", "\"Atlantis\"");
        let Err(Failure::Usage(told)) = checked(&wrong) else {
            panic!("there is no such place");
        };
        assert!(told.contains("line 8: Atlantis"), "{told}");
    }

    #[test]
    fn e2_how_soon_names_of_staff_and_what_stands_apart_end_is_told_beside_cases() {
        let told = |text: &str| retention(&RetentionRules::parse(text).unwrap());
        let ship = told(DEFAULT_RETENTION);
        let shortest = |told: &Value| {
            ["shortest_months", "staff_months", "apart_shortest_months"]
                .map(|name| told[name].as_u64())
        };
        assert_eq!(shortest(&ship)[0], Some(12));
        assert_eq!(shortest(&ship)[2], Some(24));
        // A month after the answer it would be gone, and cases say nothing of it.
        let wrong = DEFAULT_RETENTION.replace("months = 36", "months = 1");
        let wrong = told(&wrong);
        assert_eq!(shortest(&wrong)[0], Some(12));
        assert_eq!(shortest(&wrong)[2], Some(1));
        assert_eq!(wrong["months"]["complaint"], 1);
        let rules = DEFAULT_RETENTION.matches("\nname = ").count();
        assert_eq!(wrong["months"].as_object().unwrap().len(), rules, "{wrong}");
        let (before, after) = DEFAULT_RETENTION.split_once("[[apart]]").unwrap();
        let rest = after.split_once("[[rule]]").unwrap().1;
        let none = told(&format!("{before}[[rule]]{rest}"));
        assert!(none["apart_shortest_months"].is_null());
    }
}
