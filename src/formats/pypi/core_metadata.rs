//! Core metadata: `METADATA` of a wheel, `PKG-INFO` of an sdist (PyPA specification "Core metadata").

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Bytes that a metadata file may have.
pub(super) const MOST_BYTES: u64 = 10 << 20;

/// Of a description, what is kept beside the file that holds it whole.
const MOST_DESCRIPTION: usize = 1 << 20;

/// Fields that may stand there several times, and what the upload API and JSON call them.
const LISTS: [(&str, &str); 11] = [
    ("classifier", "classifiers"),
    ("requires_dist", "requires_dist"),
    ("provides_extra", "provides_extra"),
    ("project_url", "project_urls"),
    ("license_file", "license_files"),
    ("platform", "platforms"),
    ("supported_platform", "supported_platforms"),
    ("dynamic", "dynamic"),
    ("provides_dist", "provides_dist"),
    ("obsoletes_dist", "obsoletes_dist"),
    ("requires_external", "requires_external"),
];

/// Fields that stand there once.
const TEXTS: [&str; 18] = [
    "metadata_version",
    "name",
    "version",
    "summary",
    "description",
    "description_content_type",
    "keywords",
    "home_page",
    "download_url",
    "author",
    "author_email",
    "maintainer",
    "maintainer_email",
    "license",
    "license_expression",
    "requires_python",
    "import_name",
    "import_namespace",
];

/// What a project says of one of its versions, by the names of the upload API.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CoreMetadata {
    fields: Map<String, Value>,
}

impl CoreMetadata {
    /// Header lines, `Name: value`, and behind an empty line the description. Unknown fields are left out.
    pub(super) fn parse(bytes: &[u8]) -> CoreMetadata {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut metadata = CoreMetadata::default();
        let mut field: Option<(String, String)> = None;
        for line in head.lines() {
            match (&mut field, line.strip_prefix([' ', '\t'])) {
                (Some((_, value)), Some(more)) => {
                    value.push('\n');
                    // Old writers mark the margin of a long description.
                    value.push_str(more.strip_prefix("      |").unwrap_or(more));
                }
                (_, _) => {
                    metadata.add_field(field.take());
                    field = line.split_once(':').map(|(name, value)| {
                        let name = name.trim().to_ascii_lowercase().replace('-', "_");
                        (name, value.trim().to_owned())
                    });
                }
            }
        }
        metadata.add_field(field);
        if !body.trim().is_empty() {
            metadata.add("description", body);
        }
        metadata
    }

    fn add_field(&mut self, field: Option<(String, String)>) {
        if let Some((name, value)) = field {
            let list = LISTS.iter().find(|(header, _)| *header == name);
            self.add(list.map_or(name.as_str(), |(_, name)| name), &value);
        }
    }

    /// One field of the upload form or of a metadata file; what is empty, unknown or there already is left out.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let unknown = matches!(value, "" | "UNKNOWN"); // what old setuptools wrote for nothing
        if !unknown && LISTS.iter().any(|(_, list)| *list == name) {
            let list = self
                .fields
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(value.into());
            }
        } else if !unknown && TEXTS.contains(&name) && !self.fields.contains_key(name) {
            let kept = value.floor_char_boundary(MOST_DESCRIPTION);
            self.fields.insert(name.to_owned(), value[..kept].into());
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// `Requires-Python`, which every index page repeats: 400 if it is longer than GitLab takes it.
    pub(super) fn requires_python(&self) -> Result<Option<&str>> {
        let text = self.text("requires_python");
        if text.is_some_and(|text| text.chars().count() > 255) {
            return Err(Error::bad_request(
                "Validation failed: Required python is too long (maximum is 255 characters)",
            ));
        }
        Ok(text)
    }

    /// What is kept with the package.
    pub(super) fn into_json(self) -> Value {
        Value::Object(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lists_and_the_description_are_read() {
        let metadata = CoreMetadata::parse(
            b"Metadata-Version: 2.4\r\nName: acme\r\nVersion: 1.0\r\nClassifier: A\r\nClassifier: B :: C\r\n\
              License: two\r\n        lines\r\nHome-page: UNKNOWN\r\nX-Other: y\r\n\r\n# Acme\r\n\r\nText: yes\r\n",
        );
        let expected = serde_json::json!({
            "metadata_version": "2.4", "name": "acme", "version": "1.0", "classifiers": ["A", "B :: C"],
            "license": "two\n       lines", "description": "# Acme\n\nText: yes\n",
        });
        assert_eq!(metadata.into_json(), expected);
    }

    #[test]
    fn the_first_of_two_names_counts() {
        let metadata = CoreMetadata::parse(b"Name: one\nName: two\n");
        assert_eq!(metadata.text("name"), Some("one"));
    }

    #[test]
    fn what_is_no_metadata_says_nothing() {
        assert_eq!(
            CoreMetadata::parse(b"\xff\xfe\0\n : \n:\n"),
            CoreMetadata::default()
        );
    }
}
