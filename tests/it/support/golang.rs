//! Go modules for tests: their zips, and where a proxy serves them.

use super::archives::zip;

/// `/api/v4/projects/:id/packages/go`
pub fn go(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/go")
}

/// Where the zip of a module goes.
pub fn go_upload(project: i64) -> String {
    format!("{}/upload", go(project))
}

/// The zip of a module: these files below `MODULE@VERSION/`.
pub fn module_zip(module: &str, version: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let named: Vec<(String, &str)> = files
        .iter()
        .map(|(name, text)| (format!("{module}@{version}/{name}"), *text))
        .collect();
    let members: Vec<(&str, &[u8])> = named
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    zip(&members)
}

/// A module with a go.mod and one package of one function, which greets by module and version.
pub fn greeter(module: &str, version: &str) -> Vec<u8> {
    let go_mod = format!("module {module}\n\ngo 1.19\n");
    let code =
        format!("package hello\n\nfunc Greet() string {{ return \"{module} {version}\" }}\n");
    module_zip(module, version, &[("go.mod", &go_mod), ("hello.go", &code)])
}

/// `h1:` of files, computed anew: the SHA-256 of the lines of `sha256sum`, by name.
pub fn h1(files: &[(&str, &[u8])]) -> String {
    let mut sorted = files.to_vec();
    sorted.sort_unstable();
    let line = |(name, bytes): &(&str, &[u8])| format!("{}  {name}\n", super::seeds::sha256(bytes));
    let lines: String = sorted.iter().map(line).collect();
    let digest = data_encoding::HEXLOWER
        .decode(super::seeds::sha256(lines).as_bytes())
        .expect("hex");
    format!("h1:{}", data_encoding::BASE64.encode(&digest))
}
