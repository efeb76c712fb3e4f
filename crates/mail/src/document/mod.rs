//! Documents as readers of HTML understand them: read within bounds, so that whatever is done with them next
//! takes bounded time and memory.

mod styles;
mod text;
mod tree;

pub(crate) use self::{styles::inlined, text::plain_text};

/// The most elements, texts and comments of a document.
const NODES_MAX: usize = 20_000;

/// The most elements within one another.
const DEPTH_MAX: usize = 200;

/// A document that asks for more than it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    /// More than [`NODES_MAX`] elements and texts.
    #[error("the document has too many elements")]
    Nodes,
    /// Elements more than [`DEPTH_MAX`] deep.
    #[error("the elements of the document are nested too deeply")]
    Depth,
    /// An element with thousands of attributes, or a comment with thousands of words.
    #[error("an element of the document has too many attributes, or a comment is too long")]
    Attributes,
    /// Styles that take too long to apply.
    #[error("the document has too many styles for its elements")]
    Styles,
    /// Styles that can't be read.
    #[error("the styles of the document can't be read")]
    Unreadable,
    /// More than 2 MiB once its styles are applied.
    #[error("the document is longer than 2 MiB with its styles applied")]
    Length,
}

#[cfg(test)]
mod tests;
