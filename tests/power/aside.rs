//! What stands apart from cases while the power is cut: complaints, breaches and referrals from
//! outside, of which the same sweep takes the words or all of it.

use std::collections::BTreeSet;

use harness::apart::{self, Does, Stands};
use ledger::clock::Timestamp;
use ledger::domain::apart::Apart;
use ledger::domain::command::{Caller, Command};
use ledger::domain::ids::StaffId;
use ledger::ledger::Ledger;
use ledger::shredcheck::KeyId;

use super::ending::{done, member};

/// One of them, as somebody noted it.
#[derive(Clone)]
pub(super) struct Aside {
    what: Apart,
    /// Who may read its words.
    reader: StaffId,
    /// The keys of its words.
    leaves: BTreeSet<String>,
    before: Stands,
    after: Stands,
}

/// Of long ago: their words are over by now, and the sweep takes their records.
pub(super) fn of_long_ago(ledger: &Ledger) -> Vec<Aside> {
    let does: Does<'_> =
        &|role, command| done(ledger, Caller::Staff(member(ledger, role)), command);
    let complaint = apart::complained(does, "complained of long ago");
    apart::answered(does, complaint);
    let breach = apart::breached(does, "broken long ago");
    apart::breach_closed(does, breach);
    let all = [Apart::Complaint(complaint), Apart::Breach(breach)];
    let noted = |what| Aside::noted(ledger, what, Stands::Record, Stands::Nothing);
    all.map(noted).into()
}

/// Takes the words of those of long ago: what a sweep before did.
pub(super) fn words_end(ledger: &Ledger, asides: &[Aside]) {
    for aside in asides {
        let end = Command::EndApart { what: aside.what };
        done(ledger, Caller::System, end);
    }
}

/// Of some while ago: the sweep takes the words of some and all of another, and leaves what is held
/// or was never answered.
pub(super) fn of_a_while_ago(ledger: &Ledger, held_until: Timestamp) -> Vec<Aside> {
    let does: Does<'_> =
        &|role, command| done(ledger, Caller::Staff(member(ledger, role)), command);
    let [ends, held, open] = ["over", "held", "open"].map(|said| {
        let complaint = apart::complained(does, said);
        if said != "open" {
            apart::answered(does, complaint);
        }
        Apart::Complaint(complaint)
    });
    does(apart::reader(held), apart::hold(held, held_until));
    let breach = apart::breached(does, "broken");
    apart::breach_closed(does, breach);
    let incoming = apart::came_in(does, "IN-77");
    let said = |words: &str| Stands::Said([words.to_owned()].into());
    vec![
        Aside::noted(ledger, ends, said("over"), Stands::Record),
        Aside::noted(ledger, held, said("held"), said("held")),
        Aside::noted(ledger, open, said("open"), said("open")),
        Aside::noted(
            ledger,
            Apart::Breach(breach),
            said("broken"),
            Stands::Record,
        ),
        Aside::noted(
            ledger,
            incoming,
            Stands::Said(BTreeSet::new()),
            Stands::Nothing,
        ),
    ]
}

impl Aside {
    fn noted(ledger: &Ledger, what: Apart, before: Stands, after: Stands) -> Self {
        let leaves = match what {
            Apart::Complaint(id) => ledger.complaint(id).expect("it is read").map(|it| {
                let leaves = it.leaves.values();
                leaves.map(|key| KeyId(key.0).to_string()).collect()
            }),
            Apart::Breach(id) => ledger.breach(id).expect("it is read").map(|it| {
                let leaves = it.leaves.values();
                leaves.map(|key| KeyId(key.0).to_string()).collect()
            }),
            Apart::Incoming(_) => None,
        };
        Self {
            what,
            reader: member(ledger, apart::reader(what)),
            leaves: leaves.unwrap_or_default(),
            before,
            after,
        }
    }

    /// What is not as it should be, if its end was asked for and agreed to so far.
    pub(super) fn finding(
        &self,
        ledger: &Ledger,
        (asked, agreed): (bool, bool),
        (records, dead): (&[String], &BTreeSet<String>),
    ) -> Option<String> {
        let stands = apart::stands(ledger, self.reader, self.what, records);
        let as_before = stands == self.before && !agreed;
        let as_after = stands == self.after && asked;
        let keys = match &stands {
            Stands::Said(_) => self.leaves.is_disjoint(dead),
            Stands::Record | Stands::Nothing => self.leaves.is_subset(dead),
        };
        let right = (as_before || as_after) && keys;
        (!right).then(|| format!("{:?}: {stands:?}, keys {keys}", self.what))
    }

    /// Whether the sweep changes anything of it.
    pub(super) fn ends(&self) -> bool {
        self.before != self.after
    }
}
