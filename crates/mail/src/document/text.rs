use super::{
    Excess,
    tree::{Kind, Tree},
};

/// The document as plain text: a paragraph for each block, links as `text (url)`, nothing that is hidden.
///
/// # Errors
///
/// [`Excess`].
pub(crate) fn plain_text(html: &str) -> Result<String, Excess> {
    let tree = Tree::read(html)?;
    let mut page = Page::default();
    page.visit(&tree, 0);
    Ok(page.finished())
}

/// What white space stands before the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Blank,
    Line,
    Paragraph,
}

#[derive(Default)]
struct Page {
    text: String,
    gap: Gap,
    verbatim: bool,
}

impl Page {
    fn visit(&mut self, tree: &Tree, index: usize) {
        let node = &tree.nodes[index];
        match &node.kind {
            Kind::Text(text) => return self.words(text),
            Kind::Other if index != 0 => return,
            Kind::Other | Kind::Element(..) => {}
        }
        let name = node.name().unwrap_or_default();
        let style = node.attribute("style").unwrap_or_default();
        if is_unread(name) || node.attribute("hidden").is_some() || hides(style) {
            return;
        }
        let gap = gap_around(name);
        self.widen(gap);
        match name {
            "br" => return self.line_break(),
            "img" => return self.words(node.attribute("alt").unwrap_or_default()),
            "li" => self.put("- "),
            "hr" => self.put("--"),
            _ => {}
        }
        let (before, verbatim) = (self.text.len(), self.verbatim);
        self.verbatim |= name == "pre";
        for child in &node.children {
            self.visit(tree, *child);
        }
        self.verbatim = verbatim;
        if let Some(url) = node.attribute("href").map(str::trim).filter(|_| name == "a") {
            self.link(before, url);
        }
        self.widen(gap);
    }

    /// Adds where a link leads, unless its words say so.
    fn link(&mut self, before: usize, url: &str) {
        let words = self.text[before..].trim();
        let same = words == url || url.strip_prefix("mailto:") == Some(words);
        if url.is_empty() || url.starts_with('#') || same {
            return;
        }
        let shown = if words.is_empty() { url.to_owned() } else { format!("({url})") };
        self.widen(Gap::Blank);
        self.put(&shown);
    }

    fn words(&mut self, text: &str) {
        if self.verbatim {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.line_break();
                }
                self.put(line);
            }
            return;
        }
        if text.is_empty() {
            return;
        }
        // No-break spaces stay together as spaces.
        let is_white = |c: char| c.is_ascii_whitespace();
        if text.starts_with(is_white) {
            self.widen(Gap::Blank);
        }
        for word in text.split(is_white).filter(|word| !word.is_empty()) {
            self.put(word);
            self.widen(Gap::Blank);
        }
        if !text.ends_with(is_white) && self.gap == Gap::Blank {
            self.gap = Gap::None;
        }
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn line_break(&mut self) {
        if self.gap < Gap::Line { self.gap = Gap::Line } else { self.gap = Gap::Paragraph }
    }

    fn put(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.text.push_str(match gap {
                Gap::None => "",
                Gap::Blank => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.text.push_str(word);
    }

    fn finished(mut self) -> String {
        // Invisible fillers of preview lines are nothing to read.
        self.text.retain(|c| !matches!(c, '\u{200b}' | '\u{200c}' | '\u{feff}' | '\u{ad}' | '\0'));
        let lines: Vec<&str> = self.text.trim().lines().map(str::trim_end).collect();
        lines.join("\n") + "\n"
    }
}

fn is_unread(name: &str) -> bool {
    matches!(
        name,
        "head" | "style" | "script" | "title" | "template" | "noscript" | "svg" | "object"
    )
}

fn hides(style: &str) -> bool {
    let mut declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    declarations.any(|(property, value)| {
        property.trim().eq_ignore_ascii_case("display")
            && value.trim_start().get(..4).is_some_and(|value| value.eq_ignore_ascii_case("none"))
    })
}

fn gap_around(name: &str) -> Gap {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "dl" | "pre"
        | "blockquote" | "hr" => Gap::Paragraph,
        "div" | "tr" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer"
        | "main" | "center" | "address" | "caption" | "tbody" | "thead" | "tfoot" => Gap::Line,
        "td" | "th" => Gap::Blank,
        _ => Gap::None,
    }
}
