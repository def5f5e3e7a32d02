//! The certificate that the server shows, and how it is replaced while the server runs.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, Error as TlsError, InconsistentKeys, ServerConfig};

use crate::config::TlsFiles;
use crate::error::{Error, Result};

/// The certificate of new connections; running ones keep theirs.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads certificate and key; what is wrong with them is said in a sentence.
    pub(super) fn open(files: TlsFiles) -> Result<Arc<Certificate>> {
        let current = RwLock::new(Arc::new(read(&files)?));
        Ok(Arc::new(Certificate { files, current }))
    }

    /// Reads both files again. If they are wrong, the certificate stays what it was.
    pub fn reload(&self) -> Result<()> {
        let new = Arc::new(read(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// TLS 1.2 and 1.3, and HTTP/1.1 within: the answer to `Expect` exists there alone.
    pub(super) fn config(self: Arc<Certificate>) -> Result<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?;
        Ok(versions.with_no_client_auth().with_cert_resolver(self))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read();
        Some(current.unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn read(TlsFiles { cert, key }: &TlsFiles) -> Result<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| unreadable("certificate", cert, error))?;
    if chain.is_empty() {
        return Err(unreadable("certificate", cert, pem::Error::NoItemsFound));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("private key", key, error))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, private, &provider).map_err(|error| {
        let (cert, key) = (cert.display(), key.display());
        Error::for_a_person(match error {
            TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                format!("the private key `{key}` does not belong to the certificate `{cert}`\nhint: the server's own certificate comes first in the file, those of its issuers after it")
            }
            TlsError::InvalidCertificate(CertificateError::BadEncoding) => {
                format!("the certificate `{cert}` is broken")
            }
            error => format!("the certificate `{cert}` with the private key `{key}` cannot be used: {error}"),
        })
    })
}

fn unreadable(what: &str, file: &Path, error: pem::Error) -> Error {
    let name = file.display();
    Error::for_a_person(match error {
        pem::Error::Io(error) => format!("cannot read the {what} `{name}`: {error}"),
        pem::Error::NoItemsFound => format!(
            "there is no {what} in `{name}`\nhint: it must be PEM, with a line `-----BEGIN …-----`"
        ),
        error => format!("the {what} `{name}` is wrong: {error}"),
    })
}
