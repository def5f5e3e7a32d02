//! Checksums are compared on their way in, and computed on their way out.

use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha512};

use super::{JAR, maven, put, text};
use crate::support::seeds::{PUB, Seeds, files, md5, packages, sha1, sha256};
use crate::support::shape::ids;

fn sha512(text: &str) -> String {
    HEXLOWER.encode(&Sha512::digest(text))
}

fn all(text: &str) -> [(&'static str, String); 4] {
    [
        ("md5", md5(text)),
        ("sha1", sha1(text)),
        ("sha256", sha256(text)),
        ("sha512", sha512(text)),
    ]
}

#[test]
fn every_checksum_is_computed_when_it_is_asked_for() {
    let seeds = Seeds::start();
    put(&seeds, PUB, JAR);
    for (algorithm, sum) in all(JAR) {
        let answer = seeds
            .anonymous()
            .get(&maven(PUB, &format!("{JAR}.{algorithm}")))
            .expect(200);
        assert_eq!(
            (answer.text(), answer.header("content-type")),
            (sum, "text/plain")
        );
    }
}

#[test]
fn a_right_checksum_is_taken_in_every_spelling_and_a_wrong_one_is_not() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    put(&seeds, PUB, JAR);
    for (algorithm, sum) in all(JAR) {
        let path = maven(PUB, &format!("{JAR}.{algorithm}"));
        let status = if algorithm == "md5" { 200 } else { 204 };
        for body in [
            sum.clone(),
            sum.to_uppercase(),
            format!("  {sum}  demo-1.0.jar\n"),
        ] {
            assert!(developer.put(&path, body).expect(status).body.is_empty());
        }
        let conflict = json!({ "message": "409 Conflict" });
        developer
            .put(&path, "0".repeat(sum.len()))
            .expect_json(409, conflict.clone());
        developer
            .put(&path, "no checksum")
            .expect_json(409, conflict);
    }
    // The owner's file stays, whatever the developer says of it.
    assert_eq!(text(&seeds, PUB, JAR), JAR);
}

#[test]
fn a_file_that_arrived_broken_is_taken_back_for_its_sender_alone() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let wrong = "0".repeat(40);
    developer.put(&maven(PUB, JAR), "broken").expect(200);
    developer
        .put(&maven(PUB, &format!("{JAR}.sha1")), &wrong)
        .expect(409);
    developer.get(&maven(PUB, JAR)).expect(404);
    developer.put(&maven(PUB, JAR), "whole").expect(200);
    developer
        .put(&maven(PUB, &format!("{JAR}.sha1")), sha1("whole"))
        .expect(204);
    developer.get(&maven(PUB, JAR)).expect(200);
    developer
        .put(&maven(PUB, &format!("{JAR}.sha1")), &wrong)
        .expect(409);
    assert_eq!(text(&seeds, PUB, JAR), "whole", "somebody has it already");
}

#[test]
fn a_checksum_that_comes_first_waits_for_its_file() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (algorithm, sum) in all("good") {
        developer
            .put(&maven(PUB, &format!("{JAR}.{algorithm}")), sum)
            .expect(200);
    }
    let conflict = json!({ "message": "409 Conflict" });
    developer
        .put(&maven(PUB, JAR), "bad")
        .expect_json(409, conflict);
    developer.get(&maven(PUB, JAR)).expect(404);
    developer.put(&maven(PUB, JAR), "good").expect(200);
    developer
        .put(&maven(PUB, &format!("{JAR}.sha1")), sha1("good"))
        .expect(204);
    let waiting: i64 = seeds
        .database()
        .query_row("SELECT count(*) FROM early_checksums", [], |row| row.get(0))
        .unwrap();
    assert_eq!(waiting, 0);
}

#[test]
fn a_sha512_alone_that_comes_first_is_compared_as_well() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let (_, good) = all("good")
        .into_iter()
        .find(|(algorithm, _)| *algorithm == "sha512")
        .unwrap();
    developer
        .put(&maven(PUB, &format!("{JAR}.sha512")), good)
        .expect(200);
    developer.put(&maven(PUB, JAR), "bad").expect(409);
    developer.put(&maven(PUB, JAR), "good").expect(200);
    assert_eq!(text(&seeds, PUB, JAR), "good");
}

#[test]
fn a_signature_is_a_file_and_has_checksums_of_its_own() {
    let seeds = Seeds::start();
    let path = format!("{JAR}.asc");
    put(&seeds, PUB, JAR);
    put(&seeds, PUB, &path);
    seeds
        .user("developer")
        .put(&maven(PUB, &format!("{path}.sha1")), sha1(&path))
        .expect(204);
    seeds
        .user("developer")
        .put(&maven(PUB, &format!("{path}.sha1")), sha1(JAR))
        .expect(409);
    let id = ids(&seeds.user("owner").get(&packages(PUB)).expect(200))[0];
    assert_eq!(
        ids(&seeds.user("owner").get(&files(PUB, id)).expect(200)).len(),
        2
    );
}
