//! Cuts a directory file into its records, one at a time and never more than one in memory.
//!
//! - Three forms are read: a JSON array, one object per line, and the page form of the HSDS API
//!   (`{"contents":[…]}`). Which one it is shows at the first characters.
//! - A record that is too large or not whole spoils itself only: the next one is found again.

use std::io::{self, BufRead, ErrorKind};

use ledger::limits::DIRECTORY_RECORD_BYTES_MAX;

/// What stood where a record was expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The bytes of one JSON value, balanced but not yet read as JSON.
    Whole(Vec<u8>),
    /// A value larger than the limit; it was passed over.
    TooLarge,
    /// The file or line ended in the middle of a value, or the text there is not JSON.
    Broken,
}

/// Walks through a file and yields its records.
pub(super) struct Splitter<R> {
    input: R,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    List,
    Lines,
    Ended,
}

impl<R: BufRead> Splitter<R> {
    /// Starts at the beginning of a file.
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            form: Form::Unknown,
        }
    }

    /// The next record, or nothing at the end.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        match self.form {
            Form::Unknown => self.begin(),
            Form::List => self.list_item(),
            Form::Lines => self.line(),
            Form::Ended => Ok(None),
        }
    }

    fn begin(&mut self) -> io::Result<Option<Piece>> {
        for mark in BYTE_ORDER_MARK {
            if self.peek()? == Some(*mark) {
                self.input.consume(1);
            }
        }
        match self.peek_past_space()? {
            None => {
                self.form = Form::Ended;
                Ok(None)
            }
            Some(b'[') => {
                self.input.consume(1);
                self.form = Form::List;
                self.list_item()
            }
            Some(b'{') => self.first_object(),
            Some(_) => {
                self.form = Form::Ended;
                Ok(Some(Piece::Broken))
            }
        }
    }

    /// An object at the start is a page if it has a list called `contents`, else the first line.
    fn first_object(&mut self) -> io::Result<Option<Piece>> {
        let mut kept = Kept::default();
        kept.push(self.take()?.unwrap_or(b'{'));
        self.form = Form::Lines;
        loop {
            while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n' | b',' | b':')) = self.peek()? {
                self.input.consume(1);
                kept.push(byte);
            }
            if self.peek()? == Some(b'}') {
                self.input.consume(1);
                kept.push(b'}');
                return Ok(Some(kept.piece()));
            }
            let key = kept.bytes.len();
            let before = kept.taken;
            if !self.value(&mut kept, Newline::Ends)? {
                return Ok(Some(Piece::Broken));
            }
            if kept.taken == before {
                // Not JSON; the rest of this line goes with it.
                self.line()?;
                return Ok(Some(Piece::Broken));
            }
            let is_contents = kept.bytes.get(key..) == Some(b"\"contents\"".as_slice());
            if is_contents && self.reaches_list(&mut kept)? {
                self.input.consume(1);
                self.form = Form::List;
                return self.list_item();
            }
        }
    }

    fn reaches_list(&mut self, kept: &mut Kept) -> io::Result<bool> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n' | b':')) = self.peek()? {
            self.input.consume(1);
            kept.push(byte);
        }
        Ok(self.peek()? == Some(b'['))
    }

    fn list_item(&mut self) -> io::Result<Option<Piece>> {
        loop {
            match self.peek_past_space()? {
                Some(b',') => self.input.consume(1),
                Some(b']') => {
                    self.form = Form::Ended;
                    return Ok(None);
                }
                None => {
                    // A list without its end was cut off: say so, even between two records.
                    self.form = Form::Ended;
                    return Ok(Some(Piece::Broken));
                }
                Some(_) => break,
            }
        }
        let mut kept = Kept::default();
        if self.value(&mut kept, Newline::Inside)? && kept.taken > 0 {
            return Ok(Some(kept.piece()));
        }
        self.form = Form::Ended;
        Ok(Some(Piece::Broken))
    }

    fn line(&mut self) -> io::Result<Option<Piece>> {
        if self.peek_past_space()?.is_none() {
            self.form = Form::Ended;
            return Ok(None);
        }
        let mut kept = Kept::default();
        while let Some(byte) = self.take()? {
            if byte == b'\n' {
                break;
            }
            kept.push(byte);
        }
        Ok(Some(kept.piece()))
    }

    /// Takes one balanced value; false if the input ended inside it.
    fn value(&mut self, kept: &mut Kept, newline: Newline) -> io::Result<bool> {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        loop {
            let Some(byte) = self.peek()? else {
                return Ok(false);
            };
            let bare_ends = depth == 0 && !quoted;
            if bare_ends && matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\n' | b'\r') {
                return Ok(true);
            }
            self.input.consume(1);
            if quoted && byte == b'\n' && newline == Newline::Ends {
                return Ok(false);
            }
            kept.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 && !quoted && matches!(byte, b'"' | b'}' | b']') {
                return Ok(true);
            }
        }
    }

    fn peek_past_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek()? {
            self.input.consume(1);
        }
        self.peek()
    }

    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.input.consume(1);
        }
        Ok(byte)
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// What a line end inside a quoted text means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Newline {
    /// The record is broken there, and the next line is a new one.
    Ends,
    /// Just a character; JSON reading will refuse it.
    Inside,
}

/// Bytes of a record, up to the limit.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    taken: usize,
}

impl Kept {
    fn push(&mut self, byte: u8) {
        self.taken = self.taken.saturating_add(1);
        if self.bytes.len() < DIRECTORY_RECORD_BYTES_MAX {
            self.bytes.push(byte);
        }
    }

    fn piece(self) -> Piece {
        if self.taken > self.bytes.len() {
            Piece::TooLarge
        } else {
            Piece::Whole(self.bytes)
        }
    }
}

const BYTE_ORDER_MARK: &[u8; 3] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        // A tiny buffer, so that every value crosses buffer ends.
        let input = io::BufReader::with_capacity(3, text.as_bytes());
        let mut splitter = Splitter::new(input);
        let mut found = Vec::new();
        while let Some(piece) = splitter.next_piece().unwrap() {
            found.push(match piece {
                Piece::Whole(bytes) => String::from_utf8(bytes).unwrap(),
                Piece::TooLarge => "too large".to_owned(),
                Piece::Broken => "broken".to_owned(),
            });
        }
        found
    }

    #[test]
    fn the_three_forms_yield_the_same_records() {
        let records = [r#"{"id":"a","x":{"y":[1,"}]\""]}}"#, r#"{"id":"b"}"#];
        let [one, two] = records;
        for text in [
            format!("[{one},\n{two}]"),
            format!("\u{feff} [ {one} , {two} ] "),
            format!("{one}\n{two}\n"),
            format!("{one}\r\n\r\n{two}"),
            format!("{{\"contents\":[{one},{two}]}}"),
            format!(
                "{{\"total_items\": 2, \"note\": {{\"contents\":[]}},\n \"contents\" : \
                 [\n{one},{two}],\"empty\":false}}"
            ),
        ] {
            let found: Vec<String> = pieces(&text)
                .into_iter()
                .map(|piece| piece.trim_end().to_owned())
                .collect();
            assert_eq!(found, records, "{text}");
        }
    }

    #[test]
    fn a_broken_line_spoils_only_itself() {
        let text = "{\"id\":\"a\n{\"id\":\"b\"}\n{\"id\":\n{\"id\":\"c\"}";
        assert_eq!(
            pieces(text),
            ["broken", r#"{"id":"b"}"#, r#"{"id":"#, r#"{"id":"c"}"#]
        );
    }

    #[test]
    fn a_list_that_was_cut_off_says_so() {
        assert_eq!(pieces(r#"[{"id":"a"},{"id":"#), [r#"{"id":"a"}"#, "broken"]);
        assert_eq!(pieces(r#"[{"id":"a"},"#), [r#"{"id":"a"}"#, "broken"]);
        assert_eq!(pieces("["), ["broken"]);
    }

    #[test]
    fn a_record_that_is_too_large_is_passed_over() {
        let large = "x".repeat(DIRECTORY_RECORD_BYTES_MAX);
        let text = format!("[{{\"id\":\"{large}\"}},{{\"id\":\"b\"}}]");
        assert_eq!(pieces(&text), ["too large", r#"{"id":"b"}"#]);
        let text = format!("{{\"id\":\"{large}\"}}\n{{\"id\":\"b\"}}");
        assert_eq!(pieces(&text), ["too large", r#"{"id":"b"}"#]);
    }

    #[test]
    fn nothing_and_something_else_are_told_apart() {
        assert_eq!(pieces(" \n "), [""; 0]);
        assert_eq!(pieces("[]"), [""; 0]);
        assert_eq!(pieces("id,name\n1,2\n"), ["broken"]);
        assert_eq!(pieces("[}"), ["broken"]);
        assert_eq!(pieces("[:]"), ["broken"]);
        assert_eq!(pieces("{]"), ["broken"]);
        assert_eq!(pieces("[1, \"two\", null]"), ["1", "\"two\"", "null"]);
    }
}
