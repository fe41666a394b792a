//! Records that end by the rules while the power is cut: cases that were old when it began, a sweep
//! that two persons agree to while it is recorded, and what is left of them then.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use harness::office::{Office, meta, with_token};
use harness::process::Place;
use harness::scratch::{Scratch, fresh_request};
use harness::words;
use ledger::clock::{Clock, SystemClock, Timestamp};
use ledger::domain::codes::{DataCategory, Role};
use ledger::domain::command::{Caller, Command, SweepEnd};
use ledger::domain::ids::{CaseId, ClientCode, ServiceId, StaffId, SweepId};
use ledger::domain::stream::StreamId;
use ledger::ledger::Ledger;
use ledger::prove::{VerifierKey, verify_certificate};
use projections::runner::Runner;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{
    ApproveSweepRequest, GetCertificatesRequest, GetRetentionRulesRequest, RequestSweepRequest,
};
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::transport::Channel;

use crate::retention::Stands;

/// How many records end.
const CASES: u32 = 5;

/// An old case, as somebody noted it.
#[derive(Clone)]
struct Old {
    case: CaseId,
    code: ClientCode,
}

/// Old cases, and when what was said about their end, in microseconds since 1970.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    cases: Vec<Old>,
    /// Before the first of two persons asked.
    asked: u64,
    /// After the second one's answer.
    agreed: Option<u64>,
    /// After the server said that the sweep had ended.
    swept: Option<u64>,
}

/// The same at the moment of a cut.
#[derive(Default)]
pub(crate) struct Ends {
    cases: Vec<Old>,
    asked: bool,
    agreed: bool,
    swept: bool,
}

impl Ending {
    /// Cases of ten years ago, in which nothing personal is left by the rules. Nobody serves the
    /// ledger meanwhile, and no mirror is attached yet.
    pub(super) fn prepared(place: &Place, office: &Office) -> Self {
        let now = SystemClock.now();
        let service: ServiceId = office.service.parse().expect("an id");
        let ledger = opened_at(place, now.minus_months(130));
        let focal = member(&ledger, Role::FocalPoint);
        let mut cases = Vec::new();
        for number in 0..CASES {
            let open = words::open_case(&format!("Long ago {number}"));
            let (case, _) = words::opened(&done(&ledger, Caller::Staff(focal), open));
            let items = [(DataCategory::Needs, "needs of long ago")];
            let draft = words::draft(case, service, None, &items);
            done(&ledger, Caller::Staff(focal), draft);
            let code = ledger.case(case).expect("it is read").expect("it is there");
            let code = code.code;
            cases.push(Old { case, code });
        }
        ledger.close().expect("it closes");
        let ledger = opened_at(place, now.minus_months(100));
        let sweep = SweepId(fresh_request().0);
        let request = Command::RequestSweep {
            sweep,
            cases: CASES,
        };
        let officer = member(&ledger, Role::DataProtectionOfficer);
        done(&ledger, Caller::Staff(officer), request);
        let staff = ledger.staff(officer).expect("they are read");
        let organisation = staff.map(|staff| staff.organisation);
        let coordinator = member(&ledger, Role::Coordinator);
        let approve = Command::ApproveSweep { sweep };
        done(&ledger, Caller::Staff(coordinator), approve);
        for Old { case, .. } in &cases {
            done(
                &ledger,
                Caller::System,
                Command::ApplyRetention { case: *case },
            );
        }
        while ledger.status().shreds_pending > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let finish = Command::FinishSweep(SweepEnd {
            sweep,
            organisation: organisation.expect("they are known"),
            cases: CASES,
            held: 0,
            closed: 0,
            staff: 0,
            too_many: None,
        });
        done(&ledger, Caller::System, finish);
        ledger.close().expect("it closes");
        Self {
            cases,
            ..Self::default()
        }
    }

    /// Two persons agree that what is over goes; notes when what was answered, until the server is
    /// gone or the sweep has ended.
    pub(super) async fn agreed(mut self, office: Office, channel: Channel) -> Self {
        let mut client = DataProtectionServiceClient::new(channel);
        let sweep = fresh_request().to_string();
        let Ok(before) = last_sweep(&mut client, &office).await else {
            return self;
        };
        self.asked = SystemClock.now().0 * 1_000;
        let request = RequestSweepRequest {
            meta: meta(),
            sweep_id: sweep.clone(),
            cases: CASES,
        };
        let asked = client.request_sweep(with_token(&office.officer, request));
        if asked.await.is_err() {
            return self;
        }
        let approve = ApproveSweepRequest {
            meta: meta(),
            sweep_id: sweep,
        };
        let agreed = client.approve_sweep(with_token(&office.coordinator, approve));
        if agreed.await.is_err() {
            return self;
        }
        self.agreed = Some(after_now());
        loop {
            let Ok(last) = last_sweep(&mut client, &office).await else {
                return self;
            };
            if last != before {
                self.swept = Some(after_now());
                return self;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What was known at a moment.
    pub(super) fn as_of(&self, moment: u64) -> Ends {
        let before = |at: Option<u64>| at.is_some_and(|at| at < moment);
        Ends {
            cases: self.cases.clone(),
            asked: self.asked > 0 && self.asked <= moment,
            agreed: before(self.agreed),
            swept: before(self.swept),
        }
    }
}

impl Ends {
    /// What two persons agreed to happens, whatever was cut; what nobody asked for does not. Gives
    /// how many ended.
    pub(super) async fn compare(&self, channel: &Channel, office: &Office) -> usize {
        let patience = tokio::time::Instant::now() + Duration::from_secs(60);
        let mut ended = 0;
        for Old { case, .. } in &self.cases {
            loop {
                let gone = is_closed(channel, office, *case).await;
                assert!(!gone || self.asked, "{case} ended by itself");
                assert!(gone || !self.swept, "{case} had ended before");
                ended += usize::from(gone);
                if gone || !self.agreed {
                    break;
                }
                assert!(tokio::time::Instant::now() < patience, "{case} stays");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        ended
    }

    /// Of those that ended nothing is in what is left, under any name; the others are there.
    pub(super) fn nothing_is_left(&self, left: &Place) {
        if self.cases.is_empty() {
            return;
        }
        let folders = Scratch::options_in(left.folder.path());
        let ledger = Ledger::open(folders).expect("it opens");
        let records = (0..ledger.size()).flat_map(|at| ledger.records(at, 1).expect("it is read"));
        let records: Vec<String> = records.map(|it| format!("{:?}", it.record)).collect();
        let views = Runner::open(Arc::new(ledger.clone())).expect("views");
        for Old { case, code } in &self.cases {
            let closed = ledger.closed(*case).expect("it is looked up").is_some();
            assert!(closed || !self.agreed, "{case}");
            let there = ledger.case(*case).expect("it is looked up").is_some();
            assert_ne!(closed, there, "{case}");
            let stream = ledger
                .stream(StreamId::Case(*case))
                .expect("it is looked up");
            assert_eq!(closed, stream.is_empty(), "{case}");
            let by_code = ledger.case_by_code(*code).expect("it is looked up");
            assert_eq!(closed, by_code.is_none(), "{case}");
            let named = records.iter().any(|it| it.contains(&format!("{case:?}")));
            assert_eq!(closed, !named, "{case}");
            let seen = views.read().expect("views").cases().find(*case).is_some();
            assert_eq!(closed, !seen, "{case}");
        }
        drop(views);
        ledger.close().expect("it closes");
    }
}

/// Certificates of records that ended: each verifies. Gives the keys that they name.
pub(super) async fn certificates(
    channel: &Channel,
    office: &Office,
    vkey: &str,
) -> BTreeSet<String> {
    let key: VerifierKey = vkey.trim().parse().expect("a key");
    let mut client = DataProtectionServiceClient::new(channel.clone());
    let asked = with_token(&office.officer, GetCertificatesRequest::default());
    let found = client.get_certificates(asked).await.expect("certificates");
    let mut keys = BTreeSet::new();
    for certificate in found.into_inner().certificates {
        let verified = verify_certificate(certificate.file.as_bytes(), &key);
        let verified = verified.unwrap_or_else(|wrong| panic!("{wrong}"));
        let named = verified.parsed().all("key").flatten();
        keys.extend(named.map(|key| key.replace('-', "")));
    }
    keys
}

async fn last_sweep(
    client: &mut DataProtectionServiceClient<Channel>,
    office: &Office,
) -> Result<Option<prost_types::Timestamp>, tonic::Status> {
    let rules = with_token(&office.officer, GetRetentionRulesRequest::default());
    let rules = client.get_retention_rules(rules).await?;
    Ok(rules.into_inner().last_sweep_at)
}

async fn is_closed(channel: &Channel, office: &Office, case: CaseId) -> bool {
    let mut client = TrackingServiceClient::new(channel.clone());
    let asked = with_token(&office.focal, office.view(&case.to_string()));
    let refused = match client.view_personal_data(asked).await {
        Ok(seen) => {
            let parts = seen.into_inner().parts;
            assert!(parts.iter().all(|part| part.content.is_none()), "{case}");
            return false;
        }
        Err(status) => harness::office::refused(&status).expect("a refusal"),
    };
    assert_eq!(refused.refusal, ledger::refusal::Refusal::RecordEnded);
    true
}

fn opened_at(place: &Place, now: Timestamp) -> Ledger {
    let folders = Scratch::options_in(place.folder.path());
    Ledger::open_by(folders, Arc::new(Stands(now))).expect("it opens")
}

/// Somebody of the office who has a role.
fn member(ledger: &Ledger, role: Role) -> StaffId {
    let views = Runner::open(Arc::new(ledger.clone())).expect("views");
    let views = views.read().expect("views");
    let found = views
        .staff()
        .members()
        .find(|one| one.roles.contains(&role));
    found.expect("they were hired").staff
}

fn done(ledger: &Ledger, caller: Caller, command: Command) -> ledger::ledger::Answer {
    let name = command.action().name();
    let answer = ledger.submit(words::request(caller, command));
    answer.unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"))
}

/// Microseconds since 1970, rounded up: what is over by now was over before.
fn after_now() -> u64 {
    (SystemClock.now().0 + 1) * 1_000
}
