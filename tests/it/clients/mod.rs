//! The real clients against the real server. Each test also says which requests it saw: a client that does something
//! else than we think would prove nothing.

mod curl;
mod gitbeaker;
mod python_gitlab;
mod semantic_release;
