//! `.prov` files: a chart's metadata and digest, signed (Helm docs, "Helm provenance and integrity").
//!
//! Who signed is the installing client's to check: the registry has no keys. It checks what it can, that the text is
//! one of these and of the chart that lies here.

use super::chart;
use super::yaml::{self, Node};
use crate::error::{Error, Result};

pub(super) const LARGEST: usize = 1 << 20;

/// A signature that names its chart.
pub(super) struct Provenance {
    pub(super) name: String,
    pub(super) version: String,
    /// What it says of the chart's file: 64 hexadecimal digits.
    pub(super) sha256: String,
}

impl Provenance {
    pub(super) fn parse(text: &str) -> Result<Provenance> {
        let wrong =
            |why: &str| Error::bad_request(format!("the provenance file is refused: {why}"));
        let text = text.replace("\r\n", "\n");
        let message = signed_message(&text).ok_or_else(|| wrong("it is no clear-signed text"))?;
        let (metadata, sums) = message
            .split_once("\n...\n")
            .ok_or_else(|| wrong("it has no list of files"))?;
        let metadata = yaml::parse(metadata).map_err(|why| wrong(&why))?;
        let sums = yaml::parse(sums).map_err(|why| wrong(&why))?;
        let text = |key: &str| metadata.get(key).and_then(Node::text);
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            return Err(wrong("it names no chart"));
        };
        let file_name = chart::file_name(name, version);
        let sum = sums.get("files").and_then(|files| files.get(&file_name));
        let sha256 = sum
            .and_then(Node::text)
            .and_then(|sum| sum.strip_prefix("sha256:"));
        let sha256 = sha256.ok_or_else(|| wrong(&format!("it has no sha256 of {file_name}")))?;
        Ok(Provenance {
            name: name.to_owned(),
            version: version.to_owned(),
            sha256: sha256.to_ascii_lowercase(),
        })
    }

    /// 400 unless it is of this content.
    pub(super) fn check(&self, sha256: &str) -> Result<()> {
        match self.sha256 == sha256 {
            true => Ok(()),
            false => Err(Error::bad_request(format!(
                "the provenance file is of another chart: it signs sha256:{}, the chart has sha256:{sha256}",
                self.sha256
            ))),
        }
    }
}

/// The text between the headers and the signature (RFC 9580, section 7), its dashes unescaped.
fn signed_message(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("-----BEGIN PGP SIGNED MESSAGE-----\n")?;
    let (_headers, rest) = rest
        .split_once("\n\n")
        .or_else(|| Some(("", rest.strip_prefix('\n')?)))?;
    let (message, _) = rest.split_once("\n-----BEGIN PGP SIGNATURE-----")?;
    let lines = message
        .lines()
        .map(|line| line.strip_prefix("- ").unwrap_or(line));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_its_chart_and_digest() {
        let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: sha256:AB12\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n";
        let parsed = Provenance::parse(text).unwrap();
        assert_eq!(
            (parsed.name.as_str(), parsed.version.as_str()),
            ("web", "1.0.0")
        );
        assert_eq!(parsed.sha256, "ab12");
        assert!(parsed.check("ab13").is_err());
        for broken in [
            "",
            "files: {}",
            "-----BEGIN PGP SIGNED MESSAGE-----\n\n...\n",
        ] {
            assert!(Provenance::parse(broken).is_err(), "{broken:?}");
        }
        assert!(Provenance::parse(&text.replace("web-1.0.0.tgz", "other-1.0.0.tgz")).is_err());
        assert!(Provenance::parse(&text.replace('\n', "\r\n")).is_ok());
    }
}
