//! The letters that invoices are printed in.

use std::sync::LazyLock;

use krilla::text::Font;
use rustybuzz::Face;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");
const FALLBACK: &[u8] = include_bytes!("../fonts/DroidSansFallback.ttf");

/// How heavy letters are. Those of East Asia are as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A font, to be measured and to be embedded.
pub(crate) struct Typeface {
    pub(crate) face: Face<'static>,
    pub(crate) font: Font,
}

struct Fonts {
    regular: Typeface,
    bold: Typeface,
    fallback: Typeface,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts {
    regular: Typeface::of(REGULAR),
    bold: Typeface::of(BOLD),
    fallback: Typeface::of(FALLBACK),
});

impl Typeface {
    fn of(bytes: &'static [u8]) -> Self {
        Self {
            face: Face::from_slice(bytes, 0).expect("the fonts in the program are sound"),
            font: Font::new(bytes.into(), 0).expect("the fonts in the program are sound"),
        }
    }

    /// The font for text of this weight.
    pub(crate) fn text(weight: Weight) -> &'static Self {
        match weight {
            Weight::Regular => &FONTS.regular,
            Weight::Bold => &FONTS.bold,
        }
    }

    /// The font for letters that the others lack.
    pub(crate) fn fallback() -> &'static Self {
        &FONTS.fallback
    }

    /// Whether it has the letter.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0)
    }
}
