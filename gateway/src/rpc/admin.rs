//! `AdminService`: staff, roles, tokens, and where the ledger stands.

use ledger::domain::ids::OrganisationId;
use ledger::domain::stream::StreamId;
use proto::admin::v1::admin_service_server::AdminService;
use proto::admin::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::field::optional_id;
use crate::wire::page::{page, paged};
use crate::wire::time::to_wire;
use crate::wire::{record, row};

#[tonic::async_trait]
impl AdminService for Rpc {
    async fn register_staff(
        &self,
        request: Request<RegisterStaffRequest>,
    ) -> Result<Response<RegisterStaffResponse>, Status> {
        self.command("RegisterStaff", request).await
    }

    async fn grant_role(
        &self,
        request: Request<GrantRoleRequest>,
    ) -> Result<Response<GrantRoleResponse>, Status> {
        self.command("GrantRole", request).await
    }

    async fn revoke_role(
        &self,
        request: Request<RevokeRoleRequest>,
    ) -> Result<Response<RevokeRoleResponse>, Status> {
        let line = Line::begin("RevokeRole");
        let outcome = async {
            let (known, done) = self.submitted(request).await?;
            let mut message: RevokeRoleResponse = answer(&done);
            let of = done.entries.last().map(|entry| entry.record.stream);
            if let Some(StreamId::Staff(staff)) = of {
                let left = self.api.read(&known, move |reader| reader.left_with(staff));
                // The role is taken, whether or not this can be told.
                let left = left.await.ok().flatten();
                message.cases_left = left.map(|(all, _)| all);
                message.cases_alone = left.map(|(_, alone)| alone);
            }
            Ok(message)
        };
        finish(line, outcome.await)
    }

    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssueTokenResponse>, Status> {
        self.command("IssueToken", request).await
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        self.command("RevokeToken", request).await
    }

    async fn record_training(
        &self,
        request: Request<RecordTrainingRequest>,
    ) -> Result<Response<RecordTrainingResponse>, Status> {
        self.command("RecordTraining", request).await
    }

    async fn name_deputy(
        &self,
        request: Request<NameDeputyRequest>,
    ) -> Result<Response<NameDeputyResponse>, Status> {
        self.command("NameDeputy", request).await
    }

    async fn decide_deputy(
        &self,
        request: Request<DecideDeputyRequest>,
    ) -> Result<Response<DecideDeputyResponse>, Status> {
        self.command("DecideDeputy", request).await
    }

    async fn end_deputy(
        &self,
        request: Request<EndDeputyRequest>,
    ) -> Result<Response<EndDeputyResponse>, Status> {
        self.command("EndDeputy", request).await
    }

    async fn list_deputies(
        &self,
        request: Request<ListDeputiesRequest>,
    ) -> Result<Response<ListDeputiesResponse>, Status> {
        self.query("ListDeputies", request, |reader, message| {
            let ListDeputiesRequest {} = message;
            let deputies = reader.deputies()?;
            Ok(ListDeputiesResponse {
                deputies: deputies.iter().map(row::deputy).collect(),
            })
        })
        .await
    }

    async fn detach_mirror(
        &self,
        request: Request<DetachMirrorRequest>,
    ) -> Result<Response<DetachMirrorResponse>, Status> {
        self.command("DetachMirror", request).await
    }

    async fn decide_mirror(
        &self,
        request: Request<DecideMirrorRequest>,
    ) -> Result<Response<DecideMirrorResponse>, Status> {
        self.command("DecideMirror", request).await
    }

    async fn decide_role(
        &self,
        request: Request<DecideRoleRequest>,
    ) -> Result<Response<DecideRoleResponse>, Status> {
        self.command("DecideRole", request).await
    }

    async fn decide_token(
        &self,
        request: Request<DecideTokenRequest>,
    ) -> Result<Response<DecideTokenResponse>, Status> {
        self.command("DecideToken", request).await
    }

    async fn view_staff(
        &self,
        request: Request<ViewStaffRequest>,
    ) -> Result<Response<ViewStaffResponse>, Status> {
        self.staff_viewed(request).await
    }

    async fn list_staff(
        &self,
        request: Request<ListStaffRequest>,
    ) -> Result<Response<ListStaffResponse>, Status> {
        self.query("ListStaff", request, |reader, message| {
            let of = optional_id(message.organisation_id.as_deref(), "organisation_id")?;
            let (rows, next, position) = reader.staff(of, &page(message.page)?)?;
            Ok(ListStaffResponse {
                staff: rows.iter().map(row::member).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        self.query("GetStatus", request, |reader, message| {
            let GetStatusRequest {} = message;
            let standing = reader.standing()?;
            Ok(GetStatusResponse {
                size: standing.ledger.size,
                checkpoint: standing.ledger.checkpoint,
                epoch: standing.ledger.epoch,
                vault_tier: standing.ledger.vault_tier.to_owned(),
                poisoned: standing.ledger.poisoned,
                shreds_pending: standing.ledger.shreds_pending,
                shredded_leaves: standing.shredded_leaves,
                projected_position: standing.projected,
                program_version: env!("CARGO_PKG_VERSION").to_owned(),
                now: Some(to_wire(standing.now)),
                mirrors: standing.copies.mirrors.iter().map(row::mirror).collect(),
                shreds_pending_copy: standing.pending_copy,
                disk_full: standing.ledger.disk_full,
                views_failing: standing.views_failing,
                sending_held: standing.ledger.sending_held,
                journal_damage: standing.ledger.journal.damage.into_iter().collect(),
                journal_checked_frame: standing.ledger.journal.frame,
                journal_checked: standing.ledger.journal.ended.map(to_wire),
                journal_check_broke_off: standing.ledger.journal.broke_off,
                safeguards_wanted: standing.safeguards.into_iter().map(safeguards).collect(),
                breaches_due: standing.breaches.due,
                breaches_late: standing.breaches.late,
            })
        })
        .await
    }

    async fn get_counts(
        &self,
        request: Request<GetCountsRequest>,
    ) -> Result<Response<GetCountsResponse>, Status> {
        self.query("GetCounts", request, |reader, message| {
            let (counts, position) = reader.counts(message.at_least_position)?;
            let count = |(name, count): (&str, u64)| EventCount {
                event_name: name.to_owned(),
                count,
            };
            Ok(GetCountsResponse {
                counts: counts.into_iter().map(count).collect(),
                position,
            })
        })
        .await
    }
}

fn safeguards((organisation, active): (OrganisationId, u32)) -> Safeguards {
    Safeguards {
        organisation_id: organisation.to_string(),
        active,
    }
}

impl Rpc {
    /// Records that a name is seen, and opens it once that is durable.
    async fn staff_viewed(
        &self,
        request: Request<ViewStaffRequest>,
    ) -> Answered<ViewStaffResponse> {
        let line = Line::begin("ViewStaff");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewStaffResponse = answer(&seen);
            let open = self.api.read(&known, move |reader| {
                Ok(reader.ledger.open_personal(&seen)?)
            });
            message.name = open
                .await?
                .iter()
                .find_map(record::staff_name)
                .unwrap_or_default();
            Ok(message)
        };
        finish(line, outcome.await)
    }
}
