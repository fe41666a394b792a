//! Builds the details of an entry: pairs of a field's name and its value in words.

use std::fmt::Display;

use ledger::clock::{Day, Timestamp};
use ledger::domain::scope::Scope;
use ledger::hex::hex;
use proto::common::v1::Detail;

use crate::wire::time::{day_to_wire, moment_to_text};

/// Details of one event, in the order of its fields.
#[derive(Default)]
pub(super) struct Details(Vec<Detail>);

impl Details {
    /// A field with its value.
    pub(super) fn say(mut self, name: &str, value: impl Display) -> Self {
        self.0.push(Detail {
            name: name.to_owned(),
            value: value.to_string(),
        });
        self
    }

    /// A field that may be empty, and is then left out.
    pub(super) fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.say(name, value),
            None => self,
        }
    }

    /// A field with several values, one detail each.
    pub(super) fn each<T: Display>(self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        values
            .into_iter()
            .fold(self, |details, value| details.say(name, value))
    }

    /// A moment.
    pub(super) fn at(self, name: &str, moment: Timestamp) -> Self {
        self.say(name, moment_to_text(moment))
    }

    /// A moment, where there is one.
    pub(super) fn maybe_at(self, name: &str, moment: Option<Timestamp>) -> Self {
        self.maybe(name, moment.map(moment_to_text))
    }

    /// A day.
    pub(super) fn on(self, name: &str, day: Day) -> Self {
        self.say(name, day_to_wire(day))
    }

    /// A digest in hexadecimal.
    pub(super) fn digest(self, name: &str, digest: &[u8; 32]) -> Self {
        self.say(name, hex(digest))
    }

    /// A scope, code by code.
    pub(super) fn scope(self, scope: &Scope) -> Self {
        self.each("purpose", &scope.purposes)
            .each("scope_recipient", &scope.recipients)
            .each("scope_category", &scope.categories)
            .each("withheld", &scope.withheld)
    }

    /// What was built.
    pub(super) fn finish(self) -> Vec<Detail> {
        self.0
    }
}
