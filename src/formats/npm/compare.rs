//! Manifest confusion: what a client announces must be what the tarball holds, or tools would judge one package and
//! install another. Refused is only what changes what is installed or run; npm normalises much on its way (read-package-json).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::names::refusal;
use super::tarball::Contents;
use crate::error::Result;

/// 400 that names the first key that differs.
pub(super) fn compare(sent: &Value, contents: &Contents) -> Result<()> {
    let packed = &contents.manifest;
    let differs = |key: &str| {
        Err(refusal(format!(
            "The manifest's {key} is not that of the tarball's package.json."
        )))
    };
    for key in ["name", "version"] {
        if text(&sent[key]).trim() != text(&packed[key]).trim() {
            return differs(key);
        }
    }
    if dependencies(sent) != dependencies(packed) {
        return differs("dependencies");
    }
    for key in ["optionalDependencies", "peerDependencies"] {
        if map_of(&sent[key]) != map_of(&packed[key]) {
            return differs(key);
        }
    }
    if bundled(sent) != bundled(packed) {
        return differs("bundleDependencies");
    }
    if !scripts_agree(sent, contents) {
        return differs("scripts");
    }
    let (sent_bin, packed_bin) = (bins(sent), bins(packed));
    let from_folder = packed["directories"]["bin"].is_string() && packed_bin.is_empty();
    let known = |(name, file): (&String, &String)| packed_bin.get(name) == Some(file);
    if !from_folder && !sent_bin.iter().all(known) {
        return differs("bin");
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// npm writes optional dependencies under `dependencies` as well.
fn dependencies(manifest: &Value) -> BTreeMap<String, String> {
    let mut all = map_of(&manifest["dependencies"]);
    all.extend(map_of(&manifest["optionalDependencies"]));
    all
}

fn map_of(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .filter_map(|(name, range)| Some((name.trim().to_owned(), source(range.as_str()?))))
        .collect()
}

/// A range as it is; of a place, what is left however its host is spelled: `acme/tool`, `github:acme/tool`.
fn source(range: &str) -> String {
    let range = range.trim();
    if !range.contains('/') || range.starts_with("npm:") {
        return range.to_owned();
    }
    let (place, commit) = range.split_once('#').unwrap_or((range, ""));
    let place = place.trim_end_matches(".git").replace(':', "/");
    let tail: Vec<&str> = place.rsplit('/').take(2).collect();
    format!("{}#{commit}", tail.join("/"))
}

fn bundled(manifest: &Value) -> BTreeSet<String> {
    let list = ["bundleDependencies", "bundledDependencies"]
        .into_iter()
        .map(|key| &manifest[key])
        .find(|value| !value.is_null());
    match list {
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect(),
        Some(Value::Bool(true)) => dependencies(manifest).into_keys().collect(),
        Some(Value::Object(names)) => names.keys().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

/// What runs when a package is installed must be the same; npm itself adds two scripts for what it finds in the folder.
fn scripts_agree(sent: &Value, contents: &Contents) -> bool {
    let empty = Map::new();
    let of = |manifest: &Value| manifest["scripts"].as_object().cloned();
    let sent = of(sent).unwrap_or_else(|| empty.clone());
    let packed = of(&contents.manifest).unwrap_or(empty);
    let command = |scripts: &Map<String, Value>, name: &str| {
        let command = scripts.get(name)?.as_str()?;
        let command = command.strip_prefix("./").unwrap_or(command);
        Some(
            command
                .strip_prefix("node_modules/.bin/")
                .unwrap_or(command)
                .trim()
                .to_owned(),
        )
    };
    let by_npm = |name: &str, text: Option<&str>| match name {
        "install" => contents.has_binding_gyp && text == Some("node-gyp rebuild"),
        "start" => contents.has_server_js && text == Some("node server.js"),
        _ => false,
    };
    let names: BTreeSet<&String> = sent.keys().chain(packed.keys()).collect();
    names.into_iter().all(|name| {
        let (sent, packed) = (command(&sent, name), command(&packed, name));
        let on_install = ["preinstall", "install", "postinstall"].contains(&name.as_str());
        sent == packed
            || (packed.is_none() && by_npm(name, sent.as_deref()))
            || (sent.is_none() && !on_install) // package managers drop what only concerns publishing
    })
}

fn bins(manifest: &Value) -> BTreeMap<String, String> {
    let clean = |path: &str| {
        path.replace('\\', "/")
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect::<Vec<_>>()
            .join("/")
    };
    match &manifest["bin"] {
        Value::String(path) => {
            let name = super::names::base_name(text(&manifest["name"])).to_owned();
            BTreeMap::from([(name, clean(path))])
        }
        Value::Object(bins) => bins
            .iter()
            .filter_map(|(name, path)| {
                let name = name
                    .rsplit_once('/')
                    .map_or(name.as_str(), |(_, base)| base);
                Some((name.to_owned(), clean(path.as_str()?)))
            })
            .collect(),
        Value::Array(paths) => paths
            .iter()
            .filter_map(|path| {
                let path = clean(path.as_str()?);
                let name = path.rsplit('/').next()?.to_owned();
                Some((name, path))
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agree(sent: Value, packed: Value) -> bool {
        let mut contents = Contents {
            manifest: json!({ "name": "d", "version": "1.0.0" }),
            has_binding_gyp: true,
            has_server_js: false,
            files: 1,
            unpacked_size: 1,
        };
        let mut whole = contents.manifest.clone();
        for (name, value) in sent.as_object().unwrap() {
            whole[name] = value.clone();
        }
        for (name, value) in packed.as_object().unwrap() {
            contents.manifest[name] = value.clone();
        }
        compare(&whole, &contents).is_ok()
    }

    #[test]
    fn what_npm_itself_changes_is_no_difference() {
        for (sent, packed) in [
            (
                json!({"scripts": {"test": "mocha"}}),
                json!({"scripts": {"test": "node_modules/.bin/mocha"}}),
            ),
            (json!({"bin": {"d": "cli.js"}}), json!({"bin": "./cli.js"})),
            (
                json!({"dependencies": {"a": "1", "b": "2"}, "optionalDependencies": {"b": "2"}}),
                json!({"dependencies": {"a": "1"}, "optionalDependencies": {"b": "2"}}),
            ),
            (
                json!({"dependencies": {"a": "github:acme/tool#v1"}}),
                json!({"dependencies": {"a": "acme/tool#v1"}}),
            ),
            (
                json!({"bundleDependencies": ["a"]}),
                json!({"bundledDependencies": ["a"]}),
            ),
            (
                json!({"scripts": {"install": "node-gyp rebuild"}}),
                json!({}),
            ),
            (
                json!({"_id": "d@1.0.0", "gitHead": "abc", "readme": "x"}),
                json!({}),
            ),
        ] {
            assert!(agree(sent.clone(), packed.clone()), "{sent} {packed}");
        }
    }

    #[test]
    fn what_changes_what_is_installed_or_run_is_a_difference() {
        for (sent, packed) in [
            (json!({"name": "e"}), json!({})),
            (json!({"version": "1.0.1"}), json!({})),
            (json!({}), json!({"dependencies": {"evil": "1"}})),
            (
                json!({"dependencies": {"a": "1"}}),
                json!({"dependencies": {"a": "2"}}),
            ),
            (json!({}), json!({"scripts": {"postinstall": "evil"}})),
            (
                json!({"scripts": {"test": "a"}}),
                json!({"scripts": {"test": "b"}}),
            ),
            (json!({"bin": {"d": "a.js"}}), json!({"bin": {"d": "b.js"}})),
        ] {
            assert!(!agree(sent.clone(), packed.clone()), "{sent} {packed}");
        }
    }
}
