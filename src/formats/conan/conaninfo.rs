//! `conaninfo.txt`: what a binary was built for. An INI file of Conan's own kind.

use serde_json::{Map, Value, json};

/// For Conan 2 the text; for Conan 1 what GitLab makes of it. Conan 2 leaves out what has a `recipe_hash`, which only a
/// binary of Conan 1 has, so that each client sees its own.
pub(super) fn for_either(text: &str) -> Value {
    match has_section(text, "recipe_hash") {
        true => parsed(text),
        false => content(text),
    }
}

/// What the first protocol has.
pub(super) fn content(text: &str) -> Value {
    json!({ "content": text })
}

/// `{"settings":{…},"options":{…},"requires":[…],"recipe_hash":"…"}`; what cannot be read is left out.
fn parsed(text: &str) -> Value {
    let (mut settings, mut options) = (Map::new(), Map::new());
    let (mut requires, mut recipe_hash) = (Vec::new(), String::new());
    let mut section = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = heading(line) {
            section = name;
            continue;
        }
        match (section, line.split_once('=')) {
            ("settings", Some((name, value))) => drop(settings.insert(name.into(), value.into())),
            ("options", Some((name, value))) => drop(options.insert(name.into(), value.into())),
            ("requires", _) => requires.push(line),
            ("recipe_hash", _) => recipe_hash = line.to_owned(),
            _ => {}
        }
    }
    json!({ "settings": settings, "options": options, "requires": requires, "recipe_hash": recipe_hash })
}

fn has_section(text: &str, wanted: &str) -> bool {
    text.lines()
        .any(|line| heading(line.trim()) == Some(wanted))
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_shown_its_own() {
        let two = "[settings]\nos=Linux\n[requires]\nzlib/1.3\n";
        assert_eq!(for_either(two), json!({ "content": two }));
        let one = "[settings]\n    os=Linux\n    compiler.version=12\n\n[requires]\n    zlib/1.Y.Z\n\n[options]\n    shared=False\n\n[full_options]\n    shared=True\n\n[recipe_hash]\n    0123abcd\n\n[env]\n";
        let expected = json!({
            "settings": { "os": "Linux", "compiler.version": "12" },
            "options": { "shared": "False" },
            "requires": ["zlib/1.Y.Z"],
            "recipe_hash": "0123abcd",
        });
        assert_eq!(for_either(one), expected);
    }

    #[test]
    fn nonsense_is_no_failure() {
        assert_eq!(for_either("[[["), json!({ "content": "[[[" }));
        assert_eq!(for_either("[recipe_hash]")["recipe_hash"], "");
    }
}
