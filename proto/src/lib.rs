//! The words on the wire: generated messages, clients and servers of every `referral.<area>.v1`.
//!
//! - Everything here comes from the `.proto` files beside this crate; nothing is written by hand.
//! - The descriptor set is what reflection serves, so that other languages need no copy of the
//!   files.

/// The compiled `.proto` files, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/referral.bin"));

macro_rules! areas {
    ($($(#[$doc:meta])* $area:ident = $package:literal)*) => {$(
        $(#[$doc])*
        pub mod $area {
            /// Version 1.
            #[allow(
                missing_docs,
                clippy::all,
                clippy::as_conversions,
                clippy::wildcard_enum_match_arm,
                clippy::too_many_lines,
                unreachable_pub,
                unused_qualifications,
                reason = "generated code"
            )]
            pub mod v1 {
                tonic::include_proto!($package);
            }
        }
    )*};
}

areas! {
    /// What several areas share: codes, scopes, receipts, entries, pages.
    common = "referral.common.v1"
    /// Links, anonymous counts, cases and the persons in them.
    intake = "referral.intake.v1"
    /// Consent and the exceptions to confidentiality.
    consent = "referral.consent.v1"
    /// A referral from draft to completed.
    referral = "referral.referral.v1"
    /// Worklist, cases, history, and reading personal data.
    tracking = "referral.tracking.v1"
    /// The directory of services.
    directory = "referral.directory.v1"
    /// Withdrawal and erasure.
    protection = "referral.protection.v1"
    /// What persons ask for about their data.
    rights = "referral.rights.v1"
    /// Decisions, proofs and the sealed log.
    audit = "referral.audit.v1"
    /// Published figures.
    statistics = "referral.statistics.v1"
    /// Feedback and complaints.
    complaint = "referral.complaint.v1"
    /// The register of breaches.
    breach = "referral.breach.v1"
    /// Interviews, profiles and determinations.
    interview = "referral.interview.v1"
    /// Staff, roles, tokens, status.
    admin = "referral.admin.v1"
}

macro_rules! hidden {
    ($($message:ty)*) => {$(
        impl std::fmt::Debug for $message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($message), "(hidden)"))
            }
        }
    )*};
}

// The messages that build.rs names as personal: what they say stays out of logs and panics.
hidden! {
    common::v1::Identity
    common::v1::ConsentNote
    common::v1::Item
    common::v1::Support
    consent::v1::InvokeExceptionRequest
    referral::v1::RecordFollowUpRequest
    intake::v1::AssessAgeRequest
    rights::v1::CorrectPersonRequest
    common::v1::ComplaintWords
    common::v1::InterviewAnswers
    common::v1::InterviewAnswer
    common::v1::ProfileDecided
    common::v1::Determined
    interview::v1::RecordInterviewRequest
    interview::v1::RecordProfileRequest
    interview::v1::RecordDeterminationRequest
    interview::v1::Suggestion
    interview::v1::Because
    complaint::v1::RecordComplaintRequest
    complaint::v1::AnswerComplaintRequest
    breach::v1::ReportBreachRequest
    tracking::v1::PersonalPart
    tracking::v1::personal_part::Content
    admin::v1::RegisterStaffRequest
    admin::v1::ViewStaffResponse
}

#[cfg(test)]
mod tests {
    use crate::intake::v1::AssessAgeRequest;

    #[test]
    fn a_day_of_birth_and_an_age_show_in_no_debug() {
        let request = AssessAgeRequest {
            case_id: "11".to_owned(),
            birth_date: Some("2010-04-02".to_owned()),
            about_years: Some(44),
            ..Default::default()
        };
        let shown = format!("{request:?}");
        assert!(!shown.contains("2010") && !shown.contains("44"), "{shown}");
    }
}
