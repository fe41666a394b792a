//! Records that end by the rules while the power is cut: cases, and what stands apart from them,
//! that were old when it began, a sweep that two persons agree to while it is recorded, and what is
//! left of them then.

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
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ClientCode, ServiceId, StaffId, SweepId};
use ledger::domain::stream::StreamId;
use ledger::ledger::Ledger;
use ledger::prove::{VerifierKey, verify_certificate};
use ledger::shredcheck::KeyId;
use projections::runner::Runner;
use proto::admin::v1::GetStatusRequest;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{
    ApproveSweepRequest, GetCertificatesRequest, GetRetentionRulesRequest, RequestSweepRequest,
};
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::transport::Channel;

use super::aside::{self, Aside};
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
    aside: Vec<Aside>,
    /// When the sweep before ended.
    last: Option<prost_types::Timestamp>,
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
    aside: Vec<Aside>,
    last: Option<prost_types::Timestamp>,
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
        hire_delegate(&ledger);
        let mut aside = aside::of_long_ago(&ledger);
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
        aside::words_end(&ledger, &aside);
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
        let ledger = opened_at(place, now.minus_months(30));
        aside.extend(aside::of_a_while_ago(&ledger, now.plus_months(1)));
        ledger.close().expect("it closes");
        Self {
            cases,
            aside,
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
        self.last = before;
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
            aside: self.aside.clone(),
            last: self.last,
            asked: self.asked > 0 && self.asked <= moment,
            agreed: before(self.agreed),
            swept: before(self.swept),
        }
    }

    /// The same, had nothing been asked for; and had all of it happened.
    pub(super) fn before_and_after(&self) -> [Ends; 2] {
        assert!(self.swept.is_some(), "the sweep ends while it is recorded");
        [0, u64::MAX].map(|moment| self.as_of(moment))
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
        while self.agreed && !self.is_over(channel, office).await {
            assert!(tokio::time::Instant::now() < patience, "no sweep ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        ended
    }

    /// Whether the sweep ended, and every key that it ordered to be destroyed is.
    async fn is_over(&self, channel: &Channel, office: &Office) -> bool {
        let mut client = DataProtectionServiceClient::new(channel.clone());
        let last = last_sweep(&mut client, office).await.expect("the rules");
        let mut client = AdminServiceClient::new(channel.clone());
        let asked = with_token(&office.administrator, GetStatusRequest {});
        let status = client.get_status(asked).await.expect("status");
        last != self.last && status.into_inner().shreds_pending == 0
    }

    /// What is not as it should be in what is left, of which these keys are destroyed: of what
    /// ended nothing is there under any name, and the others are all there.
    pub(super) fn findings(&self, left: &Place, dead: &BTreeSet<String>) -> Vec<String> {
        if self.cases.is_empty() {
            return Vec::new();
        }
        let folders = Scratch::options_in(left.folder.path());
        let ledger = Ledger::open(folders).expect("it opens");
        let records = harness::apart::records(&ledger);
        let views = Runner::open(Arc::new(ledger.clone())).expect("views");
        let seen = |case| views.read().expect("views").cases().find(case).is_some();
        let cases = self.cases.iter();
        let cases = cases.filter_map(|old| self.finding(&ledger, old, seen(old.case), &records));
        let said = (self.asked, self.agreed);
        let aside = self.aside.iter();
        let aside = aside.filter_map(|it| it.finding(&ledger, said, (&records, dead)));
        let undestroyed = self.undestroyed(&ledger, dead);
        let findings = cases.chain(aside).chain(undestroyed).collect();
        drop(views);
        ledger.close().expect("it closes");
        findings
    }

    /// Records that ended, and whose keys are not destroyed although everything came to its end.
    fn undestroyed(&self, ledger: &Ledger, dead: &BTreeSet<String>) -> Vec<String> {
        let entries = ledger.stream(StreamId::Ledger).expect("it is read");
        let entries = entries.iter().filter(|_| self.agreed);
        let leaves = entries.filter_map(|entry| match &entry.record.event {
            Event::StreamClosed(it) => Some(KeyId(it.leaf.0).to_string()),
            _ => None,
        });
        let living = leaves.filter(|leaf| !dead.contains(leaf));
        living.map(|leaf| format!("{leaf} lives")).collect()
    }

    fn finding(
        &self,
        ledger: &Ledger,
        Old { case, code }: &Old,
        seen: bool,
        records: &[String],
    ) -> Option<String> {
        let closed = ledger.closed(*case).expect("it is looked up").is_some();
        let stream = ledger.stream(StreamId::Case(*case));
        let ways = [
            ledger.case(*case).expect("it is looked up").is_some(),
            !stream.expect("it is looked up").is_empty(),
            ledger
                .case_by_code(*code)
                .expect("it is looked up")
                .is_some(),
            records.iter().any(|it| it.contains(&format!("{case:?}"))),
            seen,
        ];
        let right = (closed || !self.agreed) && (!closed || self.asked);
        let right = right && ways.iter().all(|there| *there != closed);
        (!right).then(|| format!("{case:?}: closed {closed}, there {ways:?}"))
    }

    /// How many ends it knows.
    pub(super) fn number(&self) -> usize {
        self.cases.len() + self.aside.iter().filter(|it| it.ends()).count()
    }

    /// How many ends of what stands apart came by a moment at which all was agreed to.
    pub(super) fn ended_aside(&self) -> usize {
        let aside = self.aside.iter().filter(|it| it.ends());
        if self.agreed { aside.count() } else { 0 }
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

/// Who decides on breaches: nobody of the office does.
fn hire_delegate(ledger: &Ledger) {
    let (staff, role) = (StaffId([0x4d; 16]), Role::ControllerDelegate);
    let [administrator, officer] =
        [Role::Administrator, Role::DataProtectionOfficer].map(|role| member(ledger, role));
    let known = ledger.staff(officer).expect("they are read");
    let register = Command::RegisterStaff {
        staff,
        organisation: known.expect("they are known").organisation,
        name: words::text("an invented delegate"),
        roles: [role].into(),
    };
    done(ledger, Caller::Staff(administrator), register);
    let decide = Command::DecideRole {
        staff,
        role,
        confirm: true,
    };
    done(ledger, Caller::Staff(officer), decide);
}

/// Somebody of the office who has a role.
pub(super) fn member(ledger: &Ledger, role: Role) -> StaffId {
    let views = Runner::open(Arc::new(ledger.clone())).expect("views");
    let views = views.read().expect("views");
    let found = views
        .staff()
        .members()
        .find(|one| one.roles.contains(&role));
    found.expect("they were hired").staff
}

/// What somebody does, which must succeed.
pub(super) fn done(ledger: &Ledger, caller: Caller, command: Command) -> ledger::ledger::Answer {
    let name = command.action().name();
    let answer = ledger.submit(words::request(caller, command));
    answer.unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"))
}

/// Microseconds since 1970, rounded up: what is over by now was over before.
pub(super) fn after_now() -> u64 {
    (SystemClock.now().0 + 1) * 1_000
}
