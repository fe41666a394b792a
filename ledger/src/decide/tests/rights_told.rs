//! B10. How a person is told of what became of a request.

use super::rights::{carry_out, decided, of_kind};
use super::*;

#[test]
fn b10_who_is_told_of_more_time_or_of_the_end_of_a_restriction_is_told_a_safe_way() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Restriction);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
    let waiting = of_kind(&mut world, RequestKind::Access);
    let case = world.id();
    let extend = |told, channel| {
        Command::ExtendRequest(Extending {
            case,
            request: waiting,
            reason: ExtensionReason::Complexity,
            told,
            channel,
        })
    };
    let lift = |told, channel| {
        Command::LiftRestriction(Lifting {
            case,
            request,
            told,
            channel,
        })
    };
    use PersonTold::{NotReached, NotToldUnsafe, Told};
    for (told, channel) in [
        (Told, None),
        (NotReached, Some(Channel::Phone)),
        (NotToldUnsafe, Some(Channel::InPerson)),
    ] {
        for command in [extend(told, channel), lift(told, channel)] {
            let refused = world.ask(DPO, command);
            refused.refused_about(Refusal::Malformed, "channel");
        }
    }
    // They came in person; another way they did not agree to.
    for command in [
        extend(Told, Some(Channel::Phone)),
        lift(Told, Some(Channel::Phone)),
    ] {
        let refused = world.ask(DPO, command);
        refused.refused_about(Refusal::ContactNotSafe, "not_agreed");
    }
    let asked = extend(Told, Some(Channel::InPerson));
    let done = world.clone().ask(DPO, asked);
    done.done(&["RequestExtended", "PersonToldBy"]);
    let asked = extend(NotToldUnsafe, None);
    world.ask(DPO, asked).done(&["RequestExtended"]);
    let asked = lift(Told, Some(Channel::InPerson));
    // What they agreed to since they asked counts, and no more how they came.
    let mut since = world.clone();
    let agreed = Command::AgreeContact(Agreeing {
        case,
        person: world.client(),
        contact: crate::domain::contact::SafeContact {
            channels: [Channel::Phone].into(),
            days: BTreeSet::new(),
            hours: None,
            staff: BTreeSet::new(),
            words: ContactWords::Nothing,
        },
    });
    since.ask(FRONT, agreed).0.expect("agreed");
    let refused = since.ask(DPO, asked.clone());
    refused.refused(Refusal::ContactNotSafe);
    let done = world.ask(DPO, asked);
    done.done(&["RestrictionLifted", "PersonToldBy"]);
}
