//! Whether people are interviewed at all, by which forms and by whom, and which sensitive questions
//! there is a reason to ask (MISSION C8). What the file does not switch on is off.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::at_most;
use super::conduct::{Lapsed, holds};
use crate::clock::Day;
use crate::domain::codes::{InterviewForm, SensitiveTopic, Training};
use crate::domain::staff::Staff;
use crate::limits::{JUSTIFICATION_BYTES_MAX, TRAINING_MONTHS_MAX};
use crate::written::{Written, WrittenError};

/// What the file says of interviews.
#[derive(Clone, Debug, Default)]
pub struct Interviews {
    forms: BTreeSet<InterviewForm>,
    /// Calendar months that training in interviewing holds.
    training: u32,
    justified: BTreeMap<SensitiveTopic, String>,
}

impl Interviews {
    /// Whether a form is used here.
    pub fn uses(&self, form: InterviewForm) -> bool {
        self.forms.contains(&form)
    }

    /// Whether any form is.
    pub fn are_on(&self) -> bool {
        !self.forms.is_empty()
    }

    /// Why a sensitive topic is asked about; none where it is not.
    pub fn justification(&self, topic: SensitiveTopic) -> Option<&str> {
        self.justified.get(&topic).map(String::as_str)
    }

    /// What keeps a member of staff from interviewing: training that is not there or holds no more.
    pub fn lapsed(&self, staff: &Staff, today: Day) -> Option<Lapsed> {
        holds(staff, Training::Interviewing, self.training, today).err()
    }
}

/// As it stands in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenInterviews {
    #[serde(default)]
    forms: Vec<Spanned<String>>,
    training_months: Option<Spanned<u32>>,
    #[serde(default)]
    justified: WrittenJustified,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenJustified {
    religion: Option<Spanned<String>>,
    ethnicity: Option<Spanned<String>>,
    identity_numbers: Option<Spanned<String>>,
    route: Option<Spanned<String>>,
}

impl WrittenInterviews {
    pub(super) fn understand(&self, file: Written<'_>) -> Result<Interviews, WrittenError> {
        let forms = self.forms.iter().map(|word| {
            let form = InterviewForm::from_code(word.get_ref());
            let wrong = || file.wrong(word, format!("{} is no form", word.get_ref()));
            form.ok_or_else(wrong)
        });
        Ok(Interviews {
            forms: forms.collect::<Result<_, _>>()?,
            training: self.training(file)?,
            justified: self.justified.understand(file)?,
        })
    }

    fn training(&self, file: Written<'_>) -> Result<u32, WrittenError> {
        let Some(months) = &self.training_months else {
            // Without it anybody could interview.
            let missing = |form| file.wrong(form, "a form needs training_months beside it");
            return self.forms.first().map_or(Ok(0), |form| Err(missing(form)));
        };
        if *months.get_ref() == 0 {
            return Err(file.wrong(months, "at least 1 month: nobody could ever interview"));
        }
        at_most(file, months, TRAINING_MONTHS_MAX)
    }
}

impl WrittenJustified {
    fn understand(
        &self,
        file: Written<'_>,
    ) -> Result<BTreeMap<SensitiveTopic, String>, WrittenError> {
        let mut justified = BTreeMap::new();
        for topic in SensitiveTopic::ALL {
            let Some(why) = self.of(*topic) else { continue };
            let words = why.get_ref().trim();
            if words.is_empty() {
                let meaning = "say why it is asked, or leave it out";
                return Err(file.wrong(why, meaning));
            }
            if words.len() > JUSTIFICATION_BYTES_MAX {
                let meaning = format!("at most {JUSTIFICATION_BYTES_MAX} bytes");
                return Err(file.wrong(why, meaning));
            }
            justified.insert(*topic, words.to_owned());
        }
        Ok(justified)
    }

    fn of(&self, topic: SensitiveTopic) -> Option<&Spanned<String>> {
        match topic {
            SensitiveTopic::Religion => self.religion.as_ref(),
            SensitiveTopic::Ethnicity => self.ethnicity.as_ref(),
            SensitiveTopic::IdentityNumbers => self.identity_numbers.as_ref(),
            SensitiveTopic::Route => self.route.as_ref(),
        }
    }
}
