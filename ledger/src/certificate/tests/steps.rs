//! What can come of asking one recipient, in every order: the one list that all folds of it are run
//! through, those of the views included (`projections/tests/asked.rs`).

use super::*;

/// Every order of up to so many steps, legal or not.
pub(crate) fn orders(steps_max: usize) -> Vec<Vec<usize>> {
    let mut newest = vec![Vec::new()];
    let mut orders = newest.clone();
    for _ in 0..steps_max {
        let longer = newest.iter().flat_map(|order: &Vec<usize>| {
            (0..STEPS).map(|step| order.iter().copied().chain([step]).collect())
        });
        newest = longer.collect();
        orders.extend(newest.iter().cloned());
    }
    orders
}

const STEPS: usize = 7;

/// One step.
pub(crate) fn event(step: usize, referral: ReferralId) -> Event {
    let told = |state, outcome| {
        NoticeRecorded {
            given: Given::Referral(referral),
            state,
            outcome,
            channel: Channel::Phone,
        }
        .into()
    };
    let destroyed = Some(NoticeOutcome::Destroyed);
    match step {
        0 => ReferralStopped {
            referral,
            recipient_asked: true,
        }
        .into(),
        1 => ReferralCancelled {
            referral,
            asked_by: PersonId([1; 16]),
            recipient_asked: true,
        }
        .into(),
        2 => RecallAnswered {
            referral,
            answer: RecallAnswer::AlreadyActed,
        }
        .into(),
        3 => told(NoticeState::Sent, None),
        4 => told(NoticeState::Confirmed, destroyed),
        5 => told(NoticeState::Failed, None),
        _ => told(NoticeState::Impossible, None),
    }
}
