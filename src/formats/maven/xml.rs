//! XML as POMs and repository metadata need it: elements with text, read into a tree.
//!
//! No document type is understood, so there are no entities to expand and nothing to fetch, and the tree is only so
//! deep: whoever walks it may recurse.

use quick_xml::Reader;
use quick_xml::escape::{partial_escape, resolve_xml_entity};
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

const DEEPEST: usize = 64;
/// An element takes more memory than `<a/>` has bytes.
const MOST_ELEMENTS: usize = 250_000;

/// An element without its attributes; its name without a namespace prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Element {
    pub(super) name: String,
    /// Trimmed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The root of a document. Fails with a sentence that says what is wrong.
    pub(super) fn parse(document: &[u8]) -> Result<Element, String> {
        let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let closed = match event {
                Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
                Event::Start(start) if open.len() < DEEPEST => {
                    open.push(Element::new(&start));
                    None
                }
                Event::Start(_) => return Err(format!("it is more than {DEEPEST} elements deep")),
                Event::Empty(start) => Some(Element::new(&start)),
                Event::End(_) => open.pop(),
                Event::Text(text) => add(&mut open, &text),
                Event::CData(text) => add(&mut open, &text),
                Event::GeneralRef(reference) => {
                    let character = reference
                        .resolve_char_ref()
                        .map_err(|error| error.to_string())?;
                    match (character, resolve_xml_entity(&reference)) {
                        (Some(character), _) => add(&mut open, character.encode_utf8(&mut [0; 4])),
                        (None, Some(text)) => add(&mut open, text),
                        (None, None) => {
                            return Err("it names an entity that XML does not have".to_owned());
                        }
                    }
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
                Event::Eof => break,
            };
            let Some(mut element) = closed else { continue };
            elements += 1;
            if elements > MOST_ELEMENTS {
                return Err(format!("it has more than {MOST_ELEMENTS} elements"));
            }
            element.text = element.text.trim().to_owned();
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if root.is_none() => root = Some(element),
                None => return Err("it has more than one root".to_owned()),
            }
        }
        match open.is_empty() {
            true => root.ok_or_else(|| "it has no element".to_owned()),
            false => Err("it ends in the middle".to_owned()),
        }
    }

    fn new(start: &BytesStart<'_>) -> Element {
        Element {
            name: start.local_name().as_ref().to_owned(),
            ..Element::default()
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child that has one.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        let text = &self.child(name)?.text;
        (!text.is_empty()).then(|| text.clone())
    }

    /// The children of a list such as `<versions>`.
    pub(super) fn items<'a>(
        &'a self,
        list: &str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Element> {
        let items = self.child(list).map_or(&[][..], |list| &list.children);
        items.iter().filter(move |item| item.name == name)
    }
}

/// Text outside the root is not kept.
fn add(open: &mut [Element], text: &str) -> Option<Element> {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
    None
}

/// Writes a document, two spaces for each level.
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn new() -> Writer {
        Writer {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            depth: 0,
        }
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.line(&format!("<{name}>{}</{name}>", partial_escape(text)));
    }

    pub(super) fn nest(&mut self, name: &str, inner: impl FnOnce(&mut Writer)) {
        self.nest_with(name, "", inner);
    }

    /// `attributes` as they are to stand there: ` modelVersion="1.1.0"`.
    pub(super) fn nest_with(
        &mut self,
        name: &str,
        attributes: &str,
        inner: impl FnOnce(&mut Writer),
    ) {
        self.line(&format!("<{name}{attributes}>"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    pub(super) fn element(&mut self, element: &Element) {
        match element.children.is_empty() {
            true => self.text(&element.name, &element.text),
            false => self.nest(&element.name, |writer| {
                element
                    .children
                    .iter()
                    .for_each(|child| writer.element(child));
            }),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_and_written_again() {
        let text = "<a><b> x &amp; &#65; <![CDATA[<y>]]></b><n:c xmlns:n='u'/></a>";
        let root = Element::parse(text.as_bytes()).expect("good XML");
        assert_eq!(root.text_of("b").as_deref(), Some("x & A <y>"));
        assert!(root.child("c").is_some());
        let mut writer = Writer::new();
        writer.element(&root);
        assert_eq!(Element::parse(&writer.finish()).expect("our own XML"), root);
    }

    #[test]
    fn what_is_hostile_or_broken_is_refused() {
        let deep = "<a>".repeat(10_000) + &"</a>".repeat(10_000);
        for text in [
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a><b></a>",
            "<a>",
            "<a/><b/>",
            "no XML",
            "",
            &deep,
        ] {
            assert!(
                Element::parse(text.as_bytes()).is_err(),
                "{}",
                &text[..text.len().min(40)]
            );
        }
        assert!(Element::parse(b"<a>\xff</a>").is_err());
    }
}
