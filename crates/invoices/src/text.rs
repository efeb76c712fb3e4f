//! Text as lines of glyphs: fonts chosen letter by letter, lines broken where they may be.

use std::ptr;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer, shape};
use unicode_linebreak::linebreaks;

use crate::fonts::{Typeface, Weight};

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// In points.
    pub(crate) size: f32,
    pub(crate) weight: Weight,
}

/// A line of text, ready to be drawn.
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    pub(crate) style: Style,
}

/// Letters of one font.
pub(crate) struct Run {
    pub(crate) typeface: &'static Typeface,
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In points.
    pub(crate) width: f32,
}

impl Style {
    pub(crate) const fn regular(size: f32) -> Self {
        Self { size, weight: Weight::Regular }
    }

    pub(crate) const fn bold(size: f32) -> Self {
        Self { size, weight: Weight::Bold }
    }

    /// From one line to the next, in points.
    pub(crate) fn leading(self) -> f32 {
        self.size * 1.35
    }

    /// From the top of a line down to where its letters stand, in points.
    pub(crate) fn baseline(self) -> f32 {
        self.size * 1.03
    }

    /// How wide `text` is on one line, in points.
    pub(crate) fn width_of(self, text: &str) -> f32 {
        self.line(text).width()
    }

    /// `text` on lines that are no wider than `width` points, but for single letters. Breaks in the text stay; letters
    /// are printed as they are, whatever they would mean elsewhere.
    pub(crate) fn lines(self, text: &str, width: f32) -> Vec<Line> {
        text.lines().flat_map(|paragraph| self.wrap(&printable(paragraph), width)).collect()
    }

    fn wrap(self, paragraph: &str, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        let (mut start, mut last) = (0, 0);
        for (end, _) in linebreaks(paragraph) {
            if self.width_of(paragraph[start..end].trim_end()) > width {
                if last > start {
                    lines.push(self.line(paragraph[start..last].trim_end()));
                    start = last;
                }
                // A word that is too long even for a line of its own is broken anywhere.
                while let Some(fitting) = self.overflow(paragraph[start..end].trim_end(), width) {
                    lines.push(self.line(&paragraph[start..start + fitting]));
                    start += fitting;
                }
            }
            last = end;
        }
        lines.push(self.line(paragraph[start..].trim_end()));
        lines
    }

    /// How many bytes of `text` fit into `width`, if not all of them do; at least one letter.
    fn overflow(self, text: &str, width: f32) -> Option<usize> {
        let mut sum = 0.0;
        let mut line = self.line(text);
        if line.width() <= width {
            return None;
        }
        let mut start = 0;
        let mut fitting = 0;
        for run in &mut line.runs {
            for glyph in &run.glyphs {
                sum += glyph.x_advance * self.size;
                let end = start + glyph.text_range.end;
                if sum > width && fitting > 0 {
                    return Some(fitting);
                }
                fitting = end;
            }
            start += run.text.len();
        }
        (fitting < text.len()).then_some(fitting)
    }

    /// `text` on one line.
    pub(crate) fn line(self, text: &str) -> Line {
        let mut runs: Vec<(&'static Typeface, String)> = Vec::new();
        for letter in text.chars() {
            let typeface = self.typeface(letter, runs.last().map(|(typeface, _)| *typeface));
            match runs.last_mut() {
                Some((last, text)) if ptr::eq(*last, typeface) => text.push(letter),
                _ => runs.push((typeface, letter.to_string())),
            }
        }
        let runs = runs.into_iter().map(|(typeface, text)| Run::new(typeface, text, self.size));
        Line { runs: runs.collect(), style: self }
    }

    /// The font for `letter`, after one in `last`.
    fn typeface(self, letter: char, last: Option<&'static Typeface>) -> &'static Typeface {
        let text = Typeface::text(self.weight);
        match last {
            Some(last) if joins(letter) => last,
            _ if text.has(letter) => text,
            _ if Typeface::fallback().has(letter) => Typeface::fallback(),
            // Its place is marked.
            _ => text,
        }
    }
}

impl Line {
    /// In points.
    pub(crate) fn width(&self) -> f32 {
        self.runs.iter().map(|run| run.width).sum()
    }
}

impl Run {
    fn new(typeface: &'static Typeface, text: String, size: f32) -> Self {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let shaped = shape(&typeface.face, &[], buffer);
        let em = typeface.font.units_per_em();
        let infos = shaped.glyph_infos();
        let ends = |index: usize| {
            let cluster = infos[index].cluster;
            let next = infos[index..].iter().find(|info| info.cluster != cluster);
            next.map_or(text.len(), |info| info.cluster as usize)
        };
        let glyphs: Vec<_> = infos
            .iter()
            .zip(shaped.glyph_positions())
            .enumerate()
            .map(|(index, (info, at))| {
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    units(at.x_advance) / em,
                    units(at.x_offset) / em,
                    units(at.y_offset) / em,
                    units(at.y_advance) / em,
                    info.cluster as usize..ends(index),
                    None,
                )
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
        Self { typeface, text, glyphs, width }
    }
}

#[expect(clippy::cast_precision_loss, reason = "units of a font are far below 2^23")]
fn units(value: i32) -> f32 {
    value as f32
}

/// Whether the letter belongs to the one before it.
fn joins(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// `paragraph` with spaces for what takes no place on paper.
fn printable(paragraph: &str) -> String {
    paragraph.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const STYLE: Style = Style::regular(10.0);

    fn texts(lines: &[Line]) -> Vec<String> {
        let text = |line: &Line| line.runs.iter().map(|run| run.text.as_str()).collect();
        lines.iter().map(text).collect()
    }

    #[rstest]
    #[case("one two three", 30.0, &["one", "two", "three"])]
    #[case("one two three", 500.0, &["one two three"])]
    #[case("first\nsecond\r\n\nlast", 500.0, &["first", "second", "", "last"])]
    #[case("a\tb\u{7}c", 500.0, &["a b c"])]
    #[case("天地玄黃宇宙洪荒", 41.0, &["天地玄黃", "宇宙洪荒"])]
    #[case("", 10.0, &[])]
    fn lines_break_where_they_may(#[case] text: &str, #[case] width: f32, #[case] lines: &[&str]) {
        assert_eq!(texts(&STYLE.lines(text, width)), lines);
    }

    #[test]
    fn no_line_is_too_wide_and_no_letter_is_lost() {
        let text =
            "Donaudampfschifffahrtsgesellschaftskapitän 李小龍李小龍李小龍 Łukasz Ωμέγα Привет";
        let lines = STYLE.lines(text, 60.0);
        assert!(lines.iter().all(|line| line.width() <= 60.0));
        let all: String = texts(&lines).concat();
        assert_eq!(all.replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn every_letter_narrower_than_nothing_has_a_line() {
        assert_eq!(texts(&STYLE.lines("abc", 0.0)), ["a", "b", "c"]);
    }

    #[rstest]
    #[case("Łukasz 李 <b>x</b>", 3)]
    #[case("Ωμέγα Привет ăâîșț", 1)]
    #[case("한국어 カタカナ", 3)]
    #[case("e\u{301}", 1)]
    fn letters_have_the_font_that_has_them(#[case] text: &str, #[case] runs: usize) {
        let line = STYLE.line(text);
        assert_eq!(line.runs.len(), runs);
        let missing = line.runs.iter().flat_map(|run| &run.glyphs);
        assert_eq!(missing.filter(|glyph| glyph.glyph_id.to_u32() == 0).count(), 0);
    }

    #[test]
    fn letters_that_no_font_has_are_marked() {
        let line = STYLE.line("a🎉");
        let glyphs: Vec<_> = line.runs.iter().flat_map(|run| &run.glyphs).collect();
        assert_eq!(glyphs[1].glyph_id.to_u32(), 0);
    }
}
