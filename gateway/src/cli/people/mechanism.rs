//! `mechanism`: members, agreements and pathways.

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::domain::codes::{MechanismRole, Need};
use ledger::domain::ids::{AgreementId, PathwayId};
use serde::Serialize;
use serde_json::json;

use super::Ask;
use super::printed::Draw;
use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// The referral mechanism.
#[derive(Subcommand)]
pub(crate) enum Mechanism {
    /// Members, and what was agreed with each
    Members(Members),
    /// Record what an organisation is in the mechanism, from --from FILE
    #[command(after_help = MEMBER_EXAMPLE)]
    Member(OfMember),
    /// Record what was agreed with a member, from --from FILE
    #[command(after_help = AGREEMENT_EXAMPLE)]
    Agreement(OfAgreement),
    /// Pathways from a need to services, by area and group
    Pathways(Pathways),
    /// Draw pathways as flowcharts, with the same in words, as a page to print
    #[command(after_help = DRAW_EXAMPLE)]
    Draw(Draw),
    /// Write a pathway, from --from FILE
    #[command(after_help = PATHWAY_EXAMPLE)]
    Pathway(OfPathway),
    /// End a pathway
    RetirePathway(RetirePathway),
}

impl Mechanism {
    /// What this asks for; a drawing is many calls.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        let call = match self {
            Self::Draw(it) => return Ok(Ask::Draw(it.clone())),
            Self::Members(it) => Call::question(MEMBERS, it),
            Self::Member(it) => Call::command(MEMBER, it, &it.meta),
            Self::Agreement(it) => {
                let call = Call::command(AGREEMENT, it, &it.meta)?;
                Ok(with_id(
                    call,
                    "agreement_id",
                    AgreementId::fresh(&mut SystemEntropy),
                ))
            }
            Self::Pathways(it) => Call::question(PATHWAYS, it),
            Self::Pathway(it) => {
                let call = Call::command(PATHWAY, it, &it.meta)?;
                Ok(with_id(
                    call,
                    "pathway_id",
                    PathwayId::fresh(&mut SystemEntropy),
                ))
            }
            Self::RetirePathway(it) => Call::command(RETIRE_PATHWAY, it, &it.meta),
        };
        call.map(Ask::Once)
    }
}

/// A fresh id where none is said.
pub(super) fn with_id(mut call: Call, name: &str, id: impl std::fmt::Display) -> Call {
    if let Some(fields) = call.body.as_object_mut() {
        fields.entry(name).or_insert_with(|| json!(id.to_string()));
    }
    call
}

/// Flags of `mechanism members`.
#[derive(Args, Serialize)]
pub(crate) struct Members {
    /// Only those with an agreement that ends within so many days from today
    #[arg(long, value_name = "DAYS")]
    ending_within_days: Option<u32>,
    /// Only those that do this today: who identifies, who determines
    #[arg(long, value_parser = codes(MechanismRole::ALL, MechanismRole::code))]
    role: Option<String>,
    /// Only those with a service in an area with these words
    #[arg(long)]
    area: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `mechanism member`.
#[derive(Args, Serialize)]
pub(crate) struct OfMember {
    /// Which organisation
    #[arg(value_parser = uuid, requires = "from")]
    organisation_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `mechanism agreement`.
#[derive(Args, Serialize)]
pub(crate) struct OfAgreement {
    /// With which member
    #[arg(value_parser = uuid, requires = "from")]
    organisation_id: String,
    /// Which agreement, to change it; a fresh id if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    agreement_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `mechanism pathways`.
#[derive(Args, Serialize)]
pub(crate) struct Pathways {
    /// Only from this need
    #[arg(long, value_parser = codes(Need::ALL, Need::code))]
    need: Option<String>,
    /// Only for an area with these words, and for all areas
    #[arg(long)]
    area: Option<String>,
    /// Only for a group with these words, and for everybody
    #[arg(long)]
    group: Option<String>,
    /// Only with a step to this service
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    service_id: Option<String>,
    /// Also those that nobody goes by any more
    #[arg(long)]
    include_retired: bool,
    /// Only what may hang on a wall: no shelters, and no steps that lead to those alone
    #[arg(long)]
    community_edition: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `mechanism pathway`.
#[derive(Args, Serialize)]
pub(crate) struct OfPathway {
    /// Which pathway, to change it; a fresh id if not said
    #[arg(long, value_parser = uuid, value_name = "UUID", requires = "from")]
    pathway_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `mechanism retire-pathway`.
#[derive(Args, Serialize)]
pub(crate) struct RetirePathway {
    /// Which pathway
    #[arg(value_parser = uuid)]
    pathway_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const MEMBERS: &str = "referral.directory.v1.DirectoryService/ListMembers";
const MEMBER: &str = "referral.directory.v1.DirectoryService/RecordMember";
const AGREEMENT: &str = "referral.directory.v1.DirectoryService/RecordAgreement";
const PATHWAYS: &str = "referral.directory.v1.DirectoryService/ListPathways";
const PATHWAY: &str = "referral.directory.v1.DirectoryService/RecordPathway";
const RETIRE_PATHWAY: &str = "referral.directory.v1.DirectoryService/RetirePathway";
const MEMBER_EXAMPLE: &str = concat!(
    "An example of FILE:\n",
    include_str!("../examples/member.json")
);
const AGREEMENT_EXAMPLE: &str = concat!(
    "Your own organisation has to be among `party_ids`, and the member in the mechanism.\n\n\
     An example of FILE:\n",
    include_str!("../examples/agreement.json")
);
const DRAW_EXAMPLE: &str = "Example:
  referral-ledger mechanism draw legal.html --need legal --in ar
  referral-ledger mechanism draw easy.html --need legal --easy-read --edition staff";
const PATHWAY_EXAMPLE: &str = concat!(
    "Each of `service_ids` has to be in the directory (`directory search`).\n\n\
     An example of FILE:\n",
    include_str!("../examples/pathway.json")
);
