//! Every command of people asks for a method with fields that it has; every method has a command.

mod lines;

use std::collections::BTreeSet;

use clap::{Parser, Subcommand};

use self::lines::LINES;
use super::*;
use crate::cli::words;

const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

/// Commands that take what they send from a file.
const FROM_FILES: &[&str] = &[
    "RegisterService",
    "UpdateService",
    "RecordMember",
    "RecordAgreement",
    "RecordPathway",
    "RecordInterview",
];

/// Commands that are nothing without a file.
const FROM_A_FILE: &[&str] = &[
    "import",
    "export",
    "print",
    "draw",
    "register",
    "update",
    "member",
    "agreement",
    "pathway",
    "record",
];

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    remote: Remote,
}

fn call(line: &str) -> Call {
    let words = line.replace("ID", ID);
    let words = std::iter::once("referral-ledger").chain(words.split_whitespace());
    let parsed = Line::try_parse_from(words);
    let parsed = parsed.unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    match parsed.remote.ask().unwrap() {
        Ask::Once(call)
        | Ask::Issue(call, _)
        | Ask::Follow(call)
        | Ask::Certificate(call, _)
        | Ask::Copy(call, _)
        | Ask::Packet(call, _, _)
        | Ask::Given(call, _)
        | Ask::Disclosed(call, _) => call,
        Ask::Import(_) | Ask::Export(_) | Ask::Draw(_) | Ask::Print(_) => {
            panic!("{line}: many calls")
        }
    }
}

#[test]
fn every_command_sends_fields_that_its_method_has() {
    for line in LINES {
        let call = call(line);
        let method = words::method(call.path).unwrap_or_else(|| panic!("no {}", call.path));
        let message = words::to_message(method.input(), call.body);
        assert!(message.is_ok(), "{line}: {message:?}");
    }
}

#[test]
fn every_method_of_the_api_can_be_asked_for() {
    let asked: BTreeSet<String> = LINES
        .iter()
        .map(|line| call(line).path.to_owned())
        .collect();
    for method in words::methods() {
        let (_, name) = method.split_once('/').unwrap();
        assert!(
            asked.contains(&method) || FROM_FILES.contains(&name),
            "{method}"
        );
    }
}

#[test]
fn what_flags_say_arrives() {
    let draft = call(
        LINES
            .iter()
            .find(|line| line.starts_with("referral draft"))
            .unwrap(),
    );
    assert_eq!(draft.body["case_id"], ID);
    assert_eq!(
        draft.body["items"][0],
        json!({"category": "needs", "text": "a=b"})
    );
    let rejected = call("consent decide ID ID --reject").body;
    assert!(rejected.get("confirm").is_none());
    let whole = call("consent withdraw ID --shred at_once --yes").body;
    assert!(
        whole.get("part").is_none(),
        "a whole withdrawal names no part"
    );
    let search = call("directory search legal help").body;
    assert_eq!(search["text"], "legal help");
    let token = call("token issue ID --days 3").body;
    assert_eq!(token["token_sha256"].as_str().unwrap().len(), 44);
}

#[test]
fn no_command_is_left_out_here() {
    let tried: BTreeSet<Vec<&str>> = LINES
        .iter()
        .map(|line| line.split_whitespace().take(2).collect())
        .collect();
    let command = Remote::augment_subcommands(clap::Command::new("x"));
    for area in command.get_subcommands() {
        for one in area.get_subcommands() {
            let name = vec![area.get_name(), one.get_name()];
            let from_file = FROM_A_FILE.contains(&one.get_name());
            assert!(tried.contains(&name) || from_file, "{name:?}");
        }
    }
}

/// The command of a line, as the help describes it.
fn described(line: &str) -> clap::Command {
    let command = Remote::augment_subcommands(clap::Command::new("x"));
    let mut words = line.split_whitespace();
    let (area, name) = (words.next().unwrap(), words.next().unwrap());
    let area = command.find_subcommand(area).unwrap();
    let mut found = area.find_subcommand(name).unwrap().clone();
    if let Some(below) = words.next().and_then(|name| found.find_subcommand(name)) {
        found = below.clone();
    }
    found.build();
    found
}

/// The fields of a message that hold values, each by its whole path.
fn fields(message: &prost_reflect::MessageDescriptor, before: &str, found: &mut Vec<String>) {
    for field in message.fields() {
        let path = format!("{before}{}", field.name());
        found.push(path.clone());
        let kind = field.kind();
        let inner = kind.as_message();
        if let Some(inner) = inner.filter(|inner| inner.package_name() != "google.protobuf") {
            fields(inner, &format!("{path}."), found);
        }
    }
}

#[test]
fn every_field_that_can_be_refused_is_named_by_a_flag_that_its_command_has() {
    // Said by the program itself, and by no flag.
    let ours = [
        "meta",
        "page",
        "filter",
        "token_sha256",
        "purpose",
        "confirm",
        "shred",
    ];
    for line in LINES {
        let command = described(line);
        let method = words::method(call(line).path).unwrap();
        let mut paths = Vec::new();
        fields(&method.input(), "", &mut paths);
        for path in paths.iter().filter(|path| !ours.contains(&path.as_str())) {
            let last = path.rsplit('.').next().unwrap();
            let argument = |arg: &clap::Arg| {
                let long = arg.get_long().map(|long| format!("--{long}"));
                let said = crate::cli::flags::spelled(path);
                let by_flag =
                    long.is_some_and(|long| said.split([' ', ',']).any(|one| one == long));
                // An argument without a flag shows its own name.
                by_flag || arg.is_positional() && arg.get_id() == last
            };
            let spelled = command.get_arguments().any(argument);
            let by_default =
                ["expires_at", "referral_id", "case_id", "sweep_id"].contains(&path.as_str());
            assert!(spelled || by_default, "{line}: {path}");
        }
    }
}

#[test]
fn what_a_command_needs_is_marked_in_its_help() {
    for line in LINES {
        let name: Vec<&str> = line.split_whitespace().take(2).collect();
        let bare = Line::try_parse_from(["referral-ledger", name[0], name[1]]);
        let Err(wrong) = bare else { continue };
        let told = wrong.to_string();
        let missing = told
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--"));
        let command = described(line);
        for flag in missing.filter_map(|flag| flag.split([' ', '|']).next()) {
            let mut arguments = command.get_arguments();
            let argument = arguments.find(|arg| arg.get_long() == Some(flag));
            let Some(argument) = argument else { continue };
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let decides = ["confirm", "reject"].contains(&flag);
            assert!(
                help.contains("(required)") || argument.is_required_set() || decides,
                "{line}: --{flag}: {help}"
            );
        }
    }
}

#[test]
fn all_that_a_person_agreed_to_is_not_destroyed_by_a_slip() {
    let asked = |line: &str| {
        let words = line.replace("ID", ID);
        let words = std::iter::once("referral-ledger").chain(words.split_whitespace());
        Line::try_parse_from(words)
            .unwrap()
            .remote
            .ask()
            .map(|_| ())
    };
    for line in [
        "protection withdraw ID --shred at_once",
        "consent withdraw ID --person-id ID --shred at_once",
    ] {
        let refused = asked(line).unwrap_err().to_string();
        assert!(
            refused.contains("--yes") && refused.contains("--consent-id"),
            "{refused}"
        );
        assert!(asked(&format!("{line} --yes")).is_ok());
    }
    for rest in [
        "after_period",
        "at_once --consent-id ID",
        "at_once --categories health",
    ] {
        assert!(asked(&format!("consent withdraw ID --shred {rest}")).is_ok());
    }
}

#[test]
fn the_examples_of_files_in_the_help_are_requests_as_they_stand() {
    for (line, path, text) in [
        (
            "case open",
            "referral.intake.v1.IntakeService/OpenCase",
            include_str!("../examples/case.json"),
        ),
        (
            "directory register",
            "referral.directory.v1.DirectoryService/RegisterService",
            include_str!("../examples/service.json"),
        ),
        (
            "mechanism member",
            "referral.directory.v1.DirectoryService/RecordMember",
            include_str!("../examples/member.json"),
        ),
        (
            "mechanism agreement",
            "referral.directory.v1.DirectoryService/RecordAgreement",
            include_str!("../examples/agreement.json"),
        ),
        (
            "mechanism pathway",
            "referral.directory.v1.DirectoryService/RecordPathway",
            include_str!("../examples/pathway.json"),
        ),
        (
            "interview record",
            "referral.interview.v1.InterviewService/RecordInterview",
            include_str!("../examples/interview.json"),
        ),
    ] {
        let request: Value = serde_json::from_str(text).unwrap();
        words::to_message(words::method(path).unwrap().input(), request).unwrap();
        let help = described(line).render_long_help().to_string();
        assert!(help.contains(text.trim_end()), "{help}");
    }
}
