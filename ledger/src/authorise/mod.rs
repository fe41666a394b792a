//! Authorisation: caller, role, organisation, assignment and purpose make a [`Permitted`], only here.

use crate::domain::command::Request;

/// A request that its caller may make. Made in this module only, consumed by deciding.
#[must_use]
pub struct Permitted {
    request: Request,
}

impl Permitted {
    /// Hands the request over to deciding.
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}
