//! Why a file is no packet that can be read or believed.

use std::fmt;

use crate::refusal::{Refusal, Refused};

/// Why a packet is not opened or not believed, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketError {
    /// It does not begin as packets do.
    NoPacket,
    /// It is of another version of the format.
    OtherVersion,
    /// It is shorter or longer than it says.
    CutOff,
    /// Its bytes are not those that were made.
    Altered,
    /// A packet where a reply is wanted, or a reply where a packet is.
    OtherKind,
    /// The passphrase or key does not open it.
    Passphrase,
    /// What is within is not as the format says.
    Text,
    /// No ledger that is known here signed it.
    Sender,
    /// A ledger that is known here signed it, for an organisation that it is not known to sign for.
    Organisation,
}

impl PacketError {
    /// The refusal that it is.
    pub fn refused(self) -> Refused {
        let unreadable = |about| Refused::about(Refusal::PacketUnreadable, about);
        match self {
            Self::NoPacket => unreadable("no_packet"),
            Self::OtherVersion => unreadable("other_version"),
            Self::CutOff => unreadable("cut_off"),
            Self::Altered => unreadable("altered"),
            Self::OtherKind => unreadable("other_kind"),
            Self::Text => unreadable("text"),
            Self::Passphrase => Refusal::PacketPassphrase.into(),
            Self::Sender => Refusal::PacketSender.into(),
            Self::Organisation => Refused::about(Refusal::PacketSender, "organisation"),
        }
    }

    /// The refusal that it is of a reply, which nobody opens by a passphrase: what its key does not
    /// open was altered by who made its digest anew.
    pub fn refused_reply(self) -> Refused {
        match self {
            Self::Passphrase => Self::Altered.refused(),
            Self::Sender | Self::Organisation => Refused::about(Refusal::PacketSender, "reply"),
            Self::NoPacket
            | Self::OtherVersion
            | Self::CutOff
            | Self::Altered
            | Self::OtherKind
            | Self::Text => self.refused(),
        }
    }
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPacket => "not a packet",
            Self::OtherVersion => "a packet of another version of the format",
            Self::CutOff => "the packet is cut off or something was added",
            Self::Altered => "the packet was altered on its way",
            Self::OtherKind => "a packet of the other kind",
            Self::Passphrase => "the passphrase does not open the packet",
            Self::Text => "what is in the packet is not as the format says",
            Self::Sender => "no ledger that is known here signed the packet",
            Self::Organisation => "who signed the packet is not known to sign for its sender",
        })
    }
}

impl std::error::Error for PacketError {}
