//! The mechanism: its members with their agreements, and its pathways (MISSION D4, D5, D7).

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Day;
use ledger::domain::codes::{MechanismRole, Need};
use ledger::domain::event::Record;
use ledger::domain::ids::{OrganisationId, PathwayId, ServiceId};
use ledger::domain::mechanism::{Member, Pathway, PathwayPlan, PathwayStep};
use ledger::domain::stream::StreamId;
use ledger::limits::VIEW_ROWS_MAX;
use serde::{Deserialize, Serialize};

use crate::projection::Projection;
use crate::words::words;

/// Every member and every pathway.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mechanism {
    members: BTreeMap<OrganisationId, Member>,
    pathways: BTreeMap<PathwayId, Pathway>,
}

/// Which members are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberSearch {
    /// Only those with an agreement that ends on one of these days.
    pub ending: Option<(Day, Day)>,
    /// Only those that do this in the mechanism on this day.
    pub doing: Option<(MechanismRole, Day)>,
    /// Only these.
    pub among: Option<BTreeSet<OrganisationId>>,
    /// Goes on behind this member.
    pub after: Option<OrganisationId>,
}

/// Which pathways are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathwaySearch {
    /// From this need.
    pub need: Option<Need>,
    /// Every word of it starts a word of the area; a pathway without an area holds everywhere.
    pub area: String,
    /// The same of the group; a pathway without a group is for everybody.
    pub group: String,
    /// With a step to this service.
    pub service: Option<ServiceId>,
    /// Shows those that nobody goes by any more, too.
    pub retired: bool,
    /// Goes on behind this pathway.
    pub after: Option<PathwayId>,
    /// Leaves out steps that lead to services alone that are not seen: nothing tells of those.
    pub community: bool,
}

impl Mechanism {
    /// One member.
    pub fn member(&self, id: OrganisationId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// Members that fit, at most `rows_max`, as they look to who sees these services alone: no
    /// services named are all of them, and an agreement on hidden ones alone is not there.
    pub fn members(
        &self,
        search: &MemberSearch,
        is_seen: impl Fn(&ServiceId) -> bool,
        rows_max: usize,
    ) -> Vec<Member> {
        let behind = self
            .members
            .iter()
            .filter(|(id, _)| Some(**id) > search.after);
        let seen = behind.map(|(_, member)| {
            let mut member = member.clone();
            let agreements = &mut member.agreements;
            agreements
                .retain(|_, one| one.services.is_empty() || one.services.iter().any(&is_seen));
            for terms in agreements.values_mut() {
                terms.services.retain(&is_seen);
            }
            member
        });
        // Asked of what is seen: a member found for an agreement that is not shown tells of it.
        let fitting = seen.filter(|member| {
            let on = search.doing;
            let among = search.among.as_ref();
            on.is_none_or(|(role, on)| member.membership.has(role, on))
                && among.is_none_or(|them| them.contains(&member.id))
        });
        let fitting = fitting.filter(|member| {
            search.ending.is_none_or(|(from, until)| {
                let mut agreements = member.agreements.values();
                agreements.any(|one| one.ends_within(from, until))
            })
        });
        fitting.take(rows_max.clamp(1, VIEW_ROWS_MAX)).collect()
    }

    /// Pathways that fit, at most `rows_max`, as they look to who sees these services alone.
    pub fn pathways(
        &self,
        search: &PathwaySearch,
        is_seen: impl Fn(&ServiceId) -> bool,
        rows_max: usize,
    ) -> Vec<Pathway> {
        let behind = self
            .pathways
            .iter()
            .filter(|(id, _)| Some(**id) > search.after);
        let fitting = behind
            .map(|(_, pathway)| pathway)
            .filter(|pathway| search.fits(pathway));
        let seen = fitting.map(|pathway| {
            let mut pathway = pathway.clone();
            if search.community {
                pathway.plan = for_the_community(pathway.plan, &is_seen);
            }
            for step in &mut pathway.plan.steps {
                step.services.retain(&is_seen);
            }
            pathway
        });
        // A pathway of which nothing is left does not exist, nor is its place empty.
        seen.filter(|pathway| !pathway.plan.steps.is_empty())
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }
}

/// The plan without steps that lead to hidden services alone, in each language: a step in words,
/// without a place to go to, would tell that one was left out.
fn for_the_community(mut plan: PathwayPlan, is_seen: impl Fn(&ServiceId) -> bool) -> PathwayPlan {
    let stays = |step: &PathwayStep| step.services.is_empty() || step.services.iter().any(&is_seen);
    let kept: Vec<bool> = plan.steps.iter().map(stays).collect();
    for text in &mut plan.texts {
        let mut kept = kept.iter();
        text.steps.retain(|_| kept.next().copied().unwrap_or(false));
    }
    let mut kept = kept.iter();
    plan.steps.retain(|_| kept.next().copied().unwrap_or(false));
    plan
}

impl PathwaySearch {
    fn fits(&self, pathway: &Pathway) -> bool {
        let plan = &pathway.plan;
        let within = |wanted: &str, of: &str| {
            let of = words(of);
            let begins = |start: &String| of.iter().any(|word| word.starts_with(start.as_str()));
            of.is_empty() || words(wanted).iter().all(begins)
        };
        let to_service = |service: &ServiceId| {
            let mut steps = plan.steps.iter();
            steps.any(|step| step.services.contains(service))
        };
        (self.retired || !pathway.retired)
            && self.need.is_none_or(|need| plan.need == need)
            && within(&self.area, &plan.area.0)
            && within(&self.group, &plan.group.0)
            && self.service.as_ref().is_none_or(to_service)
    }
}

impl Projection for Mechanism {
    const NAME: &'static str = "mechanism";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        match record.stream {
            StreamId::Member(id) => match self.members.get_mut(&id) {
                Some(member) => member.apply(record),
                None => self
                    .members
                    .extend(Member::recorded(record).map(|it| (id, it))),
            },
            StreamId::Pathway(id) => match self.pathways.get_mut(&id) {
                Some(pathway) => pathway.apply(record),
                None => self
                    .pathways
                    .extend(Pathway::recorded(record).map(|it| (id, it))),
            },
            StreamId::Ledger
            | StreamId::Staff(_)
            | StreamId::Service(_)
            | StreamId::Case(_)
            | StreamId::Complaint(_)
            | StreamId::Breach(_)
            | StreamId::Incoming(_)
            | StreamId::Link(_) => {}
        }
    }
}
