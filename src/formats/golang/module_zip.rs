//! What a module zip must be, or every client that downloads it refuses it (golang.org/x/mod/zip: `CheckZip`), and the
//! sums by which clients know it again (golang.org/x/mod/sumdb/dirhash: `Hash1`).

use std::collections::{HashMap, hash_map};
use std::fs::File;
use std::io::{self, Write};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use super::version::Version;
use super::{go_mod, module_path};
use crate::error::{Error, Result};
use crate::registry::archive::zip::{Entry, Zip};

/// Bytes of all files, and of those two that clients read whole.
const MOST_BYTES: u64 = 500 << 20;
const MOST_BYTES_OF_ONE: u64 = 16 << 20;
/// Far more than any module has; what is kept of each name here must stay small.
const MOST_FILES: u64 = 100_000;
const MOST_FOLDERS: usize = 200_000;

/// What a sound zip says of itself.
#[derive(Debug)]
pub(super) struct ModuleZip {
    pub(super) module: String,
    pub(super) version: Version,
    /// As it stands in the zip, or `module PATH` for code from before modules.
    pub(super) go_mod: Vec<u8>,
    pub(super) h1: String,
    pub(super) go_mod_h1: String,
}

/// Reads all of a zip; 400 with the rule that it breaks.
pub(super) fn read(file: File) -> Result<ModuleZip> {
    let zip = Zip::open(file).map_err(invalid)?;
    if zip.count() > MOST_FILES {
        return Err(structure(format!("it has more than {MOST_FILES} files")));
    }
    let mut contents = Contents::default();
    zip.each(|entry| contents.add(entry))
        .map_err(|error| renamed(error, "package has invalid structure"))?;
    let Some(Prefix {
        module, version, ..
    }) = contents.prefix
    else {
        return Err(structure("it is empty"));
    };
    let found = contents.go_mod.map(|at| {
        let bytes = zip.read(&contents.entries[at], MOST_BYTES_OF_ONE);
        check_go_mod(bytes.map_err(invalid)?, &module, &version)
    });
    let go_mod = match found {
        Some(found) => found?,
        None => format!("module {module}\n").into_bytes(),
    };
    let h1 = sum_of(&zip, contents.entries)?;
    let go_mod_h1 = sum([(hex(&go_mod), "go.mod")].into_iter());
    Ok(ModuleZip {
        module,
        version,
        go_mod,
        h1,
        go_mod_h1,
    })
}

/// What the entries were found to be so far.
#[derive(Default)]
struct Contents {
    prefix: Option<Prefix>,
    entries: Vec<Entry>,
    tree: Tree,
    bytes: u64,
    /// Which entry is the go.mod.
    go_mod: Option<usize>,
}

/// `example.com/Acme/hello@v1.2.3/`, in plain case.
struct Prefix {
    text: String,
    module: String,
    version: Version,
}

impl Prefix {
    fn of(first: &str) -> Result<Prefix> {
        let parts = first.split_once('@').and_then(|(module, rest)| {
            let (version, _) = rest.split_once('/')?;
            Some((module, version))
        });
        let Some((module, version)) = parts else {
            return Err(structure(format!(
                "`{}` does not begin with `MODULE@VERSION/`",
                first.escape_debug()
            )));
        };
        if let Some(fault) = module_path::fault(module) {
            return Err(Error::bad_request(format!(
                "module path is invalid: `{}`: {fault}",
                module.escape_debug()
            )));
        }
        let Some(parsed) = Version::parse(version) else {
            return Err(Error::bad_request(format!(
                "package version is invalid: `{}` is not written like `v1.2.3` or `v1.2.3-rc.1`",
                version.escape_debug()
            )));
        };
        if !module_path::fits(module, &parsed) {
            return Err(Error::bad_request(format!(
                "version does not match module path: from v2 on, the path of {parsed} ends in the major version (`{module}/v{}`)",
                parsed.major()
            )));
        }
        Ok(Prefix {
            text: format!("{module}@{version}/"),
            module: module.to_owned(),
            version: parsed,
        })
    }
}

impl Contents {
    fn add(&mut self, entry: Entry) -> Result<()> {
        let prefix = match &self.prefix {
            Some(prefix) => prefix,
            None => self.prefix.insert(Prefix::of(&entry.name)?),
        };
        let shown = || entry.name.escape_debug().to_string();
        let Some(path) = entry.name.strip_prefix(&prefix.text) else {
            let prefix = &prefix.text;
            return Err(structure(format!(
                "`{}` does not begin with `{prefix}`",
                shown()
            )));
        };
        let folder = path.strip_suffix('/');
        let is_folder = folder.is_some() || path.is_empty();
        if entry.is_link {
            return Err(structure(format!("`{}` is a link", shown())));
        }
        if is_folder && entry.size > 0 {
            return Err(structure(format!("the folder `{}` has bytes", shown())));
        }
        if !path.is_empty() {
            let path = folder.unwrap_or(path);
            if let Some(fault) = module_path::file_fault(path) {
                return Err(structure(format!("`{}`: {fault}", shown())));
            }
            self.tree.add(path, is_folder)?;
            if !is_folder {
                check_special(path, &entry)?;
            }
            if path == "go.mod" && !is_folder {
                self.go_mod = Some(self.entries.len());
            }
        }
        self.bytes = self.bytes.saturating_add(entry.size);
        if self.bytes > MOST_BYTES {
            return Err(Error::bad_request(
                "File is too large: the files of a module take at most 500 MiB unpacked",
            ));
        }
        self.entries.push(entry);
        Ok(())
    }
}

/// One go.mod, at the root, in lower case; and it and LICENSE are small.
fn check_special(path: &str, entry: &Entry) -> Result<()> {
    let base = path.rsplit('/').next().unwrap_or(path);
    if base.eq_ignore_ascii_case("go.mod") && path != "go.mod" {
        let why = match base == path {
            true => "must be written `go.mod`",
            false => "lies below the root: what is there is a module of its own",
        };
        return Err(structure(format!("`{}` {why}", entry.name.escape_debug())));
    }
    if matches!(path, "go.mod" | "LICENSE") && entry.size > MOST_BYTES_OF_ONE {
        return Err(Error::bad_request(format!(
            "{path} file is too large: it takes at most 16 MiB"
        )));
    }
    Ok(())
}

fn check_go_mod(bytes: Vec<u8>, module: &str, version: &Version) -> Result<Vec<u8>> {
    if version.is_incompatible() {
        return Err(Error::bad_request(format!(
            "version does not match module path: `+incompatible` is for code without go.mod; {module} has one"
        )));
    }
    let Some(declared) = go_mod::module_path(&bytes) else {
        return Err(Error::bad_request(
            "go.mod file has no module path: it needs a line `module PATH`",
        ));
    };
    if declared != module {
        let declared: String = declared.chars().take(200).collect();
        return Err(Error::bad_request(format!(
            "go.mod file has a different module path: it says `{}`, the zip is of `{module}`",
            declared.escape_debug()
        )));
    }
    Ok(bytes)
}

/// Names below a folder, by their case-folded form: where two of them differ in case alone, some file systems have
/// room for one.
#[derive(Default)]
struct Tree {
    nodes: HashMap<(usize, String), Node>,
}

struct Node {
    number: usize,
    name: String,
    is_folder: bool,
}

impl Tree {
    fn add(&mut self, path: &str, is_folder: bool) -> Result<()> {
        let mut parent = 0;
        let mut elements = path.split('/').peekable();
        while let Some(name) = elements.next() {
            let is_last = elements.peek().is_none();
            let is_folder = is_folder || !is_last;
            let number = self.nodes.len() + 1;
            let node = match self.nodes.entry((parent, fold(name))) {
                hash_map::Entry::Vacant(vacant) => {
                    if number > MOST_FOLDERS {
                        return Err(structure("it has too many folders"));
                    }
                    vacant.insert(Node {
                        number,
                        name: name.to_owned(),
                        is_folder,
                    })
                }
                hash_map::Entry::Occupied(known) => {
                    let known = known.into_mut();
                    let why = match (known.name == name, known.is_folder && is_folder) {
                        (true, true) => None,
                        (true, false) if known.is_folder == is_folder => Some("stands there twice"),
                        (true, false) => Some("is both a file and a folder"),
                        (false, _) => Some("differs from another name in case alone"),
                    };
                    if let Some(why) = why {
                        return Err(structure(format!("`{}` {why}", path.escape_debug())));
                    }
                    known
                }
            };
            parent = node.number;
        }
        Ok(())
    }
}

/// Letters that some file system takes for the same become the same.
fn fold(name: &str) -> String {
    let folded = name.chars().map(|letter| {
        let upper = only(letter.to_uppercase()).unwrap_or(letter);
        only(upper.to_lowercase()).unwrap_or(upper)
    });
    folded.collect()
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

/// The zip's sum: over the names and contents of its members, folders too, whatever they are packed like.
fn sum_of(zip: &Zip, mut entries: Vec<Entry>) -> Result<String> {
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let mut hashed = Vec::with_capacity(entries.len());
    for entry in &entries {
        let mut content = Hashing(Sha256::new());
        zip.unpack(entry, &mut content).map_err(invalid)?;
        hashed.push((HEXLOWER.encode(&content.0.finalize()), entry.name.as_str()));
    }
    Ok(sum(hashed.into_iter()))
}

/// `h1:` and the SHA-256 of lines like those of sha256sum, in base64.
fn sum<'a>(files: impl Iterator<Item = (String, &'a str)>) -> String {
    let mut lines = Sha256::new();
    for (content, name) in files {
        lines.update(format!("{content}  {name}\n"));
    }
    format!("h1:{}", BASE64.encode(&lines.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn structure(why: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("package has invalid structure: {why}"))
}

fn invalid(error: Error) -> Error {
    renamed(error, "package is invalid")
}

/// What the archive itself is refused for, in the words of this format.
fn renamed(error: Error, rule: &str) -> Error {
    match error {
        Error::BadRequest(why) if why.starts_with("the archive") => {
            Error::bad_request(format!("{rule}: {why}"))
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_go() {
        // The go.mod of rsc.io/quote v1.5.2, with its line in the go.sum files of the world.
        let go_mod = "module \"rsc.io/quote\"\n\nrequire \"rsc.io/sampler\" v1.3.0\n";
        assert_eq!(
            sum([(hex(go_mod.as_bytes()), "go.mod")].into_iter()),
            "h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0="
        );
    }

    #[test]
    fn case_is_folded_as_file_systems_do() {
        for (a, b) in [
            ("README", "readme"),
            ("K", "\u{212a}"),
            ("s", "ſ"),
            ("ΣΑΣ", "σας"),
        ] {
            assert_eq!(fold(a), fold(b), "{a}");
        }
        assert_ne!(fold("straße"), fold("strase"));
    }
}
