//! Package ids: letters, digits and `-+._` (GitLab's rule), the same whatever their case.

const LONGEST: usize = 255;

/// No run of dots alone: clients unpack into folders named like the id.
pub(super) fn is_valid(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-+._".contains(&byte);
    !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(allowed)
        && !id.bytes().all(|byte| byte == b'.')
}

/// What identifies an id.
pub(super) fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}
