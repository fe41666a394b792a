//! A pathway drawn: one box after the other on a line down the page, services and other needs as
//! branches beside it.
//!
//! - Only measures are made here; the template writes them and escapes every text.
//! - A drawing is cut between boxes where a sheet of paper ends, and goes on on the next.
//! - In a language that is written from the right the drawing is mirrored.

use std::cmp::Ordering;

use super::wrapped::lines;

/// What is drawn, in the order of the line.
pub(super) enum Part {
    /// Where it begins.
    Start(String),
    /// One step.
    Step {
        /// Its number.
        number: usize,
        /// What is done.
        text: String,
        /// Who acts and by when.
        below: String,
    },
    /// The only place to go to.
    Place(Branch),
    /// One of several places, or another need: beside the line.
    Beside(Branch, Option<Branch>),
}

/// A box that the line leads to.
pub(super) struct Branch {
    /// What it is called.
    pub(super) text: String,
    /// Where it is.
    pub(super) below: String,
    /// Whether it is another pathway, looked at besides.
    pub(super) is_other: bool,
}

/// One drawing: as much as fits a sheet.
pub(super) struct Figure {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) boxes: Vec<Box>,
    /// Lines between boxes: from, to, and whether it ends in an arrow.
    pub(super) lines: Vec<Line>,
    /// Whether something came before it.
    pub(super) continued: bool,
    /// Whether it goes on in the next.
    pub(super) continues: bool,
}

/// A box with words in it.
pub(super) struct Box {
    pub(super) class: &'static str,
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) radius: u32,
    /// The number of a step, and where it stands.
    pub(super) number: Option<(usize, u32)>,
    pub(super) words: Vec<Words>,
}

/// One line of words, in the middle of its box.
pub(super) struct Words {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) small: bool,
    pub(super) text: String,
}

/// A line of the drawing.
pub(super) struct Line {
    pub(super) from: (u32, u32),
    pub(super) to: (u32, u32),
    pub(super) arrow: bool,
}

/// The drawings of a pathway.
pub(super) fn figures(parts: &[Part], from_right: bool) -> Vec<Figure> {
    let mut figures = vec![Figure::begun(false)];
    for part in parts {
        let high = part.height();
        let begun = figures.last().is_some_and(|it| it.height > MARGIN);
        let full = figures.last().is_some_and(|it| {
            let left = SHEET.saturating_sub(it.height);
            left < high + GAP * 2
        });
        if begun && full {
            if let Some(last) = figures.last_mut() {
                last.goes_on();
            }
            figures.push(Figure::begun(true));
        }
        if let Some(last) = figures.last_mut() {
            last.draw(part, from_right);
        }
    }
    if let Some(last) = figures.last_mut() {
        last.height += MARGIN;
    }
    figures
}

impl Figure {
    fn begun(continued: bool) -> Self {
        Self {
            width: WIDTH,
            height: MARGIN,
            boxes: Vec::new(),
            lines: Vec::new(),
            continued,
            continues: false,
        }
    }

    /// A line to the lower edge: the next drawing takes it up.
    fn goes_on(&mut self) {
        let from = (MIDDLE, self.height);
        self.height += GAP;
        self.lines.push(Line {
            from,
            to: (MIDDLE, self.height),
            arrow: true,
        });
        self.continues = true;
    }

    fn draw(&mut self, part: &Part, from_right: bool) {
        let above = self.height;
        let first = self.boxes.is_empty() && !self.continued;
        let top = if first { above } else { above + GAP };
        let beside = matches!(part, Part::Beside(_, _));
        if !first && !beside {
            self.lines.push(Line {
                from: (MIDDLE, above),
                to: (MIDDLE, top),
                arrow: true,
            });
        }
        self.height = top + part.height();
        match part {
            Part::Start(title) => {
                let mut start = framed("start", (INSET, top), INNER, (title, ""));
                start.radius = start.height / 2;
                self.boxes.push(start);
            }
            Part::Step {
                number,
                text,
                below,
            } => {
                let mut step = framed("step", (INSET, top), INNER, (text, below));
                let corner = if from_right { INSET + INNER } else { INSET };
                step.number = Some((*number, corner));
                self.boxes.push(step);
            }
            Part::Place(it) => {
                let words = (it.text.as_str(), it.below.as_str());
                let place = framed(it.class(), (INSET, top), INNER, words);
                self.boxes.push(place);
            }
            Part::Beside(one, other) => {
                self.lines.push(Line {
                    from: (MIDDLE, above),
                    to: (MIDDLE, self.height),
                    arrow: false,
                });
                self.branch(one, top, !from_right);
                if let Some(other) = other {
                    self.branch(other, top, from_right);
                }
            }
        }
    }

    /// A box on the left or the right of the line, with an arrow to it.
    fn branch(&mut self, it: &Branch, top: u32, on_left: bool) {
        let x = if on_left { 0 } else { WIDTH - SIDE };
        let words = (it.text.as_str(), it.below.as_str());
        let there = framed(it.class(), (x + EDGE, top), SIDE - EDGE * 2, words);
        let reached = if on_left {
            there.x + there.width
        } else {
            there.x
        };
        let across = top + LINE;
        self.lines.push(Line {
            from: (MIDDLE, across),
            to: (reached, across),
            arrow: true,
        });
        self.boxes.push(there);
    }
}

impl Box {
    /// How thick its frame is: steps stand out, in black and white too.
    pub(super) fn stroke(&self) -> &'static str {
        match self.class {
            "step" | "start" => "2",
            _ => "1.2",
        }
    }
}

impl Line {
    /// The line, and the head of the arrow where it has one, as a path of SVG.
    pub(super) fn path(&self) -> String {
        let ((x, y), (to_x, to_y)) = (self.from, self.to);
        let line = format!("M{x} {y}L{to_x} {to_y}");
        if !self.arrow {
            return line;
        }
        let (one, other) = match to_x.cmp(&x) {
            Ordering::Equal => ((to_x - 5, to_y - 8), (to_x + 5, to_y - 8)),
            Ordering::Greater => ((to_x - 8, to_y - 5), (to_x - 8, to_y + 5)),
            Ordering::Less => ((to_x + 8, to_y - 5), (to_x + 8, to_y + 5)),
        };
        format!(
            "{line}M{} {}L{to_x} {to_y}L{} {}",
            one.0, one.1, other.0, other.1
        )
    }
}

impl Part {
    fn height(&self) -> u32 {
        match self {
            Self::Start(title) => high(title, "", INNER),
            Self::Step { text, below, .. } => high(text, below, INNER),
            Self::Place(it) => high(&it.text, &it.below, INNER),
            Self::Beside(one, other) => {
                let of = |it: &Branch| high(&it.text, &it.below, SIDE - EDGE * 2);
                other.as_ref().map_or(0, of).max(of(one))
            }
        }
    }
}

impl Branch {
    fn class(&self) -> &'static str {
        if self.is_other { "other" } else { "place" }
    }
}

/// A box at a place, as high as its words.
fn framed(class: &'static str, (x, y): (u32, u32), width: u32, (text, below): (&str, &str)) -> Box {
    let mut words = Vec::new();
    let mut line = y + PADDING;
    for (text, small) in wrapped(text, below, width) {
        line += LINE;
        words.push(Words {
            x: x + width / 2,
            // Letters stand on the line, a little over its lower edge.
            y: line - LINE / 4,
            small,
            text,
        });
    }
    Box {
        class,
        x,
        y,
        width,
        height: line + PADDING - y,
        radius: 6,
        number: None,
        words,
    }
}

fn high(text: &str, below: &str, width: u32) -> u32 {
    let count = wrapped(text, below, width).len();
    u32::try_from(count).unwrap_or(u32::MAX / LINE / 2) * LINE + PADDING * 2
}

/// The lines of a box, and which of them are small.
fn wrapped(text: &str, below: &str, width: u32) -> Vec<(String, bool)> {
    let inner = (width - PADDING * 4) * 100;
    let large = lines(text, inner / LETTERS).into_iter();
    let small = lines(below, inner / SMALL_LETTERS).into_iter();
    let large = large.map(|line| (line, false));
    large.chain(small.map(|line| (line, true))).collect()
}

/// How wide a drawing is; everything else is measured by it.
const WIDTH: u32 = 680;
const MIDDLE: u32 = WIDTH / 2;
/// How high one may be, so that with a heading it fits a sheet of A4 as wide as the page.
const SHEET: u32 = 640;
/// The boxes on the line.
const INNER: u32 = 400;
const INSET: u32 = (WIDTH - INNER) / 2;
/// The boxes beside it.
const SIDE: u32 = 320;
const EDGE: u32 = 2;
const MARGIN: u32 = 14;
const GAP: u32 = 26;
const PADDING: u32 = 9;
const LINE: u32 = 20;
/// Sizes of letters, as the style of the page has them.
const LETTERS: u32 = 15;
const SMALL_LETTERS: u32 = 13;

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(text: &str) -> Branch {
        Branch {
            text: text.to_owned(),
            below: "Rivertown".to_owned(),
            is_other: false,
        }
    }

    fn long(steps: usize) -> Vec<Part> {
        let mut parts = vec![Part::Start("A way".to_owned())];
        for number in 1..=steps {
            parts.push(Part::Step {
                number,
                text: "What is done then, in more words than fit one line ".repeat(4),
                below: "Who".to_owned(),
            });
            parts.push(Part::Beside(branch("One"), Some(branch("Other"))));
            parts.push(Part::Beside(branch("Third"), None));
        }
        parts
    }

    #[test]
    fn d5_no_box_is_cut_by_the_end_of_a_sheet_and_none_lies_on_another() {
        for from_right in [false, true] {
            let figures = figures(&long(12), from_right);
            assert!(figures.len() > 2);
            let drawn: usize = figures.iter().map(|it| it.boxes.len()).sum();
            assert_eq!(drawn, 1 + 12 * 4);
            for figure in &figures {
                assert!(figure.height <= SHEET + GAP * 2, "{}", figure.height);
                for one in &figure.boxes {
                    assert!(one.x + one.width <= figure.width);
                    assert!(one.y + one.height <= figure.height);
                }
                for (nth, one) in figure.boxes.iter().enumerate() {
                    for other in figure.boxes.iter().skip(nth + 1) {
                        let apart = one.y + one.height <= other.y
                            || other.y + other.height <= one.y
                            || one.x + one.width <= other.x
                            || other.x + other.width <= one.x;
                        assert!(apart);
                    }
                }
            }
            assert!(!figures[0].continued && figures[0].continues);
            let last = figures.last().unwrap();
            assert!(last.continued && !last.continues);
        }
    }

    #[test]
    fn d5_a_drawing_from_the_right_is_mirrored() {
        let parts = [Part::Beside(branch("One"), Some(branch("Other")))];
        let left = &figures(&parts, false)[0].boxes[0];
        let right = &figures(&parts, true)[0].boxes[0];
        assert_eq!(left.x, EDGE);
        assert_eq!(right.x + right.width, WIDTH - EDGE);
    }
}
