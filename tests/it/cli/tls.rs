//! TLS in the server itself: `--tls-cert`, `--tls-key`, SIGHUP.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::clients::{Ran, Sandbox, system_program};
use crate::support::tls::{TestCa, tls_flags};
use crate::support::{Packhouse, Process, ROOT_TOKEN, Raw, eventually};

const FILES: &str = "/api/v4/projects/1/packages/generic";

/// A server with a certificate of this authority, in `tls.pem` and `tls.key` of its data directory's neighbour.
struct Secure {
    process: Process,
    files: tempfile::TempDir,
    data: tempfile::TempDir,
}

impl Secure {
    fn start(ca: &TestCa) -> Secure {
        let (files, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(ca, "first", files.path());
        let (cert, key) = (files.path().join("tls.pem"), files.path().join("tls.key"));
        let process = Packhouse::on(data.path())
            .with_root_token()
            .args(tls_flags(&cert, &key))
            .serve();
        Secure {
            process,
            files,
            data,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.process.address)
    }

    fn curl(&self, sandbox: &Sandbox, ca: &TestCa, args: &[&str]) -> Ran {
        let ca = ca.pem().display().to_string();
        let header = format!("PRIVATE-TOKEN: {ROOT_TOKEN}");
        let mut all = vec![
            "--silent",
            "--show-error",
            "--cacert",
            &ca,
            "--header",
            &header,
        ];
        all.extend(args);
        sandbox.run(&system_program("curl"), all)
    }

    /// An upload whose body comes from us, piece by piece; it has begun to be written when this returns.
    fn slow_upload(&self, ca: &TestCa, path: &str) -> Child {
        let mut curl = Command::new(system_program("curl"))
            .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
            .arg(ca.pem())
            .args(["--header", &format!("PRIVATE-TOKEN: {ROOT_TOKEN}")])
            .args(["--upload-file", "-", &self.url(path)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl can be started");
        let pipe = curl.stdin.as_mut().unwrap();
        pipe.write_all(&vec![9; 3 << 19]).unwrap();
        pipe.flush().unwrap();
        let staged = || fs::read_dir(self.data.path().join("tmp")).unwrap().count();
        eventually("the upload is being written", || staged() == 1);
        curl
    }
}

fn put(ca: &TestCa, name: &str, folder: &Path) {
    let (cert, key) = ca.issue(name);
    fs::copy(cert, folder.join("tls.pem")).unwrap();
    fs::copy(key, folder.join("tls.key")).unwrap();
}

fn finish(mut upload: Child) -> String {
    let mut pipe = upload.stdin.take().unwrap();
    pipe.write_all(&vec![9; 1 << 19]).unwrap();
    drop(pipe);
    let output = upload.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn hang_up(process: &Process) {
    let pid = process.pid().to_string();
    let sent = Command::new("kill").args(["-HUP", &pid]).status().unwrap();
    assert!(sent.success(), "SIGHUP is sent");
}

#[test]
fn curl_uploads_and_downloads_over_tls_and_every_url_says_https() {
    let ca = TestCa::new();
    let server = Secure::start(&ca);
    let sandbox = Sandbox::new();
    let large: Vec<u8> = (0..5 << 20).map(|n: u32| (n / 7) as u8).collect();
    sandbox.write("large.bin", &large);
    let url = server.url(&format!("{FILES}/large/1/large.bin"));
    let format = "%{http_code} %{http_version} %{ssl_verify_result}";
    let sent = server.curl(&sandbox, &ca, &["-T", "large.bin", "-w", format, &url]);
    assert_eq!(
        sent.succeeds().stdout,
        r#"{"message":"201 Created"}201 1.1 0"#
    );
    let got = ["-o", "got.bin", "-w", "%{http_code}", &url];
    assert_eq!(server.curl(&sandbox, &ca, &got).succeeds().stdout, "200");
    assert!(sandbox.read("got.bin") == large, "it came back whole");

    let list = server.url("/api/v4/projects/1/packages?per_page=1");
    let listed = server.curl(&sandbox, &ca, &["-i", &list]).succeeds().stdout;
    let link = format!("<{}", server.url("/api/v4/projects/1/packages?"));
    assert!(listed.contains(&link), "{listed}");
    let base = server.url("");
    assert!(
        server
            .process
            .stderr()
            .contains(&format!("listening on {base}\n"))
    );
    let welcome = server.process.welcome();
    assert!(
        welcome.contains(&format!("curl {base}/api/v4/")),
        "{welcome}"
    );
    assert!(!welcome.contains("http://"), "{welcome}");
}

#[test]
fn an_upload_that_is_refused_over_tls_is_refused_before_its_body() {
    let ca = TestCa::new();
    let server = Secure::start(&ca);
    let sandbox = Sandbox::new();
    sandbox.write("large.bin", vec![1; 5 << 20]);
    let url = server.url(&format!("{FILES}/large/1/large.bin"));
    let wrong = ["-H", "PRIVATE-TOKEN: glpat-wrong", "-T", "large.bin", &url];
    let ca = ca.pem().display().to_string();
    let mut args = vec!["-s", "-o", "answer", "--cacert", &ca];
    args.extend(["-w", "%{http_code} %{size_upload}"]);
    args.extend(wrong);
    let ran = sandbox.run(&system_program("curl"), args);
    assert_eq!(ran.stdout, "401 0", "{ran}");
}

#[test]
fn a_hang_up_signal_reads_the_certificate_again_and_running_requests_go_on() {
    let (old, new) = (TestCa::new(), TestCa::new());
    let mut server = Secure::start(&old);
    let sandbox = Sandbox::new();
    let liveness = server.url("/-/liveness");
    let trusted = |server: &Secure, ca: &TestCa| {
        let ran = server.curl(&sandbox, ca, &[&liveness]);
        assert!(matches!(ran.status.code(), Some(0 | 60)), "{ran}"); // 60: it is not trusted
        ran.status.success()
    };
    assert!(trusted(&server, &old) && !trusted(&server, &new));
    let upload = server.slow_upload(&old, &format!("{FILES}/late/1/late.bin"));

    put(&new, "second", server.files.path());
    assert!(trusted(&server, &old), "nothing happens without the signal");
    hang_up(&server.process);
    eventually("the new certificate is shown", || trusted(&server, &new));
    assert!(!trusted(&server, &old));
    assert!(finish(upload).contains("201 Created"));

    fs::write(server.files.path().join("tls.pem"), "nothing").unwrap();
    hang_up(&server.process);
    eventually("the mistake is told", || {
        let log = server.process.stderr();
        log.contains("the certificate stays what it was")
            && log.contains("there is no certificate in")
    });
    assert!(trusted(&server, &new));
    server.process.stop();
}

#[test]
fn a_running_tls_upload_finishes_before_the_end() {
    let ca = TestCa::new();
    let mut server = Secure::start(&ca);
    let path = format!("{FILES}/late/1/late.bin");
    let upload = server.slow_upload(&ca, &path);
    server.process.terminate();
    eventually("nobody new is let in", || {
        TcpStream::connect(server.process.address).is_err()
    });
    assert!(finish(upload).contains("201 Created"));
    assert_eq!(
        server.process.wait().code(),
        Some(0),
        "{}",
        server.process.stderr()
    );
    let again = Packhouse::on(server.data.path()).serve();
    assert!(again.root().get(&path).expect(200).body == vec![9; 2 << 20]);
}

#[test]
fn connections_that_never_finish_their_handshake_keep_nobody_out() {
    let ca = TestCa::new();
    let server = Secure::start(&ca);
    let silent: Vec<Raw> = (0..600)
        .map(|_| Raw::connect(server.process.address))
        .collect();
    let ran = server.curl(
        &Sandbox::new(),
        &ca,
        &["--max-time", "8", &server.url("/-/liveness")],
    );
    assert_eq!(ran.succeeds().stdout, r#"{"status":"ok"}"#);
    drop(silent);
}

#[test]
fn a_client_that_speaks_plain_http_to_tls_gets_no_answer() {
    let ca = TestCa::new();
    let server = Secure::start(&ca);
    let mut plain = Raw::connect(server.process.address);
    let answer = plain.head("GET /-/liveness", &[]).rest();
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
}

#[test]
fn a_bad_certificate_or_key_is_refused_at_start() {
    let ca = TestCa::new();
    let (cert, key) = ca.issue("good");
    let (_, other_key) = ca.issue("other");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (empty, nowhere) = (file("empty.pem", ""), folder.path().join("nowhere.pem"));
    let cut = file("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let junk = file("junk.pem", junk);
    for (cert, key, says) in [
        (&nowhere, &key, "cannot read the certificate `"),
        (&cert, &nowhere, "cannot read the private key `"),
        (&empty, &key, "there is no certificate in `"),
        (&cert, &empty, "there is no private key in `"),
        (&cut, &key, "the certificate `"),
        (&junk, &key, "the certificate `"),
        (&key, &key, "there is no certificate in `"),
        (&cert, &cert, "there is no private key in `"),
        (&cert, &other_key, "does not belong to the certificate `"),
    ] {
        let data = folder.path().join("data");
        let refused = Packhouse::on(&data).args(tls_flags(cert, key)).refused(1);
        assert!(
            refused.starts_with("error: ") && refused.contains(says),
            "{says}: {refused}"
        );
        assert!(!data.exists(), "{says}");
    }
}

#[test]
fn certificate_and_key_come_together_from_flag_environment_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("packhouse.toml");
    fs::write(&file, "tls_cert = 'of-file.pem'\ntls_key = 'of-file.key'\n").unwrap();
    let packhouse = |words: &[&str], env: &[(&str, &str)]| {
        let start = Packhouse::bare().in_folder(folder.path()).args(words);
        env.iter()
            .fold(start, |start, (name, value)| start.env(name, value))
    };
    let env = [
        ("PACKHOUSE_TLS_CERT", "of-env.pem"),
        ("PACKHOUSE_TLS_KEY", "of-env.key"),
    ];
    let file = ["--config", "packhouse.toml"];
    let flags = [
        "--config",
        "packhouse.toml",
        "serve",
        "--tls-cert",
        "of-flag.pem",
    ];
    for (words, env, says) in [
        (
            &file[..],
            &[][..],
            "cannot read the certificate `of-file.pem`",
        ),
        (&file, &env, "cannot read the certificate `of-env.pem`"),
        (&flags, &env, "cannot read the certificate `of-flag.pem`"),
        (&flags[2..], &[], "`tls_cert` is given without `tls_key`"),
        (&[], &env[1..], "`tls_key` is given without `tls_cert`"),
    ] {
        let refused = packhouse(words, env).refused(1);
        assert!(refused.contains(says), "{says}: {refused}");
    }
    let refused = packhouse(&["--tls-cert", "x", "user", "list"], &[]).refused(2);
    assert!(
        refused.contains("`--tls-cert` is for `packhouse serve` alone"),
        "{refused}"
    );
}
