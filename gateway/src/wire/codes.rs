//! Codes: each vocabulary of the domain and its enum on the wire, number by number.
//!
//! - The numbers of the `.proto` enums follow the order of `ALL`, from 1; a test compares the
//!   words.
//! - An unknown or missing number is refused, never taken for another code.

use std::collections::BTreeSet;

use ledger::domain::codes;
use ledger::refusal::{Refusal, Refused};
use proto::common::v1 as wire;

use super::Checked;
use super::field::within_limit;

/// A vocabulary that is on the wire.
pub trait Code: Copy + Ord + 'static {
    /// Every code, in the order of the numbers.
    const CODES: &'static [Self];
    /// The stable word.
    fn word(self) -> &'static str;
    /// The enum value's name on the wire, without its prefix, in small letters.
    fn wire_word(number: i32) -> Option<String>;

    /// The number on the wire.
    fn number(self) -> i32 {
        let place = Self::CODES.iter().position(|code| *code == self);
        place
            .and_then(|place| i32::try_from(place + 1).ok())
            .unwrap_or(0)
    }
}

/// A code that must be given.
pub fn code<C: Code>(number: i32, field: &str) -> Checked<C> {
    usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .and_then(|place| C::CODES.get(place))
        .copied()
        .ok_or_else(|| Refused::about(Refusal::Malformed, field))
}

/// A code, where there is one.
pub fn optional<C: Code>(number: Option<i32>, field: &str) -> Checked<Option<C>> {
    number.map(|number| code(number, field)).transpose()
}

/// A set of codes; the same one twice is the same as once.
pub fn set<C: Code>(numbers: &[i32], field: &str) -> Checked<BTreeSet<C>> {
    within_limit(numbers, field)?;
    numbers.iter().map(|number| code(*number, field)).collect()
}

/// The numbers of a set of codes.
pub fn numbers<C: Code>(codes: &BTreeSet<C>) -> Vec<i32> {
    codes.iter().map(|code| code.number()).collect()
}

macro_rules! on_the_wire {
    ($($name:ident $prefix:literal)*) => {
        $(impl Code for codes::$name {
            const CODES: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.code()
            }

            fn wire_word(number: i32) -> Option<String> {
                let value = wire::$name::try_from(number).ok()?;
                let word = value.as_str_name().strip_prefix($prefix)?;
                Some(word.to_ascii_lowercase())
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn every_code_has_its_number_and_every_number_its_code() {
                $(compare::<codes::$name>();)*
            }

            fn compare<C: Code + std::fmt::Debug>() {
                for one in C::CODES {
                    assert_eq!(C::wire_word(one.number()).as_deref(), Some(one.word()));
                    assert_eq!(code(one.number(), "field"), Ok(*one));
                }
                let beyond = i32::try_from(C::CODES.len() + 1).expect("few codes");
                assert_eq!(C::wire_word(beyond), None, "a wire code that the domain lacks");
                for number in [0, -1, beyond, i32::MIN, i32::MAX] {
                    let refused = Refused::about(Refusal::Malformed, "field");
                    assert_eq!(code::<C>(number, "field"), Err(refused));
                }
            }
        }
    };
}

on_the_wire! {
    Role "ROLE_"
    Purpose "PURPOSE_"
    DataCategory "DATA_CATEGORY_"
    AgeGroup "AGE_GROUP_"
    Sensitivity "SENSITIVITY_"
    Documentation "DOCUMENTATION_"
    PersonRole "PERSON_ROLE_"
    Capacity "CAPACITY_"
    ConsentForm "CONSENT_FORM_"
    Explained "EXPLAINED_"
    RefusalReason "REFUSAL_REASON_"
    ExceptionKind "EXCEPTION_KIND_"
    ExceptionReason "EXCEPTION_REASON_"
    Urgency "URGENCY_"
    Channel "CHANNEL_"
    ReferralState "REFERRAL_STATE_"
    ReferralReason "REFERRAL_REASON_"
    FollowUpOutcome "FOLLOW_UP_OUTCOME_"
    Assessment "ASSESSMENT_"
    RecipientClass "RECIPIENT_CLASS_"
    Need "NEED_"
    ViewPurpose "VIEW_PURPOSE_"
    DetachReason "DETACH_REASON_"
    NoticeState "NOTICE_STATE_"
    NoticeOutcome "NOTICE_OUTCOME_"
    AgeBasis "AGE_BASIS_"
    Company "COMPANY_"
    CaregiverGap "CAREGIVER_GAP_"
    ChildView "CHILD_VIEW_"
    RequestKind "REQUEST_KIND_"
    RequestedBy "REQUESTED_BY_"
    IdentityOutcome "IDENTITY_OUTCOME_"
    ExtensionReason "EXTENSION_REASON_"
    RequestAnswer "REQUEST_ANSWER_"
    RequestReason "REQUEST_REASON_"
    RequestState "REQUEST_STATE_"
    RequestEnd "REQUEST_END_"
    PersonTold "PERSON_TOLD_"
    RecallAnswer "RECALL_ANSWER_"
    FollowUpItem "FOLLOW_UP_ITEM_"
    RunBy "RUN_BY_"
    StaffGender "STAFF_GENDER_"
    ReferralMethod "REFERRAL_METHOD_"
    Availability "AVAILABILITY_"
    AssessmentMethod "ASSESSMENT_METHOD_"
    Criterion "CRITERION_"
    ComplaintKind "COMPLAINT_KIND_"
    ComplaintState "COMPLAINT_STATE_"
    ComplaintOutcome "COMPLAINT_OUTCOME_"
    BreachKind "BREACH_KIND_"
    BreachHarm "BREACH_HARM_"
    BreachConsequence "BREACH_CONSEQUENCE_"
    BreachMeasure "BREACH_MEASURE_"
    BreachRisk "BREACH_RISK_"
    BreachState "BREACH_STATE_"
    NotifiedTo "NOTIFIED_TO_"
    NotificationPhase "NOTIFICATION_PHASE_"
    LateReason "LATE_REASON_"
    BreachTelling "BREACH_TELLING_"
    UntoldGround "UNTOLD_GROUND_"
    NoticeAbout "NOTICE_ABOUT_"
    Training "TRAINING_"
    LegalBasis "LEGAL_BASIS_"
    SupportKind "SUPPORT_KIND_"
    SupportedBy "SUPPORTED_BY_"
    ContactWords "CONTACT_WORDS_"
    DayOfWeek "DAY_OF_WEEK_"
    MechanismRole "MECHANISM_ROLE_"
    AgreementKind "AGREEMENT_KIND_"
    ExceptionTold "EXCEPTION_TOLD_"
    ExceptionState "EXCEPTION_STATE_"
    ReviewStep "REVIEW_STEP_"
    ReviewOutcome "REVIEW_OUTCOME_"
    ReviewMeasure "REVIEW_MEASURE_"
    Concern "CONCERN_"
    Advice "ADVICE_"
    InquiryQuestion "INQUIRY_QUESTION_"
    GenderGroup "GENDER_GROUP_"
    InquiryAnswer "INQUIRY_ANSWER_"
    InquiryFee "INQUIRY_FEE_"
    ArrangementKind "ARRANGEMENT_KIND_"
    ArrangementState "ARRANGEMENT_STATE_"
    FeePayer "FEE_PAYER_"
    SenderClass "SENDER_CLASS_"
    ConsentClaim "CONSENT_CLAIM_"
    IncomingFinding "INCOMING_FINDING_"
    IncomingDecision "INCOMING_DECISION_"
    IncomingState "INCOMING_STATE_"
    Relationship "RELATIONSHIP_"
    InterviewForm "INTERVIEW_FORM_"
    SensitiveTopic "SENSITIVE_TOPIC_"
    AnswerKind "ANSWER_KIND_"
    AnswerCode "ANSWER_CODE_"
    Profile "PROFILE_"
    ProfileReason "PROFILE_REASON_"
    DeterminationOutcome "DETERMINATION_OUTCOME_"
    ClosingReason "CLOSING_REASON_"
    NoFollowUp "NO_FOLLOW_UP_"
    ClosingTold "CLOSING_TOLD_"
    ReopeningReason "REOPENING_REASON_"
    Likeness "LIKENESS_"
    LikenessStrength "LIKENESS_STRENGTH_"
}
