//! The `.tgz` of a chart: read to its end, within limits, for the one `Chart.yaml` that Helm would read, and for
//! the `README.md` beside it.

use std::fs::File;
use std::io::BufReader;

use flate2::read::MultiGzDecoder;

use super::chart::Chart;
use crate::error::{Error, Result};
use crate::registry::archive::tar::{self, Limits};

const LARGEST_CHART_YAML: u64 = 1 << 20;
/// A longer readme is not kept.
const LARGEST_README: u64 = 256 << 10;
/// Helm itself gives up at 100 MiB.
const LIMITS: Limits = Limits {
    bytes: 256 << 20,
    members: 100_000,
};

/// What an archive says of itself.
pub(super) struct Archive {
    pub(super) chart: Chart,
    pub(super) readme: Option<String>,
}

/// Fails with 400 for anything that is no chart.
pub(super) fn read(file: File) -> Result<Archive> {
    let (mut found, mut readme) = (None, None);
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file));
    tar::walk(unpacked, &LIMITS, |name, size, content| {
        if name.contains('\\') {
            return Err(Error::bad_request(
                "the archive is refused: the names in a chart are parted by slashes",
            ));
        }
        // At depth one alone: a subchart has a Chart.yaml too.
        let file_name = in_folder(name).unwrap_or_default();
        if file_name.eq_ignore_ascii_case("README.md") && size <= LARGEST_README {
            readme = Some(String::from_utf8_lossy(&content.read()?).into_owned());
        }
        if file_name != "Chart.yaml" {
            return Ok(());
        }
        if size > LARGEST_CHART_YAML {
            return Err(Error::bad_request("Chart.yaml too big"));
        }
        match found.replace(content.read()?) {
            None => Ok(()),
            Some(_) => Err(Error::bad_request(
                "the archive has more than one Chart.yaml",
            )),
        }
    })?;
    let yaml =
        found.ok_or_else(|| Error::bad_request("Chart.yaml not found within a directory"))?;
    Ok(Archive {
        chart: Chart::parse(&yaml)?,
        readme,
    })
}

/// `README.md` of `demo/README.md`.
fn in_folder(name: &str) -> Option<&str> {
    let (folder, file_name) = name.split_once('/')?;
    (!matches!(folder, "" | ".") && !file_name.contains('/')).then_some(file_name)
}
