//! What is logged, and what never is.

use serde_json::Value;

use crate::support::{Packhouse, ROOT_TOKEN};

const PATH: &str = "/api/v4/projects/1/packages/generic/tool/1/a";

#[test]
fn no_token_is_ever_logged_whatever_carries_it() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    process.welcome(); // shown once, on standard output
    let wrong = "glpat-wrong-secret-of-nobody";
    for token in [ROOT_TOKEN, wrong] {
        let basic = data_encoding::BASE64.encode(format!("root:{token}").as_bytes());
        for (name, value) in [
            ("PRIVATE-TOKEN", token.to_owned()),
            ("Authorization", format!("Bearer {token}")),
            ("Authorization", format!("Basic {basic}")),
            ("Authorization", format!("Nonsense {token}")),
            ("Deploy-Token", token.to_owned()),
            ("JOB-TOKEN", token.to_owned()),
            ("X-NuGet-ApiKey", token.to_owned()),
        ] {
            let caller = process.anonymous().with(name, &value);
            caller.put(PATH, "a");
            caller.get(PATH);
            caller.get("/api/v4/nowhere");
        }
        for name in ["private_token", "access_token", "job_token", "token"] {
            for path in [
                PATH,
                "/api/v4/projects/1/packages",
                "/api/v4/nowhere",
                "/-/health",
            ] {
                process.anonymous().get(&format!("{path}?{name}={token}"));
            }
        }
        let in_path = format!("/api/v4/projects/{token}/packages/generic/{token}/1/{token}");
        process.root().put(&in_path, "a");
        process.root().get(&in_path);
        process.anonymous().get(&format!("/{token}"));
        let logout = format!("/api/v4/projects/1/packages/npm/-/user/token/{token}"); // npm logout
        process.root().delete(&logout);
    }
    process.stop();
    let log = process.stderr();
    assert!(log.matches("request").count() > 60, "{log}");
    for secret in [ROOT_TOKEN, wrong, "secret-of-nobody", "cm9vdDpnbHBhdC"] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}

#[test]
fn a_json_log_has_one_object_a_line() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("packhouse.toml");
    std::fs::write(&config, "log = 'json'\n").unwrap();
    let mut process = Packhouse::on(data.path())
        .with_root_token()
        .args(["--config".as_ref(), config.as_os_str()])
        .serve();
    process.root().put(PATH, "four").expect(201);
    let answer = process.anonymous().get(PATH).expect(200);
    process.anonymous().get("/api/v4/nowhere").expect(404);
    process.stop();
    let log = process.stderr();
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| !line.starts_with("listening on http://")) // for scripts that start it
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let requests: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "request")
        .collect();
    assert_eq!(requests.len(), 3, "{log}");
    let pattern = "/api/v4/projects/{id}/packages/generic/";
    for (request, user, status, bytes) in [
        (requests[0], "root", 201, 25),
        (requests[1], "-", 200, 4),
        (requests[2], "-", 404, 25),
    ] {
        assert_eq!(request["user"], user, "{request}");
        assert_eq!(request["status"], status, "{request}");
        assert_eq!(request["bytes"], bytes, "{request}");
        assert!(request["duration_us"].is_u64(), "{request}");
    }
    assert_eq!(requests[1]["id"], answer.header("x-request-id"));
    assert!(
        requests[1]["route"].as_str().unwrap().starts_with(pattern),
        "{log}"
    );
    assert_eq!(requests[2]["route"], "-");
}

#[test]
fn a_log_that_nobody_can_write_does_not_stop_the_server() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path())
        .with_root_token()
        .without_a_log_reader()
        .serve();
    for _ in 0..10 {
        process.root().put(PATH, "a").expect(201);
        process.anonymous().get(PATH).expect(200);
    }
    process.stop();
}
