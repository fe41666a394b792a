//! Long labels in lines that fit a box of a drawing. Nobody measures letters here: each is taken
//! for rather wide, so that a line is too short before it is too long.

/// Lines of a text, none wider than this, in hundredths of the size of the letters.
pub(super) fn lines(text: &str, width_max: u32) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut filled) = (String::new(), 0);
    for word in text.split_whitespace() {
        let wide = width(word);
        let between = if line.is_empty() { 0 } else { SPACE };
        if filled + between + wide <= width_max {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            filled += between + wide;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        // A word wider than a line is cut, never a letter from its marks.
        filled = 0;
        for letter in word.chars() {
            let wide = width_of(letter);
            if wide > 0 && filled + wide > width_max && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0;
            }
            line.push(letter);
            filled += wide;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn width(word: &str) -> u32 {
    word.chars().map(width_of).sum()
}

/// How wide a letter is at most in the usual type faces.
fn width_of(letter: char) -> u32 {
    match letter {
        // Marks that stand over or under a letter, and what joins letters.
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' => 0,
        'i' | 'j' | 'l' | 't' | 'f' | 'I' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' => 38,
        ' ' => SPACE,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 98,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' => 100,
        upper if upper.is_uppercase() => 74,
        '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => 76,
        _ => 62,
    }
}

const SPACE: u32 = 34;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d5_every_letter_of_a_long_label_stands_in_a_line_that_fits() {
        let letters = "x".repeat(512);
        for text in [
            "The focal point calls the person, at the hours that the person said",
            letters.as_str(),
            "يتصل منسق الإحالة بالشخص في الأوقات التي حددها",
            "難民認定の手続きについて相談するための窓口",
            "",
        ] {
            let lines = lines(text, 900);
            assert!(lines.iter().all(|line| width(line) <= 900), "{lines:?}");
            let without_spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().concat();
            assert_eq!(without_spaces(&lines.concat()), without_spaces(text));
        }
    }

    #[test]
    fn a_mark_is_never_cut_from_its_letter() {
        let marked = "e\u{301}".repeat(40);
        for line in lines(&marked, 620) {
            assert!(!line.starts_with('\u{301}'), "{line}");
        }
    }
}
