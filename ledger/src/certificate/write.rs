//! The lines of a certificate, in their one order (SPEC §9.6.2).

use std::collections::BTreeSet;
use std::fmt::{Display, Write};

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::domain::codes::{Channel, NoticeOutcome, RecallAnswer};
use crate::domain::event::Given;
use crate::domain::stream::StreamId;
use crate::hex::hex;
use crate::keys::Statement;
use crate::limits::CERTIFICATE_RANGES_MAX;
use crate::prove::certificate::CERTIFICATE_FIRST_LINE;
use crate::shared::Shared;

use super::copies::{Copies, Standing};
use super::facts::{Cause, Decided, Ended, Facts, Kind, Stands};
use super::outside::Recipient;
use super::state::State;

/// Begins the part that may differ from one issue to the next.
const ISSUE: &str = "issue ";

/// What never changes: the destruction itself.
pub(super) fn fixed(shared: &Shared, log: &str, facts: &Facts) -> String {
    let mut lines = Lines {
        text: format!("{CERTIFICATE_FIRST_LINE}\n"),
    };
    lines.say("log", [&log]);
    lines.say("log-id", [&hex(&shared.log_id)]);
    let (kind, id) = match facts.stream {
        StreamId::Ledger => ("ledger", String::new()),
        StreamId::Staff(id) => ("staff", id.to_string()),
        StreamId::Service(id) => ("service", id.to_string()),
        StreamId::Case(id) => ("case", id.to_string()),
        StreamId::Complaint(id) => ("complaint", id.to_string()),
        StreamId::Member(id) => ("member", id.to_string()),
        StreamId::Pathway(id) => ("pathway", id.to_string()),
        StreamId::Breach(id) => ("breach", id.to_string()),
        StreamId::Incoming(id) => ("incoming", id.to_string()),
        StreamId::Link(id) => ("link", id.to_string()),
    };
    lines.say("stream", [kind, &id]);
    lines.say("rotation", [facts.rotation]);
    lines.say("epoch", [facts.epoch]);
    for (role, at) in events(facts) {
        let (position, at) = (at.position.to_string(), at.at.to_rfc3339());
        lines.say("event", [role, &position, &at]);
    }
    let destroyed = facts.destroyed.map(Timestamp::to_rfc3339);
    let untimed = if facts.found {
        "found-dead"
    } else {
        "not-timed"
    };
    lines.say("destroyed", [destroyed.as_deref().unwrap_or(untimed)]);
    // No rotation is closed that was not read back through its new root (I4); what was found dead
    // another log's rotation left behind, and this one saw no reading back.
    let read_back = if facts.found { "not-seen" } else { "passed" };
    lines.say("read-back", [read_back]);
    for ended in &facts.grounds {
        ground(&mut lines, ended);
    }
    if !facts.closed.is_empty() {
        records_ended(&mut lines, facts);
        return lines.text;
    }
    for key in &facts.keys {
        lines.say("key", [key]);
    }
    lines.say("lost", [facts.lost.parts]);
    lines.positions("lost-in", &facts.lost.positions);
    lines.positions("copied-in", &facts.copied);
    lines.say("record", [facts.records]);
    lines.text
}

/// Streams whose records ended: where that is told, a digest of all keys that died, and which
/// events nobody can read any more.
fn records_ended(lines: &mut Lines, facts: &Facts) {
    let told: BTreeSet<u64> = facts.closed.iter().map(|at| at.position).collect();
    lines.say("closed", [told.len()]);
    lines.positions("closed-in", &told);
    let mut keys = facts.keys.clone();
    keys.sort_unstable();
    let mut digest = Sha256::new();
    keys.iter().for_each(|key| digest.update(key.0));
    let digest: [u8; 32] = digest.finalize().into();
    lines.say("keys", [keys.len().to_string(), hex(&digest)]);
    lines.say("ended", [facts.lost.positions.len()]);
    lines.positions("ended-in", &facts.lost.positions);
}

/// What is known now, issue by issue.
pub(super) fn state(state: &State, epoch: u64, (issue, at): (u32, Timestamp)) -> String {
    let mut lines = Lines::default();
    lines.say(ISSUE.trim_end(), [issue]);
    lines.say("issued", [at.to_rfc3339()]);
    for kept in &state.kept {
        let until = kept.until.as_ref().map(|(end, _)| end.to_rfc3339());
        let rule = kept.until.as_ref().and_then(|(_, rule)| rule.as_deref());
        let (ground, parts) = (kept.ground.to_string(), kept.parts.parts.to_string());
        let mut words = vec![
            ground.as_str(),
            &parts,
            until.as_deref().unwrap_or("not-set"),
        ];
        words.extend(rule);
        lines.say("kept", words);
        lines.positions("kept-in", &kept.parts.positions);
    }
    if let Some((end, rule)) = &state.record_until {
        lines.say("record-until", [end.to_rfc3339().as_str(), rule]);
    }
    match state.cut_out {
        Some(at) => lines.say("cut-out", ["done", &at.to_rfc3339()]),
        None => lines.say("cut-out", ["waiting"]),
    }
    vault(&mut lines, &state.vault, epoch);
    copies(&mut lines, &state.copies);
    for one in &state.outside.recipients {
        recipient(&mut lines, one);
    }
    for paper in &state.outside.papers {
        lines.say("paper", [paper]);
    }
    lines.text
}

/// Who was given data, and what came of asking for an end of that.
fn recipient(lines: &mut Lines, recipient: &Recipient) {
    let organisation = recipient.organisation.to_string();
    let (kind, id) = match recipient.given {
        Given::Referral(id) => ("referral", id.to_string()),
        Given::Disclosure(id) => ("disclosure", id.to_string()),
    };
    let how = recipient.channel.code();
    lines.say("recipient", [organisation.as_str(), kind, &id, how]);
    for step in &recipient.notices {
        let at = step.at.at.to_rfc3339();
        let mut words = vec![id.as_str(), step.state.code(), &at];
        words.extend(step.how.map(Channel::code));
        words.extend(step.outcome.map(NoticeOutcome::code));
        lines.say("notice", words);
    }
    for recall in &recipient.recalls {
        let at = recall.at.at.to_rfc3339();
        let said = recall.answer.map_or("asked", RecallAnswer::code);
        lines.say("recall", [id.as_str(), said, &at]);
    }
}

/// The vault's own word, and who acknowledged the destruction. Where the ledger was opened since,
/// the acknowledgement is that no older root was there to be opened.
fn vault(lines: &mut Lines, vault: &Statement, epoch: u64) {
    let (threshold, holders) = (vault.threshold.to_string(), vault.holders.to_string());
    lines.say("vault", [vault.tier.word(), &threshold, &holders]);
    lines.say("vault-covers", [vault.covers()]);
    lines.say("vault-leaves", [vault.does_not_cover()]);
    match vault.destroyed {
        Some(done) if done.epoch.saturating_add(1) >= epoch => {
            lines.say("acknowledged", [done.acknowledged, done.needed]);
        }
        Some(_) | None => lines.say("acknowledged", ["at-opening"]),
    }
}

fn copies(lines: &mut Lines, copies: &Copies) {
    lines.say("copies", [copies.attached]);
    match copies.backups {
        Some(known) => lines.say("backups", [known]),
        None => lines.say("backups", ["not-known"]),
    }
    for copy in &copies.all {
        let knows = match copy.knows {
            true => "acknowledged",
            false => "outstanding",
        };
        let holds = match copy.cut_out {
            true => "cut-out",
            false => "may-hold",
        };
        let id = copy.id.to_string();
        let mut words = vec![copy.kind, id.as_str(), knows, holds];
        let at = match &copy.standing {
            Standing::Attached => {
                words.push("attached");
                None
            }
            Standing::Detached(reason, at) => {
                words.extend(["detached", reason.code()]);
                Some(at)
            }
            Standing::Made(at) => {
                words.push("made");
                Some(at)
            }
        };
        let at = at.map(|at| at.to_rfc3339());
        words.extend(at.as_deref());
        lines.say("copy", words);
    }
    let anchor = match copies.anchored {
        true => "kept",
        false => "none",
    };
    lines.say("anchor", [anchor]);
}

/// A text's unchanging part, and the rest without its number and time.
pub(super) fn parted(text: &str) -> (String, String) {
    let place = text
        .find(&format!("\n{ISSUE}"))
        .map_or(text.len(), |at| at + 1);
    let (fixed, rest) = text.split_at(place);
    let known = rest.lines().skip(2).map(|line| format!("{line}\n"));
    (fixed.to_owned(), known.collect())
}

/// The unchanging part under the name of the log that signs now: another one after a restore.
pub(super) fn under(fixed: &str, log: &str) -> String {
    let line = |line: &str| match line.strip_prefix("log ") {
        Some(_) => format!("log {log}\n"),
        None => format!("{line}\n"),
    };
    fixed.lines().map(line).collect()
}

/// The events it rests on, each role and place once.
fn events(facts: &Facts) -> Vec<(&'static str, Stands)> {
    let fenced: BTreeSet<Stands> = facts.grounds.iter().map(|one| one.fenced).collect();
    let ordered: BTreeSet<Stands> = facts.grounds.iter().map(|one| one.ordered).collect();
    let fenced = fenced.into_iter().map(|at| ("fenced", at));
    let ordered = ordered.into_iter().map(|at| ("ordered", at));
    let steps = [("intent", facts.intent), ("completed", facts.completed)];
    // Of many that end together the first and the last: each one named needs a receipt.
    let first = facts.closed.first().map(|at| ("fenced", *at));
    let last = facts.closed.last().map(|at| ("ordered", *at));
    let closed = first.into_iter().chain(last);
    fenced.chain(ordered).chain(closed).chain(steps).collect()
}

fn ground(lines: &mut Lines, ended: &Ended) {
    let kind = match ended.kind {
        Kind::Consent => "consent",
        Kind::Exception => "exception",
        Kind::Duty => "duty",
    };
    let (mut rule, mut request) = (None, None);
    let cause = match &ended.cause {
        Cause::WithdrawnAtOnce => "withdrawn-at-once",
        Cause::WithdrawnAfterPeriod => "withdrawn-after-period",
        Cause::Expired => "expired",
        Cause::NotConfirmed => "exception-not-confirmed",
        Cause::Lapsed => "exception-lapsed",
        Cause::PartlyWithdrawn => "partly-withdrawn",
        Cause::Retention(name, version) => {
            rule = Some((name, version));
            "retention"
        }
        Cause::Request(id, by) => {
            let by = by.map(|staff| staff.to_string());
            request = Some([Some(id.to_string()), by].into_iter().flatten());
            "request"
        }
    };
    let (ground, person) = (ended.ground.to_string(), ended.person.to_string());
    let ordered = ended.ordered.position.to_string();
    let mut words = vec![kind, &ground, &person, cause, &ordered];
    let version = rule.map(|(_, version)| version.to_string());
    words.extend(rule.map(|(name, _)| name.as_str()));
    words.extend(version.as_deref());
    let request: Vec<String> = request.into_iter().flatten().collect();
    words.extend(request.iter().map(String::as_str));
    lines.say("ground", words);
    match &ended.decided {
        Decided::Ledger => lines.say("decided", [ordered.as_str(), "ledger"]),
        Decided::Staff(id, roles) => {
            let mut words = vec![ordered, "staff".to_owned(), id.to_string()];
            words.extend(roles.iter().map(|role| role.code().to_owned()));
            lines.say("decided", words);
        }
    }
}

/// Lines, one after another.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn say<T: Display>(&mut self, name: &str, words: impl IntoIterator<Item = T>) {
        self.text.push_str(name);
        for word in words {
            // Writing to a String does not fail.
            let _ = write!(self.text, " {word}");
        }
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
    }

    /// Positions as ranges, as many as a text may hold; none, no line.
    fn positions(&mut self, name: &str, positions: &BTreeSet<u64>) {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for position in positions {
            match ranges.last_mut() {
                Some((_, last)) if last.saturating_add(1) == *position => *last = *position,
                Some(_) | None => ranges.push((*position, *position)),
            }
        }
        let left_out = ranges.len().saturating_sub(CERTIFICATE_RANGES_MAX);
        ranges.truncate(CERTIFICATE_RANGES_MAX);
        let mut words: Vec<String> = ranges
            .into_iter()
            .map(|(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first}-{last}"),
            })
            .collect();
        if left_out > 0 {
            words.push("and-more".to_owned());
        }
        if !words.is_empty() {
            self.say(name, words);
        }
    }
}
