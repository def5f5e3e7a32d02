//! The two documents that describe the feed (OData 2.0, "Service document" and "CSDL").

use crate::registry::xml::{Writer, attribute};

pub(super) fn service(base: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    let namespaces = attribute("xml:base", base)
        + &attribute("xmlns", "http://www.w3.org/2007/app")
        + &attribute("xmlns:atom", "http://www.w3.org/2005/Atom");
    writer.nest_with("service", &namespaces, |writer| {
        writer.nest("workspace", |writer| {
            writer.text("atom:title", "Default");
            writer.nest_with("collection", &attribute("href", "Packages"), |writer| {
                writer.text("atom:title", "Packages");
            });
        });
    });
    writer.finish()
}

/// nuget 2 asks this which properties and functions there are, and asks for nothing else.
pub(super) const METADATA: &str = include_str!("metadata.xml");
