//! States as the wire shows them: cases, referrals, consents, services, staff, personal parts.

use ledger::clock::Timestamp;
use ledger::domain::case::{Case, Closed, Consent, Exception, Merge, Referral, Standing};
use ledger::domain::codes::DataCategory;
use ledger::domain::ids::{CaseId, ConsentId, ExceptionId, ReferralId};
use ledger::domain::personal::{Item, Personal, Support, Text};
use ledger::domain::referral::FollowUpContract;
use ledger::ledger::{PersonalContent, PersonalPart};
use ledger::organisation::Organisation;
use proto::{common, tracking};

use super::codes::{Code, numbers};
use super::contact::contact_to_wire;
use super::interview::answers_to_wire;
use super::shared::scope_to_wire;
use super::time::{day_to_wire, to_wire};
use crate::api::Side;

/// What a list says of a case.
pub fn brief(case: &Case, opened: Timestamp) -> tracking::v1::CaseSummary {
    tracking::v1::CaseSummary {
        case_id: case.id.to_string(),
        client_code: case.code.to_string(),
        sensitivity: case.sensitivity.number(),
        opened_at: Some(to_wire(opened)),
        assigned_ids: case.assigned.iter().map(ToString::to_string).collect(),
        handover_from_id: case.handover.map(|it| it.from.to_string()),
        handover_to_id: case.handover.map(|it| it.to.to_string()),
        closed_at: case.closed.map(|it| to_wire(it.at)),
    }
}

/// A case.
pub fn case(case: &Case, now: Timestamp, file: &Organisation) -> tracking::v1::CaseRecord {
    tracking::v1::CaseRecord {
        case_id: case.id.to_string(),
        version: case.version,
        client_person_id: case.client.to_string(),
        client_code: case.code.to_string(),
        organisation_id: case.organisation.to_string(),
        age_group: case.age_group.number(),
        sensitivity: case.sensitivity.number(),
        documentation: case.documentation.number(),
        persons: case
            .persons
            .iter()
            .map(|(id, it)| tracking::v1::PersonRecord {
                person_id: id.to_string(),
                role: it.role.number(),
                relationship_checked: it.relationship_checked,
            })
            .collect(),
        consents: case
            .consents
            .iter()
            .map(|(id, it)| consent(case.id, *id, it))
            .collect(),
        exceptions: case
            .exceptions
            .iter()
            .map(|(id, it)| exception(*id, it))
            .collect(),
        referrals: case
            .referrals
            .iter()
            .map(|(id, it)| tracking::v1::ReferralRecord {
                waits_for_specialist: numbers(&case.waits_for_specialist(it, now)),
                ..referral(case.id, *id, it)
            })
            .collect(),
        assigned_ids: case.assigned.iter().map(ToString::to_string).collect(),
        handover_from_id: case.handover.map(|it| it.from.to_string()),
        handover_to_id: case.handover.map(|it| it.to.to_string()),
        age_basis: case.age_basis.map_or(0, Code::number),
        adult_on: case.adult_on.map(day_to_wire),
        company: case.company.number(),
        contacts: contacts(case),
        merge: case.merge.map(merge),
        restricted_by_id: case.restriction_on(case.client).map(|id| id.to_string()),
        concerns: numbers(&case.suspected(now)),
        incoming_ids: case.incoming.iter().map(ToString::to_string).collect(),
        interviews: case
            .interviews
            .iter()
            .map(|(id, it)| tracking::v1::InterviewRecord {
                interview_id: id.to_string(),
                person_id: it.person.to_string(),
                form: it.form.number(),
            })
            .collect(),
        closed: case.closed.map(closed),
        waits_for_mandated_body: case.waits_for_mandated_body(now, &file.mandated_bodies),
    }
}

fn merge(it: Merge) -> tracking::v1::MergeRecord {
    tracking::v1::MergeRecord {
        leads: it.leads,
        waits: !it.confirmed,
        // Told by who knows whether the other one may be seen.
        other_case_id: None,
    }
}

fn closed(it: Closed) -> tracking::v1::ClosedRecord {
    tracking::v1::ClosedRecord {
        at: Some(to_wire(it.at)),
        reason: it.reason.number(),
    }
}

fn contacts(case: &Case) -> Vec<tracking::v1::PersonContact> {
    let contacts = case.contacts.iter();
    contacts
        .map(|(id, it)| tracking::v1::PersonContact {
            person_id: id.to_string(),
            contact: Some(contact_to_wire(it)),
        })
        .collect()
}

/// A referral of a case.
pub fn referral(case: CaseId, id: ReferralId, referral: &Referral) -> tracking::v1::ReferralRecord {
    tracking::v1::ReferralRecord {
        referral_id: id.to_string(),
        case_id: case.to_string(),
        service_id: referral.service.to_string(),
        recipient_id: referral.recipient.to_string(),
        categories: numbers(&referral.categories),
        urgency: referral.urgency.number(),
        state: referral.state.number(),
        ground_ids: referral.grounds.iter().map(ToString::to_string).collect(),
        outward_reference: referral.reference.map(|reference| reference.to_string()),
        sent_at: referral.sent.map(to_wire),
        acknowledge_by: referral.acknowledge_by.map(to_wire),
        complete_by: referral.complete_by.map(to_wire),
        changed_version: referral.changed,
        follow_up: referral.follow_up.as_ref().map(follow_up),
        recall: referral.recall.map(|recall| tracking::v1::RecallRecord {
            answer_by: Some(to_wire(recall.answer_by)),
            answer: recall.answer.map_or(0, Code::number),
        }),
        consultations: referral
            .consultations()
            .map(|(concern, one)| tracking::v1::ConsultationRecord {
                concern: concern.number(),
                specialist_id: one.specialist.to_string(),
                advice: one.advice.number(),
                channel: one.channel.number(),
                confirmed: one.confirmed,
                asked_at: one.asked.map(to_wire),
            })
            .collect(),
        waits_for_specialist: Vec::new(),
        arrangements: referral
            .arrangements
            .iter()
            .map(|(kind, state)| tracking::v1::ArrangementRecord {
                kind: kind.number(),
                state: state.number(),
            })
            .collect(),
        fees: None,
    }
}

fn follow_up(agreed: &FollowUpContract) -> common::v1::FollowUpContract {
    common::v1::FollowUpContract {
        channel: agreed.channel.number(),
        on: day_to_wire(agreed.on),
        items: numbers(&agreed.items),
    }
}

/// A referral as one side may see it: the receiving one knows no case and no grounds, and nothing
/// of what was suspected and advised.
pub fn referral_from(
    side: Side,
    case: &Case,
    id: ReferralId,
    one: &Referral,
    now: Timestamp,
) -> tracking::v1::ReferralRecord {
    let mut record = referral(case.id, id, one);
    match side {
        Side::Sender => {
            record.waits_for_specialist = numbers(&case.waits_for_specialist(one, now));
        }
        Side::Recipient => {
            record.case_id.clear();
            record.ground_ids.clear();
            record.consultations.clear();
            record.arrangements.clear();
        }
    }
    record
}

/// A consent of a case.
pub fn consent(case: CaseId, id: ConsentId, consent: &Consent) -> common::v1::ConsentSummary {
    common::v1::ConsentSummary {
        consent_id: id.to_string(),
        case_id: case.to_string(),
        person_id: consent.person.to_string(),
        given_by_id: consent.given_by.to_string(),
        capacity: consent.capacity.number(),
        scope: Some(scope_to_wire(&consent.scope)),
        expires_at: consent.expires.map(to_wire),
        standing: standing(consent.standing).into(),
        shred_due: consent.standing.shred_due().map(to_wire),
        leaving: leaving(consent.leaving.iter().map(|(one, due)| (*one, *due))),
    }
}

/// Categories taken out of a consent.
pub fn leaving(
    leaving: impl Iterator<Item = (DataCategory, Timestamp)>,
) -> Vec<common::v1::LeavingCategory> {
    let shown = |(category, due): (DataCategory, Timestamp)| common::v1::LeavingCategory {
        category: category.number(),
        shred_due: Some(to_wire(due)),
    };
    leaving.map(shown).collect()
}

/// Where a consent stands.
pub fn standing(standing: Standing) -> common::v1::Standing {
    match standing {
        Standing::InForce => common::v1::Standing::InForce,
        Standing::Withdrawn { .. } => common::v1::Standing::Withdrawn,
        Standing::Expired { .. } => common::v1::Standing::Expired,
        Standing::Shredded => common::v1::Standing::Shredded,
    }
}

/// One personal part, opened or not.
pub fn personal(part: &PersonalPart) -> tracking::v1::PersonalPart {
    let (state, content) = match &part.content {
        PersonalContent::Open(open) => (tracking::v1::PartState::Open, Some(opened(open))),
        PersonalContent::Shredded => (tracking::v1::PartState::Shredded, None),
        PersonalContent::Fenced => (tracking::v1::PartState::Fenced, None),
    };
    tracking::v1::PersonalPart {
        position: part.position,
        segment: part.segment.into(),
        event_name: part.event.to_owned(),
        version: part.version,
        referral_id: part.referral.map(|referral| referral.to_string()),
        person_id: part.person.map(|person| person.to_string()),
        state: state.into(),
        content,
    }
}

/// The name in a part of a member of staff's, if it could be opened.
pub fn staff_name(part: &PersonalPart) -> Option<String> {
    let PersonalContent::Open(Personal::StaffName(name)) = &part.content else {
        return None;
    };
    Some(name.reveal().to_owned())
}

fn opened(personal: &Personal) -> tracking::v1::personal_part::Content {
    use tracking::v1::personal_part::Content;
    let words = |text: &Option<Text>| text.as_ref().map(|text| text.reveal().to_owned());
    match personal {
        Personal::Name(text) => Content::Name(text.reveal().to_owned()),
        Personal::ConsentNote(it) => Content::ConsentNote(common::v1::ConsentNote {
            language: it.language.reveal().to_owned(),
            present: words(&it.present),
            note: words(&it.note),
            support: it.support.as_ref().map(support),
        }),
        Personal::Item(it) => Content::Item(item(it)),
        Personal::Detail(it) => Content::Detail(item(it)),
        Personal::Note(text) => Content::Note(text.reveal().to_owned()),
        Personal::StaffName(text) => Content::StaffName(text.reveal().to_owned()),
        Personal::Complaint(it) => Content::Complaint(common::v1::ComplaintWords {
            words: it.words.reveal().to_owned(),
            contact: it.contact.as_ref().map(|text| text.reveal().to_owned()),
        }),
        Personal::Answers(it) => Content::Answers(answers_to_wire(it)),
        Personal::Profile(it) => Content::Profile(common::v1::ProfileDecided {
            profiles: numbers(&it.profiles),
            words: words(&it.words),
        }),
        Personal::Determination(it) => Content::Determination(common::v1::Determined {
            profile: it.profile.number(),
            outcome: it.outcome.number(),
        }),
    }
}

fn support(it: &Support) -> common::v1::Support {
    common::v1::Support {
        kinds: numbers(&it.kinds),
        by: numbers(&it.by),
        person_id: it.person.map(|person| person.to_string()),
    }
}

fn item(item: &Item) -> common::v1::Item {
    common::v1::Item {
        category: item.category.number(),
        text: item.text.reveal().to_owned(),
    }
}

fn exception(id: ExceptionId, it: &Exception) -> common::v1::ExceptionSummary {
    let terms = it.terms.as_ref();
    common::v1::ExceptionSummary {
        exception_id: id.to_string(),
        person_id: it.person.to_string(),
        kind: it.kind.number(),
        invoked_by_id: it.invoked_by.map(|staff| staff.to_string()),
        scope: Some(scope_to_wire(&it.scope)),
        authorise_by: Some(to_wire(it.authorise_by)),
        expires_at: Some(to_wire(it.expires)),
        confirmed: it.confirmed,
        standing: standing(it.standing).into(),
        shred_due: it.standing.shred_due().map(to_wire),
        procedure: it.procedure().map(ToString::to_string).unwrap_or_default(),
        report_by: terms.and_then(|it| it.report_by).map(to_wire),
        told: it.told.map(|it| it.told.number()),
        told_by: it.told.and_then(|it| it.channel).map(|it| it.number()),
        review_by: terms.map(|it| to_wire(it.review_by)),
        reviewed: it.reviewed.map(|it| it.number()),
    }
}
