//! What comes next after a command, as lines that can be handed on: who has to do what, with which
//! words.

use serde_json::{Map, Value};

/// The lines for what was recorded.
pub(super) fn lines(asked: &Value, answer: &Map<String, Value>) -> Vec<String> {
    let recorded = answer.get("outcome").and_then(|it| it.get("receipts"));
    let recorded = recorded.and_then(Value::as_array).into_iter().flatten();
    let names = recorded.filter_map(|receipt| receipt.get("event_name")?.as_str());
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        lines.extend(after(name, asked, answer));
    }
    let issues = asked.get("rotation_id").is_some_and(Value::is_string);
    if issues && recorded_nothing(answer) {
        lines.push(
            "Nothing was issued: the newest certificate of this destruction says all that is known."
                .to_owned(),
        );
    }
    if let Some(left) = answer.get("cases_left").and_then(Value::as_u64) {
        let alone = answer.get("cases_alone").and_then(Value::as_u64);
        let staff = word(asked, "staff_id", "STAFF");
        lines.push(format!(
            "They still work on {left} cases (on {} of them alone) and have no role for it.\n\
             A focal point finds them with `case list --assigned-id {staff}`, and puts\n\
             somebody on each: `case assign CASE STAFF`.",
            alone.unwrap_or_default()
        ));
    }
    if answer.contains_key("stopped_referral_ids") {
        let case = word(asked, "case_id", "CASE");
        lines.push(format!(
            "What others were sent is theirs to destroy: `protection disclosed {case}`\n\
             shows who got what and where asking them stands. Ask them, and record it:\n\
             `protection notice --help`."
        ));
    }
    lines
}

fn recorded_nothing(answer: &Map<String, Value>) -> bool {
    let outcome = answer.get("outcome");
    outcome.is_some_and(|it| {
        it.get("receipts")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
    })
}

fn after(event: &str, asked: &Value, answer: &Map<String, Value>) -> Option<String> {
    let of = |name: &str, else_: &str| word(asked, name, else_);
    let made = |name: &str, else_: &str| {
        let known = answer.get(name).and_then(Value::as_str);
        known.unwrap_or(else_).to_owned()
    };
    let said = match event {
        "RoleAsked" => {
            let (staff, role) = (of("staff_id", "STAFF"), of("role", "ROLE"));
            waits(ADMINISTRATORS, &format!("staff decide {staff} {role}"))
        }
        "TokenAsked" => {
            let (staff, token) = (of("staff_id", "STAFF"), made("token_id", "TOKEN"));
            waits(ADMINISTRATORS, &format!("token decide {staff} {token}"))
        }
        "MirrorDetachAsked" => {
            let mirror = of("mirror_id", "MIRROR");
            waits(ADMINISTRATORS, &format!("mirror decide {mirror}"))
        }
        "HoldReleaseAsked" => {
            let (case, hold) = (of("case_id", "CASE"), of("hold_id", "HOLD"));
            let who = "Another data protection officer, or a focal point,";
            waits(who, &format!("retention decide {case} {hold}"))
        }
        "DeputyAsked" => {
            let (staff, absent) = (of("staff_id", "STAFF"), of("absent_id", "STAFF"));
            let line = format!("staff decide-deputy {staff} --for {absent}");
            waits("A colleague", &line)
        }
        "MergeAsked" => {
            let (case, other) = (of("case_id", "CASE"), of("other_case_id", "CASE"));
            let who = "Another focal point, or who protects children,";
            waits(who, &format!("case decide-merge {case} {other}"))
        }
        "DuplicatesSought" => looked_alike(&of("case_id", "CASE"), answer),
        "ExceptionInvoked" => {
            let (case, id) = (of("case_id", "CASE"), made("exception_id", "EXCEPTION"));
            let who = "Another focal point";
            let by = made("authorise_by", "the time above");
            let line = format!("consent decide {case} {id}");
            format!(
                "{}\nAt the latest by {by}; nobody is told of it by this program.",
                waits(who, &line)
            )
        }
        "ReferralDrafted" | "ReferralReviewed" => {
            let id = made("referral_id", &of("referral_id", "REFERRAL"));
            format!(
                "What it costs there, and what of it the person is to be told before it is sent:\n\
                 \x20 referral-ledger referral show {id}"
            )
        }
        "HandoverOffered" => {
            let case = of("case_id", "CASE");
            let with = asked.get("with_case_ids").and_then(Value::as_array);
            let with = with.into_iter().flatten().filter_map(Value::as_str);
            let with: Vec<&str> = with.collect();
            let with = if with.is_empty() {
                String::new()
            } else {
                format!(" --with {}", with.join(","))
            };
            format!(
                "Your colleague finds it with `case list --offered` and answers with\n  \
                 referral-ledger case take-handover {case}{with}     (or --decline)"
            )
        }
        _ => return None,
    };
    Some(said)
}

/// What is done with files that look alike: nobody has compared the persons yet.
fn looked_alike(case: &str, answer: &Map<String, Value>) -> String {
    let found = answer.get("duplicates").and_then(Value::as_array);
    if found.is_none_or(Vec::is_empty) {
        return "No other file that you may open looks like the same person.".to_owned();
    }
    format!(
        "Likely is not certain, and possible is often a sister, a brother or one phone for all.\n\
         Look yourself, one file at a time; that you did is recorded there:\n  \
         referral-ledger case view OTHER --purpose case_work\n\
         If it is the same person, say so; a second person decides:\n  \
         referral-ledger case ask-merge {case} OTHER"
    )
}

fn waits(who: &str, line: &str) -> String {
    format!(
        "This waits for a second person. {who} decides with\n  \
         referral-ledger {line} --confirm     (or --reject)"
    )
}

fn word(asked: &Value, name: &str, otherwise: &str) -> String {
    let known = asked.get(name).and_then(Value::as_str);
    known.unwrap_or(otherwise).to_owned()
}

const ADMINISTRATORS: &str = "An administrator or the data protection officer";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(event: &str, asked: &Value, answer: &Value) -> String {
        let mut answer = answer.as_object().expect("an object").clone();
        let receipts = json!({"receipts": [{"event_name": event}]});
        answer.insert("outcome".to_owned(), receipts);
        lines(asked, &answer).join("\n")
    }

    #[test]
    fn e6_what_waits_for_a_second_person_is_said_with_the_line_to_hand_over() {
        let role = json!({"staff_id": "s1", "role": "auditor"});
        let said = told("RoleAsked", &role, &json!({}));
        assert!(said.contains("staff decide s1 auditor --confirm"), "{said}");
        assert!(!said.contains("audit status"), "{said}");
        let token = told(
            "TokenAsked",
            &json!({"staff_id": "s1"}),
            &json!({"token_id": "t1"}),
        );
        assert!(token.contains("token decide s1 t1 --confirm"), "{token}");
        let files = json!({"case_id": "c1", "other_case_id": "c2"});
        let merge = told("MergeAsked", &files, &json!({}));
        assert!(
            merge.contains("case decide-merge c1 c2 --confirm"),
            "{merge}"
        );
        assert_eq!(told("RecallAsked", &json!({}), &json!({})), "");
    }

    #[test]
    fn c15_whoever_takes_the_last_role_of_somebody_with_cases_is_told_how_many() {
        let left = json!({"cases_left": 3, "cases_alone": 2});
        let said = told("RoleRevoked", &json!({"staff_id": "s1"}), &left);
        assert!(said.contains("3 cases (on 2 of them alone)"), "{said}");
        assert!(said.contains("case list --assigned-id s1"), "{said}");
        let none = json!({"cases_left": null, "cases_alone": null});
        assert_eq!(told("RoleRevoked", &json!({"staff_id": "s1"}), &none), "");
    }

    #[test]
    fn b9_whoever_uses_an_exception_is_told_who_confirms_it_by_when_and_how() {
        let answer = json!({"exception_id": "e1", "authorise_by": "2026-11-22T15:30:00Z"});
        let said = told("ExceptionInvoked", &json!({"case_id": "c1"}), &answer);
        assert!(said.contains("consent decide c1 e1 --confirm"), "{said}");
        assert!(said.contains("by 2026-11-22T15:30:00Z"), "{said}");
    }

    #[test]
    fn c15_e5_who_takes_a_case_and_whom_to_ask_after_a_deletion_is_said() {
        let said = told("HandoverOffered", &json!({"case_id": "c1"}), &json!({}));
        assert!(said.contains("case take-handover c1 "), "{said}");
        let both = json!({"case_id": "c1", "with_case_ids": ["c2", "c3"]});
        let said = told("HandoverOffered", &both, &json!({}));
        assert!(said.contains("take-handover c1 --with c2,c3"), "{said}");
        let case = json!({"case_id": "c1"});
        let gone = told(
            "ConsentWithdrawn",
            &case,
            &json!({"stopped_referral_ids": []}),
        );
        assert!(gone.contains("protection disclosed c1"), "{gone}");
    }
}
