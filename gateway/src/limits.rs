//! Every limit of the doors, each named once (CONTRIBUTING 11). The ledger has its own.

use std::time::Duration;

// What one request may hold.

/// Bytes of a short text: a name, a language, a contact.
pub const SHORT_TEXT_BYTES_MAX: usize = 512;
/// Bytes of a long text: an account, a note, a description.
pub const LONG_TEXT_BYTES_MAX: usize = 16 * 1024;
/// Items in any list of a request.
pub const LIST_ITEMS_MAX: usize = 64;
/// Bytes of a page token.
pub const PAGE_TOKEN_BYTES_MAX: usize = 128;
/// Items on a page where the caller names no number.
pub const PAGE_ITEMS_USUAL: usize = 50;
/// Items on a page, at most.
pub const PAGE_ITEMS_MAX: usize = 500;
/// The first year that a time in a request may lie in.
pub const YEAR_MIN: i32 = 1900;
/// The last year that a time in a request may lie in.
pub const YEAR_MAX: i32 = 2200;
/// Bytes of one message that a caller may send.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// Bytes of one message that we send.
pub const RESPONSE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of the headers of one request.
pub const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Bytes of an `authorization` header's value.
pub const BEARER_BYTES_MAX: usize = 128;

// How much may go on at once.

/// Connections open at the same time.
pub const CONNECTIONS_MAX: usize = 512;
/// Streams of one connection open at the same time.
pub const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// Requests of one connection worked on at the same time.
pub const REQUESTS_PER_CONNECTION_MAX: usize = 128;
/// Requests of all connections whose messages are being received at the same time: times
/// `REQUEST_BYTES_MAX`, the memory that strangers can fill.
pub const REQUESTS_RECEIVING_MAX: usize = 1024;
/// Blocking reads of the ledger at the same time.
pub const READS_MAX: usize = 32;
/// Blocking reads of one caller at the same time; further ones wait for these.
pub const READS_PER_CALLER_MAX: usize = 8;
/// Blocking reads of one caller that may wait; further ones are refused.
pub const READS_WAITING_PER_CALLER_MAX: usize = 256;
/// Searches for duplicates at the same time; one of each caller.
pub const SEARCHES_MAX: usize = 4;
/// How long one may take, before the caller is asked to name fewer files.
pub const SEARCH_TIME_MAX: Duration = Duration::from_secs(20);
/// Callers that follow changes at the same time.
pub const WATCHERS_MAX: usize = 128;
/// Streams of sealed entries at the same time.
pub const SEALED_STREAMS_MAX: usize = 8;
/// Sealed entries read at once for a stream; each is at most one command's bytes.
pub const SEALED_ENTRIES_AT_ONCE: usize = 16;
/// Items waiting for a slow reader of a stream.
pub const STREAM_ITEMS_WAITING_MAX: usize = 16;
/// Bytes of one connection under way that nobody has read yet.
pub const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Streams that a peer may reset before we answered, before its connection is closed.
pub const RESET_STREAMS_MAX: usize = 64;

// How long things may take.

/// A request without a deadline of its own, and the longest deadline that is honoured.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// How long a read waits for the views to see a position.
pub const CATCH_UP_TIME_MAX: Duration = Duration::from_secs(5);
/// How often an idle connection is asked whether it lives.
pub const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
/// How long it may take to say so.
pub const KEEPALIVE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a connection may say nothing: longer than a living one needs to answer a ping.
pub const SILENCE_TIME_MAX: Duration = Duration::from_secs(60);
/// How long the opening of a connection may take, a TLS handshake included.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long requests under way may go on after a stop was asked for.
pub const STOP_TIME_MAX: Duration = Duration::from_secs(10);
/// How long accepting connections rests after the machine refused one.
pub const ACCEPT_REST: Duration = Duration::from_millis(50);
/// How long one question for metrics may take.
pub const METRICS_TIME_MAX: Duration = Duration::from_secs(5);
/// How long it may take to ask it.
pub const METRICS_ASK_MAX: Duration = Duration::from_secs(1);
/// Questions for metrics at once.
pub const METRICS_AT_ONCE: usize = 8;
/// Bytes of one question for metrics.
pub const METRICS_REQUEST_BYTES_MAX: usize = 4 * 1024;
/// How often the ledger looks for ciphertext that is due to be cut out.
pub const CUT_EVERY: Duration = Duration::from_secs(60);
/// How often the store is built anew for it, at most.
pub const CUT_STORE_EVERY: Duration = Duration::from_secs(20 * 3600);
/// How often the whole journal is read again, to find what was damaged since it was written.
pub const SCRUB_EVERY: Duration = Duration::from_secs(20 * 3600);
/// Bytes of it read in one go, and the pause after them: 8 MiB in a second.
pub const SCRUB_BYTES: u64 = 2 * 1024 * 1024;
/// See [`SCRUB_BYTES`].
pub const SCRUB_PAUSE: Duration = Duration::from_millis(250);
/// How often due consents are looked for.
pub const TICK_EVERY: Duration = Duration::from_secs(2);
/// Due steps of each kind taken in one tick, so that none keeps the others waiting.
pub const TICK_STEPS_MAX: usize = 256;
/// How long a reading waits before it asks again whether somebody waits for it.
pub const WANTED_EVERY: Duration = Duration::from_millis(100);
/// How long one look at the log for a follower blocks.
pub const FOLLOW_WAIT_MS: u64 = 500;
/// Events that a follower takes from the log at once.
pub const FOLLOW_EVENTS_MAX: usize = 256;
/// Months ahead that may be asked about what will be over.
pub const DUE_AHEAD_MONTHS_MAX: u32 = 120;
