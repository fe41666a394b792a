//! Commands of `AdminService`.

use ledger::domain::command::{Command, DecidingDeputy, NamingDeputy, Trained};
use proto::admin::v1::*;

use super::command_message;
use crate::wire::codes::{code, set};
use crate::wire::field::{digest, id};
use crate::wire::text::short;
use crate::wire::time;

command_message!(RegisterStaffRequest => RegisterStaffResponse, |message| {
    Command::RegisterStaff {
        staff: id(&message.staff_id, "staff_id")?,
        organisation: id(&message.organisation_id, "organisation_id")?,
        name: short(message.name, "name")?,
        roles: set(&message.roles, "roles")?,
    }
});

command_message!(GrantRoleRequest => GrantRoleResponse, |message| Command::GrantRole {
    staff: id(&message.staff_id, "staff_id")?,
    role: code(message.role, "role")?,
});

command_message!(RevokeRoleRequest => RevokeRoleResponse, |message| Command::RevokeRole {
    staff: id(&message.staff_id, "staff_id")?,
    role: code(message.role, "role")?,
});

command_message!(IssueTokenRequest => IssueTokenResponse, |message| Command::IssueToken {
    staff: id(&message.staff_id, "staff_id")?,
    digest: digest(&message.token_sha256, "token_sha256")?,
    expires: time::required(message.expires_at, "expires_at")?,
});

command_message!(RevokeTokenRequest => RevokeTokenResponse, |message| {
    Command::RevokeToken {
        staff: id(&message.staff_id, "staff_id")?,
        token: id(&message.token_id, "token_id")?,
    }
});

command_message!(DetachMirrorRequest => DetachMirrorResponse, |message| {
    Command::DetachMirror {
        mirror: id(&message.mirror_id, "mirror_id")?,
        reason: code(message.reason, "reason")?,
    }
});

command_message!(DecideMirrorRequest => DecideMirrorResponse, |message| {
    Command::DecideMirror {
        mirror: id(&message.mirror_id, "mirror_id")?,
        confirm: message.confirm,
    }
});

command_message!(DecideRoleRequest => DecideRoleResponse, |message| Command::DecideRole {
    staff: id(&message.staff_id, "staff_id")?,
    role: code(message.role, "role")?,
    confirm: message.confirm,
});

command_message!(DecideTokenRequest => DecideTokenResponse, |message| {
    Command::DecideToken {
        staff: id(&message.staff_id, "staff_id")?,
        token: id(&message.token_id, "token_id")?,
        confirm: message.confirm,
    }
});

command_message!(RecordTrainingRequest => RecordTrainingResponse, |message| {
    Command::RecordTraining(Trained {
        staff: id(&message.staff_id, "staff_id")?,
        training: code(message.training, "training")?,
        on: time::day(&message.on, "on")?,
    })
});

command_message!(NameDeputyRequest => NameDeputyResponse, |message| {
    Command::NameDeputy(NamingDeputy {
        staff: id(&message.staff_id, "staff_id")?,
        absent: id(&message.absent_id, "absent_id")?,
        first: time::day(&message.first_day, "first_day")?,
        last: time::day(&message.last_day, "last_day")?,
    })
});

command_message!(DecideDeputyRequest => DecideDeputyResponse, |message| {
    Command::DecideDeputy(DecidingDeputy {
        staff: id(&message.staff_id, "staff_id")?,
        absent: id(&message.absent_id, "absent_id")?,
        confirm: message.confirm,
    })
});

command_message!(EndDeputyRequest => EndDeputyResponse, |message| Command::EndDeputy {
    staff: id(&message.staff_id, "staff_id")?,
    absent: id(&message.absent_id, "absent_id")?,
});

command_message!(ViewStaffRequest => ViewStaffResponse, |message| {
    Command::ViewStaff {
        staff: id(&message.staff_id, "staff_id")?,
    }
});
