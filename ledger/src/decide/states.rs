//! States and transitions of everything that has some, as one table for other systems and readers.
//!
//! - Made from the very tables and functions that decisions go by; a test compares it with what
//!   commands do, and another with the page that prints it (SPEC §11.3).

use std::collections::BTreeSet;

use super::incoming;
use super::inquiry;
use super::journey::{is_under_way, transitions};
use super::{breach, complaint};
use crate::domain::case::Notice;
use crate::domain::codes::{
    ArrangementState, BreachState, ComplaintState, IncomingState, NoticeState, ReferralState,
};
use crate::domain::command::Action;

/// A thing with states: its words, and every legal step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Whose states these are.
    pub name: &'static str,
    /// Every state.
    pub states: Vec<&'static str>,
    /// Those from which nothing leads on.
    pub last: Vec<&'static str>,
    /// Every step.
    pub steps: Vec<Step>,
}

/// A legal step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Out of which state; none where it begins.
    pub from: Option<&'static str>,
    /// By which command; none where the ledger itself takes it.
    pub command: Option<&'static str>,
    /// What else must be so.
    pub when: &'static str,
    /// Into which state.
    pub to: &'static str,
}

/// Every machine.
pub fn machines() -> Vec<Machine> {
    vec![
        referrals(),
        notices(),
        complaints(),
        breaches(),
        arrangements(),
        incoming_referrals(),
    ]
}

/// The table for readers, in the syntax of Markdown: steps that differ in their first state only
/// stand in one row.
pub fn table(machine: &Machine) -> Vec<String> {
    let mut rows = vec![
        "| from | command | when | to |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    let same = |one: &Step, other: &Step| {
        (one.command, one.when, one.to) == (other.command, other.when, other.to)
    };
    for (place, step) in machine.steps.iter().enumerate() {
        if machine
            .steps
            .iter()
            .take(place)
            .any(|before| same(before, step))
        {
            continue;
        }
        let together = machine.steps.iter().filter(|one| same(one, step));
        let from: Vec<_> = together.map(|one| one.from.unwrap_or("(none)")).collect();
        let command = step
            .command
            .map_or_else(|| "(the ledger)".to_owned(), |it| format!("`{it}`"));
        let (from, when, to) = (from.join(", "), step.when, step.to);
        rows.push(format!("| {from} | {command} | {when} | {to} |"));
    }
    rows
}

fn referrals() -> Machine {
    let draft = Step {
        from: None,
        command: Some(Action::DraftReferral.name()),
        when: "",
        to: ReferralState::Draft.code(),
    };
    let legal = transitions().iter().map(|it| Step {
        from: Some(it.from.code()),
        command: Some(it.action.name()),
        when: match it.answer {
            Some(answer) => answer.code(),
            None if it.emergency_only => "emergency",
            None => "",
        },
        to: it.to.code(),
    });
    let under_way = ReferralState::ALL.iter().filter(|it| is_under_way(**it));
    let stopped = under_way.map(|it| Step {
        from: Some(it.code()),
        command: None,
        when: "its ground ended",
        to: ReferralState::Stopped.code(),
    });
    let steps = std::iter::once(draft).chain(legal).chain(stopped).collect();
    machine(
        "referral",
        ReferralState::ALL.iter().map(|it| it.code()),
        steps,
    )
}

fn notices() -> Machine {
    let mut steps = Vec::new();
    let bare = |state| Notice {
        state,
        outcome: None,
    };
    let before = NoticeState::ALL.iter().map(|it| Some(*it));
    for from in std::iter::once(None).chain(before) {
        for to in NoticeState::ALL.iter().copied() {
            let again = from == Some(to);
            let when = match to {
                NoticeState::Sent if again => "asked again",
                NoticeState::Confirmed if again => "another outcome",
                NoticeState::Planned | NoticeState::Failed | NoticeState::Impossible if again => {
                    continue;
                }
                NoticeState::Planned
                | NoticeState::Sent
                | NoticeState::Confirmed
                | NoticeState::Failed
                | NoticeState::Impossible => "",
            };
            if bare(to).may_follow(from.map(bare)) {
                steps.push(Step {
                    from: from.map(NoticeState::code),
                    command: Some(Action::RecordNotice.name()),
                    when,
                    to: to.code(),
                });
            }
        }
    }
    machine("notice", NoticeState::ALL.iter().map(|it| it.code()), steps)
}

fn complaints() -> Machine {
    let taken = Step {
        from: None,
        command: Some(Action::RecordComplaint.name()),
        when: "",
        to: ComplaintState::Received.code(),
    };
    let legal = complaint::STEPS.iter().map(|(action, from, to)| Step {
        from: Some(from.code()),
        command: Some(action.name()),
        when: "",
        to: to.code(),
    });
    let steps = std::iter::once(taken).chain(legal).collect();
    let states = ComplaintState::ALL.iter().map(|it| it.code());
    machine("complaint", states, steps)
}

fn breaches() -> Machine {
    let reported = Step {
        from: None,
        command: Some(Action::ReportBreach.name()),
        when: "",
        to: BreachState::Reported.code(),
    };
    let legal = breach::STEPS.iter().map(|(action, from, to)| Step {
        from: Some(from.code()),
        command: Some(action.name()),
        when: breach::when(*action),
        to: to.code(),
    });
    let steps = std::iter::once(reported).chain(legal).collect();
    let states = BreachState::ALL.iter().map(|it| it.code());
    machine("breach", states, steps)
}

fn arrangements() -> Machine {
    let steps = inquiry::STEPS.iter().map(|(from, to)| Step {
        from: from.map(ArrangementState::code),
        command: Some(Action::RecordArrangement.name()),
        when: "",
        to: to.code(),
    });
    let states = ArrangementState::ALL.iter().map(|it| it.code());
    machine("arrangement", states, steps.collect())
}

fn incoming_referrals() -> Machine {
    let taken_down = Step {
        from: None,
        command: Some(Action::RecordIncoming.name()),
        when: "",
        to: IncomingState::Received.code(),
    };
    let legal = incoming::STEPS.iter().map(|(action, from, to, when)| Step {
        from: Some(from.code()),
        command: Some(action.name()),
        when: when.words(),
        to: to.code(),
    });
    let steps = std::iter::once(taken_down).chain(legal).collect();
    let states = IncomingState::ALL.iter().map(|it| it.code());
    machine("incoming", states, steps)
}

fn machine(
    name: &'static str,
    states: impl Iterator<Item = &'static str>,
    steps: Vec<Step>,
) -> Machine {
    let states: Vec<_> = states.collect();
    let left: BTreeSet<_> = steps.iter().filter_map(|step| step.from).collect();
    let last = states
        .iter()
        .copied()
        .filter(|it| !left.contains(it))
        .collect();
    Machine {
        name,
        states,
        last,
        steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_the_page_about_the_formats_prints_the_very_table() {
        let page = include_str!("../../SPEC.md");
        for machine in machines() {
            let table = table(&machine).join("\n");
            assert!(page.contains(&table), "{}:\n{table}", machine.name);
        }
    }

    #[test]
    fn c1_every_state_is_reached_and_every_step_leads_to_one() {
        for machine in machines() {
            let known: BTreeSet<_> = machine.states.iter().copied().collect();
            let reached: BTreeSet<_> = machine.steps.iter().map(|step| step.to).collect();
            assert_eq!(known, reached, "{}", machine.name);
            let begins = |step: &Step| step.from.is_none_or(|from| known.contains(from));
            assert!(machine.steps.iter().all(begins), "{}", machine.name);
        }
    }

    #[test]
    fn c1_the_last_states_are_those_that_nothing_leaves() {
        let last = [
            "not_accepted",
            "completed",
            "not_completed",
            "recalled",
            "stopped",
            "cancelled",
        ];
        let machines = machines();
        assert_eq!(machines[0].last, last);
        assert!(
            machines[1].last.is_empty(),
            "a notice is never done for good"
        );
    }
}
