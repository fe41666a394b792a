//! What the codes of a certificate mean to a person. A code that is not known here is shown as it
//! stands: a later version may have signed it.

/// The words of a line, one after another; a dash for no line.
pub(super) fn joined(line: Option<&[String]>) -> String {
    line.map_or_else(|| "—".to_owned(), |words| words.join(" "))
}

/// `2026-11-22T07:00:00.000Z` as `2026-11-22 07:00:00 UTC`.
pub(super) fn time(text: &str) -> String {
    match text.split_once('T') {
        Some((day, clock)) => {
            let clock = clock.split_once('.').map_or(clock, |(seconds, _)| seconds);
            format!("{day} {clock} UTC")
        }
        None => text.to_owned(),
    }
}

pub(super) fn until(words: Option<&[String]>) -> String {
    match words.and_then(<[String]>::first).map(String::as_str) {
        Some("not-set") | None => "no date is set".to_owned(),
        Some(moment) => {
            let rule = words.and_then(|words| words.get(1));
            let rule =
                rule.map(|rule| format!(" if nothing more is done (retention rule “{rule}”)"));
            format!("{}{}", time(moment), rule.unwrap_or_default())
        }
    }
}

pub(super) fn kind(code: &str) -> &'static str {
    match code {
        "consent" => "A consent",
        "exception" => "An exception to confidentiality",
        "duty" => "A legal duty",
        _ => "A ground",
    }
}

/// Why the keys of a ground were destroyed: the code, the event, and a rule where there is one.
pub(super) fn why(words: &[String]) -> String {
    let code = words.first().map_or("", String::as_str);
    let said = match code {
        "withdrawn-at-once" => "It was withdrawn, and destruction at once was asked for.",
        "withdrawn-after-period" => {
            "It was withdrawn, and the period in which this could be undone was over."
        }
        "partly-withdrawn" => "A part of it was withdrawn.",
        "expired" => "Its time was up.",
        "exception-not-confirmed" => "A second person did not confirm it.",
        "exception-lapsed" => "Its time was up, or nobody confirmed it in time.",
        "request" => {
            "Its deletion was asked for, granted by one person and carried out by another."
        }
        "retention" => "The time for which such data are kept was over.",
        "" => "The reason is not known.",
        other => other,
    };
    match (words.get(2), words.get(3)) {
        (Some(request), Some(by)) if code == "request" => {
            format!("{said} Request {request}, granted by staff member {by}.")
        }
        (Some(rule), Some(version)) => format!("{said} Rule “{rule}”, version {version}."),
        (Some(_) | None, _) => said.to_owned(),
    }
}

pub(super) fn who(line: Option<&[String]>) -> String {
    let words = line.unwrap_or_default();
    match words.get(1).map(String::as_str) {
        Some("staff") => {
            let id = words.get(2).map_or("—", String::as_str);
            let roles = words.get(3..).unwrap_or_default();
            let roles: Vec<String> = roles.iter().map(|role| role.replace('_', " ")).collect();
            format!("Staff member {id} ({})", roles.join(", "))
        }
        Some(_) | None => "The ledger itself, by its rules".to_owned(),
    }
}

pub(super) fn step(role: &str) -> &'static str {
    match role {
        "fenced" => {
            "Nobody could use the data any more, nor read them but to give the person a copy"
        }
        "ordered" => "Their destruction was asked for or became due",
        "intent" => "The destruction began; it could no longer be undone",
        "completed" => "The destruction was recorded in the log",
        _ => "Another step",
    }
}

pub(super) fn cut_out(line: Option<&[String]>) -> String {
    let words = line.unwrap_or_default();
    match (words.first().map(String::as_str), words.get(1)) {
        (Some("done"), Some(when)) => {
            format!(
                "The unreadable bytes were also removed from this ledger on {}.",
                time(when)
            )
        }
        (Some("waiting"), _) => {
            "The unreadable bytes are still stored and wait to be removed.".to_owned()
        }
        _ => "The unreadable bytes may still be stored. Nobody can turn them back into text."
            .to_owned(),
    }
}

pub(super) fn tier(line: Option<&[String]>) -> String {
    let words = line.unwrap_or_default();
    let tier = words.first().map_or("—", String::as_str);
    let said = match tier {
        "test" => "A vault for trying out only: this certificate proves nothing about real data.",
        "file" => "A file on a local disk, overwritten in place.",
        "shares" => "Shares in several places; none of them alone holds the key.",
        other => other,
    };
    match (words.get(1), words.get(2)) {
        (Some(threshold), Some(holders)) if holders != "1" => {
            format!("{said} {threshold} of {holders} are needed to read.")
        }
        (Some(_) | None, _) => said.to_owned(),
    }
}

pub(super) fn acknowledged(line: Option<&[String]>) -> String {
    let words = line.unwrap_or_default();
    match (words.first().map(String::as_str), words.get(1)) {
        (Some("at-opening"), _) | (None, _) => {
            "When the ledger was opened, no older key was there to be opened with.".to_owned()
        }
        (Some(given), Some(needed)) => {
            format!("{given} of the {needed} needed confirmed that the old key was overwritten.")
        }
        (Some(other), None) => other.to_owned(),
    }
}

/// Whether anybody read what was fenced, before it was destroyed.
pub(super) fn copied(line: Option<&[String]>) -> String {
    match line {
        None => "In the meantime nobody asked for such a copy.".to_owned(),
        Some(words) => format!(
            "In the meantime such a copy was asked for: see the entries {}.",
            words.join(" ")
        ),
    }
}

/// How many mirrors and backups there are.
pub(super) fn copies(mirrors: Option<&str>, backups: Option<&str>) -> String {
    let mirrors = match mirrors {
        Some("0") => "No mirror of this ledger is attached".to_owned(),
        Some("1") => "One mirror of this ledger is attached".to_owned(),
        Some(count) => format!("{count} mirrors of this ledger are attached"),
        None => "It is not known which mirrors of this ledger there are".to_owned(),
    };
    let backups = match backups {
        Some("0") => "no backup is known".to_owned(),
        Some("1") => "one backup is known".to_owned(),
        Some("not-known") | None => "which backups were made is not known".to_owned(),
        Some(count) => format!("{count} backups are known"),
    };
    format!(
        "{mirrors}; {backups}. A copy made before the destruction cannot be read either: the key \
         that was destroyed is in none of them."
    )
}

/// A mirror or a backup: what it is, where it stands, what it knows and what it may hold.
pub(super) fn copy(words: &[String]) -> Copy {
    let word = |place: usize| words.get(place).map(String::as_str);
    let (standing, when) = match word(4) {
        Some("attached") => ("Attached".to_owned(), None),
        Some("detached") => {
            let why = word(5).unwrap_or("—");
            (format!("Detached: {}", detached(why)), word(6))
        }
        Some("made") => ("Made last".to_owned(), word(5)),
        Some(other) => (other.to_owned(), None),
        None => ("—".to_owned(), None),
    };
    let standing = match when {
        Some(when) => format!("{standing}, {}", time(when)),
        None => standing,
    };
    Copy {
        kind: match word(0) {
            Some("mirror") => "Mirror",
            Some("backup") => "Backup",
            Some(_) | None => "Copy",
        },
        id: word(1).unwrap_or("—").to_owned(),
        standing,
        knows: match word(2) {
            Some("acknowledged") => "Yes",
            Some(_) | None => "Not that we know",
        },
        holds: match word(3) {
            Some("cut-out") => "No",
            Some(_) | None => "Perhaps",
        },
    }
}

/// One copy, in words.
pub(super) struct Copy {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) standing: String,
    pub(super) knows: &'static str,
    pub(super) holds: &'static str,
}

fn detached(code: &str) -> &str {
    match code {
        "lost" => "lost",
        "stolen" => "stolen",
        "damaged" => "damaged",
        "replaced" => "replaced by another one",
        other => other,
    }
}

pub(super) fn anchor(word: Option<&str>) -> &'static str {
    match word {
        Some("kept") => {
            "A machine put back to an earlier state would be noticed at its start: how far the \
             ledger is stands outside it, too."
        }
        Some(_) | None => {
            "Nothing outside the machine says how far the ledger is: one put back to an earlier \
             state as a whole, vault included, would not be noticed."
        }
    }
}

pub(super) fn channel(code: &str) -> &'static str {
    match code {
        "portal" => "through this system",
        "email" => "by e-mail",
        "phone" => "by phone",
        "in_person" => "in person",
        "paper" => "on paper",
        "application" => "by the service’s own form",
        _ => "in another way",
    }
}

/// What a recipient was given.
pub(super) fn given(code: &str) -> &'static str {
    match code {
        "referral" => "Referral",
        "disclosure" => "Told outside, noted later:",
        _ => "—",
    }
}

/// When a recipient was asked last, or since when it is to be asked.
pub(super) fn asked(notices: &[&[String]], recalls: &[&[String]], given_by: &str) -> String {
    let back = recalls.iter().find(|recall| is(recall, "asked"));
    let back = back.map(|recall| format!("Asked back on {}", when(recall)));
    let ended = (back.is_none() || !notices.is_empty()).then(|| asked_to_end(notices, given_by));
    let said: Vec<String> = back.into_iter().chain(ended).collect();
    said.join("; ")
}

fn asked_to_end(notices: &[&[String]], given_by: &str) -> String {
    let last = |state: &str| notices.iter().rev().find(|notice| is(notice, state));
    if let Some(sent) = last("sent") {
        let how = sent.get(3).map_or("", |how| channel(how));
        return format!("{}, {how}", when(sent));
    }
    match last("planned") {
        Some(planned) if given_by == "portal" => {
            format!("Shown to them in this system since {}", when(planned))
        }
        Some(planned) => format!("Not yet; to be asked since {}", when(planned)),
        None => "Not asked through this system".to_owned(),
    }
}

/// What a recipient answered last, unless it was asked again since.
pub(super) fn answer(notices: &[&[String]], recalls: &[&[String]]) -> String {
    let back = recalls.iter().find_map(|recall| answered_back(recall));
    let ended = answered_to_end(notices);
    let said: Vec<String> = back.into_iter().chain(ended).collect();
    if said.is_empty() {
        return "No answer recorded".to_owned();
    }
    said.join("; ")
}

/// What it said became of a referral that was asked back.
fn answered_back(recall: &[String]) -> Option<String> {
    let said = match recall.get(1)?.as_str() {
        "destroyed" => "Destroyed it",
        "not_read" => "Had not read it; it is gone",
        "already_acted" => "Had acted on it already, and goes on",
        _ => return None,
    };
    Some(format!("When asked back: {said}, {}", when(recall)))
}

fn answered_to_end(notices: &[&[String]]) -> Option<String> {
    let last = notices.last()?;
    let said = match last.get(1).map(String::as_str) {
        Some("confirmed") => match last.get(4).map(String::as_str) {
            Some("stopped") => "Stopped using the data",
            Some("returned") => "Returned the data",
            Some("destroyed") => "Destroyed the data",
            Some(_) | None => "Confirmed",
        },
        Some("failed") => "Refused, or did not answer",
        Some("impossible") => "Cannot do it any more",
        Some(_) | None => return None,
    };
    let how = last.get(3).map_or("", |how| channel(how));
    Some(format!("{said}, {}, {how}", when(last)))
}

fn is(notice: &[String], state: &str) -> bool {
    notice.get(1).is_some_and(|word| word == state)
}

fn when(notice: &[String]) -> String {
    notice.get(2).map_or_else(|| "—".to_owned(), |at| time(at))
}
