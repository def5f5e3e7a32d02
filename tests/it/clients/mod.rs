//! The real clients against the real server. Each test also says which requests it saw: a client that does something
//! else than we think would prove nothing.

mod composer;
mod curl;
mod gitbeaker;
mod javascript;
mod jvm;
mod maven;
mod npm;
mod python;
mod python_gitlab;
mod schemathesis;
mod semantic_release;

#[test]
#[should_panic(expected = "run bash tests/run.sh, which installs it")]
fn a_client_that_is_missing_says_how_to_get_it() {
    crate::support::clients::npm_program("gitbeaker", "no-such-client");
}
