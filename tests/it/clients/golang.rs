//! `go`, in Debian's release and in the newest, doing everything that it can do with a proxy.

use std::path::PathBuf;

use data_encoding::BASE64;

use crate::support::archives::zip;
use crate::support::clients::{Ran, Sandbox, go_build_cache, python_program, system_program};
use crate::support::golang::{go, go_upload, greeter, module_zip};
use crate::support::seeds::sha256;
use crate::support::tls::{TestCa, tls_flags};
use crate::support::{Actor, Packhouse, Place, Process, ROOT_TOKEN, TestApp, Watched};

const HELLO: &str = "example.com/Acme/Hello";
/// As it stands in URLs.
const ESCAPED: &str = "example.com/%21acme/%21hello";

/// A release of Go.
#[derive(Clone, Copy)]
enum Release {
    Debian,
    Newest,
}

const BOTH: [Release; 2] = [Release::Debian, Release::Newest];

impl Release {
    fn program(self) -> PathBuf {
        match self {
            Release::Debian => system_program("go"),
            Release::Newest => python_program("go", "go"),
        }
    }
}

/// A module of its own that imports the named packages and prints what each `Greet()`s.
struct User {
    sandbox: Sandbox,
    program: PathBuf,
}

impl User {
    fn of(release: Release, proxy: &str, imports: &[&str]) -> User {
        let mut sandbox = Sandbox::new();
        let cache = match release {
            Release::Debian => go_build_cache("debian"),
            Release::Newest => go_build_cache("newest"),
        };
        for (name, value) in [
            ("GOPROXY", proxy),
            ("GOCACHE", cache.to_str().unwrap()),
            ("GOSUMDB", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GOFLAGS", "-mod=mod -modcacherw"),
            ("GOENV", "off"),
            ("GOVCS", "*:off"),
            ("CGO_ENABLED", "0"),
        ] {
            sandbox.set(name, value);
        }
        sandbox.write("go.mod", "module example.test/user\n\ngo 1.19\n");
        let lines = |line: &dyn Fn(usize, &str) -> String| -> String {
            let numbered = imports.iter().enumerate();
            numbered.map(|(number, path)| line(number, path)).collect()
        };
        let code = format!(
            "package main\n\nimport (\n{})\n\nfunc main() {{\n{}}}\n",
            lines(&|number, path| format!("\tp{number} \"{path}\"\n")),
            lines(&|number, _| format!("\tprintln(p{number}.Greet())\n")),
        );
        sandbox.write("main.go", code);
        let program = release.program();
        User { sandbox, program }
    }

    fn go(&self, words: &str) -> Ran {
        self.sandbox.run(&self.program, words.split(' '))
    }

    /// Builds it and runs it: what it prints.
    fn greetings(&self) -> String {
        self.go("build -o user").succeeds();
        let ran = self.sandbox.run(&self.sandbox.work().join("user"), [""; 0]);
        ran.succeeds().stderr
    }

    fn file(&self, name: &str) -> String {
        String::from_utf8(self.sandbox.read(name)).unwrap()
    }
}

fn publish(root: &Actor, project: i64, zips: &[Vec<u8>]) {
    for zip in zips {
        root.put(&go_upload(project), zip).expect(201);
    }
}

/// The requests since the last time, with what they were answered, without the proxy's base.
fn lines(app: &Watched) -> Vec<String> {
    let mut lines: Vec<String> = app
        .lines()
        .iter()
        .map(|line| line.replace(&format!("{}/", go(1)), ""))
        .collect();
    lines.sort(); // `go` asks for several things at a time
    lines
}

#[test]
fn go_gets_lists_downloads_and_builds_what_go_sum_verifies() {
    for release in BOTH {
        let app = TestApp::watched();
        publish(
            &app.root(),
            1,
            &["v1.2.3", "v1.3.0-beta.1"].map(|version| greeter(HELLO, version)),
        );
        let proxy = app.url(&go(1));
        let user = User::of(release, &proxy, &[HELLO]);
        user.go(&format!("get {HELLO}")).succeeds();
        assert_eq!(
            lines(&app),
            [
                "GET example.com/%21acme/%21hello/@v/list 200",
                "GET example.com/%21acme/%21hello/@v/v1.2.3.info 200",
                "GET example.com/%21acme/%21hello/@v/v1.2.3.mod 200",
                "GET example.com/%21acme/%21hello/@v/v1.2.3.zip 200",
                "GET example.com/%21acme/@v/list 404",
                "GET example.com/@v/list 404",
            ]
        );
        assert_eq!(user.greetings(), format!("{HELLO} v1.2.3\n"));
        assert!(
            lines(&app).is_empty(),
            "what was downloaded is not asked for again"
        );
        let sums = app
            .anonymous()
            .get(&format!("{}/{ESCAPED}/@v/v1.2.3.sum", go(1)));
        let go_sum = user.file("go.sum");
        assert_eq!(go_sum, sums.expect(200).text());

        let versions = user.go(&format!("list -m -versions {HELLO}")).succeeds();
        assert_eq!(versions.stdout, format!("{HELLO} v1.2.3 v1.3.0-beta.1\n"));
        user.go(&format!("get {HELLO}@v1.3.0-beta.1")).succeeds();
        assert_eq!(user.greetings(), format!("{HELLO} v1.3.0-beta.1\n"));

        // A cold cache, and the go.sum of before.
        lines(&app);
        let cold = User::of(release, &proxy, &[HELLO]);
        let go_mod = format!("module example.test/user\n\ngo 1.19\n\nrequire {HELLO} v1.2.3\n");
        cold.sandbox.write("go.mod", &go_mod);
        cold.sandbox.write("go.sum", &go_sum);
        cold.go("mod download").succeeds();
        let seen = lines(&app);
        let zip = format!("GET {ESCAPED}/@v/v1.2.3.zip 200");
        assert!(seen.contains(&zip), "{seen:?}");
        cold.go("mod verify").succeeds();
        assert_eq!(cold.greetings(), format!("{HELLO} v1.2.3\n"));
        assert_eq!(cold.file("go.sum"), go_sum);

        // The same with a go.sum that knows other bytes.
        let wary = User::of(release, &proxy, &[HELLO]);
        wary.sandbox.write("go.mod", &go_mod);
        let other = format!("{HELLO} v1.2.3 h1:{}\n", BASE64.encode(&[7; 32]));
        wary.sandbox.write("go.sum", other);
        let ran = wary.go("build -o user").exits(1);
        assert!(ran.stderr.contains("checksum mismatch"), "{ran}");
    }
}

#[test]
fn go_takes_pseudo_versions_majors_sub_packages_and_code_from_before_modules() {
    let (pseudo, v2, old) = (
        "example.com/pseudo",
        "example.com/big/v2",
        "example.com/old",
    );
    let version = "v0.0.0-20260102030405-abcdefabcdef";
    let sub = "package sub\n\nfunc Greet() string { return \"sub\" }\n";
    let before = "package old\n\nfunc Greet() string { return \"old\" }\n";
    for release in BOTH {
        let app = TestApp::watched();
        let zips = [
            greeter(pseudo, version),
            greeter("example.com/big", "v1.9.0"),
            greeter(v2, "v2.1.0"),
            module_zip(
                "example.com/tree",
                "v1.0.0",
                &[
                    ("go.mod", "module example.com/tree\n\ngo 1.19\n"),
                    ("a/sub/sub.go", sub),
                ],
            ),
            module_zip(old, "v3.0.0+incompatible", &[("old.go", before)]),
        ];
        publish(&app.root(), 1, &zips);
        let imports = [pseudo, v2, "example.com/big", "example.com/tree/a/sub", old];
        let user = User::of(release, &app.url(&go(1)), &imports);
        user.go("mod tidy").succeeds();
        let expected =
            format!("{pseudo} {version}\n{v2} v2.1.0\nexample.com/big v1.9.0\nsub\nold\n");
        assert_eq!(user.greetings(), expected);
        let seen = lines(&app);
        for line in [
            "GET example.com/pseudo/@v/list 200",
            "GET example.com/pseudo/@latest 200",
            "GET example.com/tree/a/sub/@v/list 404",
            "GET example.com/old/@v/v3.0.0+incompatible.mod 200",
        ] {
            assert!(seen.contains(&line.to_owned()), "{line}: {seen:?}");
        }
        let go_mod = user.file("go.mod");
        assert!(
            go_mod.contains("example.com/old v3.0.0+incompatible"),
            "{go_mod}"
        );
    }
}

#[test]
fn go_installs_the_latest_command() {
    for release in BOTH {
        let app = TestApp::watched();
        let module = "example.com/Tools";
        for version in ["v0.9.0", "v0.10.0", "v0.11.0-rc.1"] {
            let code = format!("package main\n\nfunc main() {{ println(\"tool {version}\") }}\n");
            let go_mod = format!("module {module}\n\ngo 1.19\n");
            let files = [("go.mod", go_mod.as_str()), ("cmd/tool/main.go", &code)];
            publish(&app.root(), 1, &[module_zip(module, version, &files)]);
        }
        let mut user = User::of(release, &app.url(&go(1)), &[]);
        let bin = user.sandbox.home().join("bin");
        user.sandbox.set("GOBIN", bin.to_str().unwrap());
        user.sandbox.set("GOFLAGS", "-modcacherw");
        user.go("install example.com/Tools/cmd/tool@latest")
            .succeeds();
        let ran = user.sandbox.run(&bin.join("tool"), [""; 0]).succeeds();
        assert_eq!(ran.stderr, "tool v0.10.0\n");
        let seen = lines(&app);
        let zip = "GET example.com/%21tools/@v/v0.10.0.zip 200".to_owned();
        assert!(seen.contains(&zip), "{seen:?}");
    }
}

#[test]
fn the_sums_of_a_zip_with_folders_are_those_of_go() {
    let name = |path: &str| format!("example.com/folders@v1.0.0/{path}");
    let names = ["", "go.mod", "hello.go", "z/", "z/deep.txt"].map(name);
    let members: [(&str, &[u8]); 5] = [
        (&names[0], b""),
        (&names[3], b""),
        (&names[4], b"deep\n"),
        (
            &names[2],
            b"package hello\n\nfunc Greet() string { return \"folders\" }\n",
        ),
        (&names[1], b"module example.com/folders\n"),
    ];
    for release in BOTH {
        let app = TestApp::watched();
        publish(&app.root(), 1, &[zip(&members)]);
        let user = User::of(release, &app.url(&go(1)), &["example.com/folders"]);
        user.go("get example.com/folders").succeeds();
        let sums = app
            .anonymous()
            .get(&format!("{}/example.com/folders/@v/v1.0.0.sum", go(1)));
        assert_eq!(user.file("go.sum"), sums.expect(200).text());
        assert_eq!(user.greetings(), "folders\n");
    }
}

#[test]
fn go_says_what_is_not_there_and_what_was_deleted() {
    for release in BOTH {
        let app = TestApp::watched();
        publish(
            &app.root(),
            1,
            &["v1.0.0", "v1.1.0"].map(|version| greeter(HELLO, version)),
        );
        let user = User::of(release, &app.url(&go(1)), &[HELLO]);
        let ran = user.go("get example.com/none").exits(1);
        assert!(
            ran.stderr
                .contains("not found: example.com/none: unknown module"),
            "{ran}"
        );
        let ran = user.go(&format!("get {HELLO}@main")).exits(1);
        assert!(ran.stderr.contains("not found: "), "{ran}");
        app.root()
            .delete(&format!("{}/{ESCAPED}/@v/v1.1.0", go(1)))
            .expect(204);
        let ran = user.go(&format!("get {HELLO}@v1.1.0")).exits(1);
        assert!(ran.stderr.contains("unknown module or version"), "{ran}");
        user.go(&format!("get {HELLO}")).succeeds();
        assert_eq!(user.greetings(), format!("{HELLO} v1.0.0\n"));
    }
}

#[test]
fn a_retracted_version_stays_here_and_go_leaves_it_out() {
    for release in BOTH {
        let app = TestApp::watched();
        let go_mod = format!("module {HELLO}\n\ngo 1.19\n\nretract v1.0.0 // broken\n");
        let zips = [
            greeter(HELLO, "v1.0.0"),
            module_zip(HELLO, "v1.1.0", &[("go.mod", &go_mod)]),
        ];
        publish(&app.root(), 1, &zips);
        let user = User::of(release, &app.url(&go(1)), &[HELLO]);
        let listed = user.go(&format!("list -m -versions {HELLO}")).succeeds();
        assert_eq!(listed.stdout, format!("{HELLO} v1.1.0\n"));
        let all = user.go(&format!("list -m -versions -retracted {HELLO}"));
        assert_eq!(all.succeeds().stdout, format!("{HELLO} v1.0.0 v1.1.0\n"));
        let ran = user.go(&format!("get {HELLO}@v1.0.0")).succeeds();
        assert!(
            ran.stderr.contains("retracted by module author: broken"),
            "{ran}"
        );
        assert_eq!(user.greetings(), format!("{HELLO} v1.0.0\n"));
    }
}

#[test]
fn what_git_archive_makes_is_a_module_zip() {
    let mut author = Sandbox::new();
    author.write("go.mod", format!("module {HELLO}\n\ngo 1.19\n"));
    author.write(
        "hello.go",
        "package hello\n\nfunc Greet() string { return \"git\" }\n",
    );
    author.write("deep/er/text.txt", "text\n");
    let script = "git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm one && \
                  git archive --prefix=example.com/Acme/Hello@v1.4.0/ -o hello.zip HEAD && \
                  curl --fail-with-body -sS -u \"$LOGIN\" -T hello.zip \"$UPLOAD\"";
    let app = TestApp::watched();
    author.set("LOGIN", format!("root:{ROOT_TOKEN}"));
    author.set("UPLOAD", app.url(&go_upload(1)));
    let ran = author.run(&system_program("sh"), ["-c", script]).succeeds();
    assert_eq!(ran.stdout, r#"{"message":"201 Created"}"#);
    assert_eq!(lines(&app), ["PUT upload 201"]);
    for release in BOTH {
        let user = User::of(release, &app.url(&go(1)), &[HELLO]);
        user.go(&format!("get {HELLO}")).succeeds();
        assert_eq!(user.greetings(), "git\n");
        let sums = app
            .anonymous()
            .get(&format!("{}/{ESCAPED}/@v/v1.4.0.sum", go(1)));
        assert_eq!(user.file("go.sum"), sums.expect(200).text());
    }
}

#[test]
fn go_asks_here_for_the_checksum_database_and_goes_there_itself() {
    let name = "sum.example.test";
    let key: Vec<u8> = std::iter::once(1).chain([7; 32]).collect();
    let signed = [name.as_bytes(), b"\n", &key].concat();
    let known = format!("{name}+{}+{}", &sha256(signed)[..8], BASE64.encode(&key));
    for release in BOTH {
        let app = TestApp::watched();
        publish(&app.root(), 1, &[greeter(HELLO, "v1.0.0")]);
        let mut user = User::of(release, &app.url(&go(1)), &[HELLO]);
        user.sandbox.set("GOSUMDB", known.clone());
        user.go(&format!("get {HELLO}")).exits(1);
        let seen = lines(&app);
        let asked = format!("GET sumdb/{name}/supported 404");
        assert!(seen.contains(&asked), "{seen:?}");
        user.sandbox.set("GONOSUMDB", "example.com/*");
        user.go(&format!("get {HELLO}")).succeeds();
    }
}

#[test]
fn a_group_is_one_proxy_for_all_its_projects() {
    for release in BOTH {
        let app = TestApp::watched();
        let (group, other) = (app.group("acme", "public"), app.group("acme/sub", "public"));
        let one = app.project("acme/one", "public");
        let two = app.project("acme/sub/two", "public");
        let secret = app.project("acme/secret", "private");
        let sub = "package sub\n\nfunc Greet() string { return \"sub\" }\n";
        let go_mod = "module example.com/two\n\ngo 1.19\n";
        let tree = module_zip(
            "example.com/two",
            "v1.0.0",
            &[("go.mod", go_mod), ("sub/sub.go", sub)],
        );
        publish(&app.root(), one, &[greeter(HELLO, "v1.0.0")]);
        publish(&app.root(), two, &[tree]);
        publish(
            &app.root(),
            secret,
            &[greeter("example.com/secret", "v1.0.0")],
        );
        assert_ne!(group, other);
        let proxy = app.url(&format!("/api/v4/groups/{group}/-/packages/go"));
        let user = User::of(release, &proxy, &[HELLO, "example.com/two/sub"]);
        user.go(&format!("get {HELLO} example.com/two/sub"))
            .succeeds();
        assert_eq!(user.greetings(), format!("{HELLO} v1.0.0\nsub\n"));
        // A name that this caller may not see goes nowhere else.
        let next = TestApp::watched();
        let both = format!("{proxy},{}", next.url(&go(1)));
        let curious = User::of(release, &both, &["example.com/secret"]);
        let ran = curious.go("get example.com/secret").exits(1);
        assert!(ran.stderr.contains("401"), "{ran}");
        assert!(next.lines().is_empty(), "the name did not leave");
    }
}

#[test]
fn the_name_of_a_private_module_is_asked_of_no_other_proxy() {
    for release in BOTH {
        let (app, next) = (TestApp::watched(), TestApp::watched());
        let secret = app.project("local/secret", "private");
        publish(&app.root(), secret, &[greeter(HELLO, "v1.0.0")]);
        publish(&next.root(), 1, &[greeter(HELLO, "v1.6.6")]);
        next.lines();
        for project in [secret, 99] {
            let proxies = format!("{},{}", app.url(&go(project)), next.url(&go(1)));
            let user = User::of(release, &proxies, &[HELLO]);
            let ran = user.go(&format!("get {HELLO}")).exits(1);
            assert!(ran.stderr.contains("401 Unauthorized"), "{ran}");
            assert!(next.lines().is_empty(), "the name did not leave");
        }
        // What is not here, in a project that may be read, is the next one's.
        let proxies = format!("{},{}", app.url(&go(1)), next.url(&go(1)));
        let user = User::of(release, &proxies, &[HELLO]);
        user.go(&format!("get {HELLO}")).succeeds();
        assert!(!next.lines().is_empty());
    }
}

/// A server that speaks TLS, with a private project that ann may read and bob may not.
struct Secure {
    process: Process,
    ca: TestCa,
    project: i64,
    tokens: [String; 2],
    _data: tempfile::TempDir,
}

impl Secure {
    fn start() -> Secure {
        let app = TestApp::start();
        let project = app.project("local/secret", "private");
        app.user("ann");
        app.user("bob");
        app.member("ann", Place::Project("local/secret"), 10);
        publish(&app.root(), project, &[greeter(HELLO, "v1.0.0")]);
        let tokens = ["ann", "bob"].map(|name| app.token_of(app.user_id(name), &["read_api"]));
        let data = app.stop();
        let ca = TestCa::new();
        let (cert, key) = ca.issue("server");
        let process = Packhouse::on(data.path())
            .args(tls_flags(&cert, &key))
            .env("PACKHOUSE_ROOT_TOKEN", ROOT_TOKEN)
            .serve();
        Secure {
            process,
            ca,
            project,
            tokens,
            _data: data,
        }
    }

    fn user(&self, release: Release, proxy: &str) -> User {
        let mut user = User::of(release, proxy, &[HELLO]);
        let pem = self.ca.pem().display().to_string();
        user.sandbox.set("SSL_CERT_FILE", pem);
        user
    }

    /// The newer release wants the port in `.netrc`, the older one wants it left out.
    fn netrc(&self, user: &User, name: &str, token: &str) {
        let address = self.process.address;
        let line = |host: &str| format!("machine {host} login {name} password {token}\n");
        let both = line(&address.to_string()) + &line(&address.ip().to_string());
        std::fs::write(user.sandbox.home().join(".netrc"), both).unwrap();
    }

    fn proxy(&self, credentials: &str) -> String {
        format!(
            "https://{credentials}{}{}",
            self.process.address,
            go(self.project)
        )
    }
}

#[test]
fn a_private_project_is_read_over_tls_with_netrc_or_with_a_token_in_the_url() {
    let server = Secure::start();
    let [ann, bob] = &server.tokens;
    for release in BOTH {
        let user = server.user(release, &server.proxy(""));
        server.netrc(&user, "ann", ann);
        user.go(&format!("get {HELLO}")).succeeds();
        assert_eq!(user.greetings(), format!("{HELLO} v1.0.0\n"));
        let log = server.process.stderr();
        let read = |line: &&str| {
            line.contains("/packages/go/") && line.contains("ann") && line.contains("200")
        };
        assert!(log.lines().filter(read).count() >= 4, "{log}");

        let user = server.user(release, &server.proxy(&format!("ann:{ann}@")));
        user.go(&format!("get {HELLO}")).succeeds();

        let next = TestApp::watched();
        for (token, status) in [
            (bob.as_str(), "403 Forbidden"),
            ("glpat-wrong", "401 Unauthorized"),
        ] {
            let proxies = format!("{},{}", server.proxy(""), next.url(&go(1)));
            let user = server.user(release, &proxies);
            server.netrc(&user, "bob", token);
            let ran = user.go(&format!("get {HELLO}")).exits(1);
            assert!(ran.stderr.contains(status), "{ran}");
            assert!(next.lines().is_empty(), "the name did not leave");
        }
    }
}
