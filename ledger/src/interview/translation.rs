//! A form in another language: the words that are said for each of its questions and choices.
//!
//! - It has exactly the questions of the form, in its order, each with exactly its choices: what is
//!   asked in one language is asked in all of them, and for the same purpose.
//! - Its digest stands with an interview that was held in it, in place of the form's.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Form, Question};
use crate::limits::FORM_BYTES_MAX;
use crate::written::{Written, WrittenError};

/// A form in another language, read and found to be the same form.
#[derive(Debug)]
pub struct Translation {
    language: String,
    digest: [u8; 32],
    questions: Vec<TranslatedQuestion>,
}

/// A question in another language.
#[derive(Debug)]
pub struct TranslatedQuestion {
    /// What is asked.
    pub ask: String,
    /// What for.
    pub purpose: String,
    /// What can be chosen, in words, in the order of the form.
    pub choices: Vec<String>,
}

impl Translation {
    /// Reads the form in another language; what it lacks or adds is said with its line.
    pub fn parse(text: &str, form: &Form) -> Result<Self, WrittenError> {
        let (file, written): (_, WrittenTranslation) =
            Written::read("interview form", text, FORM_BYTES_MAX)?;
        let language = written.language.get_ref();
        let small = language.bytes().all(|one| one.is_ascii_lowercase());
        if !(2..=3).contains(&language.len()) || !small {
            return Err(file.wrong(&written.language, "a language, as in `fr`"));
        }
        if *written.of.get_ref() != form.version() {
            let meaning = format!("the form has version {}", form.version());
            return Err(file.wrong(&written.of, meaning));
        }
        let mut asked = form.questions().iter();
        let mut questions = Vec::new();
        for question in &written.question {
            let Some(of) = asked.next() else {
                return Err(file.wrong(&question.id, "the form has no such question"));
            };
            questions.push(question.understand(file, of)?);
        }
        if let Some(left) = asked.next() {
            return Err(file.wrong_at_end(format!("{} is not translated", left.id)));
        }
        Ok(Self {
            language: language.clone(),
            digest: file.digest(),
            questions,
        })
    }

    /// Its language, as BCP 47 writes it.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// SHA-256 of it as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its questions, in the order of the form.
    pub fn questions(&self) -> &[TranslatedQuestion] {
        &self.questions
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTranslation {
    language: Spanned<String>,
    of: Spanned<u32>,
    question: Vec<WrittenQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenQuestion {
    id: Spanned<String>,
    ask: Spanned<String>,
    purpose: Spanned<String>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
}

impl WrittenQuestion {
    fn understand(
        &self,
        file: Written<'_>,
        of: &Question,
    ) -> Result<TranslatedQuestion, WrittenError> {
        if *self.id.get_ref() != of.id {
            let meaning = format!("the form asks {} here", of.id);
            return Err(file.wrong(&self.id, meaning));
        }
        for words in [&self.ask, &self.purpose] {
            if words.get_ref().trim().is_empty() {
                return Err(file.wrong(words, "a question says what it asks and what for"));
            }
        }
        let said = of.choices.iter().map(|choice| {
            let words = self.choices.get(choice).map(|words| words.trim());
            let words = words.filter(|words| !words.is_empty());
            words.map(str::to_owned).ok_or(choice)
        });
        let choices = said.collect::<Result<Vec<_>, _>>().map_err(|missing| {
            let meaning = format!("the choice {missing} has no words");
            file.wrong(&self.id, meaning)
        })?;
        if let Some(extra) = self.choices.keys().find(|choice| !of.offers(choice)) {
            let meaning = format!("the question has no choice {extra}");
            return Err(file.wrong(&self.id, meaning));
        }
        Ok(TranslatedQuestion {
            ask: self.ask.get_ref().clone(),
            purpose: self.purpose.get_ref().clone(),
            choices,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{form, translations};
    use super::*;
    use crate::domain::codes::InterviewForm;

    const FORM: &str = "version = 2\n\
        [[question]]\nid = \"a\"\nask = \"A?\"\npurpose = \"P\"\ncategory = \"gender\"\n\
        answer = \"one_of\"\nchoices = [\"x\", \"y\"]\n\
        [[question]]\nid = \"b\"\nask = \"B?\"\npurpose = \"P\"\ncategory = \"age\"\n\
        answer = \"yes_no\"\n";
    const GOOD: &str = "language = \"fr\"\nof = 2\n\
        [[question]]\nid = \"a\"\nask = \"A ?\"\npurpose = \"P\"\n\
        choices = { x = \"ics\", y = \"i grec\" }\n\
        [[question]]\nid = \"b\"\nask = \"B ?\"\npurpose = \"P\"\n";

    #[test]
    fn c8_a_form_in_another_language_has_exactly_its_questions_and_choices() {
        let form = Form::parse(FORM).expect("a form");
        let good = Translation::parse(GOOD, &form).expect("a translation");
        assert_eq!(good.language(), "fr");
        assert_eq!(good.questions()[0].choices, ["ics", "i grec"]);
        for (from, to, meaning) in [
            ("of = 2", "of = 1", "the form has version 2"),
            ("\"fr\"", "\"French\"", "a language, as in `fr`"),
            ("id = \"a\"", "id = \"c\"", "the form asks a here"),
            ("A ?", " ", "a question says what it asks and what for"),
            (", y = \"i grec\"", "", "the choice y has no words"),
            ("i grec", " ", "the choice y has no words"),
            ("{ x", "{ z = \"zed\", x", "the question has no choice z"),
        ] {
            let wrong = GOOD.replacen(from, to, 1);
            assert_ne!(wrong, GOOD, "{from}");
            let refused = Translation::parse(&wrong, &form).expect_err(to);
            assert_eq!(refused.meaning, meaning);
        }
        let (first, _) = GOOD.rsplit_once("[[question]]").expect("two");
        let refused = Translation::parse(first, &form).expect_err("one is missing");
        assert_eq!(refused.meaning, "b is not translated");
        let more = format!("{GOOD}[[question]]\nid = \"c\"\nask = \"C\"\npurpose = \"P\"\n");
        let refused = Translation::parse(&more, &form).expect_err("one too many");
        assert_eq!(refused.meaning, "the form has no such question");
    }

    #[test]
    fn c8_every_form_that_ships_is_there_in_every_language_that_ships() {
        for which in InterviewForm::ALL {
            let there = translations(*which);
            let languages: Vec<_> = there.iter().map(Translation::language).collect();
            assert_eq!(languages, ["ar", "fr"]);
            for one in there {
                assert_eq!(one.questions().len(), form(*which).questions().len());
            }
        }
    }
}
