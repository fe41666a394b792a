//! Every method there is, as the API describes itself: without a token, without a name, with wrong
//! names, and with texts that are none.
//!
//! - No list here is written by hand: a method that is added stands in these tests by being added.

use harness::described::{Api, Method};
use harness::raw;
use ledger::clock::SystemEntropy;
use ledger::domain::ids::RequestId;
use tonic::{Code, Status};

use super::{Host, code_about, code_of};

/// Reads which figures to make before it is a command at all.
const FIGURES_FIRST: &str = "/referral.statistics.v1.StatisticsService/PublishFigures";

/// What stands for every id and every text of a message.
fn wrong_texts() -> [String; 6] {
    [
        "x".to_owned(),
        "../../../etc/passwd".to_owned(),
        "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7fgg".to_owned(),
        "a\0b".to_owned(),
        "a\u{202E}b".to_owned(),
        "x".repeat(5_000),
    ]
}

fn named() -> String {
    RequestId::fresh(&mut SystemEntropy).to_string()
}

/// A stream's refusal comes before its first item.
async fn asked(host: &Host, token: &str, it: &Method, bytes: Vec<u8>) -> Result<(), Status> {
    let answer = raw::call(&host.channel, token, &it.path, bytes).await;
    answer.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_is_closed_to_whoever_has_no_token_that_works() {
    let host = Host::new().await;
    let api = Api::described();
    let size = host.size().await;
    for method in &api.methods {
        // Nobody learns whether what they sent is well formed.
        for text in ["x", "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00"] {
            for token in ["", "rl_guess", "0"] {
                let bytes = api.filled(method, &named(), text);
                let status = asked(&host, token, method, bytes).await;
                let status = status.expect_err(&method.path);
                let told = (status.code(), code_of(&status));
                let expected = (Code::Unauthenticated, "unauthenticated");
                assert_eq!(told, expected, "{}", method.path);
            }
        }
    }
    assert_eq!(host.size().await, size, "nothing is appended");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_must_have_a_name_of_its_own() {
    let host = Host::new().await;
    let api = Api::described();
    let size = host.size().await;
    let commands = api.methods.iter().filter(|it| api.is_command(it));
    let mut tried = 0;
    for method in commands.filter(|it| it.path != FIGURES_FIRST) {
        tried += 1;
        for name in ["", "x", "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7fgg"] {
            let bytes = api.filled(method, name, "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00");
            let status = asked(&host, &host.office.focal, method, bytes).await;
            let told = code_about(&status.expect_err(&method.path));
            let expected = ("malformed", "meta.request_id".to_owned());
            assert_eq!(told, expected, "{}", method.path);
        }
        let status = asked(&host, &host.office.focal, method, Vec::new()).await;
        let told = code_about(&status.expect_err(&method.path));
        assert_eq!(told, ("malformed", "meta".to_owned()), "{}", method.path);
    }
    assert!(tried > 60, "{tried}");
    assert_eq!(host.size().await, size, "nothing is appended");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_that_takes_a_text_refuses_what_is_no_id_and_no_text() {
    let host = Host::new().await;
    let api = Api::described();
    let size = host.size().await;
    let office = &host.office;
    let tokens = [&office.administrator, &office.focal, &office.auditor];
    let mut passed = Vec::new();
    for method in api.methods.iter().filter(|it| api.takes_text(it)) {
        for token in tokens {
            for text in wrong_texts() {
                let bytes = api.filled(method, &named(), &text);
                match asked(&host, token, method, bytes).await {
                    // A refusal with a code, and never a fault of ours.
                    Err(status) => drop(code_of(&status)),
                    Ok(()) => passed.push((method.path.clone(), text)),
                }
            }
        }
    }
    assert_eq!(passed, [], "taken as they are");
    assert_eq!(host.size().await, size, "nothing is appended");
    host.must_be_well().await;
}
