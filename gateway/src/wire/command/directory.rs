//! Commands of `DirectoryService`.

use ledger::domain::command::Command;
use ledger::domain::event::{PublicText, ServiceEntry};
use proto::directory::v1 as wire;
use proto::directory::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{code, set};
use crate::wire::field::{id, required, within_limit};
use crate::wire::text::{public, public_name};
use crate::wire::time::day;

command_message!(RegisterServiceRequest => RegisterServiceResponse, |message| {
    Command::RegisterService {
        service: id(&message.service_id, "service_id")?,
        entry: entry(message.entry)?,
    }
});

command_message!(UpdateServiceRequest => UpdateServiceResponse, |message| {
    Command::UpdateService {
        service: id(&message.service_id, "service_id")?,
        entry: entry(message.entry)?,
    }
});

command_message!(AssessServiceRequest => AssessServiceResponse, |message| {
    Command::AssessService {
        service: id(&message.service_id, "service_id")?,
        assessment: code(message.assessment, "assessment")?,
        review_on: day(&message.review_on, "review_on")?,
    }
});

command_message!(RetireServiceRequest => RetireServiceResponse, |message| {
    Command::RetireService { service: id(&message.service_id, "service_id")? }
});

fn entry(from: Option<wire::ServiceEntry>) -> Checked<ServiceEntry> {
    let from = required(from, "entry")?;
    let assured_on = from.assured_on.as_deref();
    Ok(ServiceEntry {
        name: public_name(from.name, "entry.name")?,
        organisation: id(&from.organisation_id, "entry.organisation_id")?,
        organisation_name: public_name(from.organisation_name, "entry.organisation_name")?,
        class: code(from.recipient_class, "entry.recipient_class")?,
        sectors: lines(from.sectors, "entry.sectors")?,
        description: public(from.description, "entry.description")?,
        locations: lines(from.locations, "entry.locations")?,
        languages: lines(from.languages, "entry.languages")?,
        eligibility: public(from.eligibility, "entry.eligibility")?,
        fees: public(from.fees, "entry.fees")?,
        schedules: lines(from.schedules, "entry.schedules")?,
        documents: lines(from.documents, "entry.documents")?,
        accessibility: lines(from.accessibility, "entry.accessibility")?,
        how_to_refer: public(from.how_to_refer, "entry.how_to_refer")?,
        contact: public(from.contact, "entry.contact")?,
        accepts_referrals: from.accepts_referrals,
        needs: set(&from.needs, "entry.needs")?,
        assured_on: assured_on
            .map(|on| day(on, "entry.assured_on"))
            .transpose()?,
        confidential: from.confidential,
    })
}

/// A list of published texts, each of which must say something.
fn lines(from: Vec<String>, field: &str) -> Checked<Vec<PublicText>> {
    within_limit(&from, field)?;
    let line = |(place, line): (usize, String)| public(line, &format!("{field}[{place}]"));
    from.into_iter().enumerate().map(line).collect()
}
