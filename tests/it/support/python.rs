//! Python distributions from a few words, and the form that uploads them.

use super::archives::{tar_gz, zip};
use super::{Actor, Answer};

/// `/api/v4/projects/:id/packages/pypi`
pub fn pypi(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/pypi")
}

/// `/api/v4/groups/:id/-/packages/pypi`
pub fn group_pypi(group: i64) -> String {
    format!("/api/v4/groups/{group}/-/packages/pypi")
}

/// A distribution file.
#[derive(Clone)]
pub struct Dist {
    pub name: String,
    pub version: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// `METADATA` or `PKG-INFO`; `more` is further header lines.
pub fn core_metadata(name: &str, version: &str, more: &str) -> String {
    format!(
        "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: A test\n{more}\n# Read me\n"
    )
}

fn escaped(name: &str) -> String {
    name.replace('-', "_")
}

/// A wheel with one module, whose `VERSION` is the version.
pub fn wheel(name: &str, version: &str, more: &str) -> Dist {
    let (module, folder) = (
        escaped(name).to_lowercase().replace('.', "_"),
        format!("{}-{version}.dist-info", escaped(name)),
    );
    let [code_at, metadata_at, wheel_at, record_at] = [
        format!("{module}.py"),
        format!("{folder}/METADATA"),
        format!("{folder}/WHEEL"),
        format!("{folder}/RECORD"),
    ];
    let bytes = zip(&[
        (&code_at, format!("VERSION = '{version}'\n").as_bytes()),
        (&metadata_at, core_metadata(name, version, more).as_bytes()),
        (
            &wheel_at,
            b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        (
            &record_at,
            format!("{code_at},,\n{metadata_at},,\n{wheel_at},,\n{record_at},,\n").as_bytes(),
        ),
    ]);
    Dist::new(
        name,
        version,
        &format!("{}-{version}-py3-none-any.whl", escaped(name)),
        bytes,
    )
}

/// A source distribution that holds nothing but its metadata, written last.
pub fn sdist(name: &str, version: &str, more: &str) -> Dist {
    let folder = format!("{}-{version}", escaped(name));
    let bytes = tar_gz(&[
        (
            &format!("{folder}/src/{name}.egg-info/PKG-INFO"),
            b"Name: inner\n",
        ),
        (&format!("{folder}/setup.py"), &[b'#'; 3000]),
        (
            &format!("{folder}/PKG-INFO"),
            core_metadata(name, version, more).as_bytes(),
        ),
    ]);
    Dist::new(name, version, &format!("{folder}.tar.gz"), bytes)
}

impl Dist {
    pub fn new(name: &str, version: &str, file_name: &str, bytes: Vec<u8>) -> Dist {
        Dist {
            name: name.to_owned(),
            version: version.to_owned(),
            file_name: file_name.to_owned(),
            bytes,
        }
    }

    /// The form that a client sends for it.
    pub fn form(&self) -> Form {
        Form::default()
            .field(":action", "file_upload")
            .field("protocol_version", "1")
            .field("name", &self.name)
            .field("version", &self.version)
            .file(&self.file_name, &self.bytes)
    }

    /// Uploads it to a project.
    pub fn upload(&self, actor: &Actor, project: i64) -> Answer {
        self.form().send(actor, &pypi(project))
    }
}

/// A multipart form, its parts in the order in which they are added.
#[derive(Clone, Default)]
pub struct Form {
    parts: Vec<(String, Option<String>, Vec<u8>)>,
}

impl Form {
    pub fn field(mut self, name: &str, value: &str) -> Form {
        self.parts.push((name.to_owned(), None, value.into()));
        self
    }

    /// The part `content`.
    pub fn file(self, file_name: &str, bytes: &[u8]) -> Form {
        self.part("content", file_name, bytes)
    }

    pub fn part(mut self, name: &str, file_name: &str, bytes: &[u8]) -> Form {
        self.parts
            .push((name.to_owned(), Some(file_name.to_owned()), bytes.into()));
        self
    }

    pub fn reversed(mut self) -> Form {
        self.parts.reverse();
        self
    }

    pub fn without(mut self, name: &str) -> Form {
        self.parts.retain(|(known, _, _)| known != name);
        self
    }

    pub fn send(&self, actor: &Actor, path: &str) -> Answer {
        let mut body = Vec::new();
        for (name, file_name, bytes) in &self.parts {
            let file_name = match file_name {
                Some(file_name) => {
                    format!("; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream")
                }
                None => String::new(),
            };
            let head = format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n"
            );
            body.extend(head.as_bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--limit--\r\n");
        actor
            .with("Content-Type", "multipart/form-data; boundary=limit")
            .send("POST", path, &body)
    }
}
