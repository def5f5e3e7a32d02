//! Generic packages.

use serde_json::json;

use crate::support::TestApp;

const FILES: &str = "/api/v4/projects/1/packages/generic";

#[test]
fn what_is_published_comes_back() {
    let app = TestApp::start();
    let path = format!("{FILES}/tool/1.0.0/tool.bin");
    app.root()
        .put(&path, b"bytes")
        .expect_json(201, json!({ "message": "201 Created" }));
    let answer = app.anonymous().get(&path).expect(200);
    assert_eq!(answer.body, b"bytes");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
}
