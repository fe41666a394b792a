//! Generates messages, clients, servers and the descriptor set from the `.proto` files with protox,
//! so that no `protoc` is needed.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;

const AREAS: &[&str] = &[
    "referral/common/v1/codes.proto",
    "referral/common/v1/common.proto",
    "referral/intake/v1/intake.proto",
    "referral/consent/v1/consent.proto",
    "referral/referral/v1/referral.proto",
    "referral/tracking/v1/tracking.proto",
    "referral/directory/v1/directory.proto",
    "referral/protection/v1/protection.proto",
    "referral/rights/v1/rights.proto",
    "referral/audit/v1/audit.proto",
    "referral/statistics/v1/statistics.proto",
    "referral/complaint/v1/complaint.proto",
    "referral/breach/v1/breach.proto",
    "referral/interview/v1/interview.proto",
    "referral/admin/v1/admin.proto",
];

/// Messages with text about people: `src/lib.rs` gives them a `Debug` that hides it.
const PERSONAL: &[&str] = &[
    ".referral.common.v1.Identity",
    ".referral.common.v1.ConsentNote",
    ".referral.common.v1.Item",
    ".referral.common.v1.Support",
    ".referral.consent.v1.InvokeExceptionRequest",
    ".referral.referral.v1.RecordFollowUpRequest",
    ".referral.intake.v1.AssessAgeRequest",
    ".referral.rights.v1.CorrectPersonRequest",
    ".referral.common.v1.ComplaintWords",
    ".referral.common.v1.InterviewAnswers",
    ".referral.common.v1.InterviewAnswer",
    ".referral.common.v1.ProfileDecided",
    ".referral.common.v1.Determined",
    ".referral.interview.v1.RecordInterviewRequest",
    ".referral.interview.v1.RecordProfileRequest",
    ".referral.interview.v1.RecordDeterminationRequest",
    ".referral.interview.v1.Suggestion",
    ".referral.interview.v1.Because",
    ".referral.complaint.v1.RecordComplaintRequest",
    ".referral.complaint.v1.AnswerComplaintRequest",
    ".referral.breach.v1.ReportBreachRequest",
    ".referral.tracking.v1.PersonalPart",
    ".referral.admin.v1.RegisterStaffRequest",
    ".referral.admin.v1.ViewStaffResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!(
        "cargo::rerun-if-changed={}",
        root.join("referral").display()
    );
    let files = protox::compile(AREAS, [&root])?;
    let descriptors = Path::new(&env::var("OUT_DIR")?).join("referral.bin");
    fs::write(descriptors, files.encode_to_vec())?;
    tonic_prost_build::configure()
        .skip_debug(PERSONAL)
        .compile_fds(files)?;
    Ok(())
}
