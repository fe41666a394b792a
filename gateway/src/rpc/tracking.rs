//! `TrackingService`: worklist, cases, history, and reading personal data.

use ledger::domain::ids::StaffId;
use projections::worklist::Caseload;
use proto::tracking::v1::tracking_service_server::TrackingService;
use proto::tracking::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use super::stream::Items;
use super::{Answered, finish};
use crate::api::cases::CaseFilter;
use crate::api::family::LinkShown;
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::codes::{Code as _, numbers};
use crate::wire::command::{CommandMessage, request};
use crate::wire::entry::entry;
use crate::wire::field::{id, optional_id};
use crate::wire::page::{page, paged};
use crate::wire::{exception, fees, filter, record, row, subject};

#[tonic::async_trait]
impl TrackingService for Rpc {
    async fn assign_staff(
        &self,
        request: Request<AssignStaffRequest>,
    ) -> Result<Response<AssignStaffResponse>, Status> {
        self.command("AssignStaff", request).await
    }

    async fn unassign_staff(
        &self,
        request: Request<UnassignStaffRequest>,
    ) -> Result<Response<UnassignStaffResponse>, Status> {
        self.command("UnassignStaff", request).await
    }

    async fn offer_handover(
        &self,
        request: Request<OfferHandoverRequest>,
    ) -> Result<Response<OfferHandoverResponse>, Status> {
        self.handover_offered(request).await
    }

    async fn link_cases(
        &self,
        request: Request<LinkCasesRequest>,
    ) -> Result<Response<LinkCasesResponse>, Status> {
        self.command("LinkCases", request).await
    }

    async fn end_link(
        &self,
        request: Request<EndLinkRequest>,
    ) -> Result<Response<EndLinkResponse>, Status> {
        self.command("EndLink", request).await
    }

    async fn ask_merge(
        &self,
        request: Request<AskMergeRequest>,
    ) -> Result<Response<AskMergeResponse>, Status> {
        self.merging("AskMerge", request).await
    }

    async fn decide_merge(
        &self,
        request: Request<DecideMergeRequest>,
    ) -> Result<Response<DecideMergeResponse>, Status> {
        self.merging("DecideMerge", request).await
    }

    async fn find_duplicates(
        &self,
        request: Request<FindDuplicatesRequest>,
    ) -> Result<Response<FindDuplicatesResponse>, Status> {
        self.duplicates_found(request).await
    }

    async fn unmerge_cases(
        &self,
        request: Request<UnmergeCasesRequest>,
    ) -> Result<Response<UnmergeCasesResponse>, Status> {
        self.command("UnmergeCases", request).await
    }

    async fn close_case_work(
        &self,
        request: Request<CloseCaseWorkRequest>,
    ) -> Result<Response<CloseCaseWorkResponse>, Status> {
        self.command("CloseCaseWork", request).await
    }

    async fn reopen_case(
        &self,
        request: Request<ReopenCaseRequest>,
    ) -> Result<Response<ReopenCaseResponse>, Status> {
        self.command("ReopenCase", request).await
    }

    async fn list_links(
        &self,
        request: Request<ListLinksRequest>,
    ) -> Result<Response<ListLinksResponse>, Status> {
        self.query("ListLinks", request, |reader, message| {
            let case = id(&message.case_id, "case_id")?;
            let links = reader.links(case, message.at_least_position)?;
            let shown = |it: &LinkShown| LinkedFile {
                link_id: it.link.to_string(),
                case_id: it.case.to_string(),
                client_code: it.code.to_string(),
                relationship: it.relationship.number(),
            };
            Ok(ListLinksResponse {
                links: links.iter().map(shown).collect(),
            })
        })
        .await
    }

    async fn take_handover(
        &self,
        request: Request<TakeHandoverRequest>,
    ) -> Result<Response<TakeHandoverResponse>, Status> {
        self.command("TakeHandover", request).await
    }

    async fn list_reviews(
        &self,
        request: Request<ListReviewsRequest>,
    ) -> Result<Response<ListReviewsResponse>, Status> {
        self.query("ListReviews", request, |reader, message| {
            let only = (message.late_only, message.escalated_only);
            let (rows, next, position) = reader.reviews(only, &page(message.page)?)?;
            Ok(ListReviewsResponse {
                reviews: rows.iter().map(exception::review).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn get_caseload(
        &self,
        request: Request<GetCaseloadRequest>,
    ) -> Result<Response<GetCaseloadResponse>, Status> {
        self.query("GetCaseload", request, |reader, message| {
            let GetCaseloadRequest {} = message;
            let loads = reader.caseload()?;
            let load = |(staff, load): (&StaffId, &Caseload)| CaseloadOf {
                staff_id: staff.to_string(),
                cases: load.cases,
                open_referrals: load.open,
                late_referrals: load.late,
            };
            Ok(GetCaseloadResponse {
                staff: loads.iter().map(load).collect(),
            })
        })
        .await
    }

    async fn list_referrals(
        &self,
        request: Request<ListReferralsRequest>,
    ) -> Result<Response<ListReferralsResponse>, Status> {
        self.query("ListReferrals", request, |reader, message| {
            let filter = filter::referrals(message.filter)?;
            let (rows, next, position) = reader.worklist(&filter, &page(message.page)?)?;
            Ok(ListReferralsResponse {
                referrals: rows.iter().map(row::referral).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn get_referral(
        &self,
        request: Request<GetReferralRequest>,
    ) -> Result<Response<GetReferralResponse>, Status> {
        self.query("GetReferral", request, |reader, message| {
            let id = id(&message.referral_id, "referral_id")?;
            let (case, referral, side) = reader.referral(id)?;
            let now = reader.ledger.now();
            let mut shown = record::referral_from(side, &case, id, &referral, now);
            if let Some(service) = reader.service_of(side, &referral)? {
                shown.fees = Some(fees::of_referral(&service, &referral, now.day()));
            }
            Ok(GetReferralResponse {
                referral: Some(shown),
            })
        })
        .await
    }

    async fn get_case(
        &self,
        request: Request<GetCaseRequest>,
    ) -> Result<Response<GetCaseResponse>, Status> {
        self.query("GetCase", request, |reader, message| {
            let case = reader.case(subject::case_name(message.case)?)?;
            let (now, file) = (reader.ledger.now(), reader.ledger.organisation());
            let mut shown = record::case(&case, now, file);
            if let Some(merge) = &mut shown.merge {
                let other = reader.merged_with(&case)?;
                merge.other_case_id = other.map(|other| other.id.to_string());
            }
            Ok(GetCaseResponse {
                case_record: Some(shown),
            })
        })
        .await
    }

    async fn list_cases(
        &self,
        request: Request<ListCasesRequest>,
    ) -> Result<Response<ListCasesResponse>, Status> {
        self.query("ListCases", request, |reader, message| {
            let filter = CaseFilter {
                mine: message.mine,
                offered: message.offered,
                assigned: optional_id(message.assigned_id.as_deref(), "assigned_id")?,
                closed: message.closed,
            };
            let (cases, next, position) = reader.cases(&filter, &page(message.page)?)?;
            let rows = cases.iter();
            let rows = rows.map(|(case, opened)| record::brief(case, *opened));
            Ok(ListCasesResponse {
                cases: rows.collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn list_waiting_children(
        &self,
        request: Request<ListWaitingChildrenRequest>,
    ) -> Result<Response<ListWaitingChildrenResponse>, Status> {
        self.query("ListWaitingChildren", request, |reader, message| {
            let (cases, next, position) = reader.waiting_children(&page(message.page)?)?;
            let (now, file) = (reader.ledger.now(), reader.ledger.organisation());
            Ok(ListWaitingChildrenResponse {
                cases: cases
                    .iter()
                    .map(|case| record::case(case, now, file))
                    .collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn get_history(
        &self,
        request: Request<GetHistoryRequest>,
    ) -> Result<Response<GetHistoryResponse>, Status> {
        self.query("GetHistory", request, |reader, message| {
            let subject = subject::of_history(message.subject)?;
            let (entries, next) = reader.history(subject, &page(message.page)?)?;
            Ok(GetHistoryResponse {
                entries: entries.iter().map(entry).collect(),
                page: Some(paged(next, reader.ledger.size())),
            })
        })
        .await
    }

    async fn view_personal_data(
        &self,
        request: Request<ViewPersonalDataRequest>,
    ) -> Result<Response<ViewPersonalDataResponse>, Status> {
        self.viewed(request).await
    }

    type WatchReferralsStream = Items<WatchReferralsResponse>;

    async fn watch_referrals(
        &self,
        request: Request<WatchReferralsRequest>,
    ) -> Result<Response<Self::WatchReferralsStream>, Status> {
        self.watched(request).await
    }
}

impl Rpc {
    /// Offers a case, and tells which linked files the caller works on, too (MISSION C14).
    async fn handover_offered(
        &self,
        request: Request<OfferHandoverRequest>,
    ) -> Answered<OfferHandoverResponse> {
        let line = Line::begin("OfferHandover");
        let outcome = async {
            let case = request.get_ref().case_id.parse().ok();
            let with = request.get_ref().with_case_ids.clone();
            let (known, offered) = self.submitted(request).await?;
            let mut message: OfferHandoverResponse = answer(&offered);
            let last = offered.entries.last().map(|entry| entry.position);
            let linked = self.api.read(&known, move |reader| {
                case.map_or(Ok(Vec::new()), |case| reader.links(case, last))
            });
            // The offer stands, whether or not that can be told.
            let linked = linked.await.unwrap_or_default().into_iter();
            let theirs = linked.filter(|it| it.works_on_it);
            let left = theirs.map(|it| it.case.to_string());
            message.linked_case_ids = left.filter(|case| !with.contains(case)).collect();
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// A command about merging two files, with the link between them if there is one.
    async fn merging<M: CommandMessage>(
        &self,
        method: &'static str,
        message: Request<M>,
    ) -> Answered<M::Answer> {
        let line = Line::begin(method);
        let outcome = async {
            let known = self.known(&message).await?;
            let request = request(message.into_inner(), known.caller(), None)?;
            let request = self.api.with_link(&known, request).await?;
            Ok(answer(&self.api.submit(request).await?))
        };
        finish(line, outcome.await)
    }

    /// Looks for duplicates, and shows them once it is durable that somebody did.
    async fn duplicates_found(
        &self,
        message: Request<FindDuplicatesRequest>,
    ) -> Answered<FindDuplicatesResponse> {
        let line = Line::begin("FindDuplicates");
        let outcome = async {
            let known = self.known(&message).await?;
            let request = request(message.into_inner(), known.caller(), None)?;
            let found = self.api.find_duplicates(&known, request).await?;
            let mut message: FindDuplicatesResponse = answer(&found.answer);
            message.duplicates = found.duplicates.iter().map(duplicate).collect();
            (message.compared, message.more) = (found.compared, found.more);
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Records that personal data are seen, and opens them once that is durable.
    async fn viewed(
        &self,
        request: Request<ViewPersonalDataRequest>,
    ) -> Answered<ViewPersonalDataResponse> {
        let line = Line::begin("ViewPersonalData");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewPersonalDataResponse = answer(&seen);
            let open = self.api.read(&known, move |reader| {
                Ok(reader.ledger.open_personal(&seen)?)
            });
            message.parts = open.await?.iter().map(record::personal).collect();
            Ok(message)
        };
        finish(line, outcome.await)
    }
}

fn duplicate(it: &ledger::duplicates::Duplicate) -> Duplicate {
    Duplicate {
        case_id: it.case.to_string(),
        client_code: it.code.to_string(),
        strength: it.alike.strength.number(),
        reasons: numbers(&it.alike.reasons),
        closed: it.closed,
    }
}
