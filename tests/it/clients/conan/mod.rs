//! Conan 1 and Conan 2, each with homes of its own.

mod one;
mod one_with_revisions;
mod two;
mod two_removes;

use crate::support::clients::{Ran, Sandbox, python_program};
use crate::support::{Actor, Watched};

const BASE: &str = "/api/v4/projects/1/packages/conan";

/// What both versions take for a machine; nothing is compiled.
const SETTINGS: &str = "[settings]\nos=Linux\narch=x86_64\ncompiler=gcc\ncompiler.version=12\ncompiler.libcxx=libstdc++11\n";

/// A registry whose first project is private, and somebody who may write there.
struct World {
    app: Watched,
    token: String,
}

impl World {
    fn start() -> World {
        let app = crate::support::TestApp::watched();
        let private = serde_json::json!({ "visibility": "private" });
        app.root()
            .put_json("/api/v4/projects/1", private)
            .expect(200);
        app.user("dev");
        app.member("dev", crate::support::Place::Project("local/packages"), 40);
        let token = app.token_of(app.user_id("dev"), &["api"]);
        World { app, token }
    }

    /// By the maintainer's token.
    fn dev(&self) -> Actor {
        self.app.with_token(&self.token)
    }

    /// What was sent since the last call, without the prefix, the bodies of recipes' names left as they are.
    fn requests(&self) -> Vec<String> {
        let lines = self.app.lines();
        lines.iter().map(|line| line.replace(BASE, "")).collect()
    }
}

/// One version of the client, in a home of its own.
struct Conan {
    sandbox: Sandbox,
    group: &'static str,
}

impl Conan {
    /// Runs `conan` with these words; what stands between apostrophes is one.
    fn run(&self, words: &str) -> Ran {
        let mut args = Vec::new();
        for (at, part) in words.split('\'').enumerate() {
            match at % 2 {
                0 => args.extend(part.split(' ').filter(|word| !word.is_empty())),
                _ => args.push(part),
            }
        }
        self.sandbox.run(&python_program(self.group, "conan"), args)
    }

    /// The same, which has to go well; answers all that was said.
    #[track_caller]
    fn does(&self, words: &str) -> String {
        let ran = self.run(words).succeeds();
        ran.stdout + &ran.stderr
    }

    /// The same, which has to fail.
    #[track_caller]
    fn refuses(&self, words: &str) -> String {
        let ran = self.run(words);
        assert!(!ran.status.success(), "{ran}");
        ran.stdout + &ran.stderr
    }
}

fn two_in(base: &str) -> Conan {
    let mut sandbox = Sandbox::new();
    let home = sandbox.home().join("conan2");
    sandbox
        .set("CONAN_HOME", home.display().to_string())
        .set("CONAN_NON_INTERACTIVE", "1");
    let write = |name: &str, text: &str| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "profiles/default",
        &format!("{SETTINGS}build_type=Release\ncompiler.cppstd=gnu17\n"),
    );
    write(
        "profiles/debug",
        &format!("{SETTINGS}build_type=Debug\ncompiler.cppstd=gnu17\n"),
    );
    let remotes =
        serde_json::json!({ "remotes": [{ "name": "gl", "url": base, "verify_ssl": true }] });
    write("remotes.json", &remotes.to_string());
    Conan {
        sandbox,
        group: "conan2",
    }
}

/// Conan 2 that knows nothing but the one remote `gl`.
fn two(world: &World) -> Conan {
    two_in(&world.app.url(BASE))
}

/// The same with a user name and a password for who asks.
fn two_with_token(world: &World) -> Conan {
    let mut conan = two(world);
    conan
        .sandbox
        .set("CONAN_LOGIN_USERNAME", "dev")
        .set("CONAN_PASSWORD", &world.token);
    conan
}

/// Conan 1 that knows nothing but the one remote `gl`.
fn one_in(base: &str, revisions: bool) -> Conan {
    let mut sandbox = Sandbox::new();
    let home = sandbox.home();
    sandbox
        .set("CONAN_USER_HOME", home.display().to_string())
        .set("CONAN_NON_INTERACTIVE", "1")
        .set("CONAN_REVISIONS_ENABLED", if revisions { "1" } else { "0" });
    let write = |name: &str, text: &str| {
        let path = home.join(".conan").join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "profiles/default",
        &format!("{SETTINGS}build_type=Release\n"),
    );
    write("profiles/debug", &format!("{SETTINGS}build_type=Debug\n"));
    let remotes =
        serde_json::json!({ "remotes": [{ "name": "gl", "url": base, "verify_ssl": true }] });
    write("remotes.json", &remotes.to_string());
    Conan {
        sandbox,
        group: "conan1",
    }
}

fn one(world: &World, revisions: bool) -> Conan {
    one_in(&world.app.url(BASE), revisions)
}
