//! What is sent to do harm: packages that are none, or two, or too much.

use crate::support::archives::zip;
use crate::support::nuget::{nuget, nupkg, nupkg_of, nuspec, push};
use crate::support::seeds::{PUB, Seeds, packages};
use crate::support::shape::ids;

/// Refused, with this in the answer, and nothing is left behind.
#[track_caller]
fn refused(seeds: &Seeds, package: &[u8], why: &str) {
    let before = seeds.stored_files().len();
    let developer = seeds.user("developer");
    let answer = push(&developer, PUB, package).expect(400);
    assert!(answer.text().contains(why), "{}", answer.text());
    assert!(
        answer.find_header("x-nuget-warning").is_some(),
        "the client prints nothing else"
    );
    assert_eq!(seeds.stored_files().len(), before);
    assert!(ids(&developer.get(&packages(PUB)).expect(200)).is_empty());
}

#[test]
fn there_must_be_one_nuspec_at_the_root() {
    let seeds = Seeds::start();
    let good = nuspec("Acme", "1.0", "");
    let good = good.as_bytes();
    refused(
        &seeds,
        &zip(&[("lib/a.dll", b"x")]),
        "nuspec file not found",
    );
    refused(
        &seeds,
        &zip(&[("sub/Acme.nuspec", good)]),
        "nuspec file not found",
    );
    refused(
        &seeds,
        &zip(&[("a.nuspec", good), ("b.nuspec", good)]),
        "more than one nuspec",
    );
    refused(
        &seeds,
        &zip(&[("a.nuspec", good), ("a.nuspec", good)]),
        "more than one nuspec",
    );
    refused(
        &seeds,
        &zip(&[("a.nuspec", good), ("A.NUSPEC", good)]),
        "more than one nuspec",
    );
}

#[test]
fn a_member_that_would_leave_its_folder_is_refused() {
    let seeds = Seeds::start();
    let good = nuspec("Acme", "1.0", "");
    for hostile in [
        "../evil.dll",
        "lib/../../evil.dll",
        "/etc/evil",
        "..\\evil.dll",
    ] {
        let package = zip(&[("Acme.nuspec", good.as_bytes()), (hostile, b"x")]);
        refused(&seeds, &package, "would leave the folder");
    }
}

#[test]
fn a_nuspec_has_no_document_type_and_no_entities() {
    let seeds = Seeds::start();
    let metadata =
        "<metadata><id>Acme</id><version>1.0</version><description>&x;</description></metadata>";
    for prolog in [
        "<!DOCTYPE package [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE package SYSTEM \"http://127.0.0.1:9/x.dtd\">",
        "<!DOCTYPE package [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x \"&b;&b;&b;\">]>",
    ] {
        let document = format!("<?xml version=\"1.0\"?>{prolog}<package>{metadata}</package>");
        refused(
            &seeds,
            &nupkg_of(&document),
            "a document type is not allowed",
        );
    }
    refused(
        &seeds,
        &nupkg_of(&format!("<package>{metadata}</package>")),
        "an entity that XML does not have",
    );
    refused(
        &seeds,
        &nupkg_of("<package><metadata>"),
        "its nuspec is no XML",
    );
    refused(&seeds, &nupkg_of(&"<a>".repeat(10_000)), "elements deep");
    refused(
        &seeds,
        &nupkg_of(&format!("<package>{}</package>", "<a/>".repeat(250_000))),
        "elements",
    );
    refused(&seeds, &nupkg_of("no XML at all"), "the package is refused");
    refused(
        &seeds,
        &nupkg_of("<package><metadata><id>Acme</id></metadata></package>"),
        "package name and/or package version not found in metadata",
    );
}

#[test]
fn ids_and_versions_are_checked() {
    let seeds = Seeds::start();
    let long = "a".repeat(256);
    for id in [
        "a b", "../evil", "a/b", "..", "<script>", "ä", "a\\b", &long,
    ] {
        refused(
            &seeds,
            &nupkg(&id.replace('<', "&lt;"), "1.0", ""),
            "Validation failed: Name is invalid",
        );
    }
    for version in [
        "one",
        "1.0/..",
        "1..0",
        "$version$",
        "1.0.0.0.0",
        "99999999999.0",
        "1.0-",
        "1.0-a b",
    ] {
        refused(
            &seeds,
            &nupkg("Acme", version, ""),
            "Validation failed: Version is invalid",
        );
    }
    refused(
        &seeds,
        &nupkg(
            "Acme",
            "1.0",
            "<projectUrl>javascript:alert(1)</projectUrl>",
        ),
        "Project url is invalid",
    );
    // One range that clients cannot read would spoil the documents of all versions.
    let range = "<dependencies><dependency id='B' version='latest'/></dependencies>";
    refused(
        &seeds,
        &nupkg("Acme", "1.0", range),
        "the dependency `B` with the version `latest` is invalid",
    );
    let many = format!(
        "<dependencies>{}</dependencies>",
        "<dependency id='B'/>".repeat(6_000)
    );
    refused(&seeds, &nupkg("Acme", "1.0", &many), "dependencies");
}

#[test]
fn bombs_do_not_go_off() {
    let seeds = Seeds::start();
    let good = nuspec("Acme", "1.0", "");
    let zeros = vec![b' '; 70 << 20];
    refused(
        &seeds,
        &zip(&[("a.nuspec", good.as_bytes()), ("zeros", &zeros)]),
        "when unpacked",
    );
    refused(
        &seeds,
        &zip(&[("a.nuspec", &zeros[..5 << 20])]),
        "nuspec file too big",
    );
    // An index that promises little: what is unpacked counts.
    let mut lying = zip(&[("a.nuspec", &zeros[..5 << 20])]);
    let size = (5_u32 << 20).to_le_bytes();
    while let Some(at) = lying.windows(4).position(|bytes| bytes == size) {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    refused(&seeds, &lying, "is larger than");
}

#[test]
fn what_is_no_sound_archive_is_refused() {
    let seeds = Seeds::start();
    let good = nupkg("Acme", "1.0", "");
    refused(&seeds, b"no zip", "it is no zip file");
    refused(&seeds, b"", "it is no zip file");
    refused(
        &seeds,
        &[&good[..], b"more"].concat(),
        "something follows the end",
    );
    refused(&seeds, &good[..good.len() / 2], "it is no zip file");
    let nuspec = nuspec("Acme", "1.0", "");
    for name in ["../evil.dll", "/etc/evil", "..\\evil", "C:\\evil"] {
        refused(
            &seeds,
            &zip(&[("a.nuspec", nuspec.as_bytes()), (name, b"")]),
            "would leave the folder",
        );
    }
}

#[test]
fn every_byte_of_a_package_may_be_wrong_and_the_server_stands() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let good = nupkg("Acme", "1.0", "<tags>x</tags>");
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0xff;
        let answer = push(&developer, PUB, &damaged);
        assert!(
            matches!(answer.status, 201 | 400),
            "byte {at}: {}",
            answer.status
        );
    }
    push(&developer, PUB, &good).expect(201);
    developer
        .get(&format!("{}/metadata/acme/index.json", nuget(PUB)))
        .expect(200);
}

#[test]
fn what_a_nuspec_says_cannot_leave_its_place_in_a_feed() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let nasty = "&lt;/d:Title&gt;&lt;x/&gt;\u{1}&#x1b;]]&gt;&quot;'";
    let more = format!("<title>{nasty}</title><summary>{nasty}</summary><tags>{nasty}</tags>");
    let package = nupkg("Acme", "1.0", &more);
    push(&developer, PUB, &package).expect(201);
    let feed = developer
        .get(&format!("{}/v2/FindPackagesById()?id='Acme'", nuget(PUB)))
        .expect(200)
        .text();
    let root = packhouse::registry::xml::Element::parse(feed.as_bytes()).unwrap();
    let entry = root.child("entry").unwrap();
    let title = entry.child("properties").unwrap().text_of("Title").unwrap();
    assert_eq!(title, "</d:Title><x/>]]>\"'");
    assert!(!feed.contains(['\u{1}', '\u{1b}']));
    let index = developer
        .get(&format!("{}/metadata/acme/index.json", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(
        index["items"][0]["items"][0]["catalogEntry"]["title"],
        "</d:Title><x/>\u{1}\u{1b}]]>\"'"
    );
}
