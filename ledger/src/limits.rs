//! Every size, count, deadline and queue length, each named once (CONTRIBUTING 11).

// Log (SPEC §7, §8).

/// Commands in one group, at most.
pub const GROUP_COMMANDS_MAX: usize = 256;
/// Commands that are decided together before anything is erased, at most.
pub const TOGETHER_COMMANDS_MAX: usize = 1_024;
/// Bytes of one group's frame, beyond which no further command joins it.
pub const GROUP_BYTES_MAX: usize = 192 * 1024;
/// Bytes that the sealed events of one command may take.
pub const COMMAND_BYTES_MAX: usize = 128 * 1024;
/// Commands waiting for the writer.
pub const QUEUE_COMMANDS_MAX: usize = 1024;
/// Bytes of one journal segment file.
pub const JOURNAL_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes put into sled between two syncs of our own (more was seen to damage it).
pub const STORE_UNSYNCED_BYTES_MAX: usize = 256 * 1024;
/// Bytes of frames that the applier waits for before it writes to sled: each batch wakes all of
/// sled's own threads twice, however small it is.
pub const STORE_BATCH_BYTES: u64 = 192 * 1024;
/// Milliseconds that it waits for them at most. Readers are served from the tail meanwhile.
pub const STORE_BATCH_MS: u64 = 100;
/// Milliseconds that bytes in sled stay unsynced at most.
pub const STORE_UNSYNCED_MS_MAX: u64 = 500;
/// Bytes of applied frames kept in memory while sled lags; a full tail makes writers wait.
pub const TAIL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// sled's page cache.
pub const STORE_CACHE_BYTES: u64 = 48 * 1024 * 1024;
/// Bytes of a ledger's first journal segment: small, so that creating a ledger takes no time.
pub const JOURNAL_FIRST_SEGMENT_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of one journal frame, sealed segments included, at most (a rotation's nodes are the
/// largest).
pub const JOURNAL_FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of one index key.
pub const INDEX_KEY_BYTES_MAX: usize = 1024;
/// Seconds that a child process may take to open the store before it counts as unusable.
pub const STORE_PROBE_SECONDS_MAX: u64 = 120;
/// Seconds between two attempts to prepare a journal segment on a full disk, while somebody asks.
pub const JOURNAL_PREPARE_RETRY_SECONDS: u64 = 1;
/// Seconds between two of them while nobody does.
pub const JOURNAL_ROOM_SECONDS: u64 = 5;
/// Index records that one pass of the storage check holds in memory.
pub const CHECK_RECORDS_MAX: usize = 1_000_000;

/// Frames that are remembered one by one since the opening.
pub const LANDMARKS_RECENT: usize = 256;
/// Every how manieth older frame is remembered.
pub const LANDMARK_EVERY: u64 = 64;
/// Attempts to take a folder's lock, and milliseconds between them: a process that is being started
/// by ours holds it for a moment.
pub const LOCK_ATTEMPTS: u32 = 25;
/// Milliseconds between two attempts.
pub const LOCK_PAUSE_MS: u64 = 20;

// Sealing and keys (SPEC §4, §5).

/// Grants on one segment, at most (OR over grounds).
pub const GRANTS_MAX: usize = 8;
/// Keys in one grant, at most (AND over persons).
pub const GRANT_KEYS_MAX: usize = 4;
/// Segments of one event, at most, the record segment included.
pub const SEGMENTS_MAX: usize = 16;
/// Bytes of one segment's padded plaintext, at most.
pub const SEGMENT_PLAIN_BYTES_MAX: usize = 64 * 1024;
/// Node and leaf keys held open in memory.
pub const KEYS_CACHED_MAX: usize = 65_536;
/// Grants added to one segment by later events, at most.
pub const ADDED_GRANTS_MAX: usize = 64;
/// Bytes of one encoded value.
pub const ENCODED_BYTES_MAX: usize = 64 * 1024;
/// Bytes of new wraps in one rotation; a sweep takes as many rotations as it needs.
pub const ROTATION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Leaves that one rotation leaves behind, at most: what the streams say of them must fit a frame.
pub const SHRED_LEAVES_MAX: usize = 8_000;
/// Leaves that one stream tells of in one event, at most.
pub const SHRED_KEYS_MAX: usize = 2_000;
/// Holders that a root is shared among, at most.
pub const HOLDERS_MAX: u8 = 16;
/// Bytes of a vault's passphrase when it is chosen, at least.
pub const PASSPHRASE_BYTES_MIN: usize = 12;
/// Bytes of a vault's passphrase, at most.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;
/// KiB of memory that a vault's file may make Argon2 take.
pub const PASSPHRASE_MEMORY_KIB_MAX: u32 = 256 * 1024;
/// Passes that a vault's file may ask of Argon2.
pub const PASSPHRASE_PASSES_MAX: u32 = 32;
/// Lanes that a vault's file may ask of Argon2.
pub const PASSPHRASE_LANES_MAX: u32 = 16;
/// Cut records in one frame, at most.
pub const CUTS_PER_FRAME_MAX: usize = 4_096;
/// Streams that are told in one frame that their ciphertext was cut out, at most.
pub const CUT_STREAMS_MAX: usize = 64;

// Proofs (SPEC §9).

/// Bytes of a checkpoint or receipt that a verifier reads, at most.
pub const RECEIPT_BYTES_MAX: usize = 1024 * 1024;
/// Signature lines that a verifier reads.
pub const SIGNATURES_MAX: usize = 64;
/// Bytes of a key name, which is also the origin of the log, at most.
pub const KEY_NAME_BYTES_MAX: usize = 255;
/// Hashes in one inclusion proof, at most: levels of a tree of less than 2^64 leaves.
pub const PROOF_HASHES_MAX: usize = 64;
/// Receipts in the file of one certificate of erasure, at most.
pub const CERTIFICATE_RECEIPTS_MAX: usize = 130;
/// Certificates of erasure issued in one frame, between two groups of commands.
pub const CERTIFICATES_AT_ONCE: usize = 16;
/// Ranges of positions that one line of a certificate names.
pub const CERTIFICATE_RANGES_MAX: usize = 400;
/// Merkle tiles held in memory, 16 KiB each with their inner nodes.
pub const TILES_CACHED: usize = 256;
/// Full Merkle tiles that are written together, off the writer's thread.
pub const TILES_WRITTEN_AT_ONCE: usize = 8;
/// Full Merkle tiles that wait to be written; when as many wait, the next leaf writes them.
pub const TILES_PENDING_MAX: usize = 64;

// State.

/// Stream states held in memory.
pub const STATES_CACHED_MAX: usize = 20_000;

// Rules (SPEC §11).

/// Data categories that an exception may cover: the minimum, not the file (MISSION B5).
pub const EXCEPTION_CATEGORIES_MAX: usize = 6;
/// Years from which on a person is an adult (MISSION B3).
pub const ADULT_YEARS: u8 = 18;
/// Years by which an estimate of an age may be wrong.
pub const ESTIMATE_YEARS: u8 = 2;
/// Years that anybody may have, by an estimate.
pub const AGE_YEARS_MAX: u8 = 130;
/// Bodies mandated for children alone that an organisation's file may name.
pub const MANDATED_BODIES_MAX: usize = 32;
/// Days that a service may say somebody has to wait.
pub const WAIT_DAYS_MAX: u32 = 3_653;
/// Specialists that an organisation's file may name for one kind of suspicion.
pub const SPECIALISTS_MAX: usize = 32;
/// Days that a consent may last before it is asked for again.
pub const CONSENT_DAYS_MAX: u64 = 3_653;
/// Bytes of an organisation's file.
pub const ORGANISATION_BYTES_MAX: usize = 32 * 1024;
/// Days that an organisation's file may allow for anything.
pub const ALLOWED_DAYS_MAX: u16 = 366;
/// Holidays that it may name.
pub const HOLIDAYS_MAX: usize = 1_000;
/// Cases that it may let one member of staff have destroyed at once within a day.
pub const AT_ONCE_PER_DAY_MAX: u32 = 1_000;
/// Hours within which a second person decides on an exception, at most (MISSION B5).
pub const EXCEPTION_AUTHORISE_HOURS_MAX: u32 = 72;
/// Hours that an exception may last: 30 days.
pub const EXCEPTION_LAST_HOURS_MAX: u32 = 30 * 24;
/// Hours within which a third person looks at an exception, at most: 92 days.
pub const EXCEPTION_REVIEW_HOURS_MAX: u32 = 92 * 24;
/// Reporting procedures of an organisation's file.
pub const PROCEDURES_MAX: usize = 50;
/// Bytes of a procedure's name.
pub const PROCEDURE_ID_MAX: usize = 40;
/// Steps of a procedure.
pub const PROCEDURE_STEPS_MAX: usize = 20;
/// Bytes of a step, and of the law that obliges.
pub const PROCEDURE_TEXT_MAX: usize = 500;
/// Days that a procedure's safety assessment may hold.
pub const PROCEDURE_ASSESSED_DAYS_MAX: u32 = 731;
/// Hours that what was withdrawn may be kept: 92 days (MISSION B6).
pub const AFTER_WITHDRAWAL_HOURS_MAX: u32 = 92 * 24;
/// Years from which on every child is asked for its own assent (MISSION B3).
pub const ASSENT_FROM_MAX: u8 = 12;
/// Days that a token may last.
pub const TOKEN_DAYS_MAX: u64 = 366;
/// Days that somebody may stand in for an absent colleague at a time.
pub const DEPUTY_DAYS_MAX: u64 = 92;
/// Days from now until a deputy named today begins, at most.
pub const DEPUTY_AHEAD_DAYS_MAX: u64 = 366;
/// Days after its end in which a deputy and whom they stood in for still count as one person.
pub const DEPUTY_APART_DAYS: u64 = 30;
/// Days that a claimed time may lie back.
pub const CLAIMED_DAYS_MAX: u64 = 7_305;
/// Days until two services tell each other of a referral, at most.
pub const FOLLOW_UP_DAYS_MAX: u32 = 366;
/// Days until a service is due for review again, at most.
pub const REVIEW_DAYS_MAX: u32 = 1_827;
/// Bytes of a file of retention rules.
pub const RETENTION_BYTES_MAX: usize = 32 * 1024;
/// Months that a retention rule may name.
pub const RETENTION_MONTHS_MAX: u32 = 1_200;
/// Days that a legal hold may last before it is placed anew.
pub const HOLD_DAYS_MAX: u64 = 1_827;
/// Months that an organisation may take at most to answer a request, and once more.
pub const REQUEST_MONTHS_MAX: u8 = 12;
/// Months that training or a signed code of conduct may hold.
pub const TRAINING_MONTHS_MAX: u32 = 120;
/// How far a running clock may leave the machine's own count of time before it is doubted.
pub const CLOCK_OFF_MS_MAX: u64 = 3_600_000;
/// Days that a ledger may stand still before its clock is doubted.
pub const CLOCK_GAP_DAYS_MAX: u64 = 30;
/// Calendar months after which a referral that nobody completed keeps nothing from its retention.
pub const IN_USE_MONTHS: u32 = 12;
/// Bytes of a policy table.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;

// Directory import (gateway).

/// Bytes of one directory record in a file, at most.
pub const DIRECTORY_RECORD_BYTES_MAX: usize = 256 * 1024;
/// Records of one directory file, at most.
pub const DIRECTORY_RECORDS_MAX: u64 = 1_000_000;
/// Bytes of a description, of eligibility, fees, or how to refer.
pub const SERVICE_TEXT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one name, place, language, document, opening time.
pub const SERVICE_ITEM_BYTES_MAX: usize = 512;
/// Places, languages, documents, opening times of one service, each.
pub const SERVICE_ITEMS_MAX: usize = 64;
/// Prices of one service, at most.
pub const SERVICE_FEES_MAX: usize = 20;
/// The highest price, in the smallest unit of its currency: a JSON number holds it exactly.
pub const FEE_MINOR_MAX: u64 = 999_999_999_999;
/// Bytes of all text of one service, so that its event fits one segment.
pub const SERVICE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of all texts and services of one pathway.
pub const PATHWAY_BYTES_MAX: usize = 32 * 1024;
/// The longest that an entry may go without being confirmed before it is due for review.
pub const CONFIRM_DAYS_MAX: u32 = 1_830;
/// Agreements with one member of the mechanism.
pub const AGREEMENTS_MAX: usize = 256;
/// The longest time that a step of a pathway may name.
pub const PATHWAY_HOURS_MAX: u32 = 24 * 366;
/// The oldest age that an entry may name.
pub const SERVICE_AGE_MAX: u32 = 150;
/// The most places that a service may say it has.
pub const SERVICE_PLACES_MAX: u32 = 100_000;
/// The most people that an assessment may have asked.
pub const ASSESSED_PEOPLE_MAX: u32 = 100_000;
/// Directory commands in flight at once, so that groups form.
pub const IMPORT_IN_FLIGHT_MAX: usize = 64;
/// Refused records that an import report names one by one; all are counted.
pub const IMPORT_REFUSALS_NAMED_MAX: usize = 1_000;
// Views (SPEC §10).

/// Events between two snapshots of the views.
pub const VIEW_SNAPSHOT_EVENTS: u64 = 20_000;
/// Record parts that views read and fold in one go; readers wait for one such batch at most.
pub const VIEW_BATCH_EVENTS: usize = 1_024;
/// Bytes of one snapshot that views decode, at most.
pub const VIEW_SNAPSHOT_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Rows of one page that a view answers with, at most, whatever was asked for.
pub const VIEW_ROWS_MAX: usize = 500;
/// Milliseconds that the follower of the log waits before it looks whether it should stop.
pub const VIEW_WAIT_MS: u64 = 250;
/// Milliseconds that the follower rests at most after a failure before it tries again.
pub const VIEW_RETRY_MS_MAX: u64 = 5_000;
/// Words of a directory search that count; further ones are ignored.
pub const SEARCH_WORDS_MAX: usize = 16;
/// Bytes of sealed record parts whose events are kept open for who follows the log.
pub const RECENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Events of a group up to which the writer seals alone: waking threads takes longer.
pub const SEALED_ALONE_MAX: usize = 16;
/// Threads that seal a large group, the writer included.
pub const SEALERS_MAX: usize = 4;
/// Events that a thread seals before it looks for more.
pub const SEALED_AT_ONCE: usize = 4;
/// Commands of a group that the writer answers itself: handing over takes longer than so many
/// receipts.
pub const ANSWERED_AT_ONCE_MAX: usize = 4;
/// Groups whose answers are being made.
pub const GROUPS_ANSWERING_MAX: usize = 64;
/// Months that a ground without an end of its own is expected to live: only the cohort of its leaf.
pub const GROUND_MONTHS_DEFAULT: u64 = 60;
/// Frames that boot looks through for the intent of an unfinished rotation.
pub const SCAN_FRAMES_FOR_INTENT: u64 = 64;
/// Milliseconds between two writings of the synced position into the vault.
pub const POSITION_MS: u64 = 1_000;
/// Bytes of a projection snapshot's file, at most.
pub const SNAPSHOT_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of one sealed chunk of a snapshot.
pub const SNAPSHOT_CHUNK_BYTES: usize = 60 * 1024;
/// Places of damage that reading the journal again keeps for the status.
pub const SCRUB_DAMAGE_MAX: usize = 100;
/// Findings that fsck lists before it stops listing.
pub const FINDINGS_MAX: usize = 10_000;

// Copies (SPEC §13).

/// Milliseconds that a mirror may take to acknowledge what it is waited for.
pub const MIRROR_PATIENCE_MS: u64 = 2_000;
/// Bytes for which it is given a millisecond more.
pub const MIRROR_BYTES_PER_MS: u64 = 10_000;
/// Bytes copied to a mirror between two syncs.
pub const MIRROR_BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// Milliseconds after which a failing mirror is tried again.
pub const MIRROR_RETRY_MS: u64 = 1_000;
/// Milliseconds that a mirror waits for frames before it looks whether it should stop.
pub const MIRROR_WAIT_MS: u64 = 250;
/// Milliseconds after which keys that wait for a copy are tried again.
pub const ERASE_RETRY_MS: u64 = 250;
/// How long a backup waits until the list of what was cut out is known to be synced.
pub const BACKUP_PATIENCE_MS: u64 = 5_000;
/// How often it looks.
pub const BACKUP_PAUSE_MS: u64 = 100;

// Figures (MISSION E7).

/// Below this a count that is not zero is small: it is kept back, and with it as much more as it
/// takes that it could be any of more than so many numbers.
pub const FIGURES_SMALL: u64 = 10;
/// What an organisation may raise that to.
pub const FIGURES_SMALL_MAX: u64 = 1_000;
/// Months that one publication may cover.
pub const FIGURES_MONTHS_MAX: usize = 12;
/// Bytes of published figures.
pub const FIGURES_BYTES_MAX: usize = 64 * 1024;
/// Rows of one grouping that are named; smaller ones are added up.
pub const FIGURES_ROWS_MAX: usize = 24;
/// Days after which a directory entry that nobody confirmed counts as stale.
pub const FIGURES_STALE_DAYS: u32 = 180;
/// Months within which what was withdrawn should be destroyed.
pub const FIGURES_ERASED_WITHIN_MONTHS: u32 = 1;
/// Bytes of an answer in words, in an interview.
pub const ANSWER_BYTES_MAX: usize = 200;
/// Bytes of a reason in the organisation's file why a sensitive question is asked.
pub const JUSTIFICATION_BYTES_MAX: usize = 500;
/// Bytes of a form or of the table of indicators.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Letters of a place code.
pub const AREA_CODE_MAX: usize = 12;
/// Letters of what another organisation calls a referral of theirs.
pub const SENDER_REFERENCE_MAX: usize = 36;
/// Letters of the number that an authority gives a notification.
pub const REFERENCE_MAX: usize = 40;
/// Ledgers of others that an organisation's file may name.
pub const EXCHANGE_LEDGERS_MAX: usize = 64;
/// Organisations of one ledger that another one calls by ids of its own.
pub const EXCHANGE_NAMES_MAX: usize = 64;
/// Least bytes of a packet's plaintext, padding included.
pub const PACKET_PLAIN_BYTES_MIN: usize = 4 * 1024;
/// A packet's plaintext with its mark is at most so many bytes.
pub const PACKET_PLAIN_BYTES_MAX: usize = 512 * 1024;
/// A packet's file is at most so many bytes.
pub const PACKET_FILE_BYTES_MAX: usize = PACKET_PLAIN_BYTES_MAX + 1024;
/// Things of one kind that are named of what waits in a case.
pub const WAITING_NAMED_MAX: usize = 10;
/// Files that are handed over together with one.
pub const HANDOVER_FILES_MAX: usize = 20;
/// Files that are compared with one in one search for duplicates.
pub const DUPLICATES_COMPARED_MAX: u32 = 1_000;
/// Files that one search shows; the likely ones first.
pub const DUPLICATES_SHOWN_MAX: usize = 20;
/// Searches for duplicates of one file in a day.
pub const SEARCHES_PER_DAY_MAX: u32 = 10;
/// Words of a name that are compared, letters of each of them, and numbers of a contact.
pub const NAME_WORDS_MAX: usize = 12;
/// Letters of one word.
pub const NAME_LETTERS_MAX: usize = 40;
/// Numbers to call that are compared.
pub const PHONES_MAX: usize = 8;
