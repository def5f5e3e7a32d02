//! XML as POMs, repository metadata and nuspecs need it: elements with text, read into a tree.
//!
//! No document type is understood, so there are no entities to expand and nothing to fetch. The tree is only so deep,
//! so that whoever walks it may recurse, and has only so many elements: each takes more memory than its four letters
//! in the document.

use std::borrow::Cow;

use quick_xml::escape::{escape, partial_escape, resolve_xml_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde::{Deserialize, Serialize};

const DEEPEST: usize = 64;
/// An element takes more memory than `<a/>` has bytes. The versions of an artifact that is deployed with every commit stay
/// below this for years.
const MOST_ELEMENTS: usize = 200_000;

/// An element; its name without a namespace prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Element {
    pub name: String,
    /// Trimmed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Element>,
    /// Only where they were asked for: those of a POM tell nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, String)>,
}

impl Element {
    /// The root of a document, without attributes. Fails with a sentence that says what is wrong.
    pub fn parse(document: &[u8]) -> Result<Element, String> {
        Element::read(document, Element::new)
    }

    /// The same with the attributes of every element.
    pub fn parse_with_attributes(document: &[u8]) -> Result<Element, String> {
        Element::read(document, Element::with_attributes)
    }

    fn read(
        document: &[u8],
        element: fn(&BytesStart<'_>) -> Result<Element, String>,
    ) -> Result<Element, String> {
        let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        let mut count = 0;
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let closed = match event {
                Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
                Event::Start(start) if open.len() < DEEPEST => {
                    open.push(element(&start)?);
                    None
                }
                Event::Start(_) => return Err(format!("it is more than {DEEPEST} elements deep")),
                Event::Empty(start) => Some(element(&start)?),
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
            count += 1;
            if count > MOST_ELEMENTS {
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

    fn new(start: &BytesStart<'_>) -> Result<Element, String> {
        Ok(Element {
            name: start.local_name().as_ref().to_owned(),
            ..Element::default()
        })
    }

    fn with_attributes(start: &BytesStart<'_>) -> Result<Element, String> {
        let mut element = Element::new(start)?;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|error| error.to_string())?;
            let name = attribute.key.local_name().as_ref().to_owned();
            element.attributes.push((name, value.into_owned()));
        }
        Ok(element)
    }

    /// The text of an attribute that has one.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child that has one.
    pub fn text_of(&self, name: &str) -> Option<String> {
        let text = &self.child(name)?.text;
        (!text.is_empty()).then(|| text.clone())
    }

    /// The children of a list such as `<versions>`.
    pub fn items<'a>(&'a self, list: &str, name: &'a str) -> impl Iterator<Item = &'a Element> {
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
pub struct Writer {
    text: String,
    depth: usize,
}

impl Default for Writer {
    fn default() -> Writer {
        Writer {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            depth: 0,
        }
    }
}

impl Writer {
    pub fn new() -> Writer {
        Writer::default()
    }

    pub fn text(&mut self, name: &str, text: &str) {
        self.line(&format!("<{name}>{}</{name}>", partial_escape(text)));
    }

    /// `attributes` as they are to stand there: ` m:type="Edm.Int64"`.
    pub fn text_with(&mut self, name: &str, attributes: &str, text: &str) {
        let text = printable(text);
        self.line(&format!(
            "<{name}{attributes}>{}</{name}>",
            partial_escape(&*text)
        ));
    }

    /// An element that has nothing but attributes, as they are to stand there.
    pub fn empty(&mut self, name: &str, attributes: &str) {
        self.line(&format!("<{name}{attributes}/>"));
    }

    pub fn nest(&mut self, name: &str, inner: impl FnOnce(&mut Writer)) {
        self.nest_with(name, "", inner);
    }

    /// `attributes` as they are to stand there: ` modelVersion="1.1.0"`.
    pub fn nest_with(&mut self, name: &str, attributes: &str, inner: impl FnOnce(&mut Writer)) {
        self.line(&format!("<{name}{attributes}>"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    pub fn element(&mut self, element: &Element) {
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

    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// ` name="value"`, for the attributes of a [`Writer`].
pub fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", escape(&*printable(value)))
}

/// Without the characters that no XML document may have, not even escaped.
fn printable(text: &str) -> Cow<'_, str> {
    let wrong = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    match text.contains(wrong) {
        true => Cow::Owned(text.replace(wrong, "")),
        false => Cow::Borrowed(text),
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
