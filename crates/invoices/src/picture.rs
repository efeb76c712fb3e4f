use edgeos_ports::{Picture, PictureFormat};
use krilla::image::Image;

/// The most pixels that an image may have. A small file can unfold to any number of them.
const PIXELS_MAX: usize = 16_000_000;

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
        width: usize,
        /// From top to bottom.
        height: usize,
    },
}

/// What can be printed of `picture`. Its pixels are unfolded at once, so what it says of its size is looked at before.
pub(crate) fn printable(picture: Picture) -> Result<Image, Unprintable> {
    let size = imagesize::blob_size(&picture.bytes);
    let size = size.map_err(|error| Unprintable::Unreadable(error.to_string()))?;
    if !(1..=PIXELS_MAX).contains(&size.width.saturating_mul(size.height)) {
        return Err(Unprintable::Size { width: size.width, height: size.height });
    }
    let bytes = picture.bytes.into();
    let image = match picture.format {
        PictureFormat::Png => Image::from_png(bytes, true),
        PictureFormat::Jpeg => Image::from_jpeg(bytes, true),
        PictureFormat::WebP => Image::from_webp(bytes, true),
    };
    image.map_err(Unprintable::Unreadable)
}
