//! Somebody who works without pause, writes down every answer, and asks again for what was cut off.
//!
//! - A request that got no answer is sent again under its own request id, first thing.
//! - A refusal is a fault of the test or of the ledger: nobody here asks for what may be refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use proto::common::v1::Outcome;
use proto::consent::v1::GiveConsentRequest;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::OpenCaseRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::protection::v1::WithdrawConsentRequest;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::referral::v1::DraftReferralRequest;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::tracking::v1::CloseCaseWorkRequest;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::Status;
use tonic::transport::Channel;

use crate::office::{Office, refused, with_token};

/// A person with a case, as the worker's notes have it.
#[derive(Clone)]
pub struct Known {
    /// The case.
    pub case: String,
    /// The person.
    pub person: String,
    /// The invented name.
    pub name: String,
    /// A consent to be referred.
    pub consent: Option<String>,
    /// What was written on that consent.
    pub needs: Option<String>,
    /// Whether that consent was withdrawn, its keys to be destroyed at once.
    pub withdrawn: bool,
    /// Whether work on the case was closed after that.
    pub closed: bool,
    /// What was written in an emergency then, which opened the case again.
    pub urgent: Option<String>,
    /// Position, name and receipt of every event that an answer named.
    pub told: Vec<(u64, String, String)>,
    /// Whether something happened since it was last compared.
    pub changed: bool,
    /// When what was answered.
    pub times: Times,
}

/// When an answer was in, in microseconds since 1970: never earlier than it was.
#[derive(Clone, Default)]
pub struct Times {
    /// Each event, in the order of the notes.
    pub told: Vec<u64>,
    /// The case.
    pub opened: u64,
    /// The consent.
    pub consent: u64,
    /// What was written on it.
    pub needs: u64,
    /// The withdrawal; and when it was asked for, never later than it was.
    pub withdrawn: u64,
    /// None while nobody asked.
    pub asked: Option<u64>,
    /// The closing.
    pub closed: u64,
    /// What was written in an emergency; and when it was asked for, as above.
    pub urgent: u64,
    /// None while nobody asked.
    pub urgent_asked: Option<u64>,
}

impl Known {
    /// What the notes said at a moment; nothing, if the case was not known yet.
    pub fn as_of(&self, moment: u64) -> Option<Self> {
        let mut then = self.clone();
        let told = self.told.iter().zip(&self.times.told);
        let told = told.filter(|(_, at)| **at < moment);
        then.told = told.map(|(told, _)| told.clone()).collect();
        then.consent = self.consent.clone().filter(|_| self.times.consent < moment);
        then.needs = self.needs.clone().filter(|_| self.times.needs < moment);
        then.withdrawn = self.withdrawn && self.times.withdrawn < moment;
        then.times.asked = self.times.asked.filter(|asked| *asked < moment);
        then.closed = self.closed && self.times.closed < moment;
        then.urgent = self.urgent.clone().filter(|_| self.times.urgent < moment);
        then.times.urgent_asked = self.times.urgent_asked.filter(|asked| *asked < moment);
        (self.times.opened < moment).then_some(then)
    }
}

/// A request that may have to be sent again.
enum Asked {
    Open(OpenCaseRequest, String),
    Consent(usize, GiveConsentRequest),
    Draft(usize, DraftReferralRequest, String),
    Withdraw(usize, WithdrawConsentRequest),
    Close(usize, CloseCaseWorkRequest),
    Urgent(usize, DraftReferralRequest, String),
}

/// One worker with their notes.
pub struct Worker {
    office: Office,
    number: usize,
    /// Everybody they know.
    pub people: Vec<Known>,
    cut_off: Option<Asked>,
    /// How many answers came, to everybody in the office together.
    pub answers: Arc<AtomicUsize>,
}

impl Worker {
    /// Somebody new in the office.
    pub fn new(office: &Office, number: usize, answers: &Arc<AtomicUsize>) -> Self {
        Self {
            office: office.clone(),
            number,
            people: Vec::new(),
            cut_off: None,
            answers: Arc::clone(answers),
        }
    }

    /// Works until the server is gone. `withdrawals` of every hundred steps try to withdraw a
    /// consent.
    pub async fn work(mut self, channel: Channel, withdrawals: u8) -> Self {
        while self.step(&channel, withdrawals).await {}
        self
    }

    /// Asks again for what was cut off, if anything was.
    pub async fn settle(&mut self, channel: &Channel) {
        if let Some(asked) = self.cut_off.take() {
            assert!(
                self.ask(channel, asked).await,
                "the server went away while it was asked again"
            );
        }
    }

    async fn step(&mut self, channel: &Channel, withdrawals: u8) -> bool {
        let next = self.next(withdrawals);
        self.ask(channel, next).await
    }

    /// What to do next: finish the newest case, end or begin work again, take a consent back, or
    /// open a case.
    fn next(&self, withdrawals: u8) -> Asked {
        let newest = self.people.len().wrapping_sub(1);
        if let Some(known) = self.people.last() {
            let Some(consent) = &known.consent else {
                let request = self.office.give_consent(&known.case, &known.person);
                return Asked::Consent(newest, request);
            };
            if known.needs.is_none() {
                let needs = format!("needs of {}", known.name);
                let request = self.office.draft(&known.case, Some(consent), &needs);
                return Asked::Draft(newest, request, needs);
            }
        }
        if random(100) < ENDS
            && let Some(next) = self.ends_or_begins()
        {
            return next;
        }
        let mut unwithdrawn = self
            .people
            .iter()
            .enumerate()
            .filter(|(_, known)| !known.withdrawn);
        if random(100) < withdrawals
            && let Some((index, known)) = unwithdrawn.next()
            && let Some(consent) = &known.consent
        {
            let request = self.office.withdraw_now(&known.case, consent);
            return Asked::Withdraw(index, request);
        }
        let name = format!("Invented {}-{}", self.number, self.people.len());
        Asked::Open(self.office.open_case(&name), name)
    }

    /// Closes the case of the first who withdrew, or writes in it what is urgent.
    fn ends_or_begins(&self) -> Option<Asked> {
        let mut people = self.people.iter().enumerate();
        let (index, known) = people.find(|(_, it)| it.withdrawn && it.urgent.is_none())?;
        if !known.closed {
            return Some(Asked::Close(index, self.office.close_work(&known.case)));
        }
        let words = urgent_needs(&known.name);
        let request = self.office.draft_urgent(&known.case, &words);
        Some(Asked::Urgent(index, request, words))
    }

    /// Sends a request; false if no answer came.
    async fn ask(&mut self, channel: &Channel, asked: Asked) -> bool {
        let answered = match &asked {
            Asked::Open(request, name) => self.open(channel, request.clone(), name).await,
            Asked::Consent(index, request) => self.consent(channel, *index, request.clone()).await,
            Asked::Draft(index, request, needs) => {
                self.draft(channel, *index, request.clone(), needs).await
            }
            Asked::Withdraw(index, request) => {
                // Rounded down: it was asked for later than that.
                let now = SystemClock.now().0 * 1_000;
                self.people[*index].times.asked.get_or_insert(now);
                self.withdraw(channel, *index, request.clone()).await
            }
            Asked::Close(index, request) => self.close(channel, *index, request.clone()).await,
            Asked::Urgent(index, request, words) => {
                let now = SystemClock.now().0 * 1_000;
                self.people[*index].times.urgent_asked.get_or_insert(now);
                self.urgent(channel, *index, request.clone(), words).await
            }
        };
        match answered {
            Ok(()) => {
                self.answers.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(status) => {
                let refused = refused(&status).map(|refused| refused.refusal);
                assert_eq!(refused, None, "{status}");
                self.cut_off = Some(asked);
                false
            }
        }
    }

    async fn open(
        &mut self,
        channel: &Channel,
        request: OpenCaseRequest,
        name: &str,
    ) -> Result<(), Status> {
        let mut client = IntakeServiceClient::new(channel.clone());
        let answer = client
            .open_case(with_token(&self.office.focal, request))
            .await?
            .into_inner();
        self.people.push(Known {
            case: answer.case_id,
            person: answer.client_person_id,
            name: name.to_owned(),
            consent: None,
            needs: None,
            withdrawn: false,
            closed: false,
            urgent: None,
            told: Vec::new(),
            changed: true,
            times: Times {
                opened: now(),
                ..Times::default()
            },
        });
        self.write_down(self.people.len() - 1, answer.outcome, 3);
        Ok(())
    }

    async fn consent(
        &mut self,
        channel: &Channel,
        index: usize,
        request: GiveConsentRequest,
    ) -> Result<(), Status> {
        let mut client = ConsentServiceClient::new(channel.clone());
        let answer = client
            .give_consent(with_token(&self.office.focal, request))
            .await?;
        let answer = answer.into_inner();
        self.people[index].consent = Some(answer.consent_id);
        self.people[index].times.consent = now();
        self.write_down(index, answer.outcome, 1);
        Ok(())
    }

    async fn draft(
        &mut self,
        channel: &Channel,
        index: usize,
        request: DraftReferralRequest,
        needs: &str,
    ) -> Result<(), Status> {
        let mut client = ReferralServiceClient::new(channel.clone());
        let answer = client
            .draft_referral(with_token(&self.office.focal, request))
            .await?;
        self.people[index].needs = Some(needs.to_owned());
        self.people[index].times.needs = now();
        self.write_down(index, answer.into_inner().outcome, 1);
        Ok(())
    }

    async fn withdraw(
        &mut self,
        channel: &Channel,
        index: usize,
        request: WithdrawConsentRequest,
    ) -> Result<(), Status> {
        let mut client = DataProtectionServiceClient::new(channel.clone());
        let turn = (self.number + index) % self.office.withdrawing.len();
        let token = &self.office.withdrawing[turn];
        let answer = client.withdraw_consent(with_token(token, request)).await?;
        self.people[index].withdrawn = true;
        self.people[index].times.withdrawn = now();
        self.write_down(index, answer.into_inner().outcome, 1);
        Ok(())
    }

    async fn close(
        &mut self,
        channel: &Channel,
        index: usize,
        request: CloseCaseWorkRequest,
    ) -> Result<(), Status> {
        let mut client = TrackingServiceClient::new(channel.clone());
        let answer = client
            .close_case_work(with_token(&self.office.focal, request))
            .await?;
        self.people[index].closed = true;
        self.people[index].times.closed = now();
        self.write_down(index, answer.into_inner().outcome, 1);
        Ok(())
    }

    async fn urgent(
        &mut self,
        channel: &Channel,
        index: usize,
        request: DraftReferralRequest,
        words: &str,
    ) -> Result<(), Status> {
        let mut client = ReferralServiceClient::new(channel.clone());
        let answer = client
            .draft_referral(with_token(&self.office.focal, request))
            .await?;
        self.people[index].urgent = Some(words.to_owned());
        self.people[index].times.urgent = now();
        self.write_down(index, answer.into_inner().outcome, 2);
        Ok(())
    }

    fn write_down(&mut self, index: usize, outcome: Option<Outcome>, events: usize) {
        let outcome = outcome.expect("every command has an outcome");
        assert!(
            outcome.receipts.len() >= events,
            "an answer is whole or none: {outcome:?}"
        );
        let known = &mut self.people[index];
        known.changed = true;
        for receipt in outcome.receipts {
            known
                .told
                .push((receipt.position, receipt.event_name, receipt.tlog_proof));
            known.times.told.push(now());
        }
    }
}

/// Of a hundred steps, those that end or begin work on somebody's case where they can.
const ENDS: u8 = 30;

/// What is written about somebody in an emergency.
pub fn urgent_needs(name: &str) -> String {
    format!("urgent needs of {name}")
}

/// Microseconds since 1970, rounded up: what is over by now was over before.
fn now() -> u64 {
    (SystemClock.now().0 + 1) * 1_000
}

/// A random number below a bound; the bias of a byte does not matter here.
pub fn random(below: u8) -> u8 {
    let mut byte = [0];
    SystemEntropy.fill(&mut byte);
    byte[0] % below
}
