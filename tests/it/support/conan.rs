//! Conan's uploads from a few words, without a client.

use super::{Actor, Answer};

/// `/api/v4/projects/:id/packages/conan`
pub fn conan(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/conan")
}

/// At instance level.
pub const INSTANCE: &str = "/api/v4/packages/conan";

pub const PID: &str = "3fe8f3c94fa600d95fcf43590ff66783e06f1c7c";

/// A revision made of one digit.
pub fn rev(digit: char) -> String {
    String::from(digit).repeat(32)
}

/// `R/revisions/RREV` of the second protocol.
pub fn recipe(base: &str, reference: &str, revision: char) -> String {
    format!("{base}/v2/conans/{reference}/revisions/{}", rev(revision))
}

/// `R/revisions/RREV/packages/PID/revisions/PREV` of the second protocol.
pub fn binary(
    base: &str,
    reference: &str,
    revision: char,
    pid: &str,
    package_revision: char,
) -> String {
    let recipe = recipe(base, reference, revision);
    format!(
        "{recipe}/packages/{pid}/revisions/{}",
        rev(package_revision)
    )
}

/// What a Conan 2 binary says of itself.
pub fn info(build_type: &str) -> String {
    format!("[settings]\nbuild_type={build_type}\nos=Linux\n")
}

impl Actor {
    /// One file of a revision.
    pub fn put_file(&self, revision: &str, name: &str, bytes: impl AsRef<[u8]>) -> Answer {
        self.put(&format!("{revision}/files/{name}"), bytes)
    }

    /// A whole recipe's revision, in the order in which clients send it.
    #[track_caller]
    pub fn put_recipe(&self, revision: &str) {
        self.put_file(revision, "conan_sources.tgz", b"sources")
            .expect(200);
        self.put_file(revision, "conanfile.py", b"class Hello: pass\n")
            .expect(200);
        self.put_file(revision, "conanmanifest.txt", b"1\nconanfile.py: 0\n")
            .expect(200);
    }

    /// A whole revision of a binary.
    #[track_caller]
    pub fn put_binary(&self, revision: &str, info: &str) {
        self.put_file(revision, "conan_package.tgz", b"package")
            .expect(200);
        self.put_file(revision, "conaninfo.txt", info).expect(200);
        self.put_file(revision, "conanmanifest.txt", b"1\n")
            .expect(200);
    }
}
