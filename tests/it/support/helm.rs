//! Helm charts from a few words, and the forms that upload them.

use serde_json::Value;

use super::archives::tar_gz;
use super::python::Form;
use super::seeds::sha256;
use super::{Actor, Answer};

/// `/api/v4/projects/:id/packages/helm`
pub fn helm(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/helm")
}

/// `…/helm/:channel/index.yaml`
pub fn index(project: i64, channel: &str) -> String {
    format!("{}/{channel}/index.yaml", helm(project))
}

/// `…/helm/api/:channel/charts`
pub fn charts(project: i64, channel: &str) -> String {
    format!("{}/api/{channel}/charts", helm(project))
}

/// A chart with one template; `more` is further lines of its `Chart.yaml`.
pub fn chart(name: &str, version: &str, more: &str) -> Vec<u8> {
    chart_of(
        name,
        &format!("apiVersion: v2\nname: {name}\nversion: {version}\n{more}"),
    )
}

/// A chart in the folder `name` with this `Chart.yaml`.
pub fn chart_of(name: &str, chart_yaml: &str) -> Vec<u8> {
    let path = |file: &str| format!("{name}/{file}");
    tar_gz(&[
        (&path("values.yaml"), b"greeting: hello\n"),
        (
            &path("templates/map.yaml"),
            b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{ .Values.greeting }}}\n",
        ),
        (&path("charts/sub/Chart.yaml"), b"apiVersion: v2\nname: sub\nversion: 9.9.9\n"),
        (&path("Chart.yaml"), chart_yaml.as_bytes()),
    ])
}

/// Uploads a chart as `curl --form chart=@…` does.
pub fn upload(actor: &Actor, project: i64, channel: &str, chart: &[u8]) -> Answer {
    upload_to(actor, &charts(project, channel), chart)
}

pub fn upload_to(actor: &Actor, path: &str, chart: &[u8]) -> Answer {
    Form::default()
        .part("chart", "chart.tgz", chart)
        .send(actor, path)
}

/// A provenance file that says what Helm's would; who signed it is nobody.
pub fn provenance(name: &str, version: &str, chart: &[u8]) -> String {
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: {name}\nversion: {version}\n\n...\n\
         files:\n  {name}-{version}.tgz: sha256:{}\n-----BEGIN PGP SIGNATURE-----\n\nnobody\n-----END PGP SIGNATURE-----\n",
        sha256(chart)
    )
}

/// The index as it stands. (It is YAML that is JSON.)
pub fn read_index(actor: &Actor, path: &str) -> Value {
    actor.get(path).expect(200).json()
}

/// The versions of a chart in an index, in its order.
pub fn versions<'a>(index: &'a Value, name: &str) -> Vec<&'a str> {
    let versions = index["entries"][name].as_array();
    let versions = versions.unwrap_or_else(|| panic!("no {name} in {index}"));
    versions
        .iter()
        .map(|entry| entry["version"].as_str().unwrap())
        .collect()
}
