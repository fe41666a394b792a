//! How somebody agreed to be contacted: codes, ids and times of the day, there and back.

use ledger::domain::contact::SafeContact;
use proto::common::v1 as wire;

use super::Checked;
use super::codes::{Code, code, numbers, set};
use super::field::{ids, malformed, required};

/// What was agreed, which must be there.
pub fn contact(from: Option<wire::SafeContact>, field: &str) -> Checked<SafeContact> {
    let from = required(from, field)?;
    let time = |text: &Option<String>, part: &str| {
        let text = text.as_deref();
        let minute = text.map(|text| minute(text).ok_or_else(|| malformed(part)));
        minute.transpose()
    };
    let (begins, ends) = (format!("{field}.from"), format!("{field}.until"));
    let hours = match (time(&from.from, &begins)?, time(&from.until, &ends)?) {
        (Some(begin), Some(end)) => Some((begin, end)),
        (None, None) => None,
        (Some(_), None) => return Err(malformed(&ends)),
        (None, Some(_)) => return Err(malformed(&begins)),
    };
    Ok(SafeContact {
        channels: set(&from.channels, &format!("{field}.channels"))?,
        days: set(&from.days, &format!("{field}.days"))?,
        hours,
        staff: ids(&from.staff_ids, &format!("{field}.staff_ids"))?,
        words: code(from.words, &format!("{field}.words"))?,
    })
}

/// What was agreed as the wire says it.
pub fn contact_to_wire(contact: &SafeContact) -> wire::SafeContact {
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    wire::SafeContact {
        channels: numbers(&contact.channels),
        days: numbers(&contact.days),
        from: contact.hours.map(|(from, _)| time(from)),
        until: contact.hours.map(|(_, until)| time(until)),
        staff_ids: contact.staff.iter().map(ToString::to_string).collect(),
        words: contact.words.number(),
    }
}

/// The minute of the day of a time written `09:30`; `24:00` is the last midnight.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|one| one.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let of_day = hours * 60 + minutes;
    (minutes < 60 && of_day <= 24 * 60).then_some(of_day)
}

#[cfg(test)]
mod tests {
    use ledger::refusal::{Refusal, Refused};

    use super::*;

    fn agreed(from: Option<&str>, until: Option<&str>) -> wire::SafeContact {
        wire::SafeContact {
            channels: vec![3],
            days: vec![1, 7],
            from: from.map(str::to_owned),
            until: until.map(str::to_owned),
            staff_ids: vec!["3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00".to_owned()],
            words: 2,
        }
    }

    #[test]
    fn what_was_agreed_comes_back_as_it_went() {
        for sent in [
            agreed(Some("09:00"), Some("24:00")),
            agreed(Some("00:00"), Some("00:01")),
            agreed(None, None),
        ] {
            let read = contact(Some(sent.clone()), "contact").expect("read");
            assert_eq!(contact_to_wire(&read), sent);
        }
    }

    #[test]
    fn a_time_of_day_that_there_is_not_or_half_of_the_hours_is_refused_and_named() {
        for (from, until, field) in [
            (Some("9:00"), Some("12:00"), "contact.from"),
            (Some("09:60"), Some("12:00"), "contact.from"),
            (Some("+9:00"), Some("12:00"), "contact.from"),
            (Some("09.00"), Some("12:00"), "contact.from"),
            (Some("09:00"), Some("24:01"), "contact.until"),
            (Some("09:00"), Some(""), "contact.until"),
            (Some("09:00"), None, "contact.until"),
            (None, Some("09:00"), "contact.from"),
        ] {
            let refused = contact(Some(agreed(from, until)), "contact").err();
            let expected = Refused::about(Refusal::Malformed, field);
            assert_eq!(refused, Some(expected), "{from:?} {until:?}");
        }
    }
}
