//! Words about families (MISSION C14), and about files that may be of one person (C15).

use serde::{Deserialize, Serialize};

codes! {
    /// What the person of a linked file is to somebody.
    Relationship {
        /// Spouse or partner.
        Partner = "partner",
        /// Mother or father.
        Parent = "parent",
        /// Daughter or son.
        Child = "child",
        /// Who looks after them.
        Caregiver = "caregiver",
        /// Whom they look after.
        CaredFor = "cared_for",
        /// Sister or brother.
        Sibling = "sibling",
        /// Who travels with them.
        TravelsTogether = "travels_together",
        /// Who lives with them.
        Household = "household",
    }

    /// What two files have in common that may be of one person (MISSION C15). Never stored.
    Likeness {
        /// The same name, whatever the order of its words and the marks on its letters.
        NameSame = "name_same",
        /// Much the same name: one has more words, or a word is written a little differently.
        NameAlike = "name_alike",
        /// Part of the name: people of one family share it.
        NamePart = "name_part",
        /// The same number to call: people of one household share it.
        PhoneSame = "phone_same",
        /// The same day of birth.
        BirthSame = "birth_same",
        /// About the same age.
        AgeNear = "age_near",
        /// Ages that lie far apart: it speaks against it.
        AgeFar = "age_far",
        /// The same word about gender.
        GenderSame = "gender_same",
        /// A language in common.
        LanguageSame = "language_same",
    }

    /// How much speaks for one person, in words: no number is behind it.
    LikenessStrength {
        /// Look there first.
        Likely = "likely",
        /// It may be a sister or brother, a household with one phone, or chance.
        Possible = "possible",
    }
}
