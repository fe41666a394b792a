//! Members, agreements and pathways, from the wire and onto it.

use std::collections::BTreeSet;

use ledger::clock::Day;
use ledger::domain::codes::MechanismRole;
use ledger::domain::mechanism::{
    Agreement, Member, Membership, Pathway, PathwayPlan, PathwayStep, PathwayText,
};
use ledger::limits::PATHWAY_BYTES_MAX;
use ledger::refusal::{Refusal, Refused};
use projections::mechanism::{MemberSearch, PathwaySearch};
use proto::directory::v1 as wire;

use super::Checked;
use super::codes::{Code, code, numbers, optional, set};
use super::field::{ids, optional_id, required, within_limit};
use super::service::{line, text, words};
use super::text::query;
use super::time::{day, day_to_wire};

/// What an organisation is in the mechanism.
pub fn membership(from: Option<wire::Membership>) -> Checked<Membership> {
    let from = required(from, "membership")?;
    Ok(Membership {
        name: line(from.name, "membership.name")?,
        roles: set(&from.roles, "membership.roles")?,
        since: day(&from.since, "membership.since")?,
        until: optional_day(from.until.as_deref(), "membership.until")?,
        focal_point: text(from.focal_point, "membership.focal_point")?,
        focal_contact: text(from.focal_contact, "membership.focal_contact")?,
        conduct_signed: optional_day(from.conduct_signed.as_deref(), "membership.conduct_signed")?,
        procedures: text(from.procedures, "membership.procedures")?,
    })
}

/// What was agreed.
pub fn agreement(from: Option<wire::Agreement>) -> Checked<Agreement> {
    let from = required(from, "agreement")?;
    Ok(Agreement {
        kind: code(from.kind, "agreement.kind")?,
        parties: ids(&from.party_ids, "agreement.party_ids")?,
        categories: set(&from.categories, "agreement.categories")?,
        services: ids(&from.service_ids, "agreement.service_ids")?,
        starts: day(&from.starts, "agreement.starts")?,
        ends: optional_day(from.ends.as_deref(), "agreement.ends")?,
        reference: text(from.reference, "agreement.reference")?,
    })
}

/// What a pathway says.
pub fn plan(from: Option<wire::Pathway>) -> Checked<PathwayPlan> {
    let from = required(from, "pathway")?;
    within_limit(&from.steps, "pathway.steps")?;
    within_limit(&from.texts, "pathway.texts")?;
    let steps = from.steps.into_iter().map(|step| {
        let services: BTreeSet<_> = ids(&step.service_ids, "pathway.steps.service_ids")?;
        Ok(PathwayStep {
            role: optional(step.role, "pathway.steps.role")?,
            services: services.into_iter().collect(),
            need: optional(step.need, "pathway.steps.need")?,
            within_hours: step.within_hours,
        })
    });
    let texts = from.texts.into_iter().map(|words| {
        within_limit(&words.steps, "pathway.texts.steps")?;
        let steps = words.steps.into_iter();
        let steps = steps.map(|step| line(step, "pathway.texts.steps"));
        Ok(PathwayText {
            language: line(words.language, "pathway.texts.language")?,
            title: line(words.title, "pathway.texts.title")?,
            steps: steps.collect::<Checked<_>>()?,
        })
    });
    let plan = PathwayPlan {
        need: code(from.need, "pathway.need")?,
        area: text(from.area, "pathway.area")?,
        group: text(from.group, "pathway.group")?,
        steps: steps.collect::<Checked<_>>()?,
        texts: texts.collect::<Checked<_>>()?,
    };
    if plan.stored_bytes() > PATHWAY_BYTES_MAX {
        return Err(Refused::about(Refusal::TooLarge, "pathway"));
    }
    Ok(plan)
}

/// Which members.
pub fn members(from: wire::ListMembersRequest, today: Day) -> Checked<MembersAsked> {
    let until = |days: u32| (today, Day(today.0.saturating_add(days)));
    let role: Option<MechanismRole> = optional(from.role, "role")?;
    Ok(MembersAsked {
        search: MemberSearch {
            ending: from.ending_within_days.map(until),
            doing: role.map(|role| (role, today)),
            ..MemberSearch::default()
        },
        area: query(from.area, "area")?,
    })
}

/// Which members are asked for, and where they have services.
pub struct MembersAsked {
    /// What the view is searched for.
    pub search: MemberSearch,
    /// Words of the area; everywhere if empty.
    pub area: String,
}

/// Which pathways.
pub fn pathways(from: wire::ListPathwaysRequest) -> Checked<PathwaySearch> {
    Ok(PathwaySearch {
        need: optional(from.need, "need")?,
        area: query(from.area, "area")?,
        group: query(from.group, "group")?,
        service: optional_id(from.service_id.as_deref(), "service_id")?,
        retired: from.include_retired && !from.community_edition,
        after: None,
        community: from.community_edition,
    })
}

/// A member, as it stands today.
pub fn member(member: &Member, today: Day) -> wire::MemberRecord {
    let of = &member.membership;
    let agreements = member.agreements.iter();
    let agreements = agreements.map(|(id, terms)| wire::AgreementRecord {
        agreement_id: id.to_string(),
        agreement: Some(agreement_to_wire(terms)),
        lapsed: terms.ends.is_some_and(|last| last < today),
    });
    wire::MemberRecord {
        organisation_id: member.id.to_string(),
        version: member.version,
        membership: Some(wire::Membership {
            name: of.name.0.clone(),
            roles: numbers(&of.roles),
            since: day_to_wire(of.since),
            until: of.until.map(day_to_wire),
            focal_point: of.focal_point.0.clone(),
            focal_contact: of.focal_contact.0.clone(),
            conduct_signed: of.conduct_signed.map(day_to_wire),
            procedures: of.procedures.0.clone(),
        }),
        agreements: agreements.collect(),
    }
}

fn agreement_to_wire(terms: &Agreement) -> wire::Agreement {
    wire::Agreement {
        kind: terms.kind.number(),
        party_ids: terms.parties.iter().map(ToString::to_string).collect(),
        categories: numbers(&terms.categories),
        service_ids: terms.services.iter().map(ToString::to_string).collect(),
        starts: day_to_wire(terms.starts),
        ends: terms.ends.map(day_to_wire),
        reference: terms.reference.0.clone(),
    }
}

/// A pathway; services that the caller need not know of were taken out before.
pub fn pathway(pathway: &Pathway) -> wire::PathwayRecord {
    let plan = &pathway.plan;
    let steps = plan.steps.iter().map(|step| wire::PathwayStep {
        role: step.role.map(Code::number),
        service_ids: step.services.iter().map(ToString::to_string).collect(),
        need: step.need.map(Code::number),
        within_hours: step.within_hours,
    });
    let texts = plan.texts.iter().map(|text| wire::PathwayText {
        language: text.language.0.clone(),
        title: text.title.0.clone(),
        steps: words(&text.steps),
    });
    wire::PathwayRecord {
        pathway_id: pathway.id.to_string(),
        version: pathway.version,
        pathway: Some(wire::Pathway {
            need: plan.need.number(),
            area: plan.area.0.clone(),
            group: plan.group.0.clone(),
            steps: steps.collect(),
            texts: texts.collect(),
        }),
        retired: pathway.retired,
    }
}

fn optional_day(from: Option<&str>, field: &str) -> Checked<Option<Day>> {
    from.map(|on| day(on, field)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d5_a_pathway_too_large_for_one_entry_is_refused_and_no_fault_of_ours() {
        let step = wire::PathwayStep::default();
        let text = |language: usize| wire::PathwayText {
            language: format!("x{language}"),
            title: "t".to_owned(),
            steps: vec!["s".repeat(500); 64],
        };
        let of = |languages: usize| wire::Pathway {
            need: 1,
            steps: vec![step.clone(); 64],
            texts: (0..languages).map(text).collect(),
            ..wire::Pathway::default()
        };
        assert!(plan(Some(of(1))).is_ok());
        let refused = plan(Some(of(2))).expect_err("64 000 bytes");
        assert_eq!(refused, Refused::about(Refusal::TooLarge, "pathway"));
    }
}
