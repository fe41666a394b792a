//! A form: its questions, and which answers fit each.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::domain::codes::{AnswerCode, AnswerKind, DataCategory, SensitiveTopic};
use crate::domain::personal::AnswerGiven;
use crate::limits::{ANSWER_BYTES_MAX, FORM_BYTES_MAX};
use crate::written::{Written, WrittenError};

/// A form, read and understood in full.
#[derive(Debug)]
pub struct Form {
    version: u32,
    digest: [u8; 32],
    questions: Vec<Question>,
}

/// One question of a form.
#[derive(Debug)]
pub struct Question {
    /// Its name, for as long as the form has it.
    pub id: String,
    /// What is asked.
    pub ask: String,
    /// What for.
    pub purpose: String,
    /// What the answer is sealed under.
    pub category: DataCategory,
    /// How it can be answered, beside the codes that fit every question.
    pub kind: AnswerKind,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// What makes it one that is off unless the organisation's file says why.
    pub sensitive: Option<SensitiveTopic>,
}

impl Form {
    /// Reads a form; every word in it must be known.
    pub fn parse(text: &str) -> Result<Self, WrittenError> {
        let (file, written): (_, WrittenForm) =
            Written::read("interview form", text, FORM_BYTES_MAX)?;
        let mut names = BTreeSet::new();
        let questions = written.question.iter().map(|question| {
            if !names.insert(question.id.get_ref()) {
                return Err(file.wrong(&question.id, "there is a question of this name already"));
            }
            question.understand(file)
        });
        Ok(Self {
            version: written.version,
            digest: file.digest(),
            questions: questions.collect::<Result<_, _>>()?,
        })
    }

    /// Its number; a changed form has a higher one.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 of the form as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its questions, in order.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Where a question of this name stands, and the question.
    pub fn question(&self, id: &str) -> Option<(usize, &Question)> {
        let mut questions = self.questions.iter().enumerate();
        questions.find(|(_, question)| question.id == id)
    }
}

impl Question {
    /// Whether an answer fits.
    pub fn takes(&self, given: &AnswerGiven) -> bool {
        match given {
            AnswerGiven::Code(AnswerCode::Yes | AnswerCode::No) => self.kind == AnswerKind::YesNo,
            AnswerGiven::Code(
                AnswerCode::DoesNotKnow | AnswerCode::Declined | AnswerCode::NotAsked,
            ) => true,
            AnswerGiven::Chosen(chosen) => {
                let several = self.kind == AnswerKind::AnyOf;
                let once: BTreeSet<_> = chosen.iter().map(|one| one.reveal()).collect();
                (several || self.kind == AnswerKind::OneOf && chosen.len() == 1)
                    && !chosen.is_empty()
                    && once.len() == chosen.len()
                    && once.iter().all(|one| self.offers(one))
            }
            AnswerGiven::Words(words) => {
                self.kind == AnswerKind::Text && words.reveal().len() <= ANSWER_BYTES_MAX
            }
        }
    }

    /// Whether a word is one of its choices.
    pub fn offers(&self, choice: &str) -> bool {
        self.choices.iter().any(|one| one == choice)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenForm {
    version: u32,
    question: Vec<WrittenQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenQuestion {
    id: Spanned<String>,
    ask: Spanned<String>,
    purpose: Spanned<String>,
    category: Spanned<String>,
    answer: Spanned<String>,
    #[serde(default)]
    choices: Vec<Spanned<String>>,
    sensitive: Option<Spanned<String>>,
}

impl WrittenQuestion {
    fn understand(&self, file: Written<'_>) -> Result<Question, WrittenError> {
        name(file, &self.id)?;
        for words in [&self.ask, &self.purpose] {
            if words.get_ref().trim().is_empty() {
                return Err(file.wrong(words, "a question says what it asks and what for"));
            }
        }
        let category = word(file, &self.category, DataCategory::from_code)?;
        let kind = word(file, &self.answer, AnswerKind::from_code)?;
        let sensitive = self.sensitive.as_ref();
        let sensitive = sensitive
            .map(|topic| word(file, topic, SensitiveTopic::from_code))
            .transpose()?;
        self.fits(file, kind, category)?;
        Ok(Question {
            id: self.id.get_ref().clone(),
            ask: self.ask.get_ref().clone(),
            purpose: self.purpose.get_ref().clone(),
            category,
            kind,
            choices: self.choices.iter().map(|it| it.get_ref().clone()).collect(),
            sensitive,
        })
    }

    /// Choices where one chooses, and no words where they could tell of an incident.
    fn fits(
        &self,
        file: Written<'_>,
        kind: AnswerKind,
        category: DataCategory,
    ) -> Result<(), WrittenError> {
        for choice in &self.choices {
            name(file, choice)?;
        }
        let once: BTreeSet<_> = self.choices.iter().map(Spanned::get_ref).collect();
        let chooses = matches!(kind, AnswerKind::OneOf | AnswerKind::AnyOf);
        if chooses == once.is_empty() || once.len() != self.choices.len() {
            let meaning = "choices, each once, belong to one_of and any_of and to nothing else";
            return Err(file.wrong(&self.answer, meaning));
        }
        let tells = matches!(category, DataCategory::Protection | DataCategory::Health);
        if kind == AnswerKind::Text && tells {
            let meaning = "no words about protection or health: nobody is to tell an incident";
            return Err(file.wrong(&self.answer, meaning));
        }
        Ok(())
    }
}

/// Small letters, digits and underscores, so that a name can stand anywhere.
fn name(file: Written<'_>, name: &Spanned<String>) -> Result<(), WrittenError> {
    let text = name.get_ref();
    let plain = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
        return Err(file.wrong(name, "a name has small letters, digits and underscores"));
    }
    Ok(())
}

/// The code that a word stands for.
pub(super) fn word<C>(
    file: Written<'_>,
    word: &Spanned<String>,
    known: impl Fn(&str) -> Option<C>,
) -> Result<C, WrittenError> {
    let code = known(word.get_ref());
    code.ok_or_else(|| file.wrong(word, format!("{} is no word here", word.get_ref())))
}
