//! What is sent to do harm: archives that climb, bombs, sources that nobody can read.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::archives::{Member, tar_gz, tar_gz_of, zip};
use crate::support::seeds::{PUB, Seeds};
use crate::support::terraform::{module, of_namespace, upload};

/// Refused, with this word in the answer, and nothing is left behind.
#[track_caller]
fn refused(seeds: &Seeds, archive: &[u8], why: &str) {
    let answer = upload(&seeds.user("developer"), PUB, "vpc/aws", "1.0.0", archive).expect(400);
    assert!(answer.text().contains(why), "{}", answer.text());
    assert!(seeds.stored_files().is_empty());
    seeds
        .user("owner")
        .get(&format!("{}/versions", of_namespace("acme", "vpc/aws")))
        .expect(404);
}

#[test]
fn what_no_client_should_unpack_is_refused() {
    let seeds = Seeds::start();
    refused(&seeds, b"variable \"a\" {}", "not a gzip tar archive");
    for name in ["../evil.tf", "/etc/evil", "a/../../evil"] {
        refused(
            &seeds,
            &tar_gz_of(&[Member::file(name, b"x")]),
            "leaves its folder",
        );
    }
    for target in ["/etc/passwd", "../secret"] {
        refused(
            &seeds,
            &tar_gz_of(&[Member::link(b'2', "main.tf", target)]),
            "a link in it leaves its folder",
        );
    }
    let behind = tar_gz_of(&[
        Member::link(b'2', "a", "modules"),
        Member::file("a/main.tf", b"x"),
    ]);
    refused(&seeds, &behind, "leads through a link");
    refused(
        &seeds,
        &tar_gz_of(&[Member::link(b'3', "null", "")]),
        "neither file, folder nor link",
    );
    refused(
        &seeds,
        &zip(&[("../evil.tf", b"x")]),
        "would leave the folder",
    );
    let whole = module("1");
    for length in [4, whole.len() / 2, whole.len() - 1] {
        refused(&seeds, &whole[..length], "the archive is refused");
    }
}

#[test]
fn a_bomb_is_refused_before_it_has_gone_off() {
    let seeds = Seeds::start();
    let zeros = vec![0; 1 << 20];
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..400 {
        bomb.write_all(&zeros).unwrap();
    }
    refused(&seeds, &bomb.finish().unwrap(), "unpacks to more than");
    let large = vec![0; 100 << 20];
    refused(
        &seeds,
        &zip(&[("a.tf", &large)]),
        "packed bytes would become",
    );
}

#[test]
fn a_module_that_cannot_be_understood_is_stored_all_the_same() {
    let seeds = Seeds::start();
    let sources: [&[u8]; 5] = [
        b"\xff\xfe\x00 = {{{{",
        b"variable \"<script>\" { description = \"${\"",
        b"{\"variable\": 5}",
        &[b'{'; 100_000],
        &[b'['; 200_000],
    ];
    for (number, source) in sources.into_iter().enumerate() {
        let archive = tar_gz(&[
            ("main.tf", source),
            ("x.tf.json", source),
            ("README.md", source),
        ]);
        upload(
            &seeds.user("developer"),
            PUB,
            "odd/aws",
            &format!("1.0.{number}"),
            &archive,
        )
        .expect(201);
        seeds
            .anonymous()
            .get(&format!("{}/1.0.{number}", of_namespace("acme", "odd/aws")))
            .expect(200);
    }
    let large = vec![b' '; 3 << 20];
    let archive = tar_gz(&[("main.tf", &large), ("README.md", b"# Small\n")]);
    upload(
        &seeds.user("developer"),
        PUB,
        "large/aws",
        "1.0.0",
        &archive,
    )
    .expect(201);
    let details = seeds
        .anonymous()
        .get(&of_namespace("acme", "large/aws"))
        .expect(200)
        .json();
    assert_eq!(details["root"]["readme"], "# Small\n");
}
