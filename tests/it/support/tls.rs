//! A certificate authority for one test, and certificates by it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::clients::system_program;

pub struct TestCa {
    folder: TempDir,
}

impl TestCa {
    pub fn new() -> TestCa {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let ca = TestCa { folder };
        ca.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
             -subj /CN=test-ca -keyout ca.key -out ca.pem",
        );
        std::fs::write(
            ca.folder.path().join("extensions"),
            "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n",
        )
        .expect("a file can be written");
        ca
    }

    /// What clients trust.
    pub fn pem(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A new certificate for 127.0.0.1, and its key.
    pub fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={name} \
             -keyout {name}.key -out {name}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
             -extfile extensions -out {name}.pem"
        ));
        let file = |ending: &str| self.folder.path().join(format!("{name}.{ending}"));
        (file("pem"), file("key"))
    }

    fn openssl(&self, words: &str) {
        let ran = Command::new(system_program("openssl"))
            .args(words.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl can be started");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "openssl {words}: {errors}");
    }
}

/// `--tls-cert CERT --tls-key KEY`
pub fn tls_flags(cert: &Path, key: &Path) -> [String; 4] {
    let text = |path: &Path| path.display().to_string();
    [
        "--tls-cert".to_owned(),
        text(cert),
        "--tls-key".to_owned(),
        text(key),
    ]
}
