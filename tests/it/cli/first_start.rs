//! What the first start on an empty directory makes and prints, and what the second one does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Packhouse, Process};

const USER: &str = "/api/v4/projects/1/packages";

/// The token between the lines of the welcome.
fn printed_token(process: &Process) -> String {
    let welcome = process.welcome();
    let line = welcome
        .lines()
        .find(|line| line.trim_start().starts_with("glpat-"));
    line.expect("a token is printed").trim().to_owned()
}

/// A printed line, without the word in front of it, as a person pastes it into a shell.
fn paste(folder: &Path, line: &str) -> String {
    let command = line.trim_start_matches("curl     ").trim();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_data_directory_that_the_start_makes_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let mut process = Packhouse::on(&data).serve();
    let mode = fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    process.stop();
}

#[test]
fn the_lines_that_a_first_start_prints_publish_and_download() {
    let data = tempfile::tempdir().unwrap();
    let process = Packhouse::on(data.path()).serve();
    let welcome = process.welcome();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hello.txt"), "hello, registry").unwrap();
    let lines: Vec<&str> = welcome
        .lines()
        .skip_while(|line| !line.starts_with("curl "))
        .take(2)
        .collect();
    assert_eq!(
        paste(folder.path(), lines[0]),
        r#"{"message":"201 Created"}"#
    );
    assert_eq!(paste(folder.path(), lines[1]), "hello, registry");
    let address = process.address;
    for part in [
        format!("http://{address}\n"),
        "The public project local/packages".to_owned(),
        format!("//{address}{USER}/npm/:_authToken=glpat-"),
        format!("twine upload --repository-url http://{address}{USER}/pypi -u root -p glpat-"),
        format!("<url>http://{address}{USER}/maven</url>"),
    ] {
        assert!(welcome.contains(&part), "{part} is missing in\n{welcome}");
    }
}

#[test]
fn the_root_token_lies_in_a_file_for_its_owner_alone_and_works() {
    let data = tempfile::tempdir().unwrap();
    let process = Packhouse::on(data.path()).serve();
    let file = data.path().join("root-token");
    let token = fs::read_to_string(&file).unwrap();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(token.trim(), printed_token(&process));
    let path = format!("{USER}/generic/a/1/a.txt");
    process.with_token(token.trim()).put(&path, "a").expect(201);
    process
        .with_token("glpat-another")
        .put(&path, "a")
        .expect(401);
}

#[test]
fn a_second_start_prints_no_token_and_keeps_the_first_one() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Packhouse::on(data.path()).serve();
    let token = printed_token(&first);
    first.stop();
    let mut second = Packhouse::on(data.path()).serve();
    let path = format!("{USER}/generic/a/1/a.txt");
    second.with_token(&token).put(&path, "a").expect(201);
    second.stop();
    assert_eq!(second.stdout(), "");
    assert!(!second.stderr().contains("glpat-"), "{}", second.stderr());
    let kept = fs::read_to_string(data.path().join("root-token")).unwrap();
    assert_eq!(kept.trim(), token);
}

#[test]
fn a_root_token_can_be_chosen_at_the_first_start_only() {
    let data = tempfile::tempdir().unwrap();
    let name = "PACKHOUSE_ROOT_TOKEN";
    let mut first = Packhouse::on(data.path())
        .env(name, "chosen-by-a-script")
        .serve();
    let path = format!("{USER}/generic/a/1/a.txt");
    first
        .with_token("chosen-by-a-script")
        .put(&path, "a")
        .expect(201);
    first.stop();
    let second = Packhouse::on(data.path())
        .env(name, "chosen-at-a-later-start")
        .serve();
    second
        .with_token("chosen-by-a-script")
        .put(&path, "a")
        .expect(201);
    second
        .with_token("chosen-at-a-later-start")
        .put(&path, "a")
        .expect(401);
}

#[test]
fn an_empty_or_blank_root_token_is_refused_and_the_next_start_is_still_the_first() {
    let data = tempfile::tempdir().unwrap();
    for blank in ["", "          ", "short", "with a blank inside"] {
        let errors = Packhouse::on(data.path())
            .env("PACKHOUSE_ROOT_TOKEN", blank)
            .words("--listen 127.0.0.1:0")
            .refused(1);
        assert!(
            errors.contains("the token needs at least 8 printable characters"),
            "{blank:?}: {errors}"
        );
        assert!(errors.contains("\nhint: "), "{errors}");
    }
    assert!(!data.path().join("root-token").exists());
    let process = Packhouse::on(data.path()).serve();
    printed_token(&process);
}

#[test]
fn the_default_project_is_public_on_loopback_and_private_elsewhere() {
    let path = format!("{USER}/generic/a/1/a.txt");
    let data = tempfile::tempdir().unwrap();
    let local = Packhouse::on(data.path()).with_root_token().serve();
    local.root().put(&path, "a").expect(201);
    local.anonymous().get(&path).expect(200);

    let data = tempfile::tempdir().unwrap();
    let open = Packhouse::on(data.path())
        .with_root_token()
        .words("--listen 0.0.0.0:0 --url http://packhouse.test")
        .start();
    open.root().put(&path, "a").expect(201);
    open.anonymous().get(&path).expect(401);
    assert!(
        open.welcome()
            .contains("The private project local/packages")
    );
}
