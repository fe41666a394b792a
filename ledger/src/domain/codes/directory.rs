//! Closed vocabularies of the directory: what lists of the field say of a service (MISSION D1, D2).

use serde::{Deserialize, Serialize};

codes! {
    /// Who runs a service, seen from here (MISSION D1: own and community services too).
    RunBy {
        /// Another organisation.
        Partner = "partner",
        /// The organisation itself.
        Own = "own",
        /// People of the community, without an organisation.
        Community = "community",
        /// A public authority.
        Authority = "authority",
    }

    /// Of which gender somebody is there to help, where a person asks for it.
    StaffGender {
        /// Women.
        Women = "women",
        /// Men.
        Men = "men",
        /// Others.
        Other = "other",
    }

    /// How a service is referred to.
    ReferralMethod {
        /// The person comes without an appointment.
        WalkIn = "walk_in",
        /// A referral form.
        ReferralForm = "referral_form",
        /// An appointment.
        Appointment = "appointment",
        /// A phone call.
        Phone = "phone",
        /// A mail.
        Email = "email",
        /// Another system that both sides use.
        SharedSystem = "shared_system",
        /// No referral is needed.
        NotRequired = "not_required",
    }

    /// Whether a service has places, as it last said.
    Availability {
        /// It takes people.
        Open = "open",
        /// It takes few.
        Limited = "limited",
        /// It keeps a list of those who wait.
        WaitingList = "waiting_list",
        /// It takes nobody now.
        Full = "full",
    }

    /// How a service was looked at (MISSION D2).
    AssessmentMethod {
        /// Somebody went there.
        Visit = "visit",
        /// Its staff were asked.
        Interview = "interview",
        /// Its papers were read.
        Documents = "documents",
        /// Another organisation that knows it was asked.
        Peer = "peer",
        /// A coordination body answers for it.
        Cluster = "cluster",
        /// People who were referred were asked what came of it; nobody is named.
        OutcomeCheck = "outcome_check",
    }

    /// What an organisation does in the referral mechanism (MISSION D7).
    MechanismRole {
        /// It finds people who may need help.
        Identifies = "identifies",
        /// It determines what somebody is entitled to.
        Determines = "determines",
        /// It manages cases.
        ManagesCases = "manages_cases",
        /// It serves.
        Serves = "serves",
        /// It coordinates the others.
        Coordinates = "coordinates",
    }

    /// Kinds of agreements between organisations (MISSION D4).
    AgreementKind {
        /// A memorandum of understanding.
        Memorandum = "memorandum",
        /// A protocol on sharing data.
        DataSharing = "data_sharing",
        /// Fees and how they are paid.
        Fees = "fees",
    }

    /// Who pays what a service costs (MISSION D4).
    FeePayer {
        /// Nobody: it is free of charge.
        Free = "free",
        /// The person who goes there.
        Person = "person",
        /// The organisation that refers them.
        SendingOrganisation = "sending_organisation",
        /// Somebody who funds the service.
        Funder = "funder",
    }

    /// What a service is to be before anybody is referred to it (MISSION D2).
    Criterion {
        /// Open to people whatever their status.
        RegardlessOfStatus = "regardless_of_status",
        /// Its staff and volunteers were vetted.
        StaffVetted = "staff_vetted",
        /// Its premises are safe.
        SafePremises = "safe_premises",
        /// It asks for no more data than it needs, and keeps them safe.
        DataMinimised = "data_minimised",
        /// People can complain, and somebody answers.
        Complaints = "complaints",
        /// Survivors decide what happens.
        SurvivorCentred = "survivor_centred",
    }
}
