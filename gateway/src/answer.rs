//! What a client does with a call: puts the token on it, and reads the refusal out of the answer.

use ledger::refusal::Refused;
use tonic::metadata::MetadataValue;
use tonic::{Request, Status};

/// A call that carries a bearer token. A token that cannot stand in a header is left out, and the
/// server then answers `unauthenticated`.
pub fn with_token<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Ok(mut value) = MetadataValue::try_from(format!("Bearer {token}")) {
        value.set_sensitive(true);
        request.metadata_mut().insert("authorization", value);
    }
    request
}

/// The refusal that a server answered with; nothing if the call failed in another way.
pub fn refused(status: &Status) -> Option<Refused> {
    crate::rpc::status::refused_of(status)
}
