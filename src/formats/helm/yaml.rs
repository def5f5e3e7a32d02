//! Small YAML documents of strangers, within limits, every scalar as its source has it.
//!
//! Helm's index wants strings where YAML sees numbers: `appVersion: 1.10` is the version 1.10, not 1.1. So nothing is
//! made of a scalar here but its text. References are followed as far as the limits allow: ten lines of them can stand
//! for a billion values.

use std::collections::{HashMap, HashSet};

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Scalar {
        text: String,
        /// Written without quotes: what may be null, a number or a boolean.
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

const MOST_DEPTH: usize = 32;
/// Of values and bytes, references followed.
const MOST_NODES: usize = 20_000;
const MOST_BYTES: usize = 4 << 20;

/// The first document of a text; why not, in words.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text.trim_start_matches('\u{feff}'));
    loop {
        let (event, _) = parser.next_token().map_err(|error| error.to_string())?;
        match event {
            Event::DocumentEnd | Event::StreamEnd => break,
            event => builder.take(event)?,
        }
    }
    builder.root.ok_or_else(|| "it is empty".to_owned())
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    /// What is open, outermost first, each with its anchor.
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    bytes: usize,
}

enum Open {
    List(Vec<Node>),
    Map {
        entries: Vec<(String, Node)>,
        known: HashSet<String>,
        /// Waits for its value.
        key: Option<String>,
    },
}

impl Builder {
    fn take(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == TScalarStyle::Plain;
                self.put(Node::Scalar { text, plain }, anchor)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => {
                    let node = node.clone();
                    self.put(node, 0)
                }
                None => Err("it has a reference to nothing".to_owned()),
            },
            Event::SequenceStart(anchor, _) => self.open(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                let map = Open::Map {
                    entries: Vec::new(),
                    known: HashSet::new(),
                    key: None,
                };
                self.open(map, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(items), anchor)) => self.put(Node::List(items), anchor),
                Some((Open::Map { entries, .. }, anchor)) => self.put(Node::Map(entries), anchor),
                None => Err("it is broken".to_owned()),
            },
            _ => Ok(()),
        }
    }

    fn open(&mut self, open: Open, anchor: usize) -> Result<(), String> {
        if self.open.len() == MOST_DEPTH {
            return Err(format!("it is nested more than {MOST_DEPTH} levels deep"));
        }
        self.open.push((open, anchor));
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        let (nodes, bytes) = node.weight();
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes > MOST_NODES
            || self.bytes > MOST_BYTES
            || self.open.len() + node.depth() > MOST_DEPTH
        {
            return Err("it holds too much".to_owned());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(items), _)) => items.push(node),
            Some((
                Open::Map {
                    entries,
                    known,
                    key,
                },
                _,
            )) => match (key.take(), node) {
                (Some(key), node) => entries.push((key, node)),
                (None, Node::Scalar { text, .. }) => {
                    if !known.insert(text.clone()) {
                        return Err(format!("the key {text:?} stands twice in it"));
                    }
                    *key = Some(text);
                }
                (None, _) => return Err("a key in it is no text".to_owned()),
            },
        }
        Ok(())
    }
}

impl Node {
    /// Values and bytes of text. They count once for each level that they lie deep, and for each reference to them.
    fn weight(&self) -> (usize, usize) {
        match self {
            Node::Scalar { text, .. } => (1, text.len()),
            Node::List(items) => sum(items.iter()),
            Node::Map(entries) => sum(entries.iter().map(|(_, node)| node)),
        }
    }

    fn depth(&self) -> usize {
        let below = match self {
            Node::Scalar { .. } => return 0,
            Node::List(items) => items.iter().map(Node::depth).max(),
            Node::Map(entries) => entries.iter().map(|(_, node)| node.depth()).max(),
        };
        1 + below.unwrap_or(0)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => {
                let found = entries.iter().find(|(known, _)| known == key);
                found.map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The text of a scalar; a null is none.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Node::Scalar { text, plain: true }
                if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") =>
            {
                None
            }
            Node::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// An unquoted truth value (YAML 1.2 core schema).
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Node::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; what is no list is one with itself alone.
    pub(super) fn items(&self) -> &[Node] {
        match self {
            Node::List(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    pub(super) fn entries(&self) -> &[(String, Node)] {
        match self {
            Node::Map(entries) => entries,
            _ => &[],
        }
    }
}

fn sum<'a>(nodes: impl Iterator<Item = &'a Node>) -> (usize, usize) {
    nodes.fold((1, 0), |(nodes, bytes), node| {
        let (more_nodes, more_bytes) = node.weight();
        (nodes + more_nodes, bytes + more_bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_the_text_of_their_source() {
        let node = parse("a: 1.10\nb: \"1.10\"\nc: ~\nd: yes\ne: true\nf:\n  - x\n").unwrap();
        let text = |key: &str| node.get(key).and_then(Node::text);
        assert_eq!(
            (text("a"), text("b"), text("c")),
            (Some("1.10"), Some("1.10"), None)
        );
        assert_eq!(node.get("d").and_then(Node::flag), None);
        assert_eq!(node.get("e").and_then(Node::flag), Some(true));
        assert_eq!(node.get("f").map(|list| list.items().len()), Some(1));
    }

    #[test]
    fn a_bomb_of_references_is_told_before_it_goes_off() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert_eq!(parse(&bomb), Err("it holds too much".to_owned()));
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"- ".repeat(100_000)).is_err());
        assert!(parse("a: 1\na: 2\n").is_err());
    }

    /// Every prefix of a document, and every byte of it replaced: an answer each time, and no panic.
    #[test]
    fn no_damage_to_a_document_stops_the_reader() {
        let text = "a: &x {b: [1, 'two', \"th\\x41ree\"], ? c : d}\ne: |\n  f\n  g\nh: *x\ni: !t j # k\n--- >-\n l\n";
        for end in 0..text.len() {
            let _ = parse(&text[..end]);
            for other in [
                "\0", "\t", ":", "-", "{", "]", "*", "&", "!", "|", "%", "\"", "\u{85}", "\n", "?",
            ] {
                let _ = parse(&format!("{}{other}{}", &text[..end], &text[end + 1..]));
            }
        }
    }
}
