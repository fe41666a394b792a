//! The words of printed pathways and directories that are ours, in the languages that we have.
//!
//! - What organisations wrote is shown as they wrote it. Where we have no words in a language, ours
//!   are English and marked so; nothing is translated by a machine.

use ledger::domain::codes::{MechanismRole, Need};

/// Our words in one language.
pub struct Labels {
    /// Which language.
    pub language: &'static str,
    pub(super) pathways: &'static str,
    pub(super) directory: &'static str,
    pub(super) drawn: &'static str,
    pub(super) in_words: &'static str,
    pub(super) version: &'static str,
    pub(super) printed: &'static str,
    pub(super) ask_first: &'static str,
    pub(super) staff_only: &'static str,
    pub(super) confidential: &'static str,
    pub(super) held_only_in: &'static str,
    pub(super) no_easy_read: &'static str,
    pub(super) one_of: &'static str,
    pub(super) also: &'static str,
    pub(super) continued: &'static str,
    pub(super) continues: &'static str,
    pub(super) area: &'static str,
    pub(super) group: &'static str,
    pub(super) place: &'static str,
    pub(super) open: &'static str,
    pub(super) contact: &'static str,
    pub(super) how: &'static str,
    pub(super) cost: &'static str,
    pub(super) who: &'static str,
    pub(super) papers: &'static str,
    pub(super) access: &'static str,
    pub(super) languages: &'static str,
    pub(super) not_assessed: &'static str,
    pub(super) no_place: &'static str,
    pub(super) see: &'static str,
    pub(super) nothing: &'static str,
    pub(super) free: &'static str,
    /// Who pays: the person, the organisation that refers them, somebody else.
    pub(super) payers: [&'static str; 3],
    pub(super) valid_from: &'static str,
    pub(super) valid_to: &'static str,
    /// From Monday on.
    pub(super) days: [&'static str; 7],
    /// Between the first and the last of several days.
    pub(super) to_day: &'static str,
    hours: (&'static str, &'static str),
    roles: [&'static str; 5],
    needs: [&'static str; 11],
}

impl Labels {
    /// Our words in a language, or English where we have none in it.
    pub fn of(language: &str) -> &'static Self {
        let found = ALL.iter().find(|it| it.language == primary(language));
        found.copied().unwrap_or(&ENGLISH)
    }

    pub(super) fn role(&self, role: MechanismRole) -> &'static str {
        let [identifies, determines, manages, serves, coordinates] = self.roles;
        match role {
            MechanismRole::Identifies => identifies,
            MechanismRole::Determines => determines,
            MechanismRole::ManagesCases => manages,
            MechanismRole::Serves => serves,
            MechanismRole::Coordinates => coordinates,
        }
    }

    pub(super) fn within(&self, hours: u64) -> String {
        let (before, after) = self.hours;
        format!("{before}{hours}{after}")
    }

    pub(super) fn need(&self, need: Need) -> &'static str {
        let place = Need::ALL.iter().position(|one| *one == need);
        let word = place.and_then(|place| self.needs.get(place));
        word.copied().unwrap_or_default()
    }
}

/// The language without script, region and variant: `fr` of `fr-CH`.
pub fn primary(language: &str) -> String {
    let first = language.split(['-', '_']).next().unwrap_or_default();
    first.to_ascii_lowercase()
}

/// Whether words are written from the right.
pub fn is_from_right(language: &str) -> bool {
    let primary = primary(language);
    FROM_RIGHT.contains(&primary.as_str())
}

/// Whether a text is an easy-read one: `en-easy`, or `en-simple` as BCP 47 registers it.
pub fn is_easy_read(language: &str) -> bool {
    let mut parts = language.split(['-', '_']).skip(1);
    parts.any(|part| part.eq_ignore_ascii_case("easy") || part.eq_ignore_ascii_case("simple"))
}

const FROM_RIGHT: &[&str] = &[
    "ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "prs", "sd", "syr", "ug", "ur", "yi",
];

const ALL: &[&Labels] = &[&ENGLISH, &FRENCH, &ARABIC];

const ENGLISH: Labels = Labels {
    language: "en",
    pathways: "Ways to help",
    directory: "Services",
    drawn: "Drawn",
    in_words: "Step by step",
    version: "version",
    printed: "printed on",
    ask_first: "Things change. Ask first whether this still holds.",
    staff_only: "For staff only. Some of these places are confidential: keep this paper where only \
                 staff see it, and destroy it afterwards.",
    confidential: "confidential",
    held_only_in: "We have this only in",
    no_easy_read: "We have no easy-read text of this.",
    one_of: "one of these",
    also: "See also",
    continued: "continued",
    continues: "goes on",
    area: "Where",
    group: "For",
    place: "Where",
    open: "Open",
    contact: "Contact",
    how: "How to get there or be referred",
    cost: "Cost",
    who: "For whom",
    papers: "Papers to bring",
    access: "Access",
    languages: "Languages",
    not_assessed: "we have not checked this service yet",
    no_place: "Place not said",
    see: "see",
    nothing: "Nothing is in this list.",
    free: "Free of charge",
    payers: [
        "you pay",
        "free for you: the organisation that refers you pays",
        "free for you: somebody else pays",
    ],
    valid_from: "from",
    valid_to: "until",
    days: [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
    to_day: "to",
    hours: ("within ", " h"),
    roles: [
        "Whoever meets the person",
        "The body that decides on status",
        "Case manager",
        "The service",
        "Coordinator",
    ],
    needs: [
        "Food, water and household items",
        "Shelter",
        "Health",
        "Mental health and support",
        "Protection",
        "Legal help",
        "School and education",
        "Work",
        "Finding family members",
        "Cash and vouchers",
        "Other help",
    ],
};

const FRENCH: Labels = Labels {
    language: "fr",
    pathways: "Parcours d’aide",
    directory: "Services",
    drawn: "En schéma",
    in_words: "Étape par étape",
    version: "version",
    printed: "imprimé le",
    ask_first: "Les choses changent. Vérifiez d’abord que ces informations sont toujours valables.",
    staff_only: "Réservé au personnel. Certains de ces lieux sont confidentiels : gardez ce \
                 document là où seul le personnel le voit, puis détruisez-le.",
    confidential: "confidentiel",
    held_only_in: "Ce texte n’existe qu’en",
    no_easy_read: "Ce texte n’existe pas en version facile à lire.",
    one_of: "l’un de ces services",
    also: "Voir aussi",
    continued: "suite",
    continues: "à suivre",
    area: "Lieu",
    group: "Pour",
    place: "Adresse",
    open: "Horaires",
    contact: "Contact",
    how: "Comment s’y adresser",
    cost: "Coût",
    who: "Pour qui",
    papers: "Documents à apporter",
    access: "Accessibilité",
    languages: "Langues",
    not_assessed: "nous n’avons pas encore vérifié ce service",
    no_place: "Lieu non précisé",
    see: "voir",
    nothing: "Cette liste est vide.",
    free: "Gratuit",
    payers: [
        "à votre charge",
        "gratuit pour vous : l’organisation qui vous oriente paie",
        "gratuit pour vous : quelqu’un d’autre paie",
    ],
    valid_from: "à partir du",
    valid_to: "jusqu’au",
    days: [
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    ],
    to_day: "à",
    hours: ("sous ", " h"),
    roles: [
        "Toute personne en contact",
        "L’autorité qui décide du statut",
        "Gestionnaire de cas",
        "Le service",
        "Coordination",
    ],
    needs: [
        "Nourriture, eau et articles ménagers",
        "Hébergement",
        "Santé",
        "Santé mentale et soutien",
        "Protection",
        "Aide juridique",
        "École et éducation",
        "Travail",
        "Recherche de la famille",
        "Aide en espèces et bons",
        "Autre aide",
    ],
};

const ARABIC: Labels = Labels {
    language: "ar",
    pathways: "مسارات المساعدة",
    directory: "الخدمات",
    drawn: "المخطط",
    in_words: "خطوة بخطوة",
    version: "النسخة",
    printed: "طُبع في",
    ask_first: "قد تتغير المعلومات. اسأل أولاً إن كانت لا تزال صحيحة.",
    staff_only: "للموظفين فقط. بعض هذه الأماكن سرية: احفظ هذه الورقة حيث لا يراها إلا الموظفون، \
                 ثم أتلفها.",
    confidential: "سري",
    held_only_in: "هذا النص متوفر فقط باللغة",
    no_easy_read: "لا يتوفر لهذا النص إصدار سهل القراءة.",
    one_of: "إحدى هذه الخدمات",
    also: "انظر أيضاً",
    continued: "تابع",
    continues: "يتبع",
    area: "المكان",
    group: "لمن",
    place: "العنوان",
    open: "أوقات العمل",
    contact: "للتواصل",
    how: "كيفية الوصول إلى الخدمة",
    cost: "التكلفة",
    who: "لمن",
    papers: "الوثائق المطلوبة",
    access: "إمكانية الوصول",
    languages: "اللغات",
    not_assessed: "لم نتحقق من هذه الخدمة بعد",
    no_place: "المكان غير مذكور",
    see: "انظر",
    nothing: "لا شيء في هذه القائمة.",
    free: "مجاناً",
    payers: [
        "تدفعه أنت",
        "مجاناً لك: تدفع المنظمة التي تحيلك",
        "مجاناً لك: تدفع جهة أخرى",
    ],
    valid_from: "من",
    valid_to: "حتى",
    days: [
        "الاثنين",
        "الثلاثاء",
        "الأربعاء",
        "الخميس",
        "الجمعة",
        "السبت",
        "الأحد",
    ],
    to_day: "إلى",
    hours: ("المهلة بالساعات: ", ""),
    roles: [
        "من يلتقي بالشخص",
        "الجهة التي تقرر الوضع القانوني",
        "مدير الحالة",
        "الخدمة",
        "المنسق",
    ],
    needs: [
        "الغذاء والماء والمستلزمات المنزلية",
        "المأوى",
        "الصحة",
        "الصحة النفسية والدعم",
        "الحماية",
        "المساعدة القانونية",
        "المدرسة والتعليم",
        "العمل",
        "البحث عن أفراد الأسرة",
        "المساعدة النقدية والقسائم",
        "مساعدة أخرى",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d5_our_words_are_whole_in_each_language_and_english_where_we_have_none() {
        for labels in ALL {
            assert_eq!(labels.needs.len(), Need::ALL.len());
            assert_eq!(labels.roles.len(), MechanismRole::ALL.len());
            let words = labels.needs.iter().chain(&labels.roles);
            let words = words.chain(&labels.days).chain(&labels.payers);
            assert!(words.clone().all(|word| !word.trim().is_empty()));
        }
        assert_eq!(Labels::of("fr-CH").language, "fr");
        assert_eq!(Labels::of("ti").language, "en");
        assert!(is_from_right("ar-SY") && is_from_right("FA") && !is_from_right("fr"));
        assert!(is_easy_read("en-easy") && is_easy_read("de-simple") && !is_easy_read("en"));
    }
}
