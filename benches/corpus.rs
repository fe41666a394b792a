//! What benches measure on: invented people and cases, the same for the same seed, and ledgers of
//! them.
//!
//! - Nobody here exists; names and words are drawn from the short lists below.
//! - Ids, codes and keys that the ledger makes itself stay random: only what is asked for is
//!   seeded.

pub mod cpu;
pub mod desk;
pub mod place;
pub mod quantile;
pub mod raw;
pub mod unkept;
pub mod world;
pub mod year;

use std::collections::BTreeSet;

use ledger::clock::Entropy;
use ledger::domain::codes::{
    AgeGroup, Capacity, ConsentForm, DataCategory, Explained, Purpose, RecipientClass, Sensitivity,
    Urgency,
};
use ledger::domain::command::{Command, ConsentTaken};
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::ids::{CaseId, OrganisationId, PersonId, ReferralId, ServiceId};
use ledger::domain::personal::{ConsentNote, Identity, Item, Text};
use ledger::domain::scope::Scope;

/// Bytes of personal content in the command that is measured (issue 2, "Speed to reach").
pub const CONTENT_BYTES: usize = 1024;
/// Content whose padded segment is 1 KiB: the step below the one that [`CONTENT_BYTES`] falls into.
pub const FITTING_BYTES: usize = 900;

/// A generator of invented content.
pub struct Corpus {
    state: u64,
}

impl Corpus {
    /// The corpus of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// SplitMix64: enough for content that nobody guards, never for keys.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Words of exactly so many bytes.
    pub fn prose(&mut self, bytes: usize) -> Text {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            text.push_str(self.word());
            text.push(' ');
        }
        text.truncate(bytes);
        Text::new(text)
    }

    /// Who a person is.
    pub fn identity(&mut self) -> Identity {
        let name = format!("{} {}", self.pick(&GIVEN), self.pick(&FAMILY));
        let birth = format!(
            "{}-{:02}",
            1950 + self.number() % 60,
            1 + self.number() % 12
        );
        let language = Text::new(self.pick(&LANGUAGES).to_owned());
        let details = [
            (DataCategory::Age, Text::new(birth)),
            (DataCategory::Language, language),
            (DataCategory::Contact, self.prose(60)),
        ];
        Identity {
            details: details.into(),
            ..Identity::named(Text::new(name))
        }
    }

    /// A consent of the person's own, everything explained.
    pub fn consent(&mut self) -> ConsentTaken {
        let language = Text::new(self.pick(&LANGUAGES).to_owned());
        ConsentTaken {
            capacity: Capacity::Own,
            form: ConsentForm::Oral,
            explained: Explained::ALL.iter().copied().collect(),
            interpreter: None,
            expires: None,
            best_interests: None,
            note: ConsentNote {
                language,
                present: None,
                note: None,
                support: None,
            },
        }
    }

    /// A case of an adult who consents to be recorded.
    pub fn open_case(&mut self) -> Command {
        Command::OpenCase {
            identity: Some(self.identity()),
            age_group: AgeGroup::Adult,
            sensitivity: Sensitivity::Standard,
            consent: Some(self.consent()),
            categories: categories(),
        }
    }

    /// The client's consent to be referred to an organisation.
    pub fn give_consent(
        &mut self,
        case: CaseId,
        client: PersonId,
        recipient: OrganisationId,
    ) -> Command {
        let scope = Scope {
            purposes: [Purpose::Referral].into(),
            recipients: [recipient].into(),
            categories: categories(),
            withheld: BTreeSet::new(),
        };
        let consent = self.consent();
        Command::GiveConsent {
            case,
            person: client,
            given_by: Some(client),
            scope,
            consent,
        }
    }

    /// A draft with so many bytes of content.
    pub fn draft(&mut self, case: CaseId, service: ServiceId, bytes: usize) -> Command {
        Command::DraftReferral {
            case,
            service,
            urgency: Urgency::Routine,
            ground: None,
            items: vec![self.item(bytes)],
            follows: None,
        }
    }

    /// A draft that says a word in every category.
    pub fn draft_of_everything(&mut self, case: CaseId, service: ServiceId) -> Command {
        let items = categories().into_iter().map(|category| Item {
            category,
            text: self.prose(20),
        });
        Command::DraftReferral {
            case,
            service,
            urgency: Urgency::Routine,
            ground: None,
            items: items.collect(),
            follows: None,
        }
    }

    /// The draft again, with so many bytes of content: the command that benches measure. It takes
    /// the whole road (caller, case, service, ground) and leaves the case as large as it was.
    pub fn revise(&mut self, case: CaseId, referral: ReferralId, bytes: usize) -> Command {
        Command::ReviseReferral {
            case,
            referral,
            ground: None,
            items: vec![self.item(bytes)],
        }
    }

    /// A service that takes referrals.
    pub fn service(&mut self, organisation: OrganisationId) -> ServiceEntry {
        let public = |text: &str| PublicText(text.to_owned());
        ServiceEntry {
            name: public("Invented clinic"),
            organisation,
            organisation_name: public("Invented organisation"),
            class: RecipientClass::Service,
            sectors: vec![public("HEALTH")],
            description: public("Does not exist."),
            locations: vec![public("Nowhere")],
            languages: vec![public("English")],
            eligibility: public("Everybody"),
            fees: public("None"),
            schedules: vec![public("Always")],
            documents: Vec::new(),
            accessibility: Vec::new(),
            how_to_refer: public("Here"),
            contact: public("none"),
            accepts_referrals: true,
            needs: categories(),
            assured_on: None,
            confidential: false,
            details: Default::default(),
        }
    }

    fn item(&mut self, bytes: usize) -> Item {
        Item {
            category: DataCategory::Needs,
            text: self.prose(bytes),
        }
    }

    fn word(&mut self) -> &'static str {
        self.pick(&WORDS)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let place = self.number() % u64::try_from(from.len()).unwrap_or(1).max(1);
        usize::try_from(place)
            .ok()
            .and_then(|place| from.get(place))
            .copied()
            .unwrap_or("")
    }
}

impl Entropy for Corpus {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            chunk
                .iter_mut()
                .zip(number)
                .for_each(|(to, from)| *to = from);
        }
    }
}

/// The data categories that consents, services and drafts of the corpus agree on.
fn categories() -> BTreeSet<DataCategory> {
    DataCategory::ALL.iter().copied().collect()
}

const GIVEN: [&str; 8] = [
    "Amina", "Bo", "Chidi", "Dara", "Esi", "Farid", "Goran", "Hana",
];
const FAMILY: [&str; 6] = [
    "Exampleson",
    "Invented",
    "Nobody",
    "Sample",
    "Testova",
    "Placeless",
];
const LANGUAGES: [&str; 4] = ["Arabic", "English", "French", "Tigrinya"];
const WORDS: [&str; 16] = [
    "asks", "for", "help", "with", "a", "room", "near", "the", "school", "and", "someone", "to",
    "talk", "every", "week", "quietly",
];
