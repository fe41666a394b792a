//! `consent renew` and `consent contact`: what goes on, and how a person may be contacted.

use clap::Args;
use ledger::domain::codes::{Channel, ContactWords, DayOfWeek};
use serde::Serialize;

use super::shared::{ConsentArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Flags of `consent renew`.
#[derive(Args, Serialize)]
pub(crate) struct Renew {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which consent
    #[arg(value_parser = uuid)]
    consent_id: String,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Renew {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(RENEW, self, &self.meta)
    }
}

/// Flags of `consent contact`.
#[derive(Args, Serialize)]
pub(crate) struct Contact {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Who
    #[arg(value_parser = uuid)]
    person_id: String,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// How a person agreed to be contacted.
#[derive(Args, Serialize)]
struct ContactArgs {
    /// By which ways; leave out if the person is not to be contacted at all
    #[arg(long, value_delimiter = ',', value_parser = codes(Channel::ALL, Channel::code))]
    channels: Vec<String>,
    /// On which days; any if none is named
    #[arg(long, value_delimiter = ',', value_parser = codes(DayOfWeek::ALL, DayOfWeek::code))]
    days: Vec<String>,
    /// From which time of the day at the organisation's place
    #[arg(long = "from-time", value_name = "HH:MM", requires = "until")]
    #[serde(rename = "from")]
    begins: Option<String>,
    /// Until which time of the day
    #[arg(long = "until-time", value_name = "HH:MM", requires = "begins")]
    until: Option<String>,
    /// By whom; by anybody who works on the case if nobody is named
    #[arg(long, value_delimiter = ',', value_name = "UUID", value_parser = uuid)]
    staff_ids: Vec<String>,
    /// What may be said to anybody else (required)
    #[arg(long, value_parser = codes(ContactWords::ALL, ContactWords::code))]
    #[arg(required_unless_present = "from")]
    words: Option<String>,
}

impl Contact {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(CONTACT, self, &self.meta)
    }
}

/// Shown by `consent contact --help`.
pub(crate) const CONTACT_EXAMPLE: &str = "\
Example: by phone on weekday mornings, and nothing is said to anybody else
  referral-ledger consent contact CASE PERSON --channels phone \\
    --days monday,tuesday,wednesday,thursday,friday --from-time 09:00 --until-time 12:00 \\
    --words nothing";

const RENEW: &str = "referral.consent.v1.ConsentService/RenewConsent";
const CONTACT: &str = "referral.consent.v1.ConsentService/AgreeContact";
