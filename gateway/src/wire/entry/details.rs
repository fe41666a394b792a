//! What each event says, field by field. An event that is missing here does not compile.

use ledger::domain::complaint::Against;
use ledger::domain::event::{Event, Given, ViewTarget};
use ledger::domain::fees::FeeOption;
use proto::common::v1::Detail;

use super::detail::Details;
use crate::wire::time::day_to_wire;

/// The details of an event.
pub(super) fn of(event: &Event) -> Vec<Detail> {
    described(event, Details::default()).finish()
}

/// A price in words of ours and the amount; what organisations wrote about it stays in the
/// directory.
fn fee(one: &FeeOption) -> String {
    let amount = one.amount.map(|amount| amount.to_string());
    let parts = [Some(one.payer.code().to_owned()), amount];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What is told besides to who may know of every file of their organisation: of anybody else a
/// count would say how many there are that they may not know of.
pub(super) fn counted(event: &Event) -> Vec<Detail> {
    let to = Details::default();
    let to = if let Event::DuplicatesSought(it) = event {
        to.say("compared", it.compared).say("shown", it.shown)
    } else {
        to
    };
    to.finish()
}

/// One exhaustive match over all events, an arm per line below.
macro_rules! described {
    (|$to:ident| $($event:ident($it:pat) => $details:expr;)*) => {
        fn described(event: &Event, $to: Details) -> Details {
            match event { $(Event::$event($it) => $details,)* }
        }
    };
}

described! { |to|
    LedgerCreated(it) => to.digest("policy", &it.policy);
    PolicyInstalled(it) => to.digest("policy", &it.policy);
    LinkGiven(it) => to.each("service", &it.services);
    RecordRefused(it) => to.maybe("reason", it.reason);
    NeedUnmet(it) => to
        .say("need", it.need).maybe("area", it.area.as_ref().map(|area| &area.0))
        .maybe("age_group", it.age_group);
    StaffRegistered(it) => to
        .say("staff", it.staff).say("organisation", it.organisation).say("ground", it.ground);
    RoleGranted(it) => to.say("role", it.role);
    RoleRevoked(it) => to.say("role", it.role);
    // The digest of a token is of use to nobody who reads.
    TokenIssued(it) => to.say("token", it.token).at("expires", it.expires);
    TokenRevoked(it) => to.say("token", it.token);
    ServiceRegistered(it) => to
        .say("service", it.service).say("name", &it.entry.name.0)
        .say("organisation", it.entry.organisation);
    ServiceUpdated(it) => to
        .say("name", &it.entry.name.0).say("organisation", it.entry.organisation);
    ServiceAssessed(it) => to
        .say("assessment", it.assessment).on("review_on", it.review_on)
        .maybe("method", it.how.method).each("met", &it.how.met).each("unmet", &it.how.unmet)
        .maybe("asked", it.how.asked).maybe("helped", it.how.helped);
    ServiceRetired(_) => to;
    MemberRecorded(it) => to
        .say("name", &it.membership.name.0).each("role", &it.membership.roles)
        .on("since", it.membership.since).maybe("until", it.membership.until.map(day_to_wire))
        .maybe("conduct_signed", it.membership.conduct_signed.map(day_to_wire));
    AgreementRecorded(it) => to
        .say("agreement", it.agreement).say("kind", it.terms.kind)
        .each("party", &it.terms.parties).each("category", &it.terms.categories)
        .each("service", &it.terms.services).on("starts", it.terms.starts)
        .maybe("ends", it.terms.ends.map(day_to_wire));
    PathwayRecorded(it) => to
        .say("need", it.plan.need).say("steps", it.plan.steps.len())
        .each("language", it.plan.texts.iter().map(|text| &text.language.0));
    PathwayRetired(_) => to;
    PlacesReported(it) => to
        .say("availability", it.places.availability).maybe("free", it.places.free)
        .maybe("of", it.places.of).on("on", it.places.on);
    CaseOpened(it) => to
        .say("case", it.case).say("client", it.client).say("code", it.code)
        .say("organisation", it.organisation).say("age_group", it.age_group)
        .say("sensitivity", it.sensitivity).say("documentation", it.documentation);
    PersonAdded(it) => to
        .say("person", it.person).say("role", it.role)
        .say("relationship_checked", it.relationship_checked).each("categories", &it.categories);
    ConsentGiven(it) => to
        .say("consent", it.consent).say("person", it.person).say("given_by", it.given_by)
        .say("capacity", it.capacity).scope(&it.scope).say("form", it.form)
        .each("explained", &it.explained)
        .maybe("interpreter", it.interpreter.and_then(|who| who.person))
        .say("interpreted", it.interpreter.is_some()).maybe_at("expires", it.expires);
    ConsentRefused(it) => to.say("person", it.person).scope(&it.scope);
    ConsentWithdrawn(it) => {
        let to = to.say("consent", it.consent).maybe_at("shred_due", it.shred_due);
        match &it.part {
            Some(part) => to.scope(part),
            None => to,
        }
    };
    WithdrawalUndone(it) => to.say("consent", it.consent);
    ConsentRenewed(it) => to
        .say("consent", it.consent).say("form", it.form).each("explained", &it.explained)
        .maybe("interpreter", it.interpreter.and_then(|who| who.person))
        .say("interpreted", it.interpreter.is_some()).maybe_at("expires", it.expires);
    ContactAgreed(it) => to
        .say("person", it.person).each("channels", &it.contact.channels)
        .each("days", &it.contact.days)
        .maybe("from_minute", it.contact.hours.map(|(from, _)| from))
        .maybe("until_minute", it.contact.hours.map(|(_, until)| until))
        .each("staff", &it.contact.staff).say("words", it.contact.words);
    ConsentExpired(it) => to.say("consent", it.consent).at("shred_due", it.shred_due);
    ExceptionInvoked(it) => to
        .say("exception", it.exception).say("person", it.person).say("kind", it.kind)
        .say("reason", it.reason).scope(&it.scope).say("told", it.told)
        .at("authorise_by", it.authorise_by).at("expires", it.expires);
    ExceptionAuthorised(it) => to.say("exception", it.exception);
    ExceptionRejected(it) => to.say("exception", it.exception).at("shred_due", it.shred_due);
    ExceptionLapsed(it) => to.say("exception", it.exception).at("shred_due", it.shred_due);
    ExceptionTermsSet(it) => to
        .say("exception", it.exception).maybe("procedure", it.procedure.as_ref())
        .say("file", it.file).maybe_at("report_by", it.report_by).at("review_by", it.review_by);
    ToldOfException(it) => to
        .say("exception", it.exception).say("told", it.told).maybe("channel", it.channel);
    ExceptionReviewed(it) => to
        .say("exception", it.exception).say("outcome", it.outcome).each("measure", &it.measures);
    ReportedWhileLapsed(it) => to.say("exception", it.exception).say("training", it.training);
    ReferralDrafted(it) => to
        .say("referral", it.referral).say("service", it.service).say("recipient", it.recipient)
        .each("category", &it.categories).say("urgency", it.urgency).say("ground", it.ground)
        .maybe("follows", it.follows);
    ReferralRevised(it) => to
        .say("referral", it.referral).each("category", &it.categories).say("ground", it.ground);
    ReferralReturned(it) => to.say("referral", it.referral).say("reason", it.reason);
    ReferralReviewed(it) => to
        .say("referral", it.referral).say("read_back", it.read_back)
        .say("copy_given", it.copy_given);
    ReferralSent(it) => to
        .say("referral", it.referral).say("channel", it.channel).each("basis", &it.basis)
        .say("reference", it.reference).at("acknowledge_by", it.acknowledge_by)
        .at("complete_by", it.complete_by);
    ReferralReceived(it) => to.say("referral", it.referral);
    ReferralAccepted(it) => to.say("referral", it.referral);
    ReferralNotAccepted(it) => to.say("referral", it.referral).say("reason", it.reason);
    ReferralCompleted(it) => to.say("referral", it.referral);
    ReferralNotCompleted(it) => to.say("referral", it.referral).say("reason", it.reason);
    ReferralRecalled(it) => to.say("referral", it.referral).say("reason", it.reason);
    ReferralStopped(it) => to
        .say("referral", it.referral).say("recipient_asked", it.recipient_asked);
    ReferralAttested(it) => to.say("service", it.service).say("agreed", it.agreed);
    FollowUpRecorded(it) => to
        .say("referral", it.referral).maybe("person", it.person).say("outcome", it.outcome)
        .say("channel", it.channel);
    DisclosureRecorded(it) => to
        .say("disclosure", it.disclosure).say("recipient", it.recipient)
        .each("category", &it.categories).say("channel", it.channel).each("basis", &it.basis)
        .say("incident", it.incident);
    PersonalDataSeen(it) => match it.target {
        ViewTarget::Case => to.say("target", "case"),
        ViewTarget::Referral(referral) => to.say("target", "referral").say("referral", referral),
        ViewTarget::Interview(id) => to.say("target", "interview").say("interview", id),
        ViewTarget::Profile(person) => to.say("target", "profile").say("person", person),
    }
    .say("purpose", it.purpose);
    StaffAssigned(it) => to.say("staff", it.staff);
    StaffUnassigned(it) => to.say("staff", it.staff);
    ShredStarted(it) => to.say("rotation", it.rotation).each("key", &it.keys);
    Shredded(it) => to
        .each("key", &it.keys).say("epoch", it.epoch).say("parts", it.parts)
        .maybe("found", it.found.then_some(true));
    KeysRotated(it) => to.say("epoch", it.epoch).say("keys", it.keys);
    MirrorAttached(it) => to.say("mirror", it.mirror);
    MirrorDetached(it) => to.say("mirror", it.mirror).say("reason", it.reason);
    // The certificate itself is a file of its own.
    ErasureCertified(it) => to
        .say("rotation", it.rotation).say("completed", it.completed).say("issue", it.issue);
    CiphertextCut(it) => to
        .each("key", &it.keys).say("segments", it.segments).each("outstanding", &it.outstanding)
        .say("frame", it.frame);
    RoleAsked(it) => to.say("role", it.role).say("organisation", it.organisation);
    RoleRejected(it) => to.say("role", it.role);
    TokenAsked(it) => to
        .say("token", it.token).at("expires", it.expires).say("organisation", it.organisation);
    TokenRejected(it) => to.say("token", it.token);
    StaffSeen(_) => to;
    Restored(it) => to
        .say("from", it.from).say("origin", &it.origin.0).say("size", it.size)
        .say("frame", it.frame).say("known_frame", it.known_frame);
    NoticeRecorded(it) => given(to, it.given)
        .say("state", it.state)
        .maybe("outcome", it.outcome)
        .say("channel", it.channel);
    HolderReplaced(it) => to.say("holder", it.holder);
    HoldPlaced(it) => to
        .say("hold", it.hold).maybe("person", it.person).say("reason", it.reason)
        .at("until", it.until);
    HoldReleased(it) => to.say("hold", it.hold);
    RetentionHeld(it) => to.say("hold", it.hold);
    RetentionApplied(it) => to
        .say("consent", it.consent).each("category", it.categories.iter().flatten())
        .say("rule", &it.rule.0).say("version", it.version).at("shred_due", it.shred_due);
    RetentionInstalled(it) => to.digest("rules", &it.digest).say("version", it.version);
    SweepRequested(it) => to
        .say("sweep", it.sweep).say("organisation", it.organisation).say("cases", it.cases)
        .say("version", it.version);
    SweepApproved(it) => to
        .say("sweep", it.sweep).say("organisation", it.organisation).say("version", it.version);
    SweepDone(it) => to
        .say("sweep", it.sweep).say("organisation", it.organisation).say("cases", it.cases)
        .say("held", it.held).say("closed", it.closed).say("staff", it.staff)
        .say("version", it.version).maybe("too_many", it.too_many);
    ClockDoubted(it) => to.at("known", it.known).at("told", it.told);
    MirrorDetachAsked(it) => to
        .say("mirror", it.mirror).say("reason", it.reason).say("organisation", it.organisation);
    MirrorDetachRejected(it) => to.say("mirror", it.mirror);
    WithdrawalsConfirmed(_) => to;
    AnchorSet(it) => to.say("reason", it.reason);
    StreamClosed(it) => to
        .say("organisation", it.organisation).say("rule", &it.rule.0).say("version", it.version)
        .say("keys", it.keys).say("parts", it.parts);
    CuttingAsked(it) => to.say("after_days", it.after_days);
    AgeAssessed(it) => to
        .say("age_group", it.age_group).say("basis", it.basis)
        .maybe("adult_on", it.adult_on.map(day_to_wire)).say("company", it.company);
    BestInterestsDecided(it) => to
        .say("consent", it.consent).say("caregiver", it.caregiver).say("view", it.view);
    OrganisationInstalled(it) => to.digest("file", &it.digest).say("version", it.version);
    RequestReceived(it) => to
        .say("request", it.request).say("person", it.person).say("kind", it.kind)
        .say("requested_by", it.by).each("category", &it.categories).say("channel", it.channel)
        .at("received", it.received).at("due", it.due);
    RequestIdentityChecked(it) => to.say("request", it.request).say("identity", it.outcome);
    RequestExtended(it) => to
        .say("request", it.request).say("reason", it.reason).at("due", it.due)
        .say("told", it.told);
    RequestAdvised(it) => to
        .say("request", it.request).say("answer", it.answer).maybe("reason", it.reason);
    RequestDecided(it) => to
        .say("request", it.request).say("answer", it.answer).maybe("reason", it.reason)
        .each("category", &it.categories);
    RequestCarriedOut(it) => to
        .say("request", it.request).say("person", it.person).say("kind", it.kind);
    RequestClosed(it) => to
        .say("request", it.request).say("end", it.end).say("told", it.told)
        .say("channel", it.channel);
    RestrictionLifted(it) => to
        .say("request", it.request).say("person", it.person).say("told", it.told);
    PersonCorrected(it) => to.say("person", it.person).each("categories", &it.categories);
    BackupListed(it) => to.say("backup", it.backup).say("frame", it.frame).say("epoch", it.epoch);
    BackupStruckOff(it) => to.say("backup", it.backup);
    // The figures themselves are read as such.
    FiguresPublished(it) => to
        .say("organisation", it.organisation).on("from", it.from).on("until", it.until)
        .say("events", it.events).digest("figures", &it.digest);
    SweepWithdrawn(it) => to.say("sweep", it.sweep).say("organisation", it.organisation);
    HoldReleaseAsked(it) => to.say("hold", it.hold);
    HoldReleaseRejected(it) => to.say("hold", it.hold);
    StaffNameEnded(it) => to.say("rule", &it.rule.0).say("version", it.version);
    ReferralCancelled(it) => to
        .say("referral", it.referral).say("asked_by", it.asked_by)
        .say("recipient_asked", it.recipient_asked);
    RecallAsked(it) => to
        .say("referral", it.referral).say("reason", it.reason).at("answer_by", it.answer_by);
    RecallAnswered(it) => to.say("referral", it.referral).say("answer", it.answer);
    FollowUpAgreed(it) => to
        .say("referral", it.referral).say("channel", it.channel).on("on", it.on)
        .each("item", &it.items);
    // Whom a complaint is about, and what about, is told by its own list only.
    ComplaintReceived(it) => to.say("complaint", it.complaint);
    ComplaintAcknowledged(_) => to;
    ComplaintAnswered(_) => to;
    ComplaintSeen(_) => to;
    PersonToldBy(it) => to.say("request", it.request).say("channel", it.channel);
    RecipientNotified(it) => given(to, it.given)
        .say("about", it.about)
        .say("state", it.state)
        .maybe("outcome", it.outcome)
        .maybe("channel", it.channel);
    BreachReported(it) => to
        .say("breach", it.breach).say("organisation", it.organisation).say("kind", it.kind)
        .maybe("suspected", it.suspected.map(who)).maybe_at("happened_from", it.happened_from)
        .maybe_at("happened_until", it.happened_until).maybe_at("suspected_at", it.suspected_at)
        .at("known_at", it.known_at);
    BreachAssessed(it) => to
        .each("harm", &it.harms).each("category", &it.categories)
        .say("people_at_least", it.people.at_least).maybe("people_at_most", it.people.at_most)
        .say("records_at_least", it.records.at_least).maybe("records_at_most", it.records.at_most)
        .each("consequence", &it.consequences).each("measure", &it.measures).say("risk", it.risk);
    BreachNotified(it) => to
        .say("to", it.to).say("phase", it.phase).at("at", it.at)
        .maybe("reference", it.reference.as_ref().map(|reference| &reference.0))
        .maybe("late", it.late);
    BreachTold(it) => to
        .say("how", it.how).say("people_at_least", it.people.at_least)
        .maybe("people_at_most", it.people.at_most).at("at", it.at);
    BreachWithheld(it) => to.say("ground", it.ground);
    BreachClosed(_) => to;
    BreachSeen(_) => to;
    BreachTraced(it) => to
        .maybe("recipient", it.recipient).maybe("service", it.service).maybe("staff", it.staff)
        .maybe_at("from", it.from).maybe_at("until", it.until);
    TrainingRecorded(it) => to.say("training", it.training).say("on", day_to_wire(it.on));
    HandoverOffered(it) => to
        .say("from", it.from).say("to", it.to).each("referral", &it.referrals)
        .each("request", &it.requests);
    // Whether other files go with this one is told by neither.
    HandoverTied(_) => to;
    HandoverTaken(it) => to.say("from", it.from);
    InterviewRecorded(it) => to
        .say("interview", it.interview).say("person", it.person).say("form", it.form)
        .say("version", it.version).digest("digest", &it.digest).each("explained", &it.explained)
        .maybe("language", ledger::interview::language_of(it.form, it.digest))
        .maybe("interpreter", it.interpreter.and_then(|who| who.person))
        .say("interpreted", it.interpreter.is_some()).each("category", &it.categories);
    ProfileRecorded(it) => to
        .say("person", it.person).maybe("interview", it.interview).say("reason", it.reason);
    DeterminationRecorded(it) => to.say("person", it.person).say("body", it.body).on("on", it.on);
    CaseWorkClosed(it) => to
        .say("reason", it.reason).maybe("transferred_by", it.transferred_by)
        .maybe("followed_up", it.followed_up).maybe("no_follow_up", it.no_follow_up)
        .say("told", it.told);
    CaseReopened(it) => to.say("reason", it.reason);
    HandoverDeclined(it) => to.say("to", it.to);
    // Who sent it, and what they call it, is told by its own list only: it may be a hidden service.
    IncomingReceived(it) => to
        .say("incoming", it.incoming).say("organisation", it.organisation)
        .say("channel", it.channel).say("urgency", it.urgency).say("consent", it.consent)
        .at("answer_by", it.answer_by);
    IncomingAssessed(it) => to
        .say("finding", it.finding).say("urgency", it.urgency).at("answer_by", it.answer_by);
    IncomingDecided(it) => to
        .say("decision", it.decision).maybe("reason", it.reason)
        // To whom, its own list tells: it may have hidden services only.
        .say("passed_on_to_somebody", it.passed_to.is_some());
    IncomingAnswered(it) => to.say("told", it.told).say("channel", it.channel);
    IncomingTakenUp(_) => to;
    CaseCameFrom(it) => to.say("incoming", it.incoming);
    PacketTaken(it) => to.say("packet", it.packet).digest("signer", &it.signer);
    ServiceAsked(it) => to
        .say("inquiry", it.inquiry).say("organisation", it.organisation)
        .each("question", &it.asked.questions).say("need", it.asked.need)
        .maybe("age_group", it.asked.age_group).maybe("gender", it.asked.gender)
        .maybe("area", it.asked.area.as_ref().map(|area| &area.0)).say("channel", it.channel);
    ServiceAnswered(it) => to
        .say("inquiry", it.inquiry).maybe("answer", it.answer).maybe("wait_days", it.wait_days)
        .maybe("fee", it.fee).say("channel", it.channel);
    ServiceFeesSet(it) => to
        .each("fee", it.fees.iter().map(fee));
    FeesTold(it) => to.say("referral", it.referral).each("fee", it.fees.iter().map(fee));
    ArrangementRecorded(it) => to
        .say("referral", it.referral).say("kind", it.kind).say("state", it.state);
    ConcernRaised(it) => to.each("concern", &it.concerns);
    SpecialistConsulted(it) => to
        .say("referral", it.referral).each("concern", &it.concerns)
        .say("specialist", it.specialist).say("advice", it.advice).say("channel", it.channel)
        .say("confirmed", it.confirmed);
    AttestedInEmergency(it) => to.say("service", it.service).each("concern", &it.concerns);
    ConsultationConfirmed(it) => to.say("referral", it.referral).say("confirmed", it.confirmed);
    MergeAsked(it) => to.say("merge", it.merge).say("leads", it.leads);
    CasesMerged(it) => to.say("merge", it.merge).say("leads", it.leads);
    MergeRejected(it) => to.say("merge", it.merge);
    CasesUnmerged(it) => to.say("merge", it.merge);
    // How many were compared and shown is for who knows of every file: see `counted`.
    DuplicatesSought(it) => to
        .maybe("opened_from", it.opened_from.map(day_to_wire))
        .maybe("opened_until", it.opened_until.map(day_to_wire));
    FilesLinked(it) => to
        .say("link", it.link).say("one", it.one).say("other", it.other)
        .say("relationship", it.relationship);
    DeputyAsked(it) => to
        .say("staff", it.staff).say("absent", it.absent).on("first", it.first).on("last", it.last)
        .say("organisation", it.organisation);
    DeputyNamed(it) => to
        .say("staff", it.staff).say("absent", it.absent).on("first", it.first).on("last", it.last);
    DeputyRejected(it) => to.say("staff", it.staff).say("absent", it.absent);
    DeputyEnded(it) => to.say("staff", it.staff).say("absent", it.absent);
    WordsEnded(it) => to.say("rule", &it.rule.0).say("version", it.version);
    EndHeld(it) => to.say("reason", it.reason).at("until", it.until);
}

fn given(to: Details, given: Given) -> Details {
    match given {
        Given::Referral(referral) => to.say("referral", referral),
        Given::Disclosure(disclosure) => to.say("disclosure", disclosure),
    }
}

fn who(suspected: Against) -> String {
    match suspected {
        Against::Staff(id) => id.to_string(),
        Against::Service(id) => id.to_string(),
        Against::Organisation(id) => id.to_string(),
    }
}
