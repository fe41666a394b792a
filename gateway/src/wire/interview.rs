//! Interviews, from the wire and onto it: forms, answers, and what they suggest.

use std::collections::BTreeSet;

use ledger::domain::codes::{DataCategory, InterviewForm};
use ledger::domain::ids::PathwayId;
use ledger::domain::personal::{Answer, AnswerGiven, Answers, Text};
use ledger::interview::{
    FORM_LANGUAGE, Question, Suggestion, TranslatedQuestion, Translation, translation, translations,
};
use ledger::organisation::Interviews;
use proto::common::v1 as common;
use proto::interview::v1 as wire;

use super::Checked;
use super::codes::{Code, optional};
use super::field::{malformed, within_limit};
use super::text::{optional_short, short};
use crate::limits::SHORT_TEXT_BYTES_MAX;

/// The answers of a request.
pub fn answers(from: Vec<common::InterviewAnswer>) -> Checked<Vec<Answer>> {
    within_limit(&from, "answers")?;
    from.into_iter().map(answer).collect()
}

/// A code, choices or words, and only one of them.
fn answer(from: common::InterviewAnswer) -> Checked<Answer> {
    within_limit(&from.chosen, "answers.chosen")?;
    let code = optional(from.code, "answers.code")?;
    let words = optional_short(from.words, "answers.words")?;
    let chosen = from.chosen.into_iter();
    let chosen: Vec<Text> = chosen
        .map(|one| short(one, "answers.chosen"))
        .collect::<Checked<_>>()?;
    let given = match (code, chosen.is_empty(), words) {
        (Some(code), true, None) => AnswerGiven::Code(code),
        (None, false, None) => AnswerGiven::Chosen(chosen),
        (None, true, Some(words)) => AnswerGiven::Words(words),
        (Some(_) | None, true | false, Some(_) | None) => return Err(malformed("answers")),
    };
    Ok(Answer {
        question: short(from.question_id, "answers.question_id")?,
        given,
    })
}

/// The answers of one category.
pub fn answers_to_wire(part: &Answers) -> common::InterviewAnswers {
    let answer = |answer: &Answer| {
        let mut message = common::InterviewAnswer {
            question_id: answer.question.reveal().to_owned(),
            ..common::InterviewAnswer::default()
        };
        match &answer.given {
            AnswerGiven::Code(code) => message.code = Some(code.number()),
            AnswerGiven::Chosen(chosen) => {
                let chosen = chosen.iter().map(|one| one.reveal().to_owned());
                message.chosen = chosen.collect();
            }
            AnswerGiven::Words(words) => message.words = Some(words.reveal().to_owned()),
        }
        message
    };
    common::InterviewAnswers {
        form: part.form.number(),
        category: part.category.number(),
        answers: part.answers.iter().map(answer).collect(),
    }
}

/// A form, and its words in another language, where it is asked for in one that it is there in.
#[derive(Clone, Copy)]
pub struct AskedIn {
    which: InterviewForm,
    words: Option<&'static Translation>,
}

/// A form in a language; in its own where it is not there in that one.
pub fn asked_in(which: InterviewForm, language: &str) -> Checked<AskedIn> {
    if language.len() > SHORT_TEXT_BYTES_MAX {
        return Err(malformed("language"));
    }
    let words = translation(which, language);
    Ok(AskedIn { which, words })
}

/// A form, and which of its questions may be asked: justified in the file and, where `held` says
/// so, held by somebody's consent.
pub fn form(
    asked: AskedIn,
    file: &Interviews,
    held: Option<&BTreeSet<DataCategory>>,
) -> wire::GetFormResponse {
    let AskedIn { which, words } = asked;
    let form = ledger::interview::form(which);
    let questions = form.questions().iter().enumerate();
    let questions = questions.map(|(place, one)| {
        let words = words.and_then(|words| words.questions().get(place));
        question(one, words, file, held)
    });
    let others = translations(which).iter().map(Translation::language);
    let languages = [FORM_LANGUAGE].into_iter().chain(others);
    wire::GetFormResponse {
        version: form.version(),
        digest: words
            .map_or_else(|| form.digest(), Translation::digest)
            .to_vec(),
        switched_on: file.uses(which),
        questions: questions.collect(),
        language: words
            .map_or(FORM_LANGUAGE, Translation::language)
            .to_owned(),
        languages: languages.map(str::to_owned).collect(),
    }
}

fn question(
    question: &Question,
    words: Option<&TranslatedQuestion>,
    file: &Interviews,
    held: Option<&BTreeSet<DataCategory>>,
) -> wire::Question {
    let justification = question
        .sensitive
        .and_then(|topic| file.justification(topic));
    let justified = question.sensitive.is_none() || justification.is_some();
    let in_words = |code: &String| code.replace('_', " ");
    let own = || question.choices.iter().map(in_words).collect();
    wire::Question {
        question_id: question.id.clone(),
        ask: words.map_or(&question.ask, |words| &words.ask).clone(),
        purpose: words
            .map_or(&question.purpose, |words| &words.purpose)
            .clone(),
        category: question.category.number(),
        kind: question.kind.number(),
        choices: question.choices.clone(),
        sensitive: question.sensitive.map(Code::number),
        justification: justification.map(str::to_owned),
        open: justified && held.is_none_or(|held| held.contains(&question.category)),
        choice_words: words.map_or_else(own, |words| words.choices.clone()),
    }
}

/// A suggestion, with the pathways that start from its needs.
pub fn suggestion(suggestion: &Suggestion, pathways: &[PathwayId]) -> wire::Suggestion {
    let because = suggestion.because.iter().map(|it| wire::Because {
        question_id: it.question.clone(),
        answer: it.answer.clone(),
    });
    wire::Suggestion {
        profile: suggestion.profile.number(),
        because: because.collect(),
        needs: suggestion.needs.iter().map(|need| need.number()).collect(),
        pathway_ids: pathways.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use ledger::domain::codes::AnswerCode;
    use ledger::refusal::{Refusal, Refused};

    use super::*;

    #[test]
    fn an_answer_is_a_code_or_choices_or_words_and_nothing_else() {
        let of = |code: Option<i32>, chosen: &[&str], words: Option<&str>| {
            answer(common::InterviewAnswer {
                question_id: "watched".to_owned(),
                code,
                chosen: chosen.iter().map(|one| (*one).to_owned()).collect(),
                words: words.map(str::to_owned),
            })
        };
        let yes = of(Some(1), &[], None).expect("a code");
        assert!(yes.given == AnswerGiven::Code(AnswerCode::Yes));
        assert!(of(None, &["work"], None).is_ok());
        assert!(of(None, &[], Some("Dari")).is_ok());
        for (wrong, field) in [
            (of(None, &[], None), "answers"),
            (of(Some(1), &["work"], None), "answers"),
            (of(Some(1), &[], Some("yes")), "answers"),
            (of(None, &["work"], Some("work")), "answers"),
            (of(Some(0), &[], None), "answers.code"),
            (of(Some(99), &[], None), "answers.code"),
            (of(None, &[""], None), "answers.chosen"),
            (of(None, &[], Some("two\nlines")), "answers.words"),
        ] {
            let expected = Refused::about(Refusal::Malformed, field);
            assert_eq!(wrong.err(), Some(expected));
        }
    }
}
