//! Bytes that are no message, frames that are no request, and more of either than is taken.

use harness::load::random;
use harness::office::with_token;
use harness::raw;
use ledger::clock::{Entropy, SystemEntropy};
use prost::Message;
use proto::intake::v1::OpenCaseRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::{Code, Status};

use super::{Host, code_of};

const OPEN_CASE: &str = "/referral.intake.v1.IntakeService/OpenCase";
/// What a message may have at most (`gateway::limits`).
const MESSAGE_BYTES_MAX: usize = gateway::limits::REQUEST_BYTES_MAX;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_message_are_refused_by_every_method() {
    let host = Host::new().await;
    let size = host.size().await;
    let methods = raw::methods();
    assert!(methods.len() > 40, "{methods:?}");
    for method in &methods {
        for bytes in no_messages() {
            let answer =
                raw::call(&host.channel, &host.office.auditor, method, bytes.clone()).await;
            let status = answer.expect_err(method);
            undecodable(&status, method, &bytes);
        }
    }
    assert_eq!(host.size().await, size, "nothing is appended");
    host.must_be_well().await;
}

/// Not one of these can be read as any message.
fn no_messages() -> Vec<Vec<u8>> {
    let mut nested = Vec::new();
    // A group in a group in a group, deeper than anybody reads.
    nested.extend(std::iter::repeat_n(0x0b, 10_000));
    vec![
        vec![0xff],
        vec![0x80; 11],
        vec![0x0a],
        vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
        vec![0x00, 0x00],
        vec![0x0b],
        vec![0x0c],
        vec![0x0e],
        vec![0x0f, 0x00],
        vec![0xfd, 0x07, 0x00, 0x00],
        nested,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_cut_or_altered_anywhere_is_never_a_fault_of_ours() {
    let host = Host::new().await;
    let whole = host.office.open_case("Altered").encode_to_vec();
    for end in 0..whole.len() {
        judge(&host, whole[..end].to_vec()).await;
    }
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1 << random(8);
        judge(&host, altered).await;
    }
    let mut noise = vec![0; 300];
    for length in 1..noise.len() {
        SystemEntropy.fill(&mut noise[..length]);
        judge(&host, noise[..length].to_vec()).await;
    }
    host.must_be_well().await;
}

/// Either it still reads as a message, and gets what such a message gets, or it is refused as
/// bytes.
async fn judge(host: &Host, bytes: Vec<u8>) {
    let answer = raw::call(&host.channel, &host.office.focal, OPEN_CASE, bytes.clone()).await;
    let readable = OpenCaseRequest::decode(bytes.as_slice()).is_ok();
    match answer {
        Ok(_) => assert!(readable, "{bytes:02x?}"),
        Err(status) if readable => drop(code_of(&status)),
        Err(status) => undecodable(&status, OPEN_CASE, &bytes),
    }
}

/// What the transport says of bytes that it cannot read: a plain status, no incident of ours.
fn undecodable(status: &Status, method: &str, bytes: &[u8]) {
    assert_eq!(gateway::rpc::status::incident_of(status), None, "{method}");
    let clear = [Code::InvalidArgument, Code::Internal].contains(&status.code());
    assert!(
        clear && status.message().contains("decode"),
        "{method} {bytes:02x?}: {status:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_large_is_refused_and_its_size_is_not_believed() {
    let host = Host::new().await;
    let size = host.size().await;
    let mut client = IntakeServiceClient::new(host.channel.clone());
    for bytes in [MESSAGE_BYTES_MAX, 4 << 20, 64 << 20] {
        let huge = host.office.open_case(&"x".repeat(bytes));
        let status = client.open_case(with_token(&host.office.focal, huge)).await;
        let status = status.expect_err("too large");
        let told = gateway::rpc::status::refused_of(&status).map(|told| told.refusal.code());
        // A server that stops reading may cut the rest off before its answer is read.
        assert!(
            told == Some("too_large") || status.code() != Code::Ok,
            "{status:?}"
        );
    }
    let begun = host.serving.peak_memory_bytes();
    let claims: [&[u8]; 7] = [
        &[0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3],
        &[0, 0x7f, 0xff, 0xff, 0xff],
        &[1, 0, 0, 0, 1, 0],
        &[7, 0, 0, 0, 1, 0],
        &[0, 0, 0],
        &[0, 0, 0, 0, 9, 1],
        &[],
    ];
    let sender = raw::connect(&host.serving.address).await;
    for claim in claims {
        let begun = raw::begin(&sender, &host.office.focal, OPEN_CASE).await;
        let (response, mut body) = begun.expect("it begins");
        body.send_data(claim.to_vec().into(), true)
            .expect("it is sent");
        let code = raw::status(response).await.expect("an answer");
        assert!(code.is_some_and(|code| code != 0), "{claim:02x?}: {code:?}");
    }
    let grown = host.serving.peak_memory_bytes() - begun;
    assert!(
        grown < 64 << 20,
        "a claimed size is not set aside: {grown} bytes"
    );
    assert_eq!(host.size().await, size, "nothing is appended");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_our_protocol_ends_its_own_connection_only() {
    let host = Host::new().await;
    let mut noise = vec![0; 4_096];
    SystemEntropy.fill(&mut noise);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let strange = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        [preface.clone(), noise.clone()].concat(),
        [preface.clone(), vec![0xff; 64]].concat(),
        // HEADERS that go on for ever, a DATA frame on no stream, a window that grows beyond
        // bounds.
        [preface.clone(), settings(), frame(1, 0, 1, &[0x82; 16])].concat(),
        [preface.clone(), settings(), frame(0, 0, 7, &[0; 16])].concat(),
        [
            preface,
            settings(),
            frame(8, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
        ]
        .concat(),
        noise,
    ];
    for bytes in strange {
        let connecting = tokio::net::TcpStream::connect(&host.serving.address).await;
        let mut stream = connecting.expect("it accepts");
        stream.write_all(&bytes).await.expect("sent");
        stream.shutdown().await.expect("no more");
        let mut answer = Vec::new();
        // Reset or closed: either way this connection comes to its end.
        drop(stream.read_to_end(&mut answer).await);
    }
    for path in [
        "/",
        "/referral.intake.v1.IntakeService/Nothing",
        "/a/../b",
        "/referral.intake.v1",
    ] {
        let sender = raw::connect(&host.serving.address).await;
        let (response, mut body) = raw::begin(&sender, &host.office.focal, path).await.unwrap();
        body.send_data(vec![0, 0, 0, 0, 0].into(), true).unwrap();
        let code = raw::status(response).await.expect("an answer");
        assert_eq!(code, Some(12), "{path} is unimplemented");
    }
    // Headers beyond their limit: this request ends, whatever way the transport chooses.
    let sender = raw::connect(&host.serving.address).await;
    let token = format!("rl_{}", "x".repeat(60_000));
    if let Ok((response, _body)) = raw::begin(&sender, &token, OPEN_CASE).await {
        assert_ne!(raw::status(response).await.ok().flatten(), Some(0));
    }
    host.must_be_well().await;
}

fn settings() -> Vec<u8> {
    frame(4, 0, 0, &[])
}

/// An HTTP/2 frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}
