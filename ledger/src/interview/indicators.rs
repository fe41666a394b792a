//! The table of indicators: which answers point to which profile. It suggests, and says by which
//! answers; what it suggests is made when somebody reads, stored nowhere, and decides nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::form::{Form, word};
use crate::domain::codes::{AnswerCode, InterviewForm, Need, Profile};
use crate::domain::personal::{AnswerGiven, Answers};
use crate::limits::FORM_BYTES_MAX;
use crate::written::{Written, WrittenError};

/// The table, read and understood in full.
#[derive(Debug)]
pub struct Indicators {
    version: u32,
    digest: [u8; 32],
    rows: Vec<Indicator>,
    needs: BTreeMap<Profile, Vec<Need>>,
}

#[derive(Debug)]
struct Indicator {
    form: InterviewForm,
    when: When,
    /// What must be so beside it.
    with: Option<When>,
    profile: Profile,
}

/// A question, and the answers to it that count.
#[derive(Debug)]
struct When {
    question: String,
    answers: Vec<String>,
}

/// A profile that some answers point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Which.
    pub profile: Profile,
    /// By which answers.
    pub because: Vec<Because>,
    /// The needs from which pathways start that may help.
    pub needs: Vec<Need>,
}

/// An answer that points to a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// To which question.
    pub question: String,
    /// What was answered, in the words of the form.
    pub answer: String,
}

impl Indicators {
    /// Reads a table; every question and answer in it must be one of a form.
    pub fn parse(
        text: &str,
        form: impl Fn(InterviewForm) -> &'static Form,
    ) -> Result<Self, WrittenError> {
        let (file, written): (_, WrittenIndicators) =
            Written::read("table of indicators", text, FORM_BYTES_MAX)?;
        let mut needs = BTreeMap::new();
        for row in &written.profile {
            let profile = word(file, &row.profile, Profile::from_code)?;
            let of = row
                .needs
                .iter()
                .map(|need| word(file, need, Need::from_code));
            if needs
                .insert(profile, of.collect::<Result<_, _>>()?)
                .is_some()
            {
                return Err(file.wrong(&row.profile, "its needs stand here already"));
            }
        }
        let rows = written.indicator.iter().map(|row| {
            let which = word(file, &row.form, InterviewForm::from_code)?;
            let profile = word(file, &row.profile, Profile::from_code)?;
            if !needs.contains_key(&profile) {
                return Err(file.wrong(&row.profile, "a profile without needs leads nowhere"));
            }
            let with = row.with.as_ref();
            Ok(Indicator {
                form: which,
                when: understand(file, form(which), &row.question, &row.answers)?,
                with: with
                    .map(|it| understand(file, form(which), &it.question, &it.answers))
                    .transpose()?,
                profile,
            })
        });
        Ok(Self {
            version: written.version,
            digest: file.digest(),
            rows: rows.collect::<Result<_, _>>()?,
            needs,
        })
    }

    /// Its number; a changed table has a higher one.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// SHA-256 of the table as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What these answers point to, profile by profile, each with the answers that say so.
    pub fn suggest(&self, answers: &[&Answers]) -> Vec<Suggestion> {
        let mut found: BTreeMap<Profile, Vec<Because>> = BTreeMap::new();
        for row in &self.rows {
            let with = row.with.as_ref().map(|it| it.met(row.form, answers));
            if with.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let met = row.when.met(row.form, answers);
            if met.is_empty() {
                continue;
            }
            let because = found.entry(row.profile).or_default();
            for one in met.into_iter().chain(with.into_iter().flatten()) {
                if !because.contains(&one) {
                    because.push(one);
                }
            }
        }
        let suggestions = found.into_iter().map(|(profile, because)| Suggestion {
            profile,
            because,
            needs: self.needs.get(&profile).cloned().unwrap_or_default(),
        });
        suggestions.collect()
    }
}

impl When {
    /// The answers to it that count.
    fn met(&self, form: InterviewForm, answers: &[&Answers]) -> Vec<Because> {
        let of_form = answers.iter().filter(|part| part.form == form);
        let given = of_form
            .flat_map(|part| &part.answers)
            .filter(|one| one.question.reveal() == self.question);
        let words = given.flat_map(|one| match &one.given {
            AnswerGiven::Code(code) => vec![code.code()],
            AnswerGiven::Chosen(chosen) => chosen.iter().map(|it| it.reveal()).collect(),
            AnswerGiven::Words(_) => Vec::new(),
        });
        let counts = words.filter(|word| self.answers.iter().any(|one| one == word));
        let because = counts.map(|word| Because {
            question: self.question.clone(),
            answer: word.to_owned(),
        });
        because.collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIndicators {
    version: u32,
    profile: Vec<WrittenNeeds>,
    indicator: Vec<WrittenIndicator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNeeds {
    profile: Spanned<String>,
    needs: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIndicator {
    form: Spanned<String>,
    question: Spanned<String>,
    answers: Vec<Spanned<String>>,
    profile: Spanned<String>,
    with: Option<WrittenWhen>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWhen {
    question: Spanned<String>,
    answers: Vec<Spanned<String>>,
}

/// A question of a form that is not sensitive, and answers that can be given to it and say
/// something.
fn understand(
    file: Written<'_>,
    form: &Form,
    question: &Spanned<String>,
    answers: &[Spanned<String>],
) -> Result<When, WrittenError> {
    let known = form.question(question.get_ref());
    let (_, asked) = known.ok_or_else(|| file.wrong(question, "the form has no such question"))?;
    if asked.sensitive.is_some() {
        return Err(file.wrong(question, "nothing is concluded from a sensitive question"));
    }
    for answer in answers {
        let says = match AnswerCode::from_code(answer.get_ref()) {
            // Who does not say is not suspected for it.
            Some(AnswerCode::Declined | AnswerCode::NotAsked) => false,
            Some(code) => asked.takes(&AnswerGiven::Code(code)),
            None => asked.offers(answer.get_ref()),
        };
        if !says {
            return Err(file.wrong(answer, "no answer to this question that says something"));
        }
    }
    if answers.is_empty() {
        return Err(file.wrong(question, "an indicator names answers"));
    }
    Ok(When {
        question: question.get_ref().clone(),
        answers: answers.iter().map(|one| one.get_ref().clone()).collect(),
    })
}
