//! Interviews, profiles and determinations (MISSION C8). What was answered suggests, and nothing
//! here decides by it: a person does, and what a mandated body determines delays nobody's help.
//!
//! - Off unless the organisation's file names a form; for staff whose training in interviewing
//!   holds, on top of their role.
//! - Only what the person's consent to a record holds may be written down, category by category.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, about_category};
use super::{Decision, NewPersonal, conduct, consent, cover, rights};
use crate::domain::case::Case;
use crate::domain::codes::*;
use crate::domain::command::{Determining, Interviewing, Profiling};
use crate::domain::event::{DeterminationRecorded, InterviewRecorded, ProfileRecorded};
use crate::domain::ids::{GroundId, PersonId};
use crate::domain::personal::{Answer, Answers, Determined, Personal, Profiled};
use crate::domain::stream::StreamId;
use crate::interview::{FORM_LANGUAGE, Form, Translation, form, translation};
use crate::refusal::{Refusal, Refused};

/// Records what somebody answered, one personal part for each category.
pub(super) fn record(context: &mut Context<'_>, it: Interviewing) -> Result<Decision, Refused> {
    let case = context.case()?;
    if !context.rules.organisation.interviews.uses(it.form) {
        let off = Refused::about(Refusal::InterviewOff, it.form.code());
        return Err(context.refuse(off));
    }
    may_take(context, &case, it.person)?;
    for wanted in [Explained::RightToRefuse, Explained::ConfidentialityLimits] {
        let missing = !it.explained.contains(&wanted);
        context.object_if(missing, Refusal::ExplanationIncomplete, wanted.code());
    }
    consent::check_interpreter(context, Some(&case), it.interpreter);
    let known = case.interviews.get(&it.interview);
    let another = known.is_some_and(|known| (known.person, known.form) != (it.person, it.form));
    context.object_if(another, Refusal::AlreadyExists, "interview");
    let digest = digest_of(context, it.form, it.language.as_deref());
    let form = form(it.form);
    let answers = fitting(context, form, it.answers);
    let mut parts = Vec::new();
    let categories: BTreeSet<_> = answers.keys().copied().collect();
    for (category, answers) in answers {
        let answers = Answers {
            form: it.form,
            category,
            answers,
        };
        parts.extend(part(context, &case, it.person, Personal::Answers(answers)));
    }
    context.settle()?;
    let recorded = InterviewRecorded {
        interview: it.interview,
        person: it.person,
        form: it.form,
        version: form.version(),
        digest,
        explained: it.explained,
        interpreter: it.interpreter,
        categories,
    };
    let event = context.event_with(StreamId::Case(case.id), recorded, parts);
    Ok(Decision::of(vec![event]))
}

/// The digest of the words that were said: the form's, or its translation's. Objects to a language
/// that the form is not there in: what was said in it nobody could read back.
fn digest_of(context: &mut Context<'_>, which: InterviewForm, language: Option<&str>) -> [u8; 32] {
    let own = language.is_none_or(|one| one == FORM_LANGUAGE);
    let translated = language.and_then(|one| translation(which, one));
    let unknown = !own && translated.is_none();
    context.object_if(unknown, Refusal::NotFound, "language");
    translated.map_or_else(|| form(which).digest(), Translation::digest)
}

/// The answers by category, in the order of the form; objects to those that fit no question of it,
/// and to those that nobody may ask here.
fn fitting(
    context: &mut Context<'_>,
    form: &Form,
    answers: Vec<Answer>,
) -> BTreeMap<DataCategory, Vec<Answer>> {
    context.object_if(answers.is_empty(), Refusal::AnswerInvalid, "answers");
    let mut in_order = BTreeMap::new();
    for answer in answers {
        let Some((place, question)) = form.question(answer.question.reveal()) else {
            context.object(Refused::about(Refusal::NotFound, "question"));
            continue;
        };
        let file = &context.rules.organisation.interviews;
        let off = question
            .sensitive
            .is_some_and(|topic| file.justification(topic).is_none());
        context.object_if(off, Refusal::QuestionOff, &question.id);
        let fits = question.takes(&answer.given);
        let twice = in_order
            .insert(place, (question.category, answer))
            .is_some();
        context.object_if(!fits || twice, Refusal::AnswerInvalid, &question.id);
    }
    let mut answers: BTreeMap<DataCategory, Vec<Answer>> = BTreeMap::new();
    for (category, answer) in in_order.into_values() {
        answers.entry(category).or_default().push(answer);
    }
    answers
}

/// Records which profile a member of staff decided on. It takes the place of the one before.
pub(super) fn profile(context: &mut Context<'_>, it: Profiling) -> Result<Decision, Refused> {
    let case = context.case()?;
    if !context.rules.organisation.interviews.are_on() {
        return Err(context.refuse(Refusal::InterviewOff));
    }
    may_take(context, &case, it.person)?;
    context.object_if(it.profiles.is_empty(), Refusal::AnswerInvalid, "profiles");
    let none = Profile::NoneOfThese;
    let both = it.profiles.contains(&none) && it.profiles.len() > 1;
    context.object_if(both, Refusal::AnswerInvalid, none.code());
    // Indicators are in the answers of an interview, and nowhere else.
    let without = it.reason == ProfileReason::Indicators && it.interview.is_none();
    context.object_if(without, Refusal::AnswerInvalid, "interview_id");
    let of_other = it.interview.and_then(|id| case.interviews.get(&id));
    let of_other = of_other.is_some_and(|interview| interview.person != it.person);
    context.object_if(of_other, Refusal::NotFound, "interview");
    let profiled = Profiled {
        profiles: it.profiles,
        words: it.words,
    };
    let part = part(context, &case, it.person, Personal::Profile(profiled));
    context.settle()?;
    let recorded = ProfileRecorded {
        person: it.person,
        interview: it.interview,
        reason: it.reason,
    };
    let parts = part.into_iter().collect();
    let event = context.event_with(StreamId::Case(case.id), recorded, parts);
    Ok(Decision::of(vec![event]))
}

/// Records what staff were told that a mandated body determined.
pub(super) fn determination(
    context: &mut Context<'_>,
    it: &Determining,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let body = context.member()?;
    context.needs_documentation(&case);
    rights::needs_unrestricted(context, &case, it.person);
    if case.record_ground(it.person, context.now).is_none() {
        return Err(context.refuse(cover::no_record(&case, it.person)));
    }
    let future = it.on > context.now.day();
    context.object_if(future, Refusal::TimeInvalid, "on");
    let mandated = body.membership.has(MechanismRole::Determines, it.on);
    context.object_if(!mandated, Refusal::BodyNotMandated, "body_id");
    let none = it.profile == Profile::NoneOfThese;
    context.object_if(none, Refusal::AnswerInvalid, "profile");
    let determined = Determined {
        profile: it.profile,
        outcome: it.outcome,
    };
    let part = part(
        context,
        &case,
        it.person,
        Personal::Determination(determined),
    );
    context.settle()?;
    let recorded = DeterminationRecorded {
        person: it.person,
        body: it.body,
        on: it.on,
    };
    let parts = part.into_iter().collect();
    let event = context.event_with(StreamId::Case(case.id), recorded, parts);
    Ok(Decision::of(vec![event]))
}

/// Objects to whoever is not designated, and to taking down what nobody may write or use.
fn may_take(context: &mut Context<'_>, case: &Case, person: PersonId) -> Result<(), Refused> {
    needs_designation(context);
    context.needs_documentation(case);
    rights::needs_unrestricted(context, case, person);
    if case.record_ground(person, context.now).is_none() {
        return Err(context.refuse(cover::no_record(case, person)));
    }
    Ok(())
}

/// Objects to who is not trained in interviewing, or not any more.
pub(super) fn needs_designation(context: &mut Context<'_>) {
    let Some(caller) = context.calling() else {
        return;
    };
    let file = &context.rules.organisation.interviews;
    if let Some(lapsed) = file.lapsed(&caller, context.now.day()) {
        context.object(conduct::refused(lapsed));
    }
}

/// A personal part on the person's own consent to a record that holds its category.
fn part(
    context: &mut Context<'_>,
    case: &Case,
    person: PersonId,
    content: Personal,
) -> Option<NewPersonal> {
    let category = content.category()?;
    let ground: Option<GroundId> = case.record_ground_for(person, &[category].into(), context.now);
    let Some(ground) = ground else {
        context.object(about_category(Refusal::CategoryNotCovered, category));
        return None;
    };
    Some(NewPersonal {
        persons: vec![person],
        grounds: vec![ground],
        content,
    })
}
