//! What the forms that ship ask, and what is wrong in one.

use super::*;
use crate::domain::codes::*;
use crate::domain::personal::{Answer, AnswerGiven, Answers, Text};

const PROFILING_TEXT: &str = include_str!("profiling.toml");

#[test]
fn c8_every_question_has_a_purpose_and_none_asks_for_details_of_an_incident() {
    for which in InterviewForm::ALL {
        let form = form(*which);
        assert!(form.questions().len() > 20, "{which}");
        for question in form.questions() {
            assert!(!question.purpose.is_empty(), "{}", question.id);
            let told = matches!(
                question.category,
                DataCategory::Protection | DataCategory::Health
            );
            let words = question.kind == AnswerKind::Text;
            assert!(!(told && words), "{} could be told at length", question.id);
            let says = question.ask.to_lowercase();
            for word in [
                "what happened",
                "describe what",
                "tell us",
                "who did",
                "when did",
            ] {
                assert!(!says.contains(word), "{}: {says}", question.id);
            }
        }
    }
}

#[test]
fn c8_religion_ethnicity_numbers_and_route_are_marked_in_the_forms() {
    let marked = |which, id| form(which).question(id).and_then(|(_, it)| it.sensitive);
    use InterviewForm::*;
    for (which, id, topic) in [
        (Profiling, "paper_number", SensitiveTopic::IdentityNumbers),
        (Profiling, "journey_began", SensitiveTopic::Route),
        (Profiling, "entered_at", SensitiveTopic::Route),
        (Guide, "religion", SensitiveTopic::Religion),
        (Guide, "ethnic_group", SensitiveTopic::Ethnicity),
        (Guide, "paper_number", SensitiveTopic::IdentityNumbers),
        (Guide, "route", SensitiveTopic::Route),
    ] {
        assert_eq!(marked(which, id), Some(topic), "{id}");
    }
}

#[test]
fn a_form_that_is_not_understood_names_the_line() {
    let first = |text: &str| {
        let place = PROFILING_TEXT.lines().position(|line| line == text);
        place.map(|line| line + 1)
    };
    for (from, to, line, meaning) in [
        (
            "id = \"gender\"",
            "id = \"Gender\"",
            first("id = \"gender\""),
            "small letters",
        ),
        (
            "id = \"gender\"",
            "id = \"under_18\"",
            first("id = \"under_18\""),
            "of this name already",
        ),
        (
            "category = \"gender\"",
            "category = \"sex\"",
            first("category = \"gender\""),
            "no word",
        ),
        (
            "answer = \"yes_no\"",
            "answer = \"long\"",
            first("answer = \"yes_no\""),
            "no word",
        ),
        (
            "answer = \"yes_no\"",
            "answer = \"one_of\"",
            first("answer = \"yes_no\""),
            "choices",
        ),
        (
            "\"man\", \"other\"",
            "\"man\", \"man\"",
            first("answer = \"one_of\""),
            "each once",
        ),
        (
            "sensitive = \"route\"",
            "sensitive = \"path\"",
            first("sensitive = \"route\""),
            "no word",
        ),
    ] {
        let text = PROFILING_TEXT.replacen(from, to, 1);
        let error = Form::parse(&text).expect_err(to);
        assert!(error.meaning.contains(meaning), "{to}: {error}");
        let line = line.expect("a line of the form");
        // A name that is there twice is told where it stands the second time.
        assert!(
            error.line == line || error.meaning.contains("already"),
            "{to}: {error}"
        );
    }
    let told = PROFILING_TEXT.replacen(
        "ask = \"Are you in pain or unwell now?\"",
        "ask = \"What hurts?\"",
        1,
    );
    let at = told.find("id = \"pain_now\"").expect("the question");
    let (before, after) = told.split_at(at);
    let told = format!("{before}{}", after.replacen("\"yes_no\"", "\"text\"", 1));
    let error = Form::parse(&told).expect_err("words about health");
    assert!(error.meaning.contains("incident"), "{error}");
}

#[test]
fn an_indicator_of_an_answer_that_cannot_be_given_is_no_part_of_the_table() {
    let table = |row: &str| {
        let text = format!(
            "version = 1\n[[profile]]\nprofile = \"at_risk\"\nneeds = [\"basic\"]\n\
             [[indicator]]\nform = \"guide\"\n{row}\n"
        );
        Indicators::parse(&text, form)
            .map(|_| ())
            .map_err(|it| (it.line, it.meaning))
    };
    assert!(table("question = \"safe_now\"\nanswers = [\"no\"]\nprofile = \"at_risk\"").is_ok());
    for (row, line, meaning) in [
        (
            "question = \"safe\"\nanswers = [\"no\"]\nprofile = \"at_risk\"",
            7,
            "no such",
        ),
        (
            "question = \"safe_now\"\nanswers = [\"maybe\"]\nprofile = \"at_risk\"",
            8,
            "no answer",
        ),
        (
            "question = \"safe_now\"\nanswers = [\"declined\"]\nprofile = \"at_risk\"",
            8,
            "no answer",
        ),
        (
            "question = \"safe_now\"\nanswers = []\nprofile = \"at_risk\"",
            7,
            "names answers",
        ),
        (
            "question = \"safe_now\"\nanswers = [\"no\"]\nprofile = \"stranded\"",
            9,
            "leads nowhere",
        ),
        (
            "question = \"religion\"\nanswers = [\"declined\"]\nprofile = \"at_risk\"",
            7,
            "sensitive",
        ),
    ] {
        let (at, said) = table(row).expect_err(row);
        assert!(at == line && said.contains(meaning), "{row}: {at} {said}");
    }
}

fn answered(question: &str, given: AnswerGiven) -> Answers {
    Answers {
        form: InterviewForm::Guide,
        category: DataCategory::Protection,
        answers: vec![Answer {
            question: Text::new(question.to_owned()),
            given,
        }],
    }
}

#[test]
fn c8_indicators_suggest_several_profiles_and_say_by_which_answers() {
    let chosen = |words: &[&str]| {
        let words = words.iter().map(|word| Text::new((*word).to_owned()));
        AnswerGiven::Chosen(words.collect())
    };
    let withheld = answered("papers_withheld", AnswerGiven::Code(AnswerCode::Yes));
    let left = answered("left_because", chosen(&["work", "conflict"]));
    let with = answered("travels_with", chosen(&["alone"]));
    let found = indicators().suggest(&[&withheld, &left, &with]);
    let profiles: Vec<_> = found.iter().map(|it| it.profile).collect();
    // Who travels alone is a child alone only if they are a child.
    let expected = [Profile::PossibleRefugee, Profile::PossibleTrafficking];
    assert_eq!(profiles, expected);
    let because = |question: &str, answer: &str| Because {
        question: question.to_owned(),
        answer: answer.to_owned(),
    };
    let by: Vec<_> = found.iter().map(|it| it.because.clone()).collect();
    let refugee = vec![because("left_because", "conflict")];
    let trafficked = vec![because("papers_withheld", "yes")];
    assert_eq!(by, [refugee, trafficked]);
    let young = answered("under_18", AnswerGiven::Code(AnswerCode::DoesNotKnow));
    let found = indicators().suggest(&[&with, &young]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found.first().map(|it| it.profile),
        Some(Profile::ChildAlone)
    );
}

#[test]
fn c8_who_declines_or_was_not_asked_is_suspected_of_nothing() {
    for code in [AnswerCode::Declined, AnswerCode::NotAsked] {
        for which in InterviewForm::ALL {
            let answers = form(*which).questions().iter().map(|question| Answers {
                form: *which,
                ..answered(&question.id, AnswerGiven::Code(code))
            });
            let answers: Vec<_> = answers.collect();
            let all: Vec<_> = answers.iter().collect();
            assert_eq!(indicators().suggest(&all), []);
        }
    }
}
