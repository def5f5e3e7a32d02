//! Names, versions and file paths: what is accepted in which spelling, and what never reaches the disk.

use serde_json::json;

use super::{only_package, uploaded};
use crate::support::Raw;
use crate::support::seeds::{PUB, Seeds, files, generic};
use crate::support::shape::each;

#[test]
fn names_versions_and_files_that_gitlab_accepts_are_accepted() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for path in [
        "my-package/1.2/my+file.tar.gz",
        "my-package/1.2/my~file.tar.gz",
        "my-package/1.2/myfile@1.1.tar.gz",
        "My.Pack_age+x/v1.2.4-build/f",
        "p/3f786850e387550fdab836ed7e6dc881de23001b/f",
        "p/1.2.bananas/f",
        "p/1.0+build.5/f",
        "p/1/.hidden",
        "p/1/...",
        "generic/generic/generic",
        "p/1/%D0%B0", // a letter beyond ASCII is refused below
    ] {
        let expected = if path.contains("%D0") { 400 } else { 201 };
        let answer = developer.put(&generic(PUB, path), path.as_bytes());
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
        if expected == 201 {
            assert_eq!(
                seeds.anonymous().get(&generic(PUB, path)).expect(200).body,
                path.as_bytes()
            );
        }
    }
}

#[test]
fn percent_encoded_dots_and_pluses_are_the_same_path() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    developer
        .put(&generic(PUB, "my%2Eapp/6%2E6%2E15/app%2Etar%2Egz"), b"1")
        .expect_json(201, uploaded());
    assert_eq!(
        seeds
            .anonymous()
            .get(&generic(PUB, "my.app/6.6.15/app.tar.gz"))
            .expect(200)
            .body,
        b"1"
    );
    developer
        .put(&generic(PUB, "a%2Bb/1%2b2/c+d"), b"2")
        .expect(201);
    assert_eq!(
        seeds
            .anonymous()
            .get(&generic(PUB, "a+b/1+2/c%2Bd"))
            .expect(200)
            .body,
        b"2"
    );
    developer.put(&generic(PUB, "x/1/f%401"), b"3").expect(201);
    assert_eq!(
        seeds
            .anonymous()
            .get(&generic(PUB, "x/1/f@1"))
            .expect(200)
            .body,
        b"3"
    );
    developer
        .put(&generic(PUB, "%70/%31/%66"), b"4")
        .expect(201);
    assert_eq!(
        seeds
            .anonymous()
            .get(&generic(PUB, "p/1/f"))
            .expect(200)
            .body,
        b"4"
    );
}

#[test]
fn names_differ_by_case_and_by_every_letter() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put(&generic(PUB, "Tool/1.0/A.txt"), b"a")
        .expect(201);
    for other in [
        "tool/1.0/A.txt",
        "Tool/1.0/a.txt",
        "Tool/1.0.0/A.txt",
        "Tool/1/A.txt",
    ] {
        seeds.anonymous().get(&generic(PUB, other)).expect(404);
    }
}

#[test]
fn a_nested_path_is_one_file_in_both_spellings() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    developer
        .put(&generic(PUB, "my_pkg/1.0.0/path/to/file.txt"), b"nested")
        .expect(201);
    for spelling in [
        "path/to/file.txt",
        "path%2Fto%2Ffile.txt",
        "path%2fto/file.txt",
    ] {
        let answer = seeds
            .anonymous()
            .get(&generic(PUB, &format!("my_pkg/1.0.0/{spelling}")))
            .expect(200);
        assert_eq!(answer.body, b"nested");
        let disposition = "attachment; filename=\"file.txt\"; filename*=UTF-8''file.txt";
        assert_eq!(answer.header("content-disposition"), disposition);
    }
    let id = only_package(&seeds);
    let list = seeds.anonymous().get(&files(PUB, id)).expect(200);
    assert_eq!(each(&list, "file_name"), ["path%2Fto%2Ffile.txt"]);
    // Uploaded in the other spelling it is the same file.
    developer
        .put(
            &generic(PUB, "my_pkg/1.0.0/path%2Fto%2Ffile.txt"),
            b"nested",
        )
        .expect(201);
    assert_eq!(
        seeds
            .anonymous()
            .get(&files(PUB, id))
            .expect(200)
            .header("x-total"),
        "1"
    );
    seeds
        .anonymous()
        .get(&generic(PUB, "my_pkg/1.0.0/file.txt"))
        .expect(404);
    seeds
        .anonymous()
        .get(&generic(PUB, "my_pkg/1.0.0/to/file.txt"))
        .expect(404);
    seeds
        .user("maintainer")
        .delete(&generic(PUB, "my_pkg/1.0.0/path%2Fto/file.txt"))
        .expect(204);
}

#[test]
fn what_is_wrong_with_a_path_is_named() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let refused = |path: &str, text: &str| {
        developer
            .put(&generic(PUB, path), b"x")
            .expect_json(400, json!({ "error": text }));
        seeds
            .anonymous()
            .get(&generic(PUB, path))
            .expect_json(400, json!({ "error": text }));
    };
    refused("my%20package/1.0/f", "package_name is invalid");
    refused("@scope/1.0/f", "package_name is invalid");
    refused("a~b/1.0/f", "package_name is invalid");
    refused("p/1%200/f", "package_version is invalid");
    refused("p/1..0/f", "package_version is invalid");
    refused("p/..1.2.3/f", "package_version is invalid");
    refused("p/1.0/a%20b", "file_name is invalid");
    for file in [
        "~x", "x~", "@x", "x@", "a:b", "a*b", "a%3Bb", "%22", "a%3Fb", "a%23b",
    ] {
        refused(&format!("p/1.0/{file}"), "file_name is invalid");
    }
    refused(
        "%20/%20/%20",
        "package_name is invalid, package_version is invalid, file_name is invalid",
    );
    assert!(seeds.stored_files().is_empty());
}

/// Every way to climb that other registries have fallen for.
const ATTACKS: &[&str] = &[
    "p/1.0/../../../../etc/passwd",
    "p/1.0/..%2F.ssh%2fauthorized_keys",
    "p/1.0/%2e%2e%2f.ssh%2fauthorized_keys",
    "p/1.0/%2e%2e/%2e%2e/x",
    "p/1.0/a/../x",
    "p/1.0/a/./x",
    "p/1.0/.",
    "p/1.0/..",
    "p/1.0/%252e%252e%252fx",
    "p/1.0/%25252e%25252e%25252fx",
    "p/1.0/..%5cx",
    "p/1.0/..%255cx",
    "p/1.0/a%5c..%5cx",
    "p/1.0/%2fetc%2fpasswd",
    "p/1.0/%2F%2Fetc/passwd",
    "p/1.0//etc/passwd",
    "p/1.0/a//b",
    "p/1.0/a/",
    "p/1.0/a%2F",
    "p/1.0/a%00b",
    "p/1.0/a%0d%0aSet-Cookie:%20x",
    "p/1.0/a%0Ab",
    "p/1.0/%c0%ae%c0%ae%2fx",
    "p/1.0/%ff%fe",
    "p/1.0/%u002e%u002e/x",
    "p/1.0/a%",
    "p/1.0/a%zz",
    "p/1.0/a;/../b",
    "p/1.0/a;b",
    "p/..%2F..%2F/x",
    "p/%2e%2e%2f1.2.3/x",
    "p/1.2.3-4%2F..%2F..%2F/x",
    "p/../x/y",
    "my-package%2F..%2F/1.0/x",
    "my-package%2f%2e%2e%2f/1.0/x",
    "../1.0/x",
    "%2e%2e/1.0/x",
    "./1.0/x",
    ".%2e/.%2e/.%2e",
    "p%00/1.0/x",
    "p/1.0%00/x",
];

#[test]
fn no_spelling_of_an_attack_stores_or_reads_anything() {
    let seeds = Seeds::start();
    let token = seeds.token("maintainer");
    for attack in ATTACKS {
        for method in ["PUT", "GET", "DELETE"] {
            let length = if method == "PUT" { "5" } else { "0" };
            let headers = [
                ("PRIVATE-TOKEN", token.as_str()),
                ("Content-Length", length),
            ];
            let mut raw = Raw::connect(seeds.address);
            raw.head(&format!("{method} {}", generic(PUB, attack)), &headers);
            if method == "PUT" {
                raw.send(b"bytes");
            }
            let answer = raw.answer();
            assert!(
                [400, 404].contains(&answer.status),
                "{method} {attack}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!answer.text().contains("root:"));
            assert!(answer.find_header("set-cookie").is_none());
        }
    }
    assert!(
        seeds.stored_files().is_empty(),
        "{:?}",
        seeds.stored_files()
    );
    assert_eq!(
        seeds
            .user("owner")
            .get(&crate::support::seeds::packages(PUB))
            .expect(200)
            .header("x-total"),
        "0"
    );
}

#[test]
fn raw_bytes_that_are_no_url_are_refused() {
    let seeds = Seeds::start();
    let token = seeds.token("maintainer");
    for path in [
        &b"p/1.0/a b"[..],
        b"p/1.0/a\0b",
        b"p/1.0/a\rb",
        b"p/1.0/\xff\xfe",
        b"p/1.0/\xc3\xa9",
    ] {
        let mut request = format!("PUT {}", generic(PUB, "")).into_bytes();
        request.extend_from_slice(path);
        let rest = format!(
            " HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
        );
        request.extend_from_slice(rest.as_bytes());
        let answer = Raw::connect(seeds.address).send(request).answer();
        assert!(
            [400, 404].contains(&answer.status),
            "{path:?}: {}",
            answer.status
        );
    }
    assert!(seeds.stored_files().is_empty());
}

#[test]
fn names_have_a_length() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let (fits, long, huge) = ("a".repeat(255), "a".repeat(256), "a".repeat(10_000));
    developer
        .put(&generic(PUB, &format!("{fits}/{fits}/{fits}")), b"x")
        .expect(201);
    seeds
        .anonymous()
        .get(&generic(PUB, &format!("{fits}/{fits}/{fits}")))
        .expect(200);
    for too_long in [&long, &huge] {
        for (path, text) in [
            (format!("{too_long}/1.0/f"), "package_name is invalid"),
            (format!("p/{too_long}/f"), "package_version is invalid"),
            (format!("p/1.0/{too_long}"), "file_name is invalid"),
            (format!("p/1.0/{too_long}/f"), "file_name is invalid"),
        ] {
            developer
                .put(&generic(PUB, &path), b"x")
                .expect_json(400, json!({ "error": text }));
        }
    }
    assert_eq!(seeds.stored_files().len(), 1);
}

#[test]
fn the_authorize_twin_does_not_exist_and_stores_nothing() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    for path in [
        "p/1.0/file.txt/authorize",
        "p/1.0/a/b/authorize",
        "p/1.0/a%2Fauthorize",
    ] {
        for method in ["PUT", "GET", "DELETE", "POST"] {
            let status = maintainer.send(method, &generic(PUB, path), b"x").status;
            assert!([404, 405].contains(&status), "{method} {path}: {status}");
        }
        assert_eq!(maintainer.put(&generic(PUB, path), b"x").status, 404);
    }
    assert!(seeds.stored_files().is_empty());
}

#[test]
fn paths_that_are_too_short_are_no_route() {
    let seeds = Seeds::start();
    for path in ["p/1.0", "p/1.0/", "p//x", "/1.0/x", "p"] {
        let status = seeds
            .user("maintainer")
            .put(&generic(PUB, path), b"x")
            .status;
        assert!([400, 404, 405].contains(&status), "{path}: {status}");
    }
    assert!(seeds.stored_files().is_empty());
}
