//! What is data in the directory, said in the page's language: prices, and the days of opening
//! hours.

use serde_json::Value;

use super::labels::Labels;
use super::text_of;

/// What a service costs, as of a day (YYYY-MM-DD): its prices, then its own words. A price that is
/// over is left out; one that comes says from when.
pub(super) fn cost(entry: &Value, labels: &Labels, today: &str) -> String {
    let options = entry.get("cost_options").and_then(Value::as_array);
    let options = options.into_iter().flatten();
    let holding = options.filter(|one| {
        let last = text_of(one, "valid_to");
        last.is_empty() || today <= last
    });
    let mut said: Vec<String> = holding.map(|one| price(one, labels, today)).collect();
    let words = text_of(entry, "fees");
    if !words.is_empty() {
        said.push(words.to_owned());
    }
    said.join("; ")
}

fn price(one: &Value, labels: &Labels, today: &str) -> String {
    let [person, sender, other] = labels.payers;
    let payer = match text_of(one, "payer") {
        "person" => person,
        "sending_organisation" => sender,
        "funder" => other,
        _ => "",
    };
    let (option, more) = (text_of(one, "option"), text_of(one, "amount_description"));
    let mut said = String::new();
    if !option.is_empty() {
        said.push_str(&format!("{option}: "));
    }
    if payer.is_empty() {
        said.push_str(labels.free);
    }
    let amount = one.get("price").filter(|_| !payer.is_empty());
    let amount = amount.map(|it| format!("{} {}", text_of(it, "amount"), text_of(it, "currency")));
    let words = [amount.unwrap_or_default(), more.to_owned()];
    let words: Vec<_> = words.into_iter().filter(|it| !it.is_empty()).collect();
    if payer.is_empty() && !words.is_empty() {
        said.push_str(", ");
    }
    said.push_str(&words.join(" "));
    if !payer.is_empty() {
        said.push_str(&format!(" ({payer})"));
    }
    let (first, last) = (text_of(one, "valid_from"), text_of(one, "valid_to"));
    if today < first {
        said.push_str(&format!(", {} {first}", labels.valid_from));
    }
    if !last.is_empty() {
        said.push_str(&format!(", {} {last}", labels.valid_to));
    }
    said
}

/// Opening hours with the days that HSDS codes (`MO,TU,WE`) as words; anything else as it is.
pub(super) fn hours(text: &str, labels: &Labels) -> String {
    let mut days = Vec::new();
    let mut rest = text;
    let mut next = day_at(text);
    while let Some((day, after)) = next {
        days.push(day);
        rest = after;
        let behind = after.strip_prefix(',').map(str::trim_start);
        next = behind.and_then(day_at);
    }
    let word = |day: &usize| labels.days.get(*day).copied().unwrap_or_default();
    let in_a_row = days
        .iter()
        .zip(days.iter().skip(1))
        .all(|(one, next)| (one + 1) % 7 == *next);
    let said = match days.as_slice() {
        [] => return text.to_owned(),
        [first, _, .., last] if in_a_row && days.len() > 2 && days.len() < 8 => {
            format!("{} {} {}", word(first), labels.to_day, word(last))
        }
        some => some.iter().map(word).collect::<Vec<_>>().join(", "),
    };
    format!("{said}{rest}")
}

/// The day that a text begins with, and what comes behind it.
fn day_at(text: &str) -> Option<(usize, &str)> {
    let (code, after) = text.split_at_checked(2)?;
    let day = CODES.iter().position(|one| *one == code)?;
    let ends = !after.starts_with(char::is_alphanumeric);
    ends.then_some((day, after))
}

const CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn d5_days_are_words_of_the_page_and_other_texts_stay() {
        let english = Labels::of("en");
        for (text, said) in [
            ("MO, 08:00 to 12:00", "Monday, 08:00 to 12:00"),
            (
                "MO,TU,WE,TH,FR, 08:00 to 16:00",
                "Monday to Friday, 08:00 to 16:00",
            ),
            ("SU,MO,TU", "Sunday to Tuesday"),
            ("MO,WE", "Monday, Wednesday"),
            ("MO,TU, from 09:00", "Monday, Tuesday, from 09:00"),
            ("MO,TU,FR", "Monday, Tuesday, Friday"),
            ("MONDAY mornings", "MONDAY mornings"),
            ("WEEKLY, 08:00", "WEEKLY, 08:00"),
            ("Mon-Thu", "Mon-Thu"),
            ("MO,TUESDAY", "Monday,TUESDAY"),
            ("", ""),
            ("é", "é"),
        ] {
            assert_eq!(hours(text, english), said, "{text}");
        }
        assert_eq!(hours("MO,TU,WE", Labels::of("fr")), "lundi à mercredi");
        assert_eq!(hours("SA,SU, 9:00", Labels::of("ar")), "السبت, الأحد, 9:00");
    }

    #[test]
    fn d4_prices_are_said_in_the_language_of_the_page_and_old_ones_are_not() {
        let entry = json!({
            "fees": "ask at the desk",
            "cost_options": [
                {"payer": "free", "option": "children"},
                {"payer": "person", "option": "adults", "amount_description": "per visit",
                 "price": {"amount": "2.500", "currency": "JOD"}, "valid_to": "2026-12-31"},
                {"payer": "person", "price": {"amount": "9.000", "currency": "JOD"},
                 "valid_from": "2027-01-01"},
                {"payer": "person", "price": {"amount": "1.000", "currency": "JOD"},
                 "valid_to": "2026-11-22"},
                {"payer": "sending_organisation", "price": {"amount": "5.000", "currency": "JOD"}},
            ],
        });
        let english = cost(&entry, Labels::of("en"), "2026-11-23");
        assert_eq!(
            english,
            "children: Free of charge; adults: 2.500 JOD per visit (you pay), until 2026-12-31; \
             9.000 JOD (you pay), from 2027-01-01; \
             5.000 JOD (free for you: the organisation that refers you pays); ask at the desk"
        );
        let free = json!({ "cost_options": [{"payer": "free"}] });
        for (language, said) in [("en", "Free of charge"), ("fr", "Gratuit"), ("ar", "مجاناً")]
        {
            assert_eq!(cost(&free, Labels::of(language), "2026-11-23"), said);
        }
        let unknown = json!({ "fees": "" });
        assert_eq!(cost(&unknown, Labels::of("en"), "2026-11-23"), "");
    }
}
