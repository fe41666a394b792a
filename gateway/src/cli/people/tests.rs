//! Every command of people asks for a method with fields that it has; every method has a command.

use std::collections::BTreeSet;

use clap::{Parser, Subcommand};

use super::*;
use crate::cli::words;

const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

/// One line per command, with as many flags as it has.
const LINES: &[&str] = &[
    "case link ID ID",
    "case refuse-record --reason fear",
    "case unmet-need family_links --area JO21 --age-group minor",
    "case open --age-group minor --sensitivity restricted --categories identity,needs --name N \
     --birth B --gender G --languages L --safe-contact S --relationship R --capacity assent \
     --form oral --explained options,risks --interpreter-id ID --interpreter-vetted \
     --interpreter-accepted --support pictures,more_time --supported-by staff --supporter-id ID \
     --expires-at 2027-05-01 \
     --explained-in A --present P --consent-note C --request-id ID --occurred-at 2026-11-01",
    "case assess-age ID --birth-date 2010-04-02 --company unaccompanied",
    "case assess-age ID --about-years 12",
    "case add-person ID --role caregiver --relationship-checked --name N --capacity own",
    "case attest ID ID --agreed --urgency emergency",
    "case show ID",
    "case show --code K7Q4M-92MDX",
    "case list --mine --offered --assigned-id ID --page-size 5",
    "case waiting --page-size 5 --page-token t --at-least-position 9",
    "case history ID --page-size 5 --page-token t --at-least-position 9",
    "case view ID --purpose case_work",
    "case assign ID ID",
    "case unassign ID ID --expected-version 3",
    "case offer-handover ID ID --with ID",
    "case take-handover ID --decline --with ID",
    "case close ID --reason needs_met --no-follow-up not_agreed --told may_return",
    "case reopen ID --reason came_back",
    "case load",
    "case reviews --late-only --escalated-only --page-size 5 --page-token t --at-least-position 9",
    "case link-family ID ID --relationship sibling --given-by-id ID --other-given-by-id ID \
     --other-capacity caregiver --other-child-agrees",
    "case family ID --at-least-position 9",
    "case ask-merge ID ID",
    "case decide-merge ID ID --reject",
    "case unmerge ID ID",
    "case unlink-family ID ID",
    "staff deputy ID --for ID --first-day 2026-12-21 --last-day 2027-01-08",
    "staff decide-deputy ID --for ID --confirm",
    "staff end-deputy ID --for ID",
    "staff deputies",
    "consent give ID --person-id ID --given-by-id ID --purposes referral --recipient-ids ID,ID \
     --categories health --withheld place --capacity own --form written",
    "consent renew ID ID --capacity own --form oral --expires-at 2027-11-01",
    "consent contact ID ID --channels phone,email --days monday --from-time 09:00 \
     --until-time 12:00 --staff-ids ID --words call_back",
    "consent refuse ID --person-id ID --purposes statistics",
    "consent withdraw ID --person-id ID --consent-id ID --shred at_once --categories health",
    "consent withdraw ID --shred after_period",
    "consent undo ID ID",
    "consent list --case-id ID --person-id ID --recipient-id ID",
    "consent exception ID --kind immediate_risk --reason risk_to_self --categories health \
     --recipient-ids ID --told before --told-by in_person --procedure p --note N",
    "consent told ID ID --told not_told_unsafe",
    "consent review ID ID --found not_justified --measures redress,training",
    "consent procedures",
    "consent decide ID ID --reject",
    "protection status ID --consent-id ID",
    "protection withdraw ID --shred at_once --yes",
    "consent withdraw ID --shred at_once --preview",
    "protection undo ID ID",
    "protection copy ID --referral-id ID",
    "referral draft ID --service-id ID --urgency urgent --ground-id ID --item needs=a=b \
     --item health=c --follows-id ID",
    "referral revise ID --case-id ID --ground-id ID --item needs=x",
    "referral return ID --reason incomplete_form",
    "referral review ID --read-back --copy-given",
    "incoming record --organisation-id ID --channel email --urgency urgent --reference S-1 \
     --consent-claim shown",
    "incoming record --service-id ID --channel paper --urgency routine --consent-claim said",
    "incoming record --sender-class school --channel phone --urgency urgent \
     --consent-claim not_said",
    "incoming assess ID --finding within_scope --urgency urgent",
    "incoming decide ID --decision not_taken --reason no_capacity",
    "incoming decide ID --decision passed_on --passed-to-id ID",
    "incoming answer ID --told told --channel phone",
    "incoming link ID ID",
    "incoming take-packet FILE --channel email --passphrase-fd 3",
    "incoming reply ID --channel email --out FILE",
    "referral packet ID --case-id ID --out FILE",
    "referral take-reply ID FILE",
    "incoming list --open-only --late-only --page-size 2",
    "directory ask ID --questions availability,fees --need legal --age-group adult \
     --gender female --area JO21 --channel portal",
    "directory answer ID ID --answer wait --wait-days 14 --fee free --channel phone",
    "directory inquiries --service-id ID --open-only --page-size 2",
    "referral arrange ID --kind transport --state offered",
    "referral consult ID --specialist-id ID --advice go_on --channel phone",
    "referral confirm-consult ID --confirm",
    "referral tell-fees ID --fees-version 3",
    "case concern ID --concerns sgbv,trafficking",
    "referral send ID --channel portal --follow-up-on 2027-01-10 --follow-up-by phone \
     --follow-up-items reached,help_given",
    "referral receive ID",
    "referral accept ID",
    "referral decline ID --reason no_capacity",
    "referral complete ID",
    "referral fail ID --reason no_show",
    "referral recall ID --reason other",
    "referral answer-recall ID --answer destroyed",
    "referral cancel ID --asked-by-id ID",
    "referral follow-up ID --person-id ID --outcome answered --channel phone --note N",
    "referral disclosure ID --recipient-id ID --categories contact --channel paper",
    "referral list --states sent,received --case-id ID --organisation-id ID --recipient-id ID \
     --service-id ID --assigned-id ID --urgencies emergency --late-only --open-only \
     --follow-up-due-only --specialist-only",
    "referral show ID",
    "referral history ID --page-size 1",
    "referral view ID --case-id ID --purpose review",
    "referral watch --open-only --from-position 0",
    "directory search legal help --due-only --need legal --sector S --location L --language A \
     --organisation-id ID --accepting-only --assessment approved --include-retired \
     --community-edition",
    "directory show ID",
    "directory assess ID --assessment approved --review-on 2027-11-22 --method visit \
     --met safe_premises,staff_vetted --unmet complaints --asked 9 --helped 7",
    "directory places ID --availability full --free 0 --of 9 --on 2026-11-22",
    "directory retire ID",
    "protection disclosed ID --recipient-id ID --from 2026-01-01 --until 2026-02-01 --html p",
    "mechanism pathways --need legal --area A --group G --service-id ID --include-retired \
     --community-edition",
    "mechanism retire-pathway ID",
    "protection certificate ID --rotation-id ID --out a --html b",
    "protection certify ID ID",
    "protection cut-out --after-days 3",
    "protection breach report device_lost --staff-id ID --happened-from 2026-11-01 \
     --happened-until 2026-11-02 --suspected-at 2026-11-03 --known-at 2026-11-04 --words W",
    "protection breach report wrong_recipient --service-id ID --organisation-id ID",
    "protection breach report other --suspected-organisation-id ID",
    "protection breach list --open-only --page-size 3",
    "protection breach show ID",
    "protection breach view ID",
    "protection breach assess ID --harms confidentiality,availability --categories contact \
     --people-at-least 3 --people-at-most 9 --records-at-least 3 --consequences located \
     --measures access_taken,recipient_asked --risk high",
    "protection breach notify ID --to supervisory_authority --phase first --reference DPA-1 \
     --late still_looked_into",
    "protection breach tell ID --way each --people-at-least 2 --people-at-most 2",
    "protection breach withhold ID --ground unsafe_to_tell",
    "protection breach close ID",
    "protection breach affected ID --recipient-id ID --service-id ID --staff-id ID \
     --not-before 2026-01-01 --until 2026-02-01 --page-size 3",
    "protection notice ID --about correction --state confirmed --outcome corrected --channel phone",
    "protection notice --disclosure-id ID --case-id ID --state sent --channel paper",
    "case correct-person ID ID --name N --safe-contact S",
    "request receive ID --person-id ID --kind deletion --requested-by person --categories health \
     --channel phone --occurred-at 2026-11-01",
    "request identity ID ID --outcome known_to_staff",
    "request extend ID ID --reason complexity --told told --channel phone",
    "request advise ID ID --answer refuse --reason legal_claims",
    "request preview ID ID --categories health",
    "request decide ID ID --answer grant_in_part --reason legal_obligation --categories health",
    "request carry-out ID ID",
    "request close ID ID --end fulfilled --told not_told_unsafe --channel in_person",
    "request lift ID ID --told told --channel in_person",
    "request list --case-id ID --open-only --late-only --page-size 3",
    "retention rules",
    "retention due --at 2027-01-01",
    "retention dry-run",
    "retention request 3",
    "retention approve ID",
    "retention hold ID --person-id ID --reason legal_order --until 2027-01-01",
    "retention hold-apart --complaint-id ID --reason legal_claim --until 2027-01-01",
    "retention release ID ID",
    "retention decide ID ID --confirm",
    "retention withdraw ID",
    "retention holds ID",
    "figures publish 2026-01-01 2026-04-01",
    "figures show 2026-01-01",
    "figures list",
    "figures billing 2026-01-01",
    "audit decisions ID --with-proofs",
    "audit disclosures ID",
    "audit checkpoint",
    "audit receipt 4",
    "audit inclusion 4 --tree-size 9",
    "audit consistency 4 9",
    "audit sealed 4 --count 2",
    "audit policy",
    "audit organisation",
    "audit processing",
    "audit exceptions --states lapsed,reviewed --late-only --page-size 5",
    "audit counts --at-least-position 4",
    "audit status",
    "complaint record --kind conduct --staff-id ID --anonymous --words W --contact C",
    "complaint record --kind quality --service-id ID --words W",
    "complaint record --kind feedback --organisation-id ID --words W",
    "complaint list --open-only --page-size 3",
    "complaint view ID",
    "complaint acknowledge ID --told told",
    "complaint answer ID --outcome upheld --told not_reached --note N",
    "interview form guide --case-id ID --person-id ID --language fr",
    "interview view ID ID",
    "interview profile ID ID --reason person_says --profiles at_risk,stranded --interview-id ID",
    "interview view-profile ID ID",
    "interview determination ID ID --body-id ID --on 2026-11-02 --profile at_risk --outcome closed",
    "mechanism members --role identifies --area Amman --ending-within-days 30",
    "staff register --organisation-id ID --name N --roles auditor,coordinator",
    "staff grant ID auditor",
    "staff revoke ID auditor",
    "staff train ID safe_referral --on 2026-11-02",
    "staff decide ID auditor --confirm",
    "staff list --organisation-id ID",
    "staff view ID",
    "token issue ID --days 3",
    "token decide ID ID --reject",
    "token revoke ID ID",
    "mirror detach ID --reason lost",
    "mirror decide ID --confirm",
    "protection confirm-withdrawals",
];

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
