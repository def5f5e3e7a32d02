//! Archives by their reference: what a lock file names it gets for ever, or nothing.

use serde_json::json;

use crate::support::composer::{archive_of, composer, package, publish, upload, versions};
use crate::support::id_of;
use crate::support::seeds::{INT, PRIV, PUB, Seeds, files, packages, sha1, sha256};

fn archive(project: i64, name: &str, reference: &str) -> String {
    format!("{}/archives/{name}.zip?sha={reference}", composer(project))
}

#[test]
fn an_archive_is_what_was_uploaded() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let zip = package("acme/hello", json!({}), "x");
    upload(&developer, PRIV, "1.0.0", &zip).expect(201);
    let path = archive_of(&versions(&developer, &composer(PRIV), "acme/hello")[0]);
    let answer = developer.get(&path).expect(200);
    assert_eq!(answer.body, zip);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("content-length"), zip.len().to_string());
    assert_eq!(answer.header("etag"), format!("\"{}\"", sha256(&zip)));
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"acme-hello-1.0.0.zip\""),
        "{answer:?}"
    );
    assert_eq!(
        developer.head(&path).expect(200).header("content-type"),
        "application/zip"
    );
    developer
        .with("If-None-Match", answer.header("etag"))
        .get(&path)
        .expect(304);
    let part = developer.with("Range", "bytes=0-3").get(&path).expect(206);
    assert_eq!(part.body, b"PK\x03\x04");
    for spelling in ["acme%2Fhello", "Acme/Hello"] {
        developer
            .get(&archive(PRIV, spelling, &sha1(&zip).to_uppercase()))
            .expect(200);
    }
}

#[test]
fn a_reference_never_leads_to_other_bytes() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let zips: Vec<Vec<u8>> = (0..4)
        .map(|number| package("acme/hello", json!({}), &number.to_string()))
        .collect();
    for zip in &zips {
        upload(&developer, PRIV, "dev-main", zip).expect(201);
        for old in &zips {
            let answer = developer.get(&archive(PRIV, "acme/hello", &sha1(old)));
            match answer.status {
                200 => assert_eq!(&answer.body, old),
                _ => assert_eq!(answer.status, 404),
            }
        }
    }
    for zip in &zips {
        developer
            .get(&archive(PRIV, "acme/hello", &sha1(zip)))
            .expect(200);
    }
    // Another package's, another project's, a part of one, none.
    publish(&developer, PRIV, "acme/other", "1.0");
    publish(&developer, PUB, "acme/hello", "7.0");
    let reference = sha1(&zips[0]);
    for path in [
        archive(PRIV, "acme/other", &reference),
        archive(PUB, "acme/hello", &reference),
        archive(INT, "acme/hello", &reference),
        archive(PRIV, "acme/hello", &reference[..39]),
        archive(PRIV, "acme/hello", "%"),
        archive(PRIV, "acme/hello", "main"),
        archive(PRIV, "acme", &reference),
        archive(PRIV, "acme/../acme/hello", &reference),
    ] {
        developer
            .get(&path)
            .expect_json(404, json!({ "message": "404 Package Not Found" }));
    }
    developer
        .get(&format!("{}/archives/acme/hello.zip", composer(PRIV)))
        .expect_json(400, json!({ "error": "sha is missing" }));
}

#[test]
fn what_is_deleted_is_gone_from_documents_and_archives() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let zip = |text: &str| package("acme/hello", json!({}), text);
    upload(&maintainer, PRIV, "dev-main", &zip("old")).expect(201);
    upload(&maintainer, PRIV, "dev-main", &zip("new")).expect(201);
    let package = id_of(&maintainer.get(&packages(PRIV)).json()[0]);
    let list = maintainer.get(&files(PRIV, package)).json();
    let newest = list.as_array().unwrap().iter().map(id_of).max().unwrap();
    // Its newest file alone: the version is not offered, and the older zip stays for who has it in a lock file.
    maintainer
        .delete(&format!("{}/{newest}", files(PRIV, package)))
        .expect(204);
    assert_eq!(
        versions(&maintainer, &composer(PRIV), "acme/hello~dev").len(),
        0
    );
    maintainer
        .get(&archive(PRIV, "acme/hello", &sha1(zip("old"))))
        .expect(200);
    maintainer
        .get(&archive(PRIV, "acme/hello", &sha1(zip("new"))))
        .expect(404);

    maintainer
        .delete(&format!("{}/{package}", packages(PRIV)))
        .expect(204);
    maintainer
        .get(&archive(PRIV, "acme/hello", &sha1(zip("old"))))
        .expect(404);
    maintainer
        .get(&format!("{}/p2/acme/hello~dev.json", composer(PRIV)))
        .expect(404);
    // A release may come back after it was deleted.
    upload(&maintainer, PRIV, "1.0", &zip("one")).expect(201);
    let one = id_of(&maintainer.get(&packages(PRIV)).json()[0]);
    maintainer
        .delete(&format!("{}/{one}", packages(PRIV)))
        .expect(204);
    upload(&maintainer, PRIV, "1.0", &zip("two")).expect(201);
}

#[test]
fn downloads_are_counted_for_the_package() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    publish(&developer, PRIV, "acme/hello", "1.0.0");
    let path = archive_of(&versions(&developer, &composer(PRIV), "acme/hello")[0]);
    developer.get(&path).expect(200);
    let list = || developer.get(&packages(PRIV)).json();
    crate::support::eventually("the download is noted", || {
        !list()[0]["last_downloaded_at"].is_null()
    });
}
