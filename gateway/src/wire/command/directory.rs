//! Commands of `DirectoryService`.

use ledger::domain::command::{
    Assessing, Command, RecordingAgreement, RecordingMember, ReportingPlaces, WritingPathway,
};
use proto::directory::v1::*;

use super::command_message;
use crate::wire::codes::code;
use crate::wire::field::id;
use crate::wire::mechanism;
use crate::wire::service::{how, listing, places};
use crate::wire::time::day;

command_message!(RegisterServiceRequest => RegisterServiceResponse, |message| {
    Command::RegisterService(listing(&message.service_id, message.entry)?)
});

command_message!(UpdateServiceRequest => UpdateServiceResponse, |message| {
    Command::UpdateService(listing(&message.service_id, message.entry)?)
});

command_message!(AssessServiceRequest => AssessServiceResponse, |message| {
    Command::AssessService(Assessing {
        service: id(&message.service_id, "service_id")?,
        assessment: code(message.assessment, "assessment")?,
        review_on: day(&message.review_on, "review_on")?,
        how: how(message.how)?,
    })
});

command_message!(ReportPlacesRequest => ReportPlacesResponse, |message| {
    Command::ReportPlaces(ReportingPlaces {
        service: id(&message.service_id, "service_id")?,
        places: places(message.places)?,
    })
});

command_message!(RecordMemberRequest => RecordMemberResponse, |message| {
    Command::RecordMember(RecordingMember {
        member: id(&message.organisation_id, "organisation_id")?,
        membership: mechanism::membership(message.membership)?,
    })
});

command_message!(RecordAgreementRequest => RecordAgreementResponse, |message| {
    Command::RecordAgreement(RecordingAgreement {
        member: id(&message.organisation_id, "organisation_id")?,
        agreement: id(&message.agreement_id, "agreement_id")?,
        terms: mechanism::agreement(message.agreement)?,
    })
});

command_message!(RecordPathwayRequest => RecordPathwayResponse, |message| {
    Command::RecordPathway(WritingPathway {
        pathway: id(&message.pathway_id, "pathway_id")?,
        plan: mechanism::plan(message.pathway)?,
    })
});

command_message!(RetirePathwayRequest => RetirePathwayResponse, |message| {
    Command::RetirePathway { pathway: id(&message.pathway_id, "pathway_id")? }
});

command_message!(RetireServiceRequest => RetireServiceResponse, |message| {
    Command::RetireService { service: id(&message.service_id, "service_id")? }
});
