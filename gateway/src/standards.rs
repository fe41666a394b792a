//! The states of consents, withdrawals, requests, notices and referrals in the words of two
//! published standards: W3C DPV 2.3 and HL7 FHIR R4.
//!
//! - Every state has its word by a match without a rest, so that a new state does not compile
//!   before somebody chose one for it.
//! - Where a standard has no word for exactly what is so, the nearest one stands here, and the note
//!   beside it says what it does not tell.

use ledger::clock::Timestamp;
use ledger::decide::{Machine, Step};
use ledger::domain::case::Standing;
use ledger::domain::codes::{NoticeState, ReferralState, RequestEnd, RequestState};
use serde::Serialize;

/// All of it, as `referral-ledger words --json` prints it.
#[derive(Debug, Serialize)]
pub struct Words {
    /// Which standards, in which version, under which names.
    standards: Vec<Standard>,
    /// What became of a consent.
    consents: Vec<Word>,
    /// What became of taking a consent back, by the consent that it is about.
    withdrawals: Vec<Word>,
    /// Where what a person asked for about their data stands (GDPR 15 to 21).
    requests: Vec<Word>,
    /// How a request that is closed ended.
    request_ends: Vec<Word>,
    /// Where asking a recipient to stop, return or destroy stands.
    notices: Vec<Word>,
    /// Where a referral stands.
    referrals: Vec<Word>,
}

/// A standard that words are taken from.
#[derive(Clone, Copy, Debug, Serialize)]
struct Standard {
    name: &'static str,
    version: &'static str,
    /// Put before a word to make the whole name, or the value set that holds it.
    namespace: &'static str,
}

/// One state, and what others call it.
#[derive(Debug, Serialize)]
struct Word {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fhir_consent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fhir_task: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fhir_service_request: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'static str,
}

/// The whole table.
pub fn words() -> Words {
    let mut consents = vec![Word {
        dpv: Some("ConsentRefused"),
        fhir_consent: Some("rejected"),
        ..Word::of("refused")
    }];
    consents.extend(STANDINGS.map(consent));
    Words {
        standards: STANDARDS.to_vec(),
        consents,
        withdrawals: STANDINGS.map(withdrawal).into(),
        requests: RequestState::ALL.iter().copied().map(request).collect(),
        request_ends: RequestEnd::ALL.iter().copied().map(request_end).collect(),
        notices: NoticeState::ALL.iter().copied().map(notice).collect(),
        referrals: ReferralState::ALL.iter().copied().map(referral).collect(),
    }
}

/// A consent, by where it stands.
fn consent(standing: Standing) -> Word {
    let (dpv, fhir, note) = match standing {
        Standing::InForce => (
            "ConsentGiven",
            "active",
            "partly withdrawn, too: what is left of its scope is in force",
        ),
        Standing::Withdrawn { .. } => ("ConsentWithdrawn", "inactive", ""),
        Standing::Expired { .. } => (
            "ConsentExpired",
            "inactive",
            "by its own end, or over by a retention rule",
        ),
        Standing::Shredded => (
            "ConsentUnknown",
            "inactive",
            "what rested on it is destroyed; withdrawn or expired before, the history says which",
        ),
    };
    Word {
        dpv: Some(dpv),
        fhir_consent: Some(fhir),
        note,
        ..Word::of(word(standing))
    }
}

/// Taking a consent back: withdrawing is itself the request, and it is never rejected.
fn withdrawal(standing: Standing) -> Word {
    let (dpv, note) = match standing {
        Standing::InForce => (None, "nobody asked"),
        Standing::Withdrawn { .. } => (
            Some("RequestAccepted"),
            "fenced at once; the keys are destroyed when due",
        ),
        Standing::Expired { .. } => (None, "nobody asked: it ended by itself"),
        Standing::Shredded => (
            Some("RequestFulfilled"),
            "where it had been withdrawn; where it had expired, nobody asked",
        ),
    };
    Word {
        dpv,
        note,
        ..Word::of(word(standing))
    }
}

/// A request, by where it stands.
fn request(state: RequestState) -> Word {
    let (dpv, note) = match state {
        RequestState::Received => (
            Some("RequestInitiated"),
            "recorded; who asks is to be looked at",
        ),
        RequestState::IdentityChecked => (
            Some("RequestAcknowledged"),
            "`RequestRequiresAction` where the outcome is `not_confirmed`",
        ),
        RequestState::Advised => (
            Some("RequestAcknowledged"),
            "with the data protection officer's advice; not decided",
        ),
        RequestState::Granted => (Some("RequestAccepted"), "all or in part; to be carried out"),
        RequestState::Refused => (Some("RequestRejected"), "the reason is its own code"),
        RequestState::CarriedOut => (
            Some("RequestRequiredActionPerformed"),
            "done by the organisation; the person is to be told",
        ),
        RequestState::Closed => (None, "by how it ended: see `request_ends`"),
    };
    Word {
        dpv,
        note,
        ..Word::of(state.code())
    }
}

/// A request that is closed, by how it ended.
fn request_end(end: RequestEnd) -> Word {
    let (dpv, note) = match end {
        RequestEnd::Fulfilled => (Some("RequestFulfilled"), ""),
        RequestEnd::FulfilledInPart => (
            Some("RequestFulfilled"),
            "the part that was granted; the rest was refused, with its reason",
        ),
        RequestEnd::NotFulfilled => (Some("RequestUnfulfilled"), "it was refused before"),
        RequestEnd::TakenBack => (None, "by who asked; `RequestUnfulfilled` would blame us"),
    };
    Word {
        dpv,
        note,
        ..Word::of(end.code())
    }
}

/// States and steps, as `referral-ledger states --json` prints them.
pub fn states(machines: &[Machine]) -> serde_json::Value {
    let step = |step: &Step| {
        serde_json::json!({
            "from": step.from, "command": step.command, "when": step.when, "to": step.to,
        })
    };
    let machine = |machine: &Machine| {
        serde_json::json!({
            "name": machine.name,
            "states": machine.states,
            "last": machine.last,
            "steps": machine.steps.iter().map(step).collect::<Vec<_>>(),
        })
    };
    serde_json::json!({ "machines": machines.iter().map(machine).collect::<Vec<_>>() })
}

/// What a recipient is asked once data that it was given are to go (GDPR 19).
fn notice(state: NoticeState) -> Word {
    let (dpv, note) = match state {
        NoticeState::Planned => ("NotificationPlanned", ""),
        NoticeState::Sent => ("NotificationOngoing", "asked; no answer yet"),
        NoticeState::Confirmed => ("NotificationCompleted", ""),
        NoticeState::Failed => ("NotificationFailed", ""),
        NoticeState::Impossible => (
            "NotificationFailed",
            "the recipient no longer exists or cannot do it; not `NotificationNotNeeded`",
        ),
    };
    Word {
        dpv: Some(dpv),
        note,
        ..Word::of(state.code())
    }
}

/// A referral: a `Task` that asks the service, and the `ServiceRequest` that it is about.
fn referral(state: ReferralState) -> Word {
    let (task, request, note) = match state {
        ReferralState::Draft => ("draft", "draft", ""),
        ReferralState::Returned => ("draft", "draft", "sent back for correction"),
        ReferralState::Reviewed => ("draft", "draft", "signed off, not sent"),
        ReferralState::Sent => ("requested", "active", ""),
        ReferralState::Received => ("received", "active", "`requested` in Gravity SDOH CC"),
        ReferralState::Accepted => ("accepted", "active", ""),
        ReferralState::NotAccepted => ("rejected", "revoked", "the reason is its own code"),
        ReferralState::Completed => ("completed", "completed", ""),
        ReferralState::NotCompleted => ("failed", "revoked", "the reason is its own code"),
        ReferralState::RecallAsked => (
            "in-progress",
            "revoked",
            "cancellation asked for, not answered (5.2 in BSeR)",
        ),
        ReferralState::Recalled => ("cancelled", "revoked", "by who sent it"),
        ReferralState::Cancelled => ("cancelled", "revoked", "by the person it is about"),
        ReferralState::Stopped => ("cancelled", "revoked", "its ground was withdrawn or ended"),
    };
    Word {
        fhir_task: Some(task),
        fhir_service_request: Some(request),
        note,
        ..Word::of(state.code())
    }
}

impl Word {
    fn of(state: &'static str) -> Self {
        Self {
            state,
            dpv: None,
            fhir_consent: None,
            fhir_task: None,
            fhir_service_request: None,
            note: "",
        }
    }
}

/// The API's word for where a consent stands.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::InForce => "in_force",
        Standing::Withdrawn { .. } => "withdrawn",
        Standing::Expired { .. } => "expired",
        Standing::Shredded => "shredded",
    }
}

/// One of each kind; when the keys go has no part in the words.
const STANDINGS: [Standing; 4] = [
    Standing::InForce,
    Standing::Withdrawn {
        shred_due: Timestamp(0),
    },
    Standing::Expired {
        shred_due: Timestamp(0),
    },
    Standing::Shredded,
];

const STANDARDS: [Standard; 4] = [
    Standard {
        name: "dpv",
        version: "2.3",
        namespace: "https://w3id.org/dpv#",
    },
    Standard {
        name: "fhir_consent",
        version: "4.0.1",
        namespace: "http://hl7.org/fhir/consent-state-codes",
    },
    Standard {
        name: "fhir_task",
        version: "4.0.1",
        namespace: "http://hl7.org/fhir/task-status",
    },
    Standard {
        name: "fhir_service_request",
        version: "4.0.1",
        namespace: "http://hl7.org/fhir/request-status",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proto::common::v1::Standing as OnTheWire;

    use super::*;

    /// DPV 2.3, modules `consent_status`, `rights` (request status) and `notification`
    /// (github.com/w3c/dpv, folder `2.3/dpv/modules`).
    const DPV: &[&str] = &[
        "ConsentExpired",
        "ConsentGiven",
        "ConsentInvalidated",
        "ConsentRefused",
        "ConsentRequestDeferred",
        "ConsentRequested",
        "ConsentRevoked",
        "ConsentUnknown",
        "ConsentWithdrawn",
        "RenewedConsentGiven",
        "RequestAccepted",
        "RequestAcknowledged",
        "RequestActionDelayed",
        "RequestFulfilled",
        "RequestInitiated",
        "RequestRejected",
        "RequestRequiredActionPerformed",
        "RequestRequiresAction",
        "RequestStatusQuery",
        "RequestUnfulfilled",
        "NotificationCompleted",
        "NotificationFailed",
        "NotificationNotNeeded",
        "NotificationOngoing",
        "NotificationPlanned",
    ];

    /// FHIR R4 (4.0.1), CodeSystem `consent-state-codes`.
    const CONSENT: &[&str] = &[
        "draft",
        "proposed",
        "active",
        "rejected",
        "inactive",
        "entered-in-error",
    ];

    /// FHIR R4 (4.0.1), CodeSystem `task-status`.
    const TASK: &[&str] = &[
        "draft",
        "requested",
        "received",
        "accepted",
        "rejected",
        "ready",
        "cancelled",
        "in-progress",
        "on-hold",
        "failed",
        "completed",
        "entered-in-error",
    ];

    /// FHIR R4 (4.0.1), CodeSystem `request-status`.
    const REQUEST: &[&str] = &[
        "draft",
        "active",
        "on-hold",
        "revoked",
        "completed",
        "entered-in-error",
        "unknown",
    ];

    fn every(words: &Words) -> impl Iterator<Item = &Word> {
        let consents = words.consents.iter().chain(&words.withdrawals);
        let requests = words.requests.iter().chain(&words.request_ends);
        let all = consents.chain(requests).chain(&words.notices);
        all.chain(&words.referrals)
    }

    #[test]
    fn every_code_is_one_of_its_standard() {
        for word in every(&words()) {
            for (code, allowed) in [
                (word.dpv, DPV),
                (word.fhir_consent, CONSENT),
                (word.fhir_task, TASK),
                (word.fhir_service_request, REQUEST),
            ] {
                assert!(code.is_none_or(|code| allowed.contains(&code)), "{word:?}");
            }
        }
    }

    #[test]
    fn every_state_of_the_api_has_its_word() {
        let words = words();
        let states = |of: &[Word]| of.iter().map(|word| word.state).collect::<BTreeSet<_>>();
        let wire: BTreeSet<String> = (1..)
            .map_while(|number| OnTheWire::try_from(number).ok())
            .map(|one| one.as_str_name()["STANDING_".len()..].to_lowercase())
            .collect();
        let wire: BTreeSet<&str> = wire.iter().map(String::as_str).collect();
        assert_eq!(states(&words.withdrawals), wire);
        let mut with_refused = wire;
        with_refused.insert("refused");
        assert_eq!(states(&words.consents), with_refused);
        let requests: BTreeSet<_> = RequestState::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(states(&words.requests), requests);
        let ends: BTreeSet<_> = RequestEnd::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(states(&words.request_ends), ends);
        let notices: BTreeSet<_> = NoticeState::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(states(&words.notices), notices);
        let referrals: BTreeSet<_> = ReferralState::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(states(&words.referrals), referrals);
    }

    #[test]
    fn e3_a_request_that_is_refused_is_rejected_and_one_that_ended_so_is_unfulfilled() {
        let words = words();
        let dpv = |of: &[Word], state: &str| {
            let found = of.iter().find(|word| word.state == state);
            found.and_then(|word| word.dpv)
        };
        for (state, expected) in [
            ("received", Some("RequestInitiated")),
            ("granted", Some("RequestAccepted")),
            ("refused", Some("RequestRejected")),
            ("closed", None),
        ] {
            assert_eq!(dpv(&words.requests, state), expected, "{state}");
        }
        for (end, expected) in [
            ("fulfilled", Some("RequestFulfilled")),
            ("not_fulfilled", Some("RequestUnfulfilled")),
            ("taken_back", None),
        ] {
            assert_eq!(dpv(&words.request_ends, end), expected, "{end}");
        }
    }

    #[test]
    fn a_row_that_says_nothing_says_why() {
        for word in every(&words()) {
            let says = word.dpv.is_some() || word.fhir_task.is_some();
            assert!(says || !word.note.is_empty(), "{word:?}");
        }
    }

    #[test]
    fn what_goes_out_is_json_that_names_its_standards() {
        let json = serde_json::to_value(words()).expect("plain data");
        assert_eq!(json["standards"][0]["version"], "2.3");
        assert_eq!(json["referrals"][3]["fhir_task"], "requested");
        assert_eq!(json["consents"][0]["fhir_task"], serde_json::Value::Null);
    }
}
