//! Pages while they are filled from top to bottom, and how they become a document.

use krilla::{
    Document,
    color::luma,
    geom::{PathBuilder, Point, Rect, Size, Transform},
    image::Image,
    page::PageSettings,
    paint::{Fill, FillRule, Stroke},
    surface::Surface,
};

use crate::text::Line;

/// Points of a millimetre.
const MILLIMETRE: f32 = 72.0 / 25.4;
/// A4.
const WIDTH: f32 = 210.0 * MILLIMETRE;
const HEIGHT: f32 = 297.0 * MILLIMETRE;
const MARGIN: f32 = 15.0 * MILLIMETRE;

/// How bright lines and areas are, from black to white.
const GRID: u8 = 160;
const SHADE: u8 = 225;

/// Pages, the last of which is being filled. Lengths are in points, from the top left corner.
pub(crate) struct Sheets {
    pages: Vec<Vec<Mark>>,
    /// Where the free space of the last page begins.
    pub(crate) top: f32,
}

/// Which end of a box text stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

enum Mark {
    /// A line of text that stands at this point.
    Text(f32, f32, Line),
    /// A grey area.
    Shade(Rect),
    /// A line around an area.
    Frame(Rect),
    /// An image as wide as the area, cropped to it.
    Image(Image, Rect),
}

impl Sheets {
    /// Where text begins and ends, from left to right.
    pub(crate) const LEFT: f32 = MARGIN;
    pub(crate) const RIGHT: f32 = WIDTH - MARGIN;
    pub(crate) const BREADTH: f32 = Self::RIGHT - Self::LEFT;

    /// One empty page.
    pub(crate) fn new() -> Self {
        Self { pages: vec![Vec::new()], top: MARGIN }
    }

    /// Whether so much still fits onto the page.
    pub(crate) fn has_room(&self, height: f32) -> bool {
        Self::has_room_below(self.top, height)
    }

    /// Whether so much fits onto a page, from `top` downwards.
    pub(crate) fn has_room_below(top: f32, height: f32) -> bool {
        top + height <= HEIGHT - MARGIN
    }

    /// Goes on at the top of another page.
    pub(crate) fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.top = MARGIN;
    }

    /// Writes `line` between `left` and `right`, with its top at `top`.
    pub(crate) fn write(&mut self, line: Line, side: Side, left: f32, right: f32, top: f32) {
        let x = match side {
            Side::Left => left,
            Side::Right => right - line.width(),
        };
        let baseline = top + line.style.baseline();
        self.mark(Mark::Text(x, baseline, line));
    }

    /// Shades an area.
    pub(crate) fn shade(&mut self, left: f32, top: f32, width: f32, height: f32) {
        if let Some(area) = Rect::from_xywh(left, top, width, height) {
            self.mark(Mark::Shade(area));
        }
    }

    /// Draws a line around an area.
    pub(crate) fn frame(&mut self, left: f32, top: f32, width: f32, height: f32) {
        if let Some(area) = Rect::from_xywh(left, top, width, height) {
            self.mark(Mark::Frame(area));
        }
    }

    /// Puts `image` across the page, as high as this many millimetres.
    pub(crate) fn banner(&mut self, image: Image, millimetres: f32) {
        let height = millimetres * MILLIMETRE;
        if let Some(area) = Rect::from_xywh(Self::LEFT, self.top, Self::BREADTH, height) {
            self.mark(Mark::Image(image, area));
            self.top += height;
        }
    }

    /// Draws all of it.
    pub(crate) fn draw(self, document: &mut Document) {
        for marks in self.pages {
            let size = Size::from_wh(WIDTH, HEIGHT).expect("A4 has a size");
            let mut page = document.start_page_with(PageSettings::new(size));
            let mut surface = page.surface();
            for mark in marks {
                mark.draw(&mut surface);
            }
            surface.finish();
            page.finish();
        }
    }

    fn mark(&mut self, mark: Mark) {
        self.pages.last_mut().expect("there is always a page").push(mark);
    }
}

impl Mark {
    fn draw(self, surface: &mut Surface<'_>) {
        match self {
            Self::Text(x, y, line) => {
                surface.set_fill(Some(Fill::default()));
                surface.set_stroke(None);
                let mut x = x;
                for run in line.runs {
                    let (at, size) = (Point::from_xy(x, y), line.style.size);
                    let font = run.typeface.font.clone();
                    surface.draw_glyphs(at, &run.glyphs, font, &run.text, size, false);
                    x += run.width;
                }
            }
            Self::Shade(area) => {
                let paint = luma::Color::new(SHADE).into();
                surface.set_fill(Some(Fill { paint, ..Fill::default() }));
                surface.set_stroke(None);
                draw(surface, area);
            }
            Self::Frame(area) => {
                let paint = luma::Color::new(GRID).into();
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { paint, width: 0.5, ..Stroke::default() }));
                draw(surface, area);
            }
            Self::Image(image, area) => {
                let Some(clip) = outline(area) else { return };
                let (width, height) = size(&image);
                let height = height * area.width() / width;
                let Some(size) = Size::from_wh(area.width(), height) else { return };
                let top = area.top() + (area.height() - height) / 2.0;
                surface.push_clip_path(&clip, &FillRule::NonZero);
                surface.push_transform(&Transform::from_translate(area.left(), top));
                surface.draw_image(image, size);
                surface.pop();
                surface.pop();
            }
        }
    }
}

fn outline(area: Rect) -> Option<krilla::geom::Path> {
    let mut path = PathBuilder::new();
    path.push_rect(area);
    path.finish()
}

fn draw(surface: &mut Surface<'_>, area: Rect) {
    if let Some(path) = outline(area) {
        surface.draw_path(&path);
    }
}

#[expect(clippy::cast_precision_loss, reason = "images have far fewer than 2^23 pixels a side")]
fn size(image: &Image) -> (f32, f32) {
    let (width, height) = image.size();
    (width as f32, height as f32)
}
