//! NuGet packages from a few words, and the form that pushes them.

use super::archives::zip;
use super::{Actor, Answer};

/// `/api/v4/projects/:id/packages/nuget`
pub fn nuget(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/nuget")
}

/// `/api/v4/groups/:id/-/packages/nuget`
pub fn group_nuget(group: i64) -> String {
    format!("/api/v4/groups/{group}/-/packages/nuget")
}

/// A nuspec; `more` is further elements of its metadata.
pub fn nuspec(id: &str, version: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata>\
         <id>{id}</id><version>{version}</version><authors>Ann, Bob</authors><description>A test</description>\
         {more}</metadata></package>"
    )
}

/// A package with its nuspec and one more file.
pub fn nupkg(id: &str, version: &str, more: &str) -> Vec<u8> {
    nupkg_of(&nuspec(id, version, more))
}

pub fn nupkg_of(nuspec: &str) -> Vec<u8> {
    zip(&[
        ("Some.nuspec", nuspec.as_bytes()),
        ("lib/net6.0/some.dll", nuspec.as_bytes()),
        ("docs/README.md", b"# Read me\n"),
    ])
}

/// The symbols of a package.
pub fn snupkg(id: &str, version: &str) -> Vec<u8> {
    let types = "<packageTypes><packageType name=\"SymbolsPackage\"/></packageTypes>";
    zip(&[
        ("Some.nuspec", nuspec(id, version, types).as_bytes()),
        ("lib/net6.0/some.pdb", b"BSJB"),
    ])
}

/// As dotnet sends it.
pub fn push(actor: &Actor, project: i64, package: &[u8]) -> Answer {
    push_to(actor, &format!("{}/", nuget(project)), package)
}

pub fn push_symbols(actor: &Actor, project: i64, package: &[u8]) -> Answer {
    push_to(
        actor,
        &format!("{}/symbolpackage/", nuget(project)),
        package,
    )
}

pub fn push_to(actor: &Actor, path: &str, package: &[u8]) -> Answer {
    let head = "--dotnet-boundary\r\nContent-Type: application/octet-stream\r\n\
                Content-Disposition: form-data; name=package; filename=package.nupkg; filename*=utf-8''package.nupkg\r\n\r\n";
    let body = [head.as_bytes(), package, b"\r\n--dotnet-boundary--\r\n"].concat();
    let content_type = "multipart/form-data; boundary=\"dotnet-boundary\"";
    actor
        .with("Content-Type", content_type)
        .send("PUT", path, &body)
}
