//! What is left after a cut, opened and held against everybody's notes: what was answered is
//! there, the forgotten are forgotten, certificates say what is so, everybody else is readable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use harness::carve::lies_in;
use harness::dice::Dice;
use harness::load::{Known, urgent_needs};
use harness::office::{Office, with_token};
use harness::process::Place;
use ledger::prove::{VerifierKey, verify_certificate};
use ledger::shredcheck::{Asked, KeyId, shredcheck};
use proto::audit::v1::StreamSealedEntriesRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{GetCertificatesRequest, GetErasureStatusRequest};
use proto::tracking::v1::PartState;
use proto::tracking::v1::personal_part::Content;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::transport::Channel;

use super::ending::{self, Ends};
use super::packets::Packets;
use crate::kill::{forgotten, history, prove, work};

/// What was looked at, for the record.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) cuts: usize,
    pub(crate) openings_cut: usize,
    pub(crate) backups_cut: usize,
    answers: usize,
    pub(crate) living: usize,
    pub(crate) withdrawn: usize,
    under_way: usize,
    pub(crate) certificates: usize,
    pub(crate) segments_gone: usize,
    pub(crate) closed: usize,
    pub(crate) ended_aside: usize,
    pub(crate) packets: usize,
    pub(crate) at_rest: usize,
    pub(crate) reopened: usize,
}

impl Seen {
    /// This and what another thread saw.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cuts += other.cuts;
        self.openings_cut += other.openings_cut;
        self.backups_cut += other.backups_cut;
        self.answers += other.answers;
        self.living += other.living;
        self.withdrawn += other.withdrawn;
        self.under_way += other.under_way;
        self.certificates += other.certificates;
        self.segments_gone += other.segments_gone;
        self.closed += other.closed;
        self.ended_aside += other.ended_aside;
        self.packets += other.packets;
        self.at_rest += other.at_rest;
        self.reopened += other.reopened;
    }
}

/// Personal segments by event and number.
pub(crate) type Segments = BTreeMap<(u64, usize), Vec<u8>>;

/// Opens what is left and compares it with everybody's notes. Of `dead`, what the ledger says is
/// cut out must be in no file; `cut_out` are cases of which that is waited for.
pub(crate) async fn compare(
    left: &Place,
    flags: &[&str],
    office: &Office,
    mut people: Vec<Known>,
    (cut_out, before): (&[Known], &Segments),
    (ends, packets): &(Ends, Option<Packets>),
    (dice, seen): (&mut Dice, &mut Seen),
) {
    let serving = left.serve(flags);
    let channel = harness::office::connect(&serving.endpoint()).await;
    let closed = ends.compare(&channel, office).await;
    seen.closed += closed;
    let mut certified = ending::certificates(&channel, office, left.vkey()).await;
    for known in &mut people {
        seen.answers += known.told.len();
        told(&channel, office, known).await;
        if known.withdrawn {
            forgotten(&channel, office, known).await;
            seen.withdrawn += 1;
        } else if known.times.asked.is_some() {
            seen.under_way += 1;
        } else {
            seen.living += 1;
        }
        read(&channel, office, known).await;
        work::stands(&channel, office, known).await;
        seen.at_rest += usize::from(known.closed && known.times.urgent_asked.is_none());
        seen.reopened += usize::from(known.urgent.is_some());
        certified.extend(certificates(&channel, office, left.vkey(), known, seen).await);
    }
    if let Some(packets) = packets {
        let findings = packets.findings(&channel, office, dice).await;
        assert_eq!(findings, Vec::<String>::new());
        seen.packets += packets.number();
    }
    for known in cut_out {
        gone(&channel, office, known).await;
    }
    prove(&channel, office, left.vkey(), &people).await;
    let after = segments(&channel, office).await;
    assert!(serving.stop().success());
    left.run(&["fsck", "--json"]).expect(0);
    let report = shredcheck(&whole(left), &|_, _, _| {}).expect("all is readable");
    let findings: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
    assert_eq!(findings, Vec::<String>::new());
    let dead: BTreeSet<String> = report.shredded.iter().map(ToString::to_string).collect();
    assert!(certified.is_subset(&dead), "a certificate of a living key");
    let is_zeros = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let now_zeros = |place: &(u64, usize)| after.get(place).is_some_and(|bytes| is_zeros(bytes));
    let listed: Vec<&[u8]> = before
        .iter()
        .filter(|(place, bytes)| !is_zeros(bytes) && now_zeros(place))
        .map(|(_, bytes)| bytes.as_slice())
        .collect();
    assert!(
        cut_out.is_empty() || !listed.is_empty(),
        "nothing was cut out"
    );
    seen.segments_gone += listed.len();
    assert_eq!(lies_in(left.folder.path(), &listed), Vec::<String>::new());
    assert_eq!(ends.findings(left, &dead), Vec::<String>::new());
    seen.ended_aside += ends.ended_aside();
}

/// Wherever a tombstone lies on the disk, nothing on the disk leads to its key (I2, I5).
pub(crate) fn no_way_back(left: &Place) {
    let found = ways_back(left).expect("the vault holds a root");
    assert_eq!(found, Vec::new());
}

/// Keys with a tombstone that something on the disk leads to; none where the vault cannot be read.
pub(crate) fn ways_back(left: &Place) -> Option<Vec<KeyId>> {
    let report = shredcheck(&whole(left), &|_, _, _| {}).ok()?;
    Some(report.shredded_reachable)
}

/// Keys with a tombstone in what is left.
pub(crate) fn dead_keys(left: &Place) -> BTreeSet<String> {
    let report = shredcheck(&whole(left), &|_, _, _| {}).expect("all is readable");
    report.shredded.iter().map(ToString::to_string).collect()
}

/// Every copy that is there, with the present vault.
fn whole(left: &Place) -> Asked {
    let there = |name: &str| Some(left.folder.path().join(name)).filter(|path| path.is_dir());
    Asked {
        copies: ["data", "mirror", "backup"]
            .iter()
            .filter_map(|it| there(it))
            .collect(),
        memories: Vec::new(),
        vault: left.vault(),
        passphrase: None,
        records_only: true,
    }
}

/// The personal segments of the whole log, as they are stored.
pub(crate) async fn segments(channel: &Channel, office: &Office) -> Segments {
    let mut client = AuditServiceClient::new(channel.clone());
    let all = StreamSealedEntriesRequest::default();
    let sealed = client.stream_sealed_entries(with_token(&office.auditor, all));
    let mut sealed = sealed.await.expect("the log").into_inner();
    let mut found = Segments::new();
    while let Some(entry) = sealed.message().await.expect("the log goes on") {
        let numbered = entry.segments.into_iter().enumerate().skip(1);
        found.extend(numbered.map(|(number, bytes)| ((entry.position, number), bytes)));
    }
    found
}

/// Every answered event is there at its position; what is there besides was under way.
pub(crate) async fn told(channel: &Channel, office: &Office, known: &Known) {
    let entries = history(channel, office, &known.case).await;
    let versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
    let counted: Vec<u64> = (1..).take(entries.len()).collect();
    assert_eq!(versions, counted, "{}", known.name);
    work::nothing_begins_in_between(&entries, known);
    for (position, name, _) in &known.told {
        let there = entries.iter().find(|entry| entry.position == *position);
        let there = there.map(|entry| entry.event_name.as_str());
        // What the ledger does after a withdrawal is in the ledger's stream as well.
        let own = name == "KeysRotated";
        assert!(
            own || there == Some(name),
            "{}: {name} is {there:?}",
            known.name
        );
    }
}

/// Who did not withdraw is readable; what was withdrawn is not.
async fn read(channel: &Channel, office: &Office, known: &Known) {
    let mut client = TrackingServiceClient::new(channel.clone());
    let asked = with_token(&office.focal, office.view(&known.case));
    let seen = client
        .view_personal_data(asked)
        .await
        .expect("it opens")
        .into_inner();
    let (mut names, mut needs, mut shredded) = (Vec::new(), Vec::new(), 0);
    for part in seen.parts {
        match (part.state(), part.content) {
            (PartState::Open, Some(Content::Name(name))) => names.push(name),
            (PartState::Open, Some(Content::Item(item))) => needs.push(item.text),
            (PartState::Open, Some(Content::ConsentNote(_) | Content::Detail(_))) => {}
            (PartState::Shredded, None) => shredded += 1,
            (PartState::Fenced, None) => assert!(known.times.asked.is_some()),
            other => panic!("{}: {other:?}", known.name),
        }
    }
    assert_eq!(names, [known.name.as_str()]);
    let written = format!("needs of {}", known.name);
    let urgent = urgent_needs(&known.name);
    let (needs, others): (Vec<_>, Vec<_>) = needs.into_iter().partition(|it| *it == written);
    let asked = known.times.urgent_asked.is_some();
    assert!(
        others.iter().all(|text| asked && *text == urgent),
        "{others:?}"
    );
    let kept = known.urgent.is_none() || others.len() == 1;
    assert!(kept, "{}: what was urgent is lost", known.name);
    if known.withdrawn {
        assert!(needs.is_empty() && shredded > 0, "{}: readable", known.name);
    } else if known.times.asked.is_none() {
        assert_eq!(shredded, 0, "{}", known.name);
        assert!(
            known.needs.is_none() || needs.len() == 1,
            "{}: lost",
            known.name
        );
    }
}

/// Every certificate verifies, is of this case, and only of who asked; whoever was forgotten gets
/// one. Gives the keys that they name.
async fn certificates(
    channel: &Channel,
    office: &Office,
    vkey: &str,
    known: &Known,
    seen: &mut Seen,
) -> Vec<String> {
    let key: VerifierKey = vkey.trim().parse().expect("a key");
    let mut client = DataProtectionServiceClient::new(channel.clone());
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    let found = loop {
        let asked = GetCertificatesRequest {
            case_id: Some(known.case.clone()),
            rotation_id: None,
        };
        let asked = client.get_certificates(with_token(&office.focal, asked));
        let found = asked.await.expect("its certificates").into_inner();
        if !known.withdrawn || !found.certificates.is_empty() {
            break found.certificates;
        }
        assert!(
            tokio::time::Instant::now() < patience,
            "{}: none",
            known.name
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(
        found.is_empty() || known.times.asked.is_some(),
        "{}: a certificate that nobody asked for",
        known.name
    );
    let mut keys = Vec::new();
    for certificate in &found {
        let verified = verify_certificate(certificate.file.as_bytes(), &key);
        let verified = verified.unwrap_or_else(|wrong| panic!("{}: {wrong}", known.name));
        assert_eq!(verified.position(), certificate.position);
        let text = verified.parsed();
        let stream: Vec<&[String]> = text.all("stream").collect();
        assert_eq!(stream, [["case".to_owned(), known.case.clone()]]);
        let named = text.all("key").flatten();
        keys.extend(named.map(|key| key.replace('-', "")));
        seen.certificates += 1;
    }
    assert!(found.is_empty() || !keys.is_empty());
    keys
}

/// Waits until the ledger says that a case's dead ciphertext is in none of its files.
async fn gone(channel: &Channel, office: &Office, known: &Known) {
    let mut client = DataProtectionServiceClient::new(channel.clone());
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let asked = GetErasureStatusRequest {
            case_id: known.case.clone(),
            consent_id: known.consent.clone(),
        };
        let status = client.get_erasure_status(with_token(&office.focal, asked));
        let status = status.await.expect("its state").into_inner();
        let done = |state: &proto::protection::v1::ErasureState| state.keys_cut_out == state.keys;
        if status.states.iter().all(done) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < patience,
            "{}: {status:?}",
            known.name
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The flags that every server here is started with.
pub(crate) fn flags(mirror: &Path) -> [&str; 4] {
    let mirror = mirror.to_str().expect("a path of letters");
    ["--mirror", mirror, "--cut-after-days", "0"]
}
