//! The upload form (PyPI docs, "Upload API"): what must be there, and what it promises of its file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use actix_web::http::StatusCode;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use data_encoding::HEXLOWER;

use super::core_metadata::CoreMetadata;
use super::file_name::FileName;
use super::{name, version};
use crate::error::{Error, Result};
use crate::http::upload::{Form, FormPlan};
use crate::registry::{PackageKey, PackageType, StagedBlob};

pub(super) const PLAN: FormPlan = FormPlan {
    file: &["content"],
    most_texts: 10_000, // `requires_dist` of a project with many extras
    most_text: 2 << 20,
    most_text_in_all: 8 << 20,
};

/// A form that is whole and true to itself.
pub(super) struct Upload {
    pub(super) key: PackageKey,
    pub(super) name_key: String,
    pub(super) version_key: String,
    pub(super) file_name: FileName,
    pub(super) staged: StagedBlob,
    pub(super) fields: Fields,
}

/// The text fields.
pub(super) struct Fields(Form);

impl Upload {
    /// 400 as the contract words it; 410 for the other actions that PyPI's API once had.
    pub(super) fn parse(mut form: Form) -> Result<Upload> {
        match form.text(":action") {
            None | Some("file_upload") => {}
            Some("submit" | "doc_upload" | "submit_pkg_info") => {
                return Err(Error::message(StatusCode::GONE, "410 Gone"));
            }
            Some(_) => return Err(Error::invalid_param(":action does not have a valid value")),
        }
        let given = [
            ("content", form.file.is_some()),
            ("name", form.text("name").is_some()),
            ("version", form.text("version").is_some()),
        ];
        let missing = given.iter().filter(|(_, given)| !given);
        let missing = missing
            .map(|(name, _)| format!("{name} is missing"))
            .collect();
        let file = form.file.take();
        let (Some(file), Some(project), Some(version)) =
            (file, form.text("name"), form.text("version"))
        else {
            return Err(Error::InvalidParams(missing));
        };
        if !name::is_valid(project) {
            return Err(invalid("Name"));
        }
        let name_key = name::normal(project);
        let version_key = version::key(version).ok_or_else(|| invalid("Version"))?;
        let file_name = FileName::parse(&file.name)
            .filter(|file_name| file_name.is_of(&name_key, &version_key))
            .ok_or_else(|| invalid("File name"))?;
        let key = PackageKey {
            package_type: PackageType::Pypi,
            name: project.to_owned(),
            name_key: name_key.clone(),
            version: Some(version.to_owned()),
            version_key: Some(version_key.clone()),
            qualifier: String::new(),
        };
        Ok(Upload {
            key,
            name_key,
            version_key,
            file_name,
            staged: file.staged,
            fields: Fields(form),
        })
    }

    /// Every digest that was sent must be the file's. (Without this check a wrong one makes the file uninstallable.)
    pub(super) fn check_digests(&self) -> Result<()> {
        let digests = &self.staged.digests;
        let sent = |field| self.fields.text(field);
        check_digest("sha256_digest", sent("sha256_digest"), &digests.sha256)?;
        check_digest("md5_digest", sent("md5_digest"), &digests.md5)
    }
}

impl Fields {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name)
    }

    /// Resolvers choose by what the index says, and installers by what the file says: both must be the same, however they
    /// are written.
    pub(super) fn check_requires_python(&self, file: &CoreMetadata) -> Result<()> {
        let (Some(form), Some(file)) = (self.text("requires_python"), file.requires_python()?)
        else {
            return Ok(());
        };
        let clauses = |text: &str| -> BTreeSet<String> {
            let bare = |clause: &str| clause.split_whitespace().collect();
            text.split(',')
                .map(bare)
                .filter(|clause: &String| !clause.is_empty())
                .collect()
        };
        match clauses(form) == clauses(file) {
            true => Ok(()),
            false => Err(Error::bad_request(format!(
                "Validation failed: the form requires Python \"{form}\" and the file \"{file}\""
            ))),
        }
    }

    /// What the form says of the project, for files that do not say it themselves.
    pub(super) fn metadata(&self) -> CoreMetadata {
        let mut metadata = CoreMetadata::default();
        for (name, value) in &self.0.texts {
            metadata.add(name, value);
        }
        metadata
    }
}

fn invalid(what: &str) -> Error {
    Error::bad_request(format!("Validation failed: {what} is invalid"))
}

fn check_digest(field: &str, promised: Option<&str>, actual: &str) -> Result<()> {
    let Some(promised) = promised else {
        return Ok(());
    };
    let is_hex = promised.bytes().all(|byte| byte.is_ascii_hexdigit());
    if promised.len() != actual.len() || !is_hex {
        return Err(Error::invalid_param(format!("{field} is invalid")));
    }
    if !promised.eq_ignore_ascii_case(actual) {
        return Err(mismatch(field, actual));
    }
    Ok(())
}

/// The digest that is not computed while a file comes in, as hardly anything else names it.
pub(super) fn check_blake2(mut file: File, promised: &str) -> Result<()> {
    let mut blake2 = Blake2b::<U32>::new();
    io::copy(&mut file, &mut Hashing(&mut blake2))?;
    let actual = HEXLOWER.encode(&blake2.finalize());
    check_digest("blake2_256_digest", Some(promised), &actual)
}

struct Hashing<'a>(&'a mut Blake2b<U32>);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn mismatch(field: &str, actual: &str) -> Error {
    Error::bad_request(format!(
        "Validation failed: {field} is not that of the file, which has {actual}"
    ))
}
