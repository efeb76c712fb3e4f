use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
};

use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName, local_name, ns, parse_document,
    tendril::{StrTendril, TendrilSink},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
};

use super::{DEPTH_MAX, Excess, NODES_MAX};

/// Bytes that are read before the bounds are looked at again.
const CHUNK: usize = 512;

/// What may stand between two attributes, at most, while nothing comes of it. Reading a tag compares each
/// attribute with all before it. A picture of 128 KiB in an attribute is fine.
const SEPARATORS_MAX: usize = 2_000;

/// A document; the first node is the document itself.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// A part of a document.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The nodes in it, as indices.
    pub(super) children: Vec<usize>,
    parent: Option<usize>,
    depth: usize,
}

/// What a part of a document is.
#[derive(Debug)]
pub(super) enum Kind {
    /// An element of this name.
    Element(Rc<QualName>, Vec<Attribute>),
    /// Text.
    Text(String),
    /// Anything else: the document itself, comments.
    Other,
}

impl Tree {
    /// Reads `html` as browsers do.
    ///
    /// # Errors
    ///
    /// [`Excess`].
    pub(super) fn read(html: &str) -> Result<Self, Excess> {
        let mut parser = parse_document(Sink::new(), ParseOpts::default());
        let (mut rest, mut separators) = (html, 0);
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK));
            parser.process(StrTendril::from_slice(chunk));
            let sink = &parser.tokenizer.sink.sink;
            if let Some(excess) = sink.excess.get() {
                return Err(excess);
            }
            separators = if sink.busy.take() { 0 } else { separators + count_separators(chunk) };
            if separators > SEPARATORS_MAX {
                return Err(Excess::Attributes);
            }
            rest = after;
        }
        let (tree, excess) = parser.finish();
        excess.map_or(Ok(tree), Err)
    }

    /// How many elements there are, and the most that are next to one another.
    pub(super) fn elements_and_siblings(&self) -> (usize, usize) {
        let elements = self.nodes.iter().filter(|node| matches!(node.kind, Kind::Element(..)));
        let siblings = self.nodes.iter().map(|node| node.children.len()).max();
        (elements.count(), siblings.unwrap_or_default())
    }

    /// The contents of the `<style>` elements.
    pub(super) fn styles(&self) -> impl Iterator<Item = &str> {
        let styles = self.nodes.iter().filter(|node| node.is("style"));
        styles.flat_map(|style| &style.children).filter_map(|child| {
            match &self.nodes[*child].kind {
                Kind::Text(text) => Some(text.as_str()),
                Kind::Element(..) | Kind::Other => None,
            }
        })
    }
}

impl Node {
    /// Whether it is an element of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    /// The name of the element, if it is one.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Element(name, _) => Some(&name.local),
            Kind::Text(_) | Kind::Other => None,
        }
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let Kind::Element(_, attributes) = &self.kind else { return None };
        let attribute = attributes.iter().find(|attribute| &*attribute.name.local == name)?;
        Some(&attribute.value)
    }
}

fn count_separators(chunk: &str) -> usize {
    chunk.bytes().filter(|byte| b" \t\n\r\x0c/\"'".contains(byte)).count()
}

/// Builds a tree, and stops building when it grows too large.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    excess: Cell<Option<Excess>>,
    /// Whether anything was put into the tree since somebody asked.
    busy: Cell<bool>,
}

#[derive(Clone)]
struct Handle {
    index: usize,
    name: Rc<QualName>,
}

impl Sink {
    fn new() -> Self {
        let root = Node { kind: Kind::Other, children: Vec::new(), parent: None, depth: 0 };
        Self { nodes: RefCell::new(vec![root]), excess: Cell::new(None), busy: Cell::new(false) }
    }

    /// A new node that is nowhere yet. Beyond the bounds, all are one.
    fn add(&self, kind: Kind) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        if nodes.len() >= NODES_MAX {
            self.excess.set(Some(Excess::Nodes));
        }
        if self.excess.get().is_some() {
            return 0;
        }
        nodes.push(Node { kind, children: Vec::new(), parent: None, depth: 0 });
        nodes.len() - 1
    }

    fn handle(&self, kind: Kind, name: Rc<QualName>) -> Handle {
        Handle { index: self.add(kind), name }
    }

    /// Puts `child` into `parent`, at this place or at the end.
    fn put(&self, parent: usize, place: Option<usize>, child: NodeOrText<Handle>) {
        if self.excess.get().is_some() {
            return;
        }
        self.busy.set(true);
        let child = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node.index);
                node.index
            }
            NodeOrText::AppendText(text) => {
                if self.continued(parent, place, &text) {
                    return;
                }
                self.add(Kind::Text(text.to_string()))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        if child == 0 {
            return;
        }
        let depth = nodes[parent].depth + 1;
        if depth > DEPTH_MAX {
            self.excess.set(Some(Excess::Depth));
        }
        nodes[child].parent = Some(parent);
        nodes[child].depth = depth;
        let end = nodes[parent].children.len();
        nodes[parent].children.insert(place.unwrap_or(end).min(end), child);
    }

    /// Whether `text` continues the text before its place.
    fn continued(&self, parent: usize, place: Option<usize>, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        let end = place.unwrap_or(nodes[parent].children.len());
        let Some(&before) = end.checked_sub(1).and_then(|last| nodes[parent].children.get(last))
        else {
            return false;
        };
        match &mut nodes[before].kind {
            Kind::Text(already) => {
                already.push_str(text);
                true
            }
            Kind::Element(..) | Kind::Other => false,
        }
    }

    /// Parent and place of a node.
    fn place(&self, index: usize) -> Option<(usize, usize)> {
        let nodes = self.nodes.borrow();
        let parent = nodes[index].parent?;
        let place = nodes[parent].children.iter().rposition(|child| *child == index)?;
        Some((parent, place))
    }

    fn detach(&self, index: usize) {
        if let Some((parent, place)) = self.place(index) {
            let mut nodes = self.nodes.borrow_mut();
            nodes[parent].children.remove(place);
            nodes[index].parent = None;
        }
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = (Tree, Option<Excess>);
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self::Output {
        (Tree { nodes: self.nodes.into_inner() }, self.excess.get())
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { index: 0, name: Rc::new(nameless()) }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Handle {
        let name = Rc::new(name);
        self.handle(Kind::Element(name.clone(), attrs), name)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.handle(Kind::Other, Rc::new(nameless()))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.handle(Kind::Other, Rc::new(nameless()))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.index, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.place(element.index).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.index == y.index
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &new {
            self.detach(node.index);
        }
        if let Some((parent, place)) = self.place(sibling.index) {
            self.put(parent, Some(place), new);
        }
    }

    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.index);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let children = self.nodes.borrow()[node.index].children.clone();
        for index in children {
            let name = Rc::new(nameless());
            self.put(new_parent.index, None, NodeOrText::AppendNode(Handle { index, name }));
        }
    }
}

fn nameless() -> QualName {
    QualName::new(None, ns!(), local_name!(""))
}
