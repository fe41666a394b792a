//! Notes, verifier keys and checkpoints: the specifications' own examples, `signed_note` as the
//! other side, and what must be refused.

use signed_note::{StandardSigner, StandardVerifier, VerifierList};

use super::testing::{ORIGIN, SEED, TestLog, TestSigner, log_key, log_signer};
use super::{
    Checkpoint, CheckpointError, Note, NoteError, VerifierKey, verify_checkpoint_consistency,
};
use crate::limits::{RECEIPT_BYTES_MAX, SIGNATURES_MAX};
use crate::merkle::{Hash, ProofError, empty_root};

/// The verifier key and the note of signed-note, section "Example".
const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const TEXT: &str = "first\n\nafter an empty line\n";

fn spec_key() -> VerifierKey {
    SPEC_KEY.parse().unwrap()
}

fn parse_error(note: &str) -> Option<NoteError> {
    Note::parse(note.as_bytes()).err()
}

#[test]
fn the_example_of_the_specification_is_accepted_and_written_the_same() {
    let note = Note::parse(SPEC_NOTE.as_bytes()).unwrap();
    assert_eq!(
        note.verify(&spec_key()),
        Ok("This is an example message.\n")
    );
    assert_eq!(note.to_string(), SPEC_NOTE);
    assert_eq!(spec_key().to_string(), SPEC_KEY);
}

#[test]
fn our_notes_are_accepted_by_the_other_implementation() {
    let note = Note::sign(TEXT, &[&log_signer()]).unwrap().to_string();
    let theirs = StandardVerifier::new(&log_key().to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(theirs)]);
    let read = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, unverified) = read.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    assert_eq!(read.text(), TEXT.as_bytes());
}

#[test]
fn notes_of_the_other_implementation_are_accepted_and_are_the_same_bytes() {
    use base64::Engine as _;
    let mut secret = vec![1];
    secret.extend_from_slice(&SEED);
    let id = u32::from_be_bytes(log_key().id());
    let secret = base64::engine::general_purpose::STANDARD.encode(secret);
    let theirs = StandardSigner::new(&format!("PRIVATE+KEY+{ORIGIN}+{id:08x}+{secret}")).unwrap();
    let mut note = signed_note::Note::new(TEXT.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&theirs]).unwrap();
    let bytes = note.to_bytes();
    assert_eq!(Note::parse(&bytes).unwrap().verify(&log_key()), Ok(TEXT));
    let ours = Note::sign(TEXT, &[&log_signer()]).unwrap();
    assert_eq!(ours.to_string().into_bytes(), bytes);
}

#[test]
fn signatures_of_unknown_keys_are_passed_over_up_to_the_limit() {
    let other = TestSigner::new("witness.example", [7; 32]);
    let log = log_signer();
    let mut signers: Vec<&dyn super::NoteSigner> = vec![&other; SIGNATURES_MAX - 1];
    signers.push(&log);
    let note = Note::sign(TEXT, &signers).unwrap().to_string();
    let parsed = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.signatures().len(), 64);
    assert_eq!(parsed.verify(&log_key()), Ok(TEXT));
    let one_more = format!("{note}{}", note.lines().last().unwrap()) + "\n";
    assert_eq!(parse_error(&one_more), Some(NoteError::TooManySignatures));
}

#[test]
fn the_same_name_with_another_key_is_unknown_and_so_is_the_same_key_with_another_name() {
    let note = Note::sign(TEXT, &[&log_signer()]).unwrap();
    let same_name = TestSigner::new(ORIGIN, [9; 32]).verifier();
    assert_eq!(note.verify(&same_name), Err(NoteError::UnknownKey));
    let same_key = TestSigner::new("other.example", SEED).verifier();
    assert_eq!(note.verify(&same_key), Err(NoteError::UnknownKey));
}

#[test]
fn a_wrong_signature_of_the_known_key_refuses_the_note_though_a_right_one_stands_beside_it() {
    let mut impostor = TestSigner::new(ORIGIN, [9; 32]);
    impostor.false_id = Some(log_key().id());
    let note = Note::sign(TEXT, &[&log_signer(), &impostor]).unwrap();
    assert_eq!(note.verify(&log_key()), Err(NoteError::WrongSignature));
}

#[test]
fn notes_of_a_wrong_form_are_refused() {
    let signature = SPEC_NOTE.lines().last().unwrap();
    for (note, expected) in [
        ("text\n".to_owned(), NoteError::NoSignatures),
        (String::new(), NoteError::NoSignatures),
        (format!("text\n{signature}\n"), NoteError::NoSignatures),
        (format!("text\n\n{signature}"), NoteError::NoSignatures),
        ("text\n\n".to_owned(), NoteError::NoSignatures),
        (format!("text\n\n{signature}\n\n"), NoteError::NoSignatures),
        (
            format!("te\rxt\n\n{signature}\n"),
            NoteError::ControlCharacter,
        ),
        (
            format!("te\0xt\n\n{signature}\n"),
            NoteError::ControlCharacter,
        ),
        (
            format!("te\txt\n\n{signature}\n"),
            NoteError::ControlCharacter,
        ),
        (
            format!("text\n\n{signature}\nmore\n"),
            NoteError::SignatureLine,
        ),
        (
            format!("text\n\n{signature}\n{signature}=\n"),
            NoteError::SignatureLine,
        ),
        (format!("text\n\n {signature}\n"), NoteError::SignatureLine),
        (
            signature.replace('\u{2014}', "text\n\n-") + "\n",
            NoteError::SignatureLine,
        ),
        (
            "text\n\n\u{2014} name\n".to_owned(),
            NoteError::SignatureLine,
        ),
        (
            "text\n\n\u{2014} name AAAAAA==\n".to_owned(),
            NoteError::SignatureLine,
        ),
        (
            "text\n\n\u{2014} name AAAA\n".to_owned(),
            NoteError::SignatureLine,
        ),
        (
            "text\n\n\u{2014} name  AAAAAAAA\n".to_owned(),
            NoteError::SignatureLine,
        ),
        (
            "text\n\n\u{2014}  AAAAAAAA\n".to_owned(),
            NoteError::KeyName,
        ),
        (
            "text\n\n\u{2014} na+me AAAAAAAA\n".to_owned(),
            NoteError::KeyName,
        ),
        (
            "text\n\n\u{2014} na\u{a0}me AAAAAAAA\n".to_owned(),
            NoteError::KeyName,
        ),
        ("a".repeat(RECEIPT_BYTES_MAX + 1), NoteError::TooLong),
    ] {
        let shown: String = note.chars().take(60).collect();
        assert_eq!(parse_error(&note), Some(expected), "{shown:?}");
    }
    assert_eq!(Note::parse(b"text\xff\n\n").err(), Some(NoteError::NotText));
}

#[test]
fn verifier_keys_of_a_wrong_form_are_refused() {
    let error = |text: &str| text.parse::<VerifierKey>().err();
    for text in [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k+",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
    ] {
        assert_eq!(error(text), Some(NoteError::VerifierKey), "{text}");
    }
    // Points of small order: of order 4, and the neutral one.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for weak in [[0; 32], neutral] {
        let key = VerifierKey::new("weak.example", &weak);
        assert_eq!(key, Err(NoteError::VerifierKey));
    }
    let renamed = SPEC_KEY.replace("foo", "bar");
    assert_eq!(error(&renamed), Some(NoteError::VerifierKeyId));
    let capitals = SPEC_KEY.replace("903a", "903A");
    assert_eq!(error(&capitals), Some(NoteError::VerifierKeyId));
    let longer = SPEC_KEY.replace("+530d", "+0530d");
    assert_eq!(error(&longer), Some(NoteError::VerifierKeyId));
    let spaced = SPEC_KEY.replace("/foo", "/ foo");
    assert_eq!(error(&spaced), Some(NoteError::KeyName));
}

#[test]
fn texts_that_are_no_note_s_are_not_signed() {
    for text in ["", "no newline", "tab\t\n", "bell\u{7}\n"] {
        assert_eq!(Note::sign(text, &[&log_signer()]), Err(NoteError::Text));
    }
    assert_eq!(Note::sign(TEXT, &[]), Err(NoteError::NoSignatures));
    for name in ["", "a b", "a+b", "a\nb", &"n".repeat(256)] {
        let signer = TestSigner::new(name, SEED);
        assert_eq!(Note::sign(TEXT, &[&signer]), Err(NoteError::KeyName));
    }
}

#[test]
fn a_checkpoint_is_read_back_as_written_and_extension_lines_are_passed_over() {
    let checkpoint = TestLog::new(5).checkpoint();
    assert_eq!(
        Checkpoint::parse(&checkpoint.text()),
        Ok(checkpoint.clone())
    );
    let extended = checkpoint.text() + "an extension\n";
    assert_eq!(Checkpoint::parse(&extended), Ok(checkpoint));
    // The example of tlog-checkpoint.
    let example =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(Checkpoint::parse(example).unwrap().size, 20_852_163);
}

#[test]
fn checkpoints_of_a_wrong_form_are_refused() {
    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    use CheckpointError::{EmptyRoot, ExtensionLine, Lines, Origin, Root, Size};
    for (text, expected) in [
        (String::new(), Lines),
        ("o\n5\n".to_owned(), Lines),
        (format!("o\n5\n{ROOT}"), Lines),
        (format!("\n5\n{ROOT}\n"), Origin),
        (format!("o\n05\n{ROOT}\n"), Size),
        (format!("o\n+5\n{ROOT}\n"), Size),
        (format!("o\n-5\n{ROOT}\n"), Size),
        (format!("o\n 5\n{ROOT}\n"), Size),
        (format!("o\n0x5\n{ROOT}\n"), Size),
        (format!("o\n\n{ROOT}\n"), Size),
        (format!("o\n18446744073709551616\n{ROOT}\n"), Size),
        ("o\n5\n\n".to_owned(), Root),
        (format!("o\n5\n{ROOT}=\n"), Root),
        (format!("o\n5\n {ROOT}\n"), Root),
        (format!("o\n5\n{}\n", ROOT.trim_end_matches('=')), Root),
        // The last letter before the padding has bits that no byte uses.
        (format!("o\n5\n{}\n", ROOT.replace("I=", "J=")), Root),
        (format!("o\n5\n{}\n", ROOT.replace('/', "_")), Root),
        ("o\n5\nAAAA\n".to_owned(), Root),
        (format!("o\n0\n{ROOT}\n"), EmptyRoot),
        (format!("o\n5\n{ROOT}\n\n"), ExtensionLine),
        (format!("o\n5\n{ROOT}\n\nx\n"), ExtensionLine),
    ] {
        assert_eq!(Checkpoint::parse(&text), Err(expected), "{text:?}");
    }
}

#[test]
fn a_checkpoint_under_another_origin_than_the_key_s_name_is_refused() {
    let mut checkpoint = TestLog::new(5).checkpoint();
    checkpoint.origin = "other.example".to_owned();
    let note = checkpoint.sign(&[&log_signer()]).unwrap();
    let opened = Checkpoint::open(note.as_bytes(), &log_key());
    assert_eq!(opened, Err(CheckpointError::OtherOrigin));
    checkpoint.origin = "two\nlines".to_owned();
    assert_eq!(checkpoint.sign(&[&log_signer()]), Err(NoteError::Text));
}

#[test]
fn a_later_checkpoint_is_accepted_only_if_it_adds_to_the_earlier_one() {
    let (earlier, later) = (TestLog::new(5), TestLog::new(13));
    let sign = |log: &TestLog| log.checkpoint().sign(&[&log_signer()]).unwrap();
    let check = |old: &TestLog, new: &TestLog, proof: &[Hash]| {
        verify_checkpoint_consistency(
            sign(old).as_bytes(),
            sign(new).as_bytes(),
            proof,
            &log_key(),
        )
        .map_err(|error| error.code())
        .map(|(old, new)| (old.size, new.size))
    };
    let proof = later.consistency(5);
    assert_eq!(check(&earlier, &later, &proof), Ok((5, 13)));
    assert_eq!(check(&earlier, &earlier, &[]), Ok((5, 5)));
    assert_eq!(check(&later, &earlier, &proof), Err("proof_size_shrank"));
    assert_eq!(check(&earlier, &later, &proof[1..]), Err("proof_too_short"));
    let mut rewritten = TestLog::new(5);
    rewritten.headers.swap(0, 1);
    assert_eq!(
        check(&rewritten, &later, &proof),
        Err("proof_wrong_old_root")
    );
    let mut forked = TestLog::new(13);
    forked.headers.swap(11, 12);
    assert_eq!(check(&earlier, &forked, &proof), Err("proof_wrong_root"));
    assert_eq!(check(&earlier, &rewritten, &[]), Err("proof_wrong_root"));
}

#[test]
fn the_empty_log_has_a_checkpoint() {
    let checkpoint = TestLog::new(0).checkpoint();
    assert_eq!(checkpoint.root, empty_root());
    let note = checkpoint.sign(&[&log_signer()]).unwrap();
    assert_eq!(
        Checkpoint::open(note.as_bytes(), &log_key()),
        Ok(checkpoint)
    );
}

#[test]
fn an_error_names_its_cause_in_code_and_words() {
    let error = CheckpointError::Inconsistent(ProofError::TooShort);
    assert_eq!(error.code(), "proof_too_short");
    assert_eq!(
        error.to_string(),
        "the later checkpoint does not continue the earlier one: \
         the proof ends before it reaches the root"
    );
}
