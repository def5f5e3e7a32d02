//! Reads `matrix.txt`; its head says how it is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::callers::CALLERS;

/// What is expected of a caller in a public, an internal and a private place; `None`: let in.
pub type Cells = [Option<u16>; 3];

pub struct Row {
    pub method: String,
    pub pattern: String,
    pub family: String,
    /// The statuses of a caller who is let in.
    pub allowed: Vec<u16>,
    pub values: BTreeMap<String, String>,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub cells: BTreeMap<String, Cells>,
    /// What it changes is not for the audit log.
    pub unaudited: bool,
    /// Each caller who is let in loses its credential.
    pub breaks: bool,
}

pub struct Table {
    pub rows: Vec<Row>,
}

type Family = BTreeMap<String, Cells>;

impl Table {
    pub fn read() -> Table {
        let (mut aliases, mut families, mut rows) = (
            BTreeMap::<String, Vec<String>>::new(),
            BTreeMap::<String, Family>::new(),
            Vec::<Row>::new(),
        );
        let (mut family, mut prefixes, mut shared) = (None, vec![String::new()], Vec::new());
        let mut first = 0; // of the rows that the last line has made
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/access/matrix.txt");
        let text = fs::read_to_string(file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = format!("matrix.txt, line {}", number + 1);
            let words: Vec<&str> = line.split_whitespace().collect();
            let indented = line.starts_with(' ');
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["callers", name, "=", members @ ..] => {
                    let members = expand(&aliases, members, &place);
                    aliases.insert((*name).to_owned(), members);
                }
                ["below", paths @ ..] if !indented => {
                    prefixes = paths.iter().map(|path| (*path).to_owned()).collect();
                    shared.clear();
                }
                ["values", values @ ..] if !indented => shared = values.to_vec(),
                ["family", name] => {
                    families.insert((*name).to_owned(), Family::new());
                    family = Some((*name).to_owned());
                }
                ["family", name, "like", other] => {
                    let like = families
                        .get(*other)
                        .unwrap_or_else(|| panic!("{place}: no family {other}"));
                    families.insert((*name).to_owned(), like.clone());
                    family = Some((*name).to_owned());
                }
                ["body", ..] if indented => {
                    let body = line.trim().strip_prefix("body ").unwrap_or_default();
                    for row in &mut rows[first..] {
                        row.body = Some(body.to_owned());
                    }
                }
                words if indented && line.contains(':') => {
                    let (names, cells) = cells(&aliases, words, &place);
                    let into: Vec<&mut Family> = match &family {
                        Some(family) => families.get_mut(family).into_iter().collect(),
                        None => rows[first..].iter_mut().map(|row| &mut row.cells).collect(),
                    };
                    for into in into {
                        into.extend(names.iter().map(|name| (name.clone(), cells)));
                    }
                }
                [method, pattern, of, allowed, rest @ ..] if !indented => {
                    (family, first) = (None, rows.len());
                    let cells = families
                        .get(*of)
                        .unwrap_or_else(|| panic!("{place}: no family {of}"))
                        .clone();
                    let words = [&shared[..], rest].concat();
                    for pattern in patterns(pattern, &prefixes) {
                        rows.push(row(
                            method,
                            &pattern,
                            of,
                            allowed,
                            &words,
                            cells.clone(),
                            &place,
                        ));
                    }
                }
                _ => panic!("{place}: not understood: {line}"),
            }
        }
        for (name, family) in &families {
            for caller in CALLERS {
                assert!(
                    family.contains_key(*caller),
                    "family {name} says nothing of {caller}"
                );
            }
        }
        Table { rows }
    }
}

/// `~/index` stands for that path below each of the prefixes.
fn patterns(pattern: &str, prefixes: &[String]) -> Vec<String> {
    match pattern.strip_prefix('~') {
        Some(rest) => prefixes
            .iter()
            .map(|prefix| format!("{prefix}{rest}"))
            .collect(),
        None => vec![pattern.to_owned()],
    }
}

fn row(
    method: &str,
    pattern: &str,
    family: &str,
    allowed: &str,
    rest: &[&str],
    cells: Family,
    place: &str,
) -> Row {
    let mut row = Row {
        method: method.to_owned(),
        pattern: pattern.to_owned(),
        family: family.to_owned(),
        allowed: allowed
            .split('/')
            .map(|status| {
                status
                    .parse()
                    .unwrap_or_else(|_| panic!("{place}: {status} is no status"))
            })
            .collect(),
        values: BTreeMap::new(),
        headers: Vec::new(),
        body: None,
        cells,
        unaudited: false,
        breaks: false,
    };
    for word in rest {
        match (*word, word.split_once('=')) {
            ("unaudited", _) => row.unaudited = true,
            ("breaks", _) => row.breaks = true,
            (_, Some(("header", header))) => {
                let (name, value) = header
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{place}: {header}"));
                row.headers.push((name.to_owned(), value.to_owned()));
            }
            (_, Some((name, value))) => {
                row.values.insert(name.to_owned(), value.to_owned());
            }
            _ => panic!("{place}: not understood: {word}"),
        }
    }
    // Lines have values in common that not every one of them needs.
    row.values.retain(|name, _| {
        let named = [format!("{{{name}}}"), format!("{{*{name}}}")];
        name == "query" || named.iter().any(|name| pattern.contains(name))
    });
    row
}

fn expand(aliases: &BTreeMap<String, Vec<String>>, names: &[&str], place: &str) -> Vec<String> {
    let mut all = Vec::new();
    for name in names {
        match aliases.get(*name) {
            Some(members) => all.extend(members.clone()),
            None if CALLERS.contains(name) => all.push((*name).to_owned()),
            None => panic!("{place}: there is no caller {name}"),
        }
    }
    all
}

/// `guest reporter : ok 404 404`, or one word for all three.
fn cells(
    aliases: &BTreeMap<String, Vec<String>>,
    words: &[&str],
    place: &str,
) -> (Vec<String>, Cells) {
    let colon = words
        .iter()
        .position(|word| *word == ":")
        .unwrap_or_else(|| panic!("{place}: no colon between blanks"));
    let (names, statuses) = (&words[..colon], &words[colon + 1..]);
    let names = match names {
        ["everybody"] => CALLERS.iter().map(|name| (*name).to_owned()).collect(),
        names => expand(aliases, names, place),
    };
    let status = |word: &str| match word {
        "ok" => None,
        status => Some(
            status
                .parse()
                .unwrap_or_else(|_| panic!("{place}: {status} is no status")),
        ),
    };
    let cells = match statuses {
        [all] => [status(all); 3],
        [public, internal, private] => [status(public), status(internal), status(private)],
        _ => panic!("{place}: one status, or three"),
    };
    (names, cells)
}
