//! Why something was destroyed and since when it was out of use, where the same consent was ended
//! more than once.

use super::copies::{lines, newest_text, record};
use super::*;
use crate::domain::codes::{ConsentForm, RequestKind};
use crate::domain::event::{
    Actor, ConsentExpired, ConsentRenewed, ConsentWithdrawn, Event, RequestCarriedOut,
};
use crate::domain::ids::SubjectRequestId;
use crate::domain::scope::Scope;

/// The cause on the newest certificate, and where the ground was taken out of use.
fn told(desk: &Desk) -> (String, Vec<String>) {
    let text = newest_text(desk);
    let ground = lines(&text, "ground").remove(0);
    let cause = ground.split(' ').nth(3).unwrap().to_owned();
    let fenced = lines(&text, "event").into_iter();
    let fenced = fenced.filter(|line| line.starts_with("fenced "));
    let position = |line: String| line.split(' ').nth(1).unwrap().to_owned();
    (cause, fenced.map(position).collect())
}

fn withdrawn(desk: &Desk) -> Vec<String> {
    let ledger = desk.opened();
    let withdrawal = desk.withdrawal_at_once();
    let done = ledger.submit(request(Caller::Staff(FOCAL), withdrawal));
    let position = done.unwrap().entries[0].position;
    settle(ledger, desk).close().unwrap();
    vec![position.to_string()]
}

/// A deletion of a part was carried out by somebody, as the last that happened; where its last
/// event stands.
fn deleted_in_part(desk: &Desk, by: Actor) -> u64 {
    let mut writer = desk.writer();
    let stream = StreamId::Case(desk.case);
    let done = RequestCarriedOut {
        request: SubjectRequestId([9; 16]),
        person: desk.client,
        kind: RequestKind::Deletion,
    };
    let of_a_part = ConsentWithdrawn {
        consent: desk.consent,
        part: Some(Scope {
            categories: [DataCategory::Health].into(),
            ..Scope::default()
        }),
        shred_due: None,
    };
    let events = [done.into(), of_a_part.into()];
    let events = events.map(|event: Event| {
        let mut event = writer.told(stream, event);
        event.actor = by;
        event
    });
    let mut staged = writer.stage_events(events.into()).unwrap();
    let first = staged.first;
    writer.append(&mut staged, false).unwrap();
    writer.close().unwrap();
    first + 1
}

#[test]
fn e3_what_the_person_takes_back_after_a_deletion_of_a_part_is_their_own_deed() {
    // Whoever carried it out: by another hand, and by the same one right afterwards.
    for by in [Actor::System, Actor::Staff(FOCAL)] {
        let desk = Desk::new();
        let last = deleted_in_part(&desk, by);
        // The next command is another one, be it a millisecond later.
        std::thread::sleep(std::time::Duration::from_millis(2));
        let position = withdrawn(&desk);
        assert_eq!(position, [(last + 1).to_string()], "nothing is between");
        assert_eq!(told(&desk), ("withdrawn-at-once".to_owned(), position));
    }
}

#[test]
fn b6_what_ran_out_and_was_given_anew_is_out_of_use_since_it_was_withdrawn() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let stream = StreamId::Case(desk.case);
    let consent = desk.consent;
    let expired = ConsentExpired {
        consent,
        shred_due: Timestamp(u64::MAX / 2),
    };
    let renewed = ConsentRenewed {
        consent,
        form: ConsentForm::Oral,
        explained: [].into(),
        interpreter: None,
        expires: None,
    };
    record(&mut writer, stream, expired.into());
    record(&mut writer, stream, renewed.into());
    writer.close().unwrap();
    let position = withdrawn(&desk);
    assert_eq!(told(&desk), ("withdrawn-at-once".to_owned(), position));
}
