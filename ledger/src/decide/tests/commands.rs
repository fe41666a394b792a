//! Commands and their parts, short enough that tests read as sentences.

use super::*;

impl World {
    pub(super) fn of(&self, files: &BTreeSet<CaseId>) -> Vec<Arc<Case>> {
        let files = files.iter();
        files.filter_map(|id| self.cases.get(id).cloned()).collect()
    }

    /// Opens a file beside the one at hand, which stays at hand.
    pub(super) fn another_file(
        &mut self,
        caller: StaffId,
        age_group: AgeGroup,
        sensitivity: Sensitivity,
    ) -> CaseId {
        let at_hand = self.case;
        let command = Command::OpenCase {
            identity: Some(identity("Invented")),
            age_group,
            sensitivity,
            consent: Some(taken(Capacity::Own)),
            categories: all_categories(),
        };
        self.ask(caller, command).0.expect("opened");
        let other = self.id();
        self.case = at_hand;
        other
    }

    pub(crate) fn consent_to(&mut self, scope: Scope) -> ConsentId {
        let client = self.client();
        self.consent_by(FRONT, Some(client), Capacity::Own, scope)
    }

    pub(crate) fn consent_by(
        &mut self,
        caller: StaffId,
        given_by: Option<PersonId>,
        capacity: Capacity,
        scope: Scope,
    ) -> ConsentId {
        let command = self.giving(given_by, capacity, scope);
        let mut names = vec!["ConsentGiven"];
        if capacity == Capacity::BestInterests {
            names.push("BestInterestsDecided");
        }
        let done = self.ask(caller, command).done(&names);
        match &done.records[0].event {
            Event::ConsentGiven(given) => given.consent,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn giving(
        &self,
        given_by: Option<PersonId>,
        capacity: Capacity,
        scope: Scope,
    ) -> Command {
        Command::GiveConsent {
            case: self.id(),
            person: self.client(),
            given_by,
            scope,
            consent: taken(capacity),
        }
    }

    pub(crate) fn add(&mut self, role: PersonRole, checked: bool) -> PersonId {
        let command = Command::AddPerson {
            case: self.id(),
            role,
            relationship_checked: checked,
            identity: identity("Somebody"),
            consent: taken(Capacity::Own),
        };
        let done = self.ask(FRONT, command);
        let done = done.done(&["ConsentGiven", "PersonAdded"]);
        match &done.records[1].event {
            Event::PersonAdded(added) => added.person,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn drafting(&self, service: ServiceId, categories: &[DataCategory]) -> Command {
        Command::DraftReferral {
            case: self.id(),
            service,
            urgency: Urgency::Routine,
            ground: None,
            items: items(categories),
            follows: None,
        }
    }

    pub(crate) fn drafted(&mut self, command: Command) -> ReferralId {
        let done = self.ask(FRONT, command).done(&["ReferralDrafted"]);
        match &done.records[0].event {
            Event::ReferralDrafted(drafted) => drafted.referral,
            other => panic!("{other:?}"),
        }
    }

    /// A reviewed routine referral to the clinic.
    pub(crate) fn reviewed(&mut self, categories: &[DataCategory]) -> ReferralId {
        self.reviewed_to(HEALTH, categories)
    }

    pub(crate) fn reviewed_to(
        &mut self,
        service: ServiceId,
        categories: &[DataCategory],
    ) -> ReferralId {
        let command = self.drafting(service, categories);
        let referral = self.drafted(command);
        let command = self.reviewing(referral);
        self.ask(FOCAL, command).done(&["ReferralReviewed"]);
        referral
    }

    pub(crate) fn reviewing(&self, referral: ReferralId) -> Command {
        Command::ReviewReferral {
            case: self.id(),
            referral,
            read_back: true,
            copy_given: false,
        }
    }

    pub(crate) fn sending(&self, referral: ReferralId) -> Command {
        Command::SendReferral {
            case: self.id(),
            referral,
            channel: Channel::Portal,
            follow_up: None,
        }
    }

    pub(crate) fn send(&mut self, referral: ReferralId) -> Outcome {
        let command = self.sending(referral);
        self.ask(FOCAL, command)
    }

    pub(crate) fn withdrawing(&self, consent: Option<ConsentId>) -> Command {
        Command::WithdrawConsent {
            case: self.id(),
            person: None,
            consent,
            part: None,
            shred: ShredWish::AfterPeriod,
        }
    }

    pub(crate) fn state_of(&self, referral: ReferralId) -> ReferralState {
        self.state().referrals[&referral].state
    }

    pub(crate) fn invoking(&self, kind: ExceptionKind) -> Command {
        Command::InvokeException {
            case: self.id(),
            kind,
            reason: match kind {
                ExceptionKind::ImmediateRisk => ExceptionReason::RiskToSelf,
                ExceptionKind::LegalMandate => ExceptionReason::MandatoryReport,
            },
            scope: scope(CLINIC, &[DataCategory::Identity, DataCategory::Health]),
            told: None,
            procedure: match kind {
                ExceptionKind::ImmediateRisk => None,
                ExceptionKind::LegalMandate => REPORT.parse().ok(),
            },
            note: text("reasons"),
        }
    }

    pub(crate) fn invoked(&mut self, kind: ExceptionKind) -> ExceptionId {
        let command = self.invoking(kind);
        let done = self.ask(FRONT, command).done(&INVOKED);
        match &done.records[0].event {
            Event::ExceptionInvoked(invoked) => invoked.exception,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn deciding(&self, exception: ExceptionId, confirm: bool) -> Command {
        Command::DecideException {
            case: self.id(),
            exception,
            confirm,
        }
    }

    /// What the eraser adds once keys are destroyed.
    pub(crate) fn shredded(&mut self, keys: Vec<LeafKeyId>) {
        self.shredding(keys.clone());
        self.told(Shredded {
            keys,
            epoch: 2,
            parts: 1,
            found: false,
        });
    }

    /// What the eraser adds before it begins.
    pub(crate) fn shredding(&mut self, keys: Vec<LeafKeyId>) {
        let rotation = RotationId([5; 16]);
        self.told(ShredStarted { rotation, keys });
    }

    pub(super) fn told(&mut self, event: impl Into<Event>) {
        self.fold(NewEvent {
            stream: StreamId::Case(self.id()),
            recorded: Recorded::At(self.now),
            occurred: None,
            actor: Actor::System,
            event: event.into(),
            personal: Vec::new(),
        });
    }
}

pub(crate) fn text(words: &str) -> Text {
    Text::new(words.to_owned())
}

pub(crate) fn identity(name: &str) -> Identity {
    Identity::named(text(name))
}

/// Somebody who interpreted, vetted and accepted.
pub(crate) fn interpreting(person: Option<PersonId>) -> Interpreter {
    Interpreter {
        person,
        vetted: true,
        accepted: true,
    }
}

pub(crate) fn taken(capacity: Capacity) -> ConsentTaken {
    let decided = capacity == Capacity::BestInterests;
    ConsentTaken {
        capacity,
        form: ConsentForm::Oral,
        explained: Explained::ALL.iter().copied().collect(),
        interpreter: None,
        // The day on which the decision is looked at again.
        expires: decided.then(|| START.plus_ms(60 * DAY_MS)),
        best_interests: decided.then_some(BestInterests {
            caregiver: CaregiverGap::Unsafe,
            view: ChildView::Heard,
        }),
        note: ConsentNote {
            language: text("Dari"),
            present: None,
            note: Some(text("the child's view")),
            support: None,
        },
    }
}

pub(crate) fn all_categories() -> BTreeSet<DataCategory> {
    DataCategory::ALL.iter().copied().collect()
}

/// Consent to refer to one organisation with these categories.
pub(crate) fn scope(recipient: OrganisationId, categories: &[DataCategory]) -> Scope {
    Scope {
        purposes: [Purpose::Referral].into(),
        recipients: [recipient].into(),
        categories: categories.iter().copied().collect(),
        withheld: BTreeSet::new(),
    }
}

pub(crate) fn items(categories: &[DataCategory]) -> Vec<Item> {
    let item = |category: &DataCategory| Item {
        category: *category,
        text: text("content"),
    };
    categories.iter().map(item).collect()
}

pub(crate) fn entry(organisation: OrganisationId) -> ServiceEntry {
    let words = || PublicText(String::from("published"));
    ServiceEntry {
        name: words(),
        organisation,
        organisation_name: words(),
        class: RecipientClass::Service,
        sectors: Vec::new(),
        description: words(),
        locations: Vec::new(),
        languages: Vec::new(),
        eligibility: words(),
        fees: words(),
        schedules: Vec::new(),
        documents: Vec::new(),
        accessibility: Vec::new(),
        how_to_refer: words(),
        contact: words(),
        accepts_referrals: true,
        needs: [
            DataCategory::Identity,
            DataCategory::Health,
            DataCategory::Needs,
            DataCategory::Language,
        ]
        .into(),
        assured_on: None,
        confidential: false,
        details: Default::default(),
    }
}
