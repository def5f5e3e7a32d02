//! `Chart.yaml`: what must be right, and what of it stands in an index.
//!
//! Helm loads an index strictly: one unknown key, or a number where a string belongs, makes every chart of the channel
//! unusable. So an index gets the keys that Helm knows, in the types that it knows, whatever a chart has written.

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::channel::is_label;
use super::yaml::{self, Node};
use crate::error::{Error, Result};

/// A chart that may be published.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Chart {
    pub(super) name: String,
    pub(super) version: String,
    /// The keys of an index entry, except those that the index adds.
    pub(super) entry: Map<String, Value>,
}

impl Chart {
    pub(super) fn parse(bytes: &[u8]) -> Result<Chart> {
        let broken =
            |why: String| Error::bad_request(format!("Error while parsing Chart.yaml: {why}"));
        let text = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
        let chart = yaml::parse(text).map_err(broken)?;
        if !matches!(chart, Node::Map(_)) {
            return Err(broken("it is no mapping".to_owned()));
        }
        let text = |key: &str| chart.get(key).and_then(Node::text);
        let name = text("name").filter(|name| is_label(name));
        let name = name.ok_or_else(|| invalid("Name"))?;
        let version = text("version").filter(|version| parse_version(version).is_some());
        let version = version.ok_or_else(|| invalid("Version"))?;
        if !matches!(text("apiVersion"), Some("v1" | "v2")) {
            return Err(invalid("Metadata apiVersion"));
        }
        if !matches!(text("type"), None | Some("" | "application" | "library")) {
            return Err(invalid("Metadata type"));
        }
        Ok(Chart {
            name: name.to_owned(),
            version: version.to_owned(),
            entry: entry(&chart),
        })
    }

    /// `mychart-0.1.0.tgz`
    pub(super) fn file_name(&self) -> String {
        file_name(&self.name, &self.version)
    }
}

pub(super) fn file_name(name: &str, version: &str) -> String {
    format!("{name}-{version}.tgz")
}

/// SemVer 2, a leading `v` allowed.
pub(super) fn parse_version(text: &str) -> Option<Version> {
    let parsed = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    parsed.filter(|_| text.len() <= 255)
}

fn invalid(what: &str) -> Error {
    Error::bad_request(format!("Validation failed: {what} is invalid"))
}

const TEXTS: &[&str] = &[
    "apiVersion",
    "name",
    "version",
    "appVersion",
    "kubeVersion",
    "description",
    "type",
    "home",
    "icon",
    "condition",
    "tags",
];

/// YAML readers give up on a key longer than this.
const LONGEST_KEY: usize = 512;

fn entry(chart: &Node) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry.insert(key.to_owned(), value);
        }
    };
    for key in TEXTS {
        put(key, chart.get(key).and_then(text));
    }
    put("keywords", chart.get("keywords").and_then(texts));
    put("sources", chart.get("sources").and_then(texts));
    put(
        "maintainers",
        chart.get("maintainers").and_then(maintainers),
    );
    put(
        "dependencies",
        chart.get("dependencies").and_then(dependencies),
    );
    put(
        "annotations",
        chart.get("annotations").and_then(annotations),
    );
    put(
        "deprecated",
        chart
            .get("deprecated")
            .and_then(Node::flag)
            .map(Value::from),
    );
    entry
}

fn text(node: &Node) -> Option<Value> {
    node.text().map(Value::from)
}

fn texts(list: &Node) -> Option<Value> {
    some(list.items().iter().filter_map(text).collect())
}

fn some(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Array(values))
}

/// An object of those of `keys` that are there as text.
fn object(node: &Node, keys: &[&str]) -> Map<String, Value> {
    let found = keys
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), text(node.get(key)?)?)));
    found.collect()
}

fn maintainers(list: &Node) -> Option<Value> {
    let objects = list
        .items()
        .iter()
        .map(|one| object(one, &["name", "email", "url"]));
    some(
        objects
            .filter(|one| !one.is_empty())
            .map(Value::Object)
            .collect(),
    )
}

fn annotations(map: &Node) -> Option<Value> {
    let entries = map
        .entries()
        .iter()
        .filter(|(key, _)| key.len() <= LONGEST_KEY);
    let texts: Map<_, _> = entries
        .filter_map(|(key, value)| Some((key.clone(), text(value)?)))
        .collect();
    (!texts.is_empty()).then_some(Value::Object(texts))
}

fn dependencies(list: &Node) -> Option<Value> {
    let dependency = |node: &Node| {
        let mut known = object(
            node,
            &["name", "version", "repository", "condition", "alias"],
        );
        if let Some(tags) = node.get("tags").and_then(texts) {
            known.insert("tags".to_owned(), tags);
        }
        if let Some(enabled) = node.get("enabled").and_then(Node::flag) {
            known.insert("enabled".to_owned(), json!(enabled));
        }
        if let Some(imports) = node.get("import-values").and_then(imports) {
            known.insert("import-values".to_owned(), imports);
        }
        known.contains_key("name").then_some(Value::Object(known))
    };
    some(list.items().iter().filter_map(dependency).collect())
}

/// Names, or pairs of `child` and `parent`.
fn imports(list: &Node) -> Option<Value> {
    let import = |node: &Node| match node {
        Node::Map(_) => {
            let pair = object(node, &["child", "parent"]);
            (pair.len() == 2).then_some(Value::Object(pair))
        }
        name => text(name),
    };
    some(list.items().iter().filter_map(import).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(yaml: &str) -> String {
        Chart::parse(yaml.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_has_known_keys_in_known_types() {
        let yaml = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 1.10\nmaintainer: x\nfoo: {bar: 1}\n\
            deprecated: yes please\nkeywords: one\nannotations: {a: 1, b: true, c: [x]}\n\
            maintainers: [{name: Ann, phone: 1}, Bob]\n\
            dependencies: [{name: db, version: 1.2, enabled: false, import-values: [a, {child: x, parent: y}, {child: x}], x: y}]\n";
        let chart = Chart::parse(yaml.as_bytes()).unwrap();
        assert_eq!(
            Value::Object(chart.entry),
            json!({
                "apiVersion": "v2", "name": "web", "version": "1.0.0", "appVersion": "1.10", "keywords": ["one"],
                "maintainers": [{ "name": "Ann" }],
                "dependencies": [{ "name": "db", "version": "1.2", "enabled": false, "import-values": ["a", { "child": "x", "parent": "y" }] }],
                "annotations": { "a": "1", "b": "true" },
            })
        );
    }

    #[test]
    fn what_helm_would_not_load_is_refused() {
        for (yaml, why) in [
            ("", "it is empty"),
            ("- a", "it is no mapping"),
            ("a: [", "Error while parsing Chart.yaml"),
            (
                "apiVersion: v2\nname: a--b\nversion: 1.0.0",
                "Name is invalid",
            ),
            (
                "apiVersion: v2\nname: ../a\nversion: 1.0.0",
                "Name is invalid",
            ),
            (
                "apiVersion: v2\nname: a\nversion: 1.0",
                "Version is invalid",
            ),
            (
                "apiVersion: v2\nname: a\nversion: 1.0.0/..",
                "Version is invalid",
            ),
            ("name: a\nversion: 1.0.0", "apiVersion is invalid"),
            (
                "apiVersion: v3\nname: a\nversion: 1.0.0",
                "apiVersion is invalid",
            ),
            (
                "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: app",
                "type is invalid",
            ),
        ] {
            assert!(refusal(yaml).contains(why), "{yaml:?}: {}", refusal(yaml));
        }
        assert!(Chart::parse(b"apiVersion: v1\nname: a\nversion: v1.0.0-rc.1+b\n").is_ok());
        assert!(Chart::parse(b"\xff\xfe").is_err());
    }
}
