//! Uploads: every form of them, second ones, and signatures.

use packhouse::registry::PackageType;
use serde_json::json;

use crate::support::each;
use crate::support::helm::{
    chart, charts, helm, index, provenance, read_index, upload, upload_to, versions,
};
use crate::support::python::Form;
use crate::support::seeds::{ACME, PUB, Seeds, packages, sha256};

#[test]
fn a_chart_comes_as_a_form_or_as_the_body() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    upload(&developer, PUB, "stable", &chart("web", "1.0.0", "")).expect(201);
    for (number, kind) in [
        "application/gzip",
        "application/octet-stream",
        "application/x-tar",
    ]
    .iter()
    .enumerate()
    {
        let raw = developer.with("Content-Type", kind);
        let bytes = chart("web", &format!("1.1.{number}"), "");
        raw.send("POST", &charts(PUB, "stable"), &bytes)
            .expect_json(201, json!({ "message": "201 Created" }));
    }
    let shown = read_index(&developer, &index(PUB, "stable"));
    assert_eq!(
        versions(&shown, "web"),
        ["1.1.2", "1.1.1", "1.1.0", "1.0.0"]
    );
    let list = developer.get(&packages(PUB)).expect(200).json();
    assert_eq!(each(&list, "package_type"), ["helm"; 4]);
    let path = format!("{}/stable/charts/web-1.0.0.tgz", helm(PUB));
    let file = developer.get(&path).expect(200);
    assert_eq!(file.body, chart("web", "1.0.0", ""));
    assert_eq!(file.header("etag"), format!("\"{}\"", sha256(&file.body)));
    assert_eq!(
        developer
            .with("Range", "bytes=0-9")
            .get(&path)
            .expect(206)
            .body,
        file.body[..10]
    );
    let head = developer.head(&path).expect(200);
    assert_eq!(head.header("content-length"), file.body.len().to_string());
}

#[test]
fn a_form_without_its_chart_is_told_what_is_missing() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let path = charts(PUB, "stable");
    let missing = Form::default().field("other", "x").send(&developer, &path);
    missing.expect_json(
        400,
        json!({ "message": "chart is missing", "error": "chart is missing" }),
    );
    let text = Form::default()
        .field("chart", "x")
        .send(&developer, &path)
        .expect(400);
    assert_eq!(text.json()["error"], "chart is invalid");
    let channel = format!("{}/api/-stable/charts", helm(PUB));
    let wrong = upload_to(&developer, &channel, &chart("web", "1.0.0", "")).expect(400);
    assert_eq!(wrong.json()["error"], "channel is invalid");
}

#[test]
fn a_second_chart_is_a_matter_of_the_groups_setting() {
    let seeds = Seeds::start();
    let (developer, maintainer) = (seeds.user("developer"), seeds.user("maintainer"));
    let chart_no =
        |number: usize| chart("web", "1.0.0", &format!("description: number {number}\n"));
    upload(&developer, PUB, "stable", &chart_no(1)).expect(201);
    upload(&developer, PUB, "stable", &chart_no(2)).expect(201);
    seeds.set(ACME, "helm_duplicates_allowed", "false");
    let refused = upload(&developer, PUB, "stable", &chart_no(3));
    refused.expect_json(
        409,
        json!({ "message": "Package already exists", "error": "web-1.0.0.tgz already exists" }),
    );
    upload(&developer, PUB, "stable", &chart_no(2)).expect(201); // nothing new
    upload(&developer, PUB, "devel", &chart_no(3)).expect(201); // another repository
    let forced = format!("{}?force", charts(PUB, "stable"));
    upload_to(&developer, &forced, &chart_no(3)).expect(409);
    upload_to(&maintainer, &format!("{forced}=false"), &chart_no(3)).expect(409);
    upload_to(&maintainer, &forced, &chart_no(3)).expect(201);
    let shown = read_index(&developer, &index(PUB, "stable"));
    assert_eq!(shown["entries"]["web"][0]["description"], "number 3");
    seeds.set(ACME, "helm_duplicate_exception_regex", "\"web\"");
    upload(&developer, PUB, "stable", &chart_no(4)).expect(201);
}

#[test]
fn a_protected_chart_is_refused_in_the_answer() {
    let seeds = Seeds::start();
    seeds.protect(PUB, PackageType::Helm, "we*", Some(40), Some(50));
    let refused = upload(
        &seeds.user("developer"),
        PUB,
        "stable",
        &chart("web", "1.0.0", ""),
    )
    .expect(403);
    let said = refused.json()["error"].as_str().unwrap().to_owned();
    assert!(said.contains("Package protected."), "{said}");
    upload(
        &seeds.user("maintainer"),
        PUB,
        "stable",
        &chart("web", "1.0.0", ""),
    )
    .expect(201);
    let path = format!("{}/web/1.0.0", charts(PUB, "stable"));
    let refused = seeds.user("maintainer").delete(&path).expect(403);
    assert!(
        refused.text().contains("Package is deletion protected."),
        "{}",
        refused.text()
    );
    seeds.user("owner").delete(&path).expect(200);
}

#[test]
fn a_signature_is_of_the_chart_it_lies_beside() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let (first, second) = (
        chart("web", "1.0.0", ""),
        chart("web", "1.0.0", "description: again\n"),
    );
    let signature = provenance("web", "1.0.0", &first);
    let prov = format!("{}/stable/charts/web-1.0.0.tgz.prov", helm(PUB));
    let apart = format!("{}/api/stable/prov", helm(PUB));
    let early = Form::default()
        .part("prov", "x", signature.as_bytes())
        .send(&developer, &apart)
        .expect(404);
    assert_eq!(early.json()["error"], "web-1.0.0.tgz not found");

    let both = Form::default()
        .part("prov", "web.prov", signature.as_bytes())
        .part("chart", "web.tgz", &first);
    both.send(&developer, &charts(PUB, "stable")).expect(201);
    assert_eq!(developer.get(&prov).expect(200).text(), signature);
    let files = format!("{}?package_type=helm", packages(PUB));
    assert_eq!(
        developer
            .get(&files)
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // Another chart under the same name: the old signature is not its own.
    upload(&developer, PUB, "stable", &second).expect(201);
    developer.get(&prov).expect(404);
    let wrong = Form::default()
        .part("prov", "x", signature.as_bytes())
        .send(&developer, &apart)
        .expect(400);
    assert!(
        wrong.text().contains("is of another chart"),
        "{}",
        wrong.text()
    );
    let wrong = Form::default()
        .part("prov", "x", signature.as_bytes())
        .part("chart", "x", &second)
        .send(&developer, &charts(PUB, "stable"))
        .expect(400);
    assert!(
        wrong.text().contains("is of another chart"),
        "{}",
        wrong.text()
    );

    let signature = provenance("web", "1.0.0", &second);
    let raw = developer.with("Content-Type", "application/pgp-signature");
    raw.send("POST", &apart, signature.as_bytes())
        .expect_json(201, json!({ "message": "201 Created" }));
    assert_eq!(developer.get(&prov).expect(200).text(), signature);
    raw.send("POST", &apart, b"hello").expect(400);
    raw.send("POST", &apart, &vec![b'x'; (1 << 20) + 1])
        .expect(400);
    // The index is of charts.
    let shown = read_index(&developer, &index(PUB, "stable"));
    assert_eq!(shown["entries"]["web"][0]["digest"], json!(sha256(&second)));
}

#[test]
fn the_limit_is_fifty_mebibytes_and_the_operators_to_set() {
    let seeds = Seeds::start_with_file("[limits]\nhelm = 200\n");
    let developer = seeds.user("developer");
    let bytes = chart("web", "1.0.0", "");
    assert!(bytes.len() > 200);
    upload(&developer, PUB, "stable", &bytes).expect(413);
    developer
        .send("POST", &charts(PUB, "stable"), &bytes)
        .expect(413);
    assert!(seeds.stored_files().is_empty());
    assert_eq!(
        packhouse::config::Limits::default().of(PackageType::Helm),
        50 << 20
    );
}
