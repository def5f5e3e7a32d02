//! The real clients against the real server. Each test also says which requests it saw: a client that does something
//! else than we think would prove nothing.

mod composer;
mod conan;
mod curl;
mod gitbeaker;
mod golang;
mod helm;
mod javascript;
mod jvm;
mod maven;
mod npm;
mod nuget;
mod python;
mod python_gitlab;
mod schemathesis;
mod semantic_release;
mod terraform;

#[test]
#[should_panic(expected = "run bash tests/run.sh, which installs it")]
fn a_client_that_is_missing_says_how_to_get_it() {
    crate::support::clients::npm_program("gitbeaker", "no-such-client");
}
