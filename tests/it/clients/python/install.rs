//! pip and uv as they install: dependencies, groups, locks with hashes, yanked versions, names that are private.

use super::{installed, pip_install, python, run, with_credentials};
use crate::support::clients::Sandbox;
use crate::support::python::{group_pypi, pypi, sdist, wheel};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, sha256};

fn simple(base: String) -> String {
    format!("{base}/simple/")
}

/// `uv pip install` into `into`.
fn uv_install(
    sandbox: &Sandbox,
    index: &[&str],
    into: &str,
    what: &[&str],
) -> crate::support::clients::Ran {
    let python = python().display().to_string();
    let first = [
        "pip",
        "install",
        "--no-config",
        "--python",
        &python,
        "--target",
        into,
    ];
    run(sandbox, "uv", "", &[&first[..], index, what].concat())
}

#[test]
fn pip_and_uv_resolve_dependencies_over_a_group() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    wheel("acme-app", "1.0", "Requires-Dist: acme_lib>=1,<2\n")
        .upload(&owner, PRIV)
        .expect(201);
    for version in ["0.9", "1.5", "2.0"] {
        wheel("Acme.Lib", version, "")
            .upload(&owner, PUB)
            .expect(201);
    }
    wheel("Acme.Lib", "1.9", "Requires-Python: >=3.99\n")
        .upload(&owner, PUB)
        .expect(201);
    let sandbox = Sandbox::new();
    let index = with_credentials(
        &seeds,
        "guest",
        &seeds.token("guest"),
        &simple(group_pypi(ACME)),
    );
    pip_install(&sandbox, &index, "lib", &["acme-app"]).succeeds();
    uv_install(
        &sandbox,
        &["--default-index", &index],
        "other",
        &["acme-app"],
    )
    .succeeds();
    for into in ["lib", "other"] {
        assert_eq!(installed(&sandbox, into, "acme_app"), "1.0");
        assert_eq!(
            installed(&sandbox, into, "acme_lib"),
            "1.5",
            "the newest that this Python may have"
        );
    }
}

#[test]
fn thirty_wheels_are_installed_by_a_lock_with_hashes() {
    let seeds = Seeds::start();
    let mut lock = String::new();
    let mut what = String::new();
    for number in 0..30 {
        let (name, requires) = (
            format!("part-{number}"),
            format!("part-{}", (number + 1) % 30),
        );
        let dist = wheel(&name, "1.0", &format!("Requires-Dist: {requires}\n"));
        dist.upload(&seeds.user("developer"), PRIV).expect(201);
        lock.push_str(&format!(
            "{name}==1.0 --hash=sha256:{}\n",
            sha256(&dist.bytes)
        ));
        what.push_str(&format!("{name}\n"));
    }
    let sandbox = Sandbox::new();
    let deploy = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let index = with_credentials(&seeds, "deployer", &deploy, &simple(pypi(PRIV)));
    sandbox.write("lock.txt", &lock);
    pip_install(
        &sandbox,
        &index,
        "lib",
        &["--require-hashes", "-r", "lock.txt"],
    )
    .succeeds();
    for number in 0..30 {
        assert_eq!(installed(&sandbox, "lib", &format!("part_{number}")), "1.0");
    }
    // uv writes the same lock, and refuses one that is not true.
    sandbox.write("what.txt", what);
    let words =
        "pip compile --no-config -q --generate-hashes --no-annotate --no-header what.txt -o uv.txt";
    run(&sandbox, "uv", words, &["--default-index", &index]).succeeds();
    let written = String::from_utf8(sandbox.read("uv.txt")).unwrap();
    assert_eq!(written.matches("--hash=sha256:").count(), 30, "{written}");
    uv_install(
        &sandbox,
        &["--default-index", &index],
        "other",
        &["--require-hashes", "-r", "lock.txt"],
    )
    .succeeds();
    let wrong = lock.replacen(
        &lock[lock.find("sha256:").unwrap()..][..71],
        &format!("sha256:{}", sha256("x")),
        1,
    );
    sandbox.write("lock.txt", wrong);
    let mut fresh = Sandbox::new();
    fresh.set("PIP_NO_CACHE_DIR", "1");
    fresh.write("lock.txt", sandbox.read("lock.txt"));
    pip_install(
        &fresh,
        &index,
        "lib",
        &["--require-hashes", "-r", "lock.txt"],
    )
    .exits(1);
}

#[test]
fn uv_locks_a_project_and_syncs_it_with_a_job_token() {
    let seeds = Seeds::start();
    let dist = wheel("acme-demo", "1.0", "");
    dist.upload(&seeds.user("developer"), PRIV).expect(201);
    let mut sandbox = Sandbox::new();
    sandbox
        .set("UV_INDEX_GITLAB_USERNAME", "gitlab-ci-token")
        .set(
            "UV_INDEX_GITLAB_PASSWORD",
            seeds.job_token("developer", PRIV),
        );
    let url = seeds.url(&simple(pypi(PRIV)));
    let project = format!(
        "[project]\nname = \"mine\"\nversion = \"0\"\nrequires-python = \">=3.11\"\ndependencies = [\"acme-demo\"]\n\
         [[tool.uv.index]]\nname = \"gitlab\"\nurl = \"{url}\"\n"
    );
    sandbox.write("pyproject.toml", project);
    let python = python().display().to_string();
    run(&sandbox, "uv", "lock --python", &[&python]).succeeds();
    let lock = String::from_utf8(sandbox.read("uv.lock")).unwrap();
    assert!(lock.contains(&sha256(&dist.bytes)), "{lock}");
    run(&sandbox, "uv", "sync --locked --python", &[&python]).succeeds();
    run(
        &sandbox,
        "uv",
        "run --no-sync python -c",
        &["import acme_demo; assert acme_demo.VERSION == '1.0'"],
    )
    .succeeds();
}

/// pip has no order of indexes: with `--extra-index-url` it takes the best version of all that answer, whatever one of them
/// refuses (seen with pip 26). With one index it stops.
#[test]
fn uv_never_falls_through_to_another_index_for_a_private_name() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    wheel("acme-demo", "1.0", "")
        .upload(&owner, PRIV)
        .expect(201);
    wheel("acme-demo", "9.0", "")
        .upload(&owner, PUB)
        .expect(201);
    let sandbox = Sandbox::new();
    let (private, public) = (
        seeds.url(&simple(pypi(PRIV))),
        seeds.url(&simple(pypi(PUB))),
    );
    let refused = uv_install(
        &sandbox,
        &["--index", &private, "--default-index", &public],
        "lib",
        &["acme-demo"],
    );
    assert!(!refused.status.success(), "{refused}");
    pip_install(&sandbox, &private, "lib", &["acme-demo"]).exits(1);
    assert!(!sandbox.work().join("lib/acme_demo.py").exists());
    let private = with_credentials(&seeds, "guest", &seeds.token("guest"), &simple(pypi(PRIV)));
    uv_install(
        &sandbox,
        &["--index", &private, "--default-index", &public],
        "lib",
        &["acme-demo"],
    )
    .succeeds();
    assert_eq!(installed(&sandbox, "lib", "acme_demo"), "1.0");
}

#[test]
fn a_yanked_version_is_installed_only_by_its_number() {
    let seeds = Seeds::start();
    for version in ["1.0", "2.0"] {
        wheel("acme-demo", version, "")
            .upload(&seeds.user("developer"), PUB)
            .expect(201);
    }
    seeds.run(
        "UPDATE packages SET status = 5, status_message = 'broken' WHERE version = '2.0'",
        [],
    );
    seeds.run("UPDATE package_names SET revision = revision + 1", []);
    let sandbox = Sandbox::new();
    let index = seeds.url(&simple(pypi(PUB)));
    pip_install(&sandbox, &index, "lib", &["acme-demo"]).succeeds();
    assert_eq!(installed(&sandbox, "lib", "acme_demo"), "1.0");
    let pinned = pip_install(&sandbox, &index, "pinned", &["acme-demo==2.0"]).succeeds();
    assert!(pinned.stderr.contains("broken"), "{pinned}");
    uv_install(&sandbox, &["--default-index", &index], "uv", &["acme-demo"]).succeeds();
    assert_eq!(installed(&sandbox, "uv", "acme_demo"), "1.0");
}

#[test]
fn pip_lists_versions_and_downloads_an_sdist_of_a_local_version() {
    let seeds = Seeds::start();
    wheel("acme-demo", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
    let source = sdist("acme-demo", "2.0+cu118", "");
    source.upload(&seeds.user("developer"), PUB).expect(201);
    let wheel = wheel("acme-demo", "3.0+cu118", "");
    wheel.upload(&seeds.user("developer"), PUB).expect(201);
    let sandbox = Sandbox::new();
    let index = seeds.url(&simple(pypi(PUB)));
    let listed = run(
        &sandbox,
        "pip",
        "index versions --index-url",
        &[&index, "acme-demo"],
    )
    .succeeds();
    assert!(
        listed.stdout.contains("3.0+cu118, 2.0+cu118, 1.0"),
        "{listed}"
    );
    let download = "download --disable-pip-version-check --no-deps --dest got --index-url";
    run(&sandbox, "pip", download, &[&index, "acme-demo==3.0+cu118"]).succeeds();
    assert_eq!(
        sandbox.read(&format!("got/{}", wheel.file_name)),
        wheel.bytes
    );
}
