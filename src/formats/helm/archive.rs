//! The `.tgz` of a chart: read to its end, within limits, for the one `Chart.yaml` that Helm would read.

use std::fs::File;
use std::io::BufReader;

use flate2::read::MultiGzDecoder;

use super::chart::Chart;
use crate::error::{Error, Result};
use crate::registry::archive::tar::{self, Limits};

const LARGEST_CHART_YAML: u64 = 1 << 20;
/// Helm itself gives up at 100 MiB.
const LIMITS: Limits = Limits {
    bytes: 256 << 20,
    members: 100_000,
};

/// What the archive says of itself; 400 for anything that is no chart.
pub(super) fn read(file: File) -> Result<Chart> {
    let mut found = None;
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file));
    tar::walk(unpacked, &LIMITS, |name, size, content| {
        if name.contains('\\') {
            return Err(Error::bad_request(
                "the archive is refused: the names in a chart are parted by slashes",
            ));
        }
        // At depth one alone: a subchart has a Chart.yaml too.
        if !is_chart_yaml(name) {
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
    Chart::parse(&yaml)
}

fn is_chart_yaml(name: &str) -> bool {
    let folder = name.strip_suffix("/Chart.yaml");
    folder.is_some_and(|folder| !folder.contains('/') && !matches!(folder, "" | "."))
}
