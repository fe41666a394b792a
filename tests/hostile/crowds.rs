//! Many at once, and those who never finish: memory stays bounded and everybody else is served.

use std::time::Duration;

use harness::office::{connect, with_token};
use harness::raw;
use proto::audit::v1::StreamSealedEntriesRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::intake::v1::NoteUnmetNeedRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use proto::tracking::v1::{ListReferralsRequest, WatchReferralsRequest};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tonic::Code;

use super::{Host, code_of};

const CONNECTIONS: usize = 40;
const STREAMS_EACH: usize = 250;
/// What the server may have resident at most, whatever is done to it.
const MEMORY_BYTES_MAX: u64 = 300 << 20;
const LIST: &str = "/referral.tracking.v1.TrackingService/ListReferrals";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_streams_at_once_fit_into_bounded_memory() {
    let host = Host::new().await;
    // Requests that have begun and do not go on: with half a message each, of those that are let
    // in.
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let sender = raw::connect(&host.serving.address).await;
        for _ in 0..STREAMS_EACH {
            let begun = raw::begin(&sender, &host.office.focal, LIST).await;
            let (response, mut body) = begun.expect("it begins");
            body.send_data(
                [&[0, 0, 3, 0, 0][..], &[0x5a; 1_000]].concat().into(),
                false,
            )
            .unwrap();
            open.push((response, body));
        }
    }
    assert_eq!(open.len(), 10_000);
    // Those beyond what is received at once were turned away with a clear code; others still wait.
    let mut ended = 0;
    for (response, _) in &mut open {
        let waited = tokio::time::timeout(Duration::from_millis(1), response).await;
        ended += usize::from(waited.is_ok());
    }
    assert!(ended > 0, "streams beyond the bound are answered at once");
    assert!(host.serving.peak_memory_bytes() < MEMORY_BYTES_MAX);
    drop(open);
    whole_requests(&host).await;
    let peak = host.serving.peak_memory_bytes();
    assert!(peak < MEMORY_BYTES_MAX, "{peak} bytes");
    println!("peak memory {} MiB", peak >> 20);
    host.must_be_well().await;
}

/// The same number of whole requests, reads and commands, all on their way at the same time.
async fn whole_requests(host: &Host) {
    let size = host.size().await;
    let mut asking = Vec::new();
    for _ in 0..CONNECTIONS {
        let channel = connect(&host.serving.endpoint()).await;
        for number in 0..STREAMS_EACH {
            let (channel, token) = (channel.clone(), host.office.focal.clone());
            asking.push(tokio::spawn(async move {
                if number % 10 == 0 {
                    let note = NoteUnmetNeedRequest {
                        meta: harness::office::meta(),
                        need: 1,
                        ..Default::default()
                    };
                    let mut client = IntakeServiceClient::new(channel);
                    client
                        .note_unmet_need(with_token(&token, note))
                        .await
                        .map(|_| 1)
                } else {
                    let list = ListReferralsRequest::default();
                    let mut client = TrackingServiceClient::new(channel);
                    client
                        .list_referrals(with_token(&token, list))
                        .await
                        .map(|_| 0)
                }
            }));
        }
    }
    let (mut noted, mut answered) = (0, 0);
    for answer in asking {
        match answer.await.expect("no panic") {
            Ok(added) => {
                noted += added;
                answered += 1;
            }
            Err(status) => assert_eq!(busy(&status), Ok(()), "{status:?}"),
        }
    }
    assert!(answered > 1_000, "most are served: {answered}");
    assert_eq!(
        host.size().await,
        size + noted,
        "what was answered is there, and nothing else"
    );
}

/// Whether a status says in one of the agreed ways that there is too much to do.
fn busy(status: &tonic::Status) -> Result<(), Code> {
    match status.code() {
        Code::ResourceExhausted | Code::Unavailable => Ok(()),
        // The deadline of a request that waited too long.
        Code::Cancelled | Code::DeadlineExceeded => Ok(()),
        code => Err(code),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_do_not_read_hold_up_nobody_and_are_counted() {
    let host = Host::new().await;
    let slow = connect(&host.serving.endpoint()).await;
    let (mut sealed, mut watched, mut refused) = (Vec::new(), Vec::new(), 0);
    for _ in 0..12 {
        let mut client = AuditServiceClient::new(slow.clone());
        let all = with_token(&host.office.auditor, StreamSealedEntriesRequest::default());
        match client.stream_sealed_entries(all).await {
            Ok(stream) => sealed.push(stream.into_inner()),
            Err(status) => {
                assert_eq!((status.code(), code_of(&status)), BUSY);
                refused += 1;
            }
        }
    }
    assert!(
        sealed.len() >= 8 && refused <= 4,
        "{} {refused}",
        sealed.len()
    );
    for _ in 0..140 {
        let mut client = TrackingServiceClient::new(slow.clone());
        let all = with_token(&host.office.focal, WatchReferralsRequest::default());
        match client.watch_referrals(all).await {
            Ok(stream) => watched.push(stream.into_inner()),
            Err(status) => assert_eq!((status.code(), code_of(&status)), BUSY),
        }
    }
    assert_eq!(watched.len(), gateway::limits::WATCHERS_MAX);
    // Nobody reads any of it, and work goes on.
    for number in 0..20 {
        let name = format!("Somebody {number}");
        assert_eq!(host.read_back(&name).await.expect("it works"), name);
    }
    drop((sealed, watched));
    host.must_be_well().await;
}

const BUSY: (Code, &str) = (Code::ResourceExhausted, "unavailable");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_do_not_keep_others_out() {
    let host = Host::new().await;
    let mut silent = Vec::new();
    // More than there are places, so that a newcomer waits behind them.
    for number in 0..gateway::limits::CONNECTIONS_MAX + 20 {
        let mut stream = TcpStream::connect(&host.serving.address)
            .await
            .expect("it accepts");
        if number % 2 == 0 {
            stream.write_all(b"PRI * HT").await.expect("sent");
        }
        silent.push(stream);
    }
    let patience = Duration::from_secs(120);
    let coming = tokio::time::timeout(patience, async {
        let channel = connect(&host.serving.endpoint()).await;
        let mut client = TrackingServiceClient::new(channel);
        let list = with_token(&host.office.focal, ListReferralsRequest::default());
        client.list_referrals(list).await
    });
    coming
        .await
        .expect("they are sent away in the end")
        .expect("it is answered");
    drop(silent);
    host.must_be_well().await;
}
