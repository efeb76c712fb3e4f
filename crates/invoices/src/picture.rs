use edgeos_ports::{Picture, PictureFormat};
use krilla::image::Image;

/// The most pixels that an image may have. A small file can unfold to any number of them.
const PIXELS_MAX: u64 = 16_000_000;

/// An image that isn't printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unprintable {
    /// It isn't what it says it is.
    #[error("the image can't be read: {0}")]
    Unreadable(String),
    /// It has no pixels, or more than anybody needs.
    #[error("the image has {width} × {height} pixels")]
    Size {
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
}

/// What can be printed of `picture`. Its pixels are looked at when the document is finished.
pub(crate) fn printable(picture: Picture) -> Result<Image, Unprintable> {
    let bytes = picture.bytes.into();
    let image = match picture.format {
        PictureFormat::Png => Image::from_png(bytes, true),
        PictureFormat::Jpeg => Image::from_jpeg(bytes, true),
        PictureFormat::WebP => Image::from_webp(bytes, true),
    };
    let image = image.map_err(Unprintable::Unreadable)?;
    let (width, height) = image.size();
    let pixels = u64::from(width) * u64::from(height);
    if (1..=PIXELS_MAX).contains(&pixels) {
        Ok(image)
    } else {
        Err(Unprintable::Size { width, height })
    }
}
