//! curl, as scripts and CI jobs use it with generic packages.

use std::fs;

use packhouse::config::{Config, Flags};
use serde_json::json;

use crate::support::clients::{Ran, Sandbox, system_program};
use crate::support::{ROOT_TOKEN, Seen, TestApp, Watched, id_of};

const FILES: &str = "/api/v4/projects/1/packages/generic";

fn curl(sandbox: &Sandbox, args: &[&str]) -> Ran {
    curl_with(sandbox, args, b"")
}

/// curl reads `~/.curlrc`; this home has none.
fn curl_with(sandbox: &Sandbox, args: &[&str], stdin: &[u8]) -> Ran {
    let quiet = ["--silent", "--show-error"];
    sandbox.run_with(
        &system_program("curl"),
        quiet.iter().chain(args).copied(),
        stdin,
    )
}

fn header(name: &str, value: &str) -> String {
    format!("{name}: {value}")
}

fn only(app: &Watched) -> Seen {
    let mut seen = app.seen();
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

/// Bytes that do not repeat, so that a part in the wrong place is noticed.
fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n * 7 + n / 251) as u8).collect()
}

#[test]
fn the_lines_of_the_documentation_work_as_they_are_pasted() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("dist/app.tgz", "built");
    sandbox.write("app.tgz", "built later");
    let job = running_job(&app);
    let base = app.url(FILES);
    let script = format!(
        r#"set -e
TOK={ROOT_TOKEN} CI_JOB_TOKEN={job} BASE={base}
curl --fail --location --header "PRIVATE-TOKEN: $TOK" --upload-file dist/app.tgz \
  "$BASE/app/1.0.0/app.tgz?select=package_file"
curl --fail --location --user "any:$TOK" --upload-file app.tgz "$BASE/app/1.0.0/app.tgz"
curl --fail --location --header "JOB-TOKEN: $CI_JOB_TOKEN" -o app.tgz "$BASE/app/1.0.0/app.tgz"
"#
    );
    let ran = sandbox.run(&system_program("bash"), ["-c", &script]);
    let ran = ran.succeeds();
    assert_eq!(sandbox.read("app.tgz"), b"built later");
    assert!(ran.stdout.contains(r#""file_name":"app.tgz""#), "{ran}");
    assert!(
        ran.stdout.ends_with(r#"{"message":"201 Created"}"#),
        "{ran}"
    );
    let file = format!("{FILES}/app/1.0.0/app.tgz");
    let expected = [
        format!("PUT {file}?select=package_file 200"),
        format!("PUT {file} 201"),
        format!("GET {file} 200"),
    ];
    assert_eq!(app.lines(), expected);
}

#[test]
fn every_carrier_of_a_credential_publishes() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a");
    let job = running_job(&app);
    let deploy = app
        .root()
        .post(
            "/api/v4/projects/1/deploy_tokens",
            json!({ "name": "ci", "username": "ci", "scopes": ["write_package_registry"] }),
        )
        .expect(201)
        .json();
    let deploy = deploy["token"].as_str().unwrap();
    let root = ROOT_TOKEN;
    let carriers: [(&str, &[&str]); 10] = [
        ("", &["--header", &header("PRIVATE-TOKEN", root)]),
        (
            "",
            &[
                "--header",
                &header("Authorization", &format!("Bearer {root}")),
            ],
        ),
        ("", &["--oauth2-bearer", root]),
        ("", &["--user", &format!("whoever:{root}")]),
        ("", &["--header", &header("JOB-TOKEN", &job)]),
        ("", &["--user", &format!("gitlab-ci-token:{job}")]),
        ("", &["--header", &header("Deploy-Token", deploy)]),
        ("", &["--user", &format!("ci:{deploy}")]),
        (&format!("?private_token={root}"), &[]),
        (&format!("?job_token={job}"), &[]),
    ];
    for (number, (query, options)) in carriers.into_iter().enumerate() {
        let target = format!("{FILES}/carrier/{number}/a.txt{query}");
        let url = app.url(&target);
        let upload = ["--fail", "--upload-file", "a.txt", &url];
        curl(&sandbox, &[options, &upload].concat()).succeeds();
        assert_eq!(app.lines(), [format!("PUT {target} 201")], "{options:?}");
    }
}

#[test]
fn a_netrc_file_carries_a_token_too() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let netrc = format!("machine 127.0.0.1 login me password {ROOT_TOKEN}\n");
    fs::write(sandbox.home().join(".netrc"), netrc).unwrap();
    sandbox.write("a.txt", "a");
    let url = app.url(&format!("{FILES}/tool/1/a.txt"));
    curl(&sandbox, &["--fail", "--netrc", "-T", "a.txt", &url]).succeeds();
    let seen = only(&app);
    assert_eq!(seen.status, 201);
    assert!(seen.header("authorization").unwrap().starts_with("Basic "));
}

#[test]
fn a_form_is_stored_without_its_framing() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("a.bin", bytes(3000));
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let path = format!("{FILES}/tool/1/a.bin");
    let args = [
        "--fail",
        "-H",
        &token,
        "-X",
        "PUT",
        "-F",
        "file=@a.bin",
        &app.url(&path),
    ];
    curl(&sandbox, &args).succeeds();
    let seen = only(&app);
    assert_eq!(seen.to_string(), format!("PUT {path} 201"));
    let content_type = seen.header("content-type").unwrap();
    assert!(content_type.starts_with("multipart/form-data; boundary="));
    assert_eq!(app.anonymous().get(&path).expect(200).body, bytes(3000));
}

#[test]
fn a_large_form_waits_for_the_word_too() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let sent = bytes(2 << 20);
    sandbox.write("a.bin", &sent);
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let path = format!("{FILES}/tool/1/a.bin");
    let url = app.url(&path);
    let form = [
        "--expect100-timeout",
        "100",
        "-X",
        "PUT",
        "-F",
        "file=@a.bin",
    ];
    curl(
        &sandbox,
        &[&form[..], &["--fail", "-H", &token, &url]].concat(),
    )
    .succeeds();
    let seen = only(&app);
    assert_eq!(seen.header("expect"), Some("100-continue"));
    assert_eq!((seen.status, seen.continued), (201, true));
    assert_eq!(app.anonymous().get(&path).expect(200).body, sent);
}

#[test]
fn an_upload_from_standard_input_comes_in_chunks() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let path = format!("{FILES}/tool/1/stream.bin");
    let sent = bytes(300_000);
    curl_with(
        &sandbox,
        &["--fail", "-H", &token, "-T", "-", &app.url(&path)],
        &sent,
    )
    .succeeds();
    let seen = only(&app);
    assert_eq!(seen.status, 201);
    assert_eq!(seen.header("transfer-encoding"), Some("chunked"));
    assert_eq!(seen.header("content-length"), None);
    assert_eq!(seen.body_size, 300_000);
    assert_eq!(app.anonymous().get(&path).expect(200).body, sent);
}

#[test]
fn an_empty_file_stays_empty() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("empty", "");
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let path = format!("{FILES}/tool/1/empty");
    curl(
        &sandbox,
        &["--fail", "-H", &token, "-T", "empty", &app.url(&path)],
    )
    .succeeds();
    assert_eq!(only(&app).header("content-length"), Some("0"));
    curl(&sandbox, &["--fail", "-o", "back", &app.url(&path)]).succeeds();
    assert_eq!(sandbox.read("back"), b"");
}

#[test]
fn an_upload_to_a_folder_takes_the_name_of_the_file() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("dist/tool.tgz", "tool");
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let url = app.url(&format!("{FILES}/tool/1/"));
    curl(
        &sandbox,
        &["--fail", "-H", &token, "-T", "dist/tool.tgz", &url],
    )
    .succeeds();
    assert_eq!(app.lines(), [format!("PUT {FILES}/tool/1/tool.tgz 201")]);
}

#[test]
fn a_large_upload_is_told_to_continue_first() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let sent = bytes(3 << 20);
    sandbox.write("large.bin", &sent);
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let path = format!("{FILES}/tool/1/large.bin");
    // Without the interim answer curl would wait for this long and send the body anyway.
    let url = app.url(&path);
    let wait = ["--expect100-timeout", "100"];
    let args = [
        &wait[..],
        &["--fail", "-H", &token, "-T", "large.bin", &url],
    ]
    .concat();
    curl(&sandbox, &args).succeeds();
    let seen = only(&app);
    assert_eq!(seen.status, 201);
    assert_eq!(seen.header("expect"), Some("100-continue"));
    assert!(seen.continued);
    assert_eq!(app.anonymous().get(&path).expect(200).body, sent);
}

#[test]
fn a_large_upload_that_is_refused_is_never_sent() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("large.bin", bytes(3 << 20));
    let path = format!("{FILES}/tool/1/large.bin");
    let url = app.url(&path);
    let wait = ["--expect100-timeout", "100"];
    let args = [
        &wait[..],
        &["-w", "\n%{http_code}", "-T", "large.bin", &url],
    ]
    .concat();
    let ran = curl(&sandbox, &args).succeeds();
    assert_eq!(ran.stdout, "{\"message\":\"401 Unauthorized\"}\n401");
    let seen = only(&app);
    assert!(!seen.continued);
    assert_eq!((seen.status, seen.body_size), (401, 0));
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_sent() {
    let sandbox = Sandbox::new();
    let flags = Flags {
        config: Some(sandbox.write("packhouse.toml", "[limits]\ngeneric = 2097152\n")),
        ..Flags::default()
    };
    let limits = Config::load(flags).unwrap().limits;
    let app = TestApp::watched_with(|config| config.limits = limits);
    sandbox.write("large.bin", bytes(3 << 20));
    let token = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let url = app.url(&format!("{FILES}/tool/1/large.bin"));
    curl(&sandbox, &["--fail", "-H", &token, "-T", "large.bin", &url]).exits(22);
    let seen = only(&app);
    assert!(!seen.continued);
    assert_eq!((seen.status, seen.body_size), (413, 0));
    assert_eq!(app.stored_files().len(), 0);
}

#[test]
fn refusals_fail_and_say_why() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a");
    let url = app.url(&format!("{FILES}/tool/1/a.txt"));
    let bad = header("PRIVATE-TOKEN", "glpat-unknown");
    let good = header("PRIVATE-TOKEN", ROOT_TOKEN);
    let bad_name = app.url(&format!("{FILES}/tool/1/~a"));
    let unknown = app.url("/api/v4/projects/none%2Fsuch/packages/generic/tool/1/a.txt");
    let cases: [(&[&str], u16, &str); 5] = [
        (
            &["-T", "a.txt", &url],
            401,
            r#"{"message":"401 Unauthorized"}"#,
        ),
        (
            &["-H", &bad, "-T", "a.txt", &url],
            401,
            r#"{"message":"401 Unauthorized"}"#,
        ),
        (&["-H", &good, &url], 404, r#"{"message":"404 Not Found"}"#),
        (
            &["-H", &good, "-T", "a.txt", &unknown],
            404,
            r#"{"message":"404 Project Not Found"}"#,
        ),
        (
            &["-H", &good, "-T", "a.txt", &bad_name],
            400,
            r#"{"error":"file_name is invalid"}"#,
        ),
    ];
    for (args, status, body) in cases {
        // 22: a status of 400 and more.
        let ran = curl(&sandbox, &[&["--fail"], args].concat()).exits(22);
        assert_eq!(ran.stdout, "", "{ran}");
        assert!(ran.stderr.contains(&format!("error: {status}")), "{ran}");
        let ran = curl(&sandbox, &[&["--fail-with-body"], args].concat()).exits(22);
        assert_eq!(ran.stdout, body);
        let statuses: Vec<u16> = app.seen().iter().map(|seen| seen.status).collect();
        assert_eq!(statuses, [status, status]);
    }
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_was() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let stored = bytes(1 << 20);
    let path = format!("{FILES}/tool/1/tool.bin");
    app.root().put(&path, &stored).expect(201);
    let url = app.url(&path);

    app.cut_next_answer_after(400_000);
    curl(&sandbox, &["--fail", "-O", &url]).exits(18); // 18: a part of the file only
    assert_eq!(sandbox.read("tool.bin"), stored[..400_000]);
    curl(&sandbox, &["--fail", "-C", "-", "-O", &url]).succeeds();
    assert_eq!(sandbox.read("tool.bin"), stored);
    let seen = app.seen();
    let ranges: Vec<_> = seen
        .iter()
        .map(|seen| (seen.status, seen.header("range")))
        .collect();
    assert_eq!(ranges, [(200, None), (206, Some("bytes=400000-"))]);

    // Nothing is left to resume: 416, which curl takes for done.
    curl(&sandbox, &["-C", "-", "-O", &url]).succeeds();
    assert_eq!(only(&app).status, 416);
    assert_eq!(sandbox.read("tool.bin"), stored);
}

#[test]
fn a_part_of_a_file_comes_alone() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let path = format!("{FILES}/tool/1/tool.bin");
    app.root().put(&path, "0123456789").expect(201);
    for (range, part) in [("2-4", "234"), ("7-", "789"), ("-1", "9")] {
        let ran = curl(&sandbox, &["--fail", "-r", range, &app.url(&path)]).succeeds();
        assert_eq!(ran.stdout, part);
        assert_eq!(only(&app).status, 206);
    }
}

#[test]
fn what_is_known_already_is_not_sent_again() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let path = format!("{FILES}/tool/1/tool.bin");
    app.root().put(&path, "tool").expect(201);
    let url = app.url(&path);

    // -R gives the copy the time of the original, which the next -z asks about.
    curl(&sandbox, &["--fail", "-R", "-o", "copy", &url]).succeeds();
    let ran = curl(&sandbox, &["--fail", "-z", "copy", &url]).succeeds();
    assert_eq!(ran.stdout, "");
    let seen = app.seen();
    assert!(seen[1].header("if-modified-since").is_some());
    assert_eq!((seen[0].status, seen[1].status), (200, 304));

    let ran = curl(&sandbox, &["--fail", "-z", "1 Jan 2020", &url]).succeeds();
    assert_eq!(ran.stdout, "tool");
    assert_eq!(only(&app).status, 200);

    let tags = ["--etag-save", "tag", "--etag-compare", "tag"];
    for (status, body) in [(200, "tool"), (304, "")] {
        let ran = curl(&sandbox, &[&["--fail"], &tags[..], &[&url]].concat()).succeeds();
        assert_eq!((only(&app).status, ran.stdout.as_str()), (status, body));
    }
}

#[test]
fn compression_is_asked_for_and_the_file_comes_as_it_is() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let path = format!("{FILES}/tool/1/tool.tar.gz");
    let text = "so much of the same ".repeat(1000);
    app.root().put(&path, &text).expect(201);
    let url = app.url(&path);
    let ran = curl(&sandbox, &["--fail", "--compressed", "-D", "head", &url]).succeeds();
    assert_eq!(ran.stdout, text);
    assert!(
        only(&app)
            .header("accept-encoding")
            .unwrap()
            .contains("gzip")
    );
    let head = String::from_utf8(sandbox.read("head"))
        .unwrap()
        .to_ascii_lowercase();
    assert!(!head.contains("content-encoding"), "{head}");
    assert!(head.contains("content-length: 20000\r\n"), "{head}");
}

#[test]
fn a_head_request_tells_what_a_download_would_be() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let path = format!("{FILES}/tool/1/dir/tool.bin");
    app.root().put(&path, "tool").expect(201);
    let ran = curl(&sandbox, &["--fail", "-I", &app.url(&path)]).succeeds();
    assert_eq!(app.lines(), [format!("HEAD {path} 200")]);
    let head = ran.stdout.to_ascii_lowercase();
    for line in [
        "content-length: 4",
        "content-type: application/octet-stream",
        "accept-ranges: bytes",
        "content-disposition: attachment; filename=\"tool.bin\"; filename*=utf-8''tool.bin",
        "x-checksum-sha256: 7c9bbe5ec9b3fb774e8fa0f54247e93c34ddf8e5d16fe3073420de0ae81a262d",
    ] {
        assert!(head.contains(&format!("{line}\r\n")), "{line}\n{head}");
    }
}

#[test]
fn a_download_takes_the_name_the_server_gives() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let path = format!("{FILES}/tool/1/some/dir/tool-1.bin");
    app.root().put(&path, "tool").expect(201);
    let encoded = app.url(&path.replace("some/dir/", "some%2Fdir%2F"));
    curl(&sandbox, &["--fail", "-O", "-J", &encoded]).succeeds();
    assert_eq!(sandbox.read("tool-1.bin"), b"tool");
    let target = format!("{FILES}/tool/1/some%2Fdir%2Ftool-1.bin");
    assert_eq!(app.lines(), [format!("GET {target} 200")]);
}

/// The token of a running job in project 1.
fn running_job(app: &TestApp) -> String {
    let root = app.root();
    let pipelines = "/api/v4/projects/1/pipeline";
    let pipeline = id_of(
        &root
            .post(pipelines, json!({ "ref": "main" }))
            .expect(201)
            .json(),
    );
    let jobs = format!("/api/v4/projects/1/pipelines/{pipeline}/jobs");
    let job = root
        .post(&jobs, json!({ "name": "publish" }))
        .expect(201)
        .json();
    job["token"].as_str().unwrap().to_owned()
}
