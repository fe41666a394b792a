//! A certificate of erasure as a page, made from the signed text and from nothing else.
//!
//! - Only a verified certificate becomes a page: nobody is shown what nobody signed.

use askama::Template;
use ledger::hex::hex;
use ledger::prove::VerifiedCertificate;
use ledger::prove::certificate::{CertificateText, Line};
use sha2::{Digest, Sha256};

use super::certificate_words as words;

/// The page's parts, in its order.
#[derive(Template)]
#[template(path = "certificate.html")]
struct Page {
    subject: String,
    log: String,
    rotation: String,
    epoch: String,
    issue: String,
    issued: String,
    grounds: Vec<Ground>,
    steps: Vec<Step>,
    lost: String,
    lost_in: String,
    kept: Vec<Kept>,
    closed: Option<String>,
    closed_in: String,
    ended: String,
    ended_in: String,
    record: String,
    record_until: String,
    cut_out: String,
    vault: Vault,
    copied: String,
    copies: String,
    each_copy: Vec<words::Copy>,
    anchor: &'static str,
    recipients: Vec<Recipient>,
    papers: Vec<String>,
    digest: String,
    position: u64,
}

struct Ground {
    kind: &'static str,
    id: String,
    person: String,
    why: String,
    who: String,
}

struct Step {
    what: &'static str,
    when: String,
    position: String,
}

struct Kept {
    ground: String,
    parts: String,
    events: String,
    until: String,
}

struct Vault {
    only_a_trial: bool,
    tier: String,
    covers: String,
    leaves: String,
    acknowledged: String,
}

struct Recipient {
    organisation: String,
    kind: &'static str,
    given: String,
    channel: &'static str,
    asked: String,
    answer: String,
}

/// The page of a certificate, as UTF-8 HTML.
pub fn page(certificate: &VerifiedCertificate) -> Result<String, askama::Error> {
    let text = certificate.parsed();
    let page = Page {
        subject: words::joined(text.all("stream").next()),
        log: text.log.clone(),
        rotation: word(text, "rotation"),
        epoch: word(text, "epoch"),
        issue: word(text, "issue"),
        issued: words::time(&word(text, "issued")),
        grounds: text.all("ground").map(|line| ground(text, line)).collect(),
        steps: steps(text),
        lost: word(text, "lost"),
        lost_in: words::joined(text.all("lost-in").next()),
        kept: kept(text),
        closed: text.word("closed").map(str::to_owned),
        closed_in: words::joined(text.all("closed-in").next()),
        ended: word(text, "ended"),
        ended_in: words::joined(text.all("ended-in").next()),
        record: word(text, "record"),
        record_until: words::until(text.all("record-until").next()),
        cut_out: words::cut_out(text.all("cut-out").next()),
        vault: vault(text),
        copied: words::copied(text.all("copied-in").next()),
        copies: words::copies(text.word("copies"), text.word("backups")),
        each_copy: text.all("copy").map(words::copy).collect(),
        anchor: words::anchor(text.word("anchor")),
        recipients: text
            .all("recipient")
            .map(|line| recipient(text, line))
            .collect(),
        papers: text
            .all("paper")
            .map(|line| words::joined(Some(line)))
            .collect(),
        digest: hex(&Sha256::digest(certificate.text().as_bytes())),
        position: certificate.position(),
    };
    page.render()
}

fn word(text: &CertificateText, name: &str) -> String {
    text.word(name).unwrap_or("—").to_owned()
}

fn nth(line: &[String], place: usize) -> &str {
    line.get(place).map_or("—", String::as_str)
}

fn ground(text: &CertificateText, line: &[String]) -> Ground {
    let order = nth(line, 4);
    let decided = text.all("decided").find(|line| nth(line, 0) == order);
    Ground {
        kind: words::kind(nth(line, 0)),
        id: nth(line, 1).to_owned(),
        person: nth(line, 2).to_owned(),
        why: words::why(line.get(3..).unwrap_or_default()),
        who: words::who(decided),
    }
}

fn steps(text: &CertificateText) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.all("event") {
        if nth(line, 0) == "completed" {
            let when = match text.word("destroyed") {
                Some("not-timed") | None => {
                    "Before the next line; a machine stopped in between, so the moment is not known"
                        .to_owned()
                }
                Some("found-dead") => {
                    "Before this log saw it: it was restored from an older copy, and the keys were \
                     found dead; that the other keys were read back first was not seen here"
                        .to_owned()
                }
                Some(time) => words::time(time),
            };
            steps.push(Step {
                what: "The old master key was overwritten and this was confirmed",
                when,
                position: String::new(),
            });
        }
        steps.push(Step {
            what: words::step(nth(line, 0)),
            when: words::time(nth(line, 2)),
            position: nth(line, 1).to_owned(),
        });
    }
    steps
}

/// Each kept ground with the line of its events, which follows it.
fn kept(text: &CertificateText) -> Vec<Kept> {
    let after = text.lines.iter().skip(1).map(Some).chain([None]);
    let pairs = text.lines.iter().zip(after);
    let kept = pairs.filter(|(line, _)| line.name == "kept");
    kept.map(|(line, next)| Kept {
        ground: nth(&line.words, 0).to_owned(),
        parts: nth(&line.words, 1).to_owned(),
        until: words::until(line.words.get(2..)),
        events: events_of(next),
    })
    .collect()
}

fn events_of(line: Option<&Line>) -> String {
    let line = line.filter(|line| line.name == "kept-in");
    words::joined(line.map(|line| line.words.as_slice()))
}

fn vault(text: &CertificateText) -> Vault {
    Vault {
        only_a_trial: text.word("vault") == Some("test"),
        tier: words::tier(text.all("vault").next()),
        covers: words::joined(text.all("vault-covers").next()),
        leaves: words::joined(text.all("vault-leaves").next()),
        acknowledged: words::acknowledged(text.all("acknowledged").next()),
    }
}

fn recipient(text: &CertificateText, line: &[String]) -> Recipient {
    let given = nth(line, 2);
    let channel = nth(line, 3);
    let of_it = |notice: &&[String]| nth(notice, 0) == given;
    let notices: Vec<&[String]> = text.all("notice").filter(of_it).collect();
    let recalls: Vec<&[String]> = text.all("recall").filter(of_it).collect();
    Recipient {
        organisation: nth(line, 0).to_owned(),
        kind: words::given(nth(line, 1)),
        given: given.to_owned(),
        channel: words::channel(channel),
        asked: words::asked(&notices, &recalls, channel),
        answer: words::answer(&notices, &recalls),
    }
}
