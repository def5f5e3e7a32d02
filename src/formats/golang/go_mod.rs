//! The one line of a go.mod that a registry must know (Modules Reference, "go.mod files").

/// The path in the `module` directive: bare, in quotes or in backquotes, alone or in a block.
pub(super) fn module_path(go_mod: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(go_mod);
    let mut lines = text.lines().map(without_comment);
    let directive = lines.find_map(|line| {
        let rest = line.strip_prefix("module")?;
        rest.starts_with([' ', '\t', '(', '"', '`'])
            .then(|| rest.trim())
    })?;
    let word = match directive.strip_prefix('(') {
        Some(rest) if rest.trim().is_empty() => lines.find(|line| !line.is_empty())?,
        Some(_) => return None,
        None => directive,
    };
    match word.as_bytes().first()? {
        quote @ (b'"' | b'`') => {
            let quote = char::from(*quote);
            let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
            // No module path has a letter that would have to be escaped.
            (!inner.contains(['\\', quote])).then(|| inner.to_owned())
        }
        _ => Some(word.to_owned()),
    }
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_directive_is_found_in_every_spelling() {
        for text in [
            "module example.com/x\n\ngo 1.19\n",
            "// Deprecated: use y\n\n  module\texample.com/x // here\r\n",
            "go 1.19\nmodule \"example.com/x\"\n",
            "module `example.com/x`",
            "module (\n\t// this one\n\n\texample.com/x\n)\n",
            "modules example.com/y\nmodule example.com/x\n",
        ] {
            let found = module_path(text.as_bytes());
            assert_eq!(found.as_deref(), Some("example.com/x"), "{text}");
        }
        for text in [
            "",
            "go 1.19\n",
            "// module example.com/x\n",
            "module\n",
            "module \"x\\u0041\"\n",
            "module (\n",
        ] {
            assert_eq!(module_path(text.as_bytes()), None, "{text}");
        }
    }
}
