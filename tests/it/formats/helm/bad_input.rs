//! What is sent to do harm: archives that climb, bombs, charts that would spoil an index.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::archives::{Member, tar_gz, tar_gz_of};
use crate::support::helm::{chart, chart_of, index, read_index, upload, versions};
use crate::support::seeds::{PUB, Seeds};

const CHART: &[u8] = b"apiVersion: v2\nname: web\nversion: 1.0.0\n";

/// Refused, with this word in the answer, and nothing is left behind.
#[track_caller]
fn refused(seeds: &Seeds, archive: &[u8], why: &str) {
    let answer = upload(&seeds.user("developer"), PUB, "stable", archive).expect(400);
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains(why), "{error}");
    assert!(seeds.stored_files().is_empty());
}

#[test]
fn a_chart_that_helm_would_not_load_is_refused() {
    let seeds = Seeds::start();
    refused(&seeds, b"", "the archive is refused");
    refused(&seeds, b"hello", "the archive is refused");
    refused(
        &seeds,
        &tar_gz(&[]),
        "Chart.yaml not found within a directory",
    );
    refused(
        &seeds,
        &tar_gz(&[("Chart.yaml", CHART)]),
        "Chart.yaml not found within a directory",
    );
    refused(
        &seeds,
        &tar_gz(&[("./web/Chart.yaml", CHART)]),
        "Chart.yaml not found within a directory",
    );
    refused(
        &seeds,
        &tar_gz(&[("web/charts/sub/Chart.yaml", CHART)]),
        "Chart.yaml not found within a directory",
    );
    refused(
        &seeds,
        &tar_gz(&[("web/Chart.yaml", CHART), ("other/Chart.yaml", CHART)]),
        "more than one Chart.yaml",
    );
    let large = [CHART, &vec![b'#'; 1 << 20]].concat();
    refused(
        &seeds,
        &tar_gz(&[("web/Chart.yaml", &large)]),
        "Chart.yaml too big",
    );
    for (yaml, why) in [
        ("name: [", "Error while parsing Chart.yaml"),
        (
            "apiVersion: v2\nname: a\nname: b\nversion: 1.0.0\n",
            "stands twice",
        ),
        (
            "apiVersion: v2\nname: ../../web\nversion: 1.0.0\n",
            "Validation failed: Name is invalid",
        ),
        (
            "apiVersion: v2\nname: web\nversion: latest\n",
            "Validation failed: Version is invalid",
        ),
        (
            "name: web\nversion: 1.0.0\n",
            "Validation failed: Metadata apiVersion is invalid",
        ),
        (
            "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n",
            "it holds too much",
        ),
    ] {
        refused(&seeds, &chart_of("web", yaml), why);
    }
}

#[test]
fn archives_that_leave_their_folder_are_refused() {
    let seeds = Seeds::start();
    let chart = || Member::file("web/Chart.yaml", CHART);
    let with = |member: Member| tar_gz_of(&[chart(), member]);
    for name in ["../evil", "web/../../evil", "/etc/evil", "C:evil"] {
        refused(
            &seeds,
            &with(Member::file(name, b"x")),
            "a name in it leaves its folder",
        );
    }
    refused(
        &seeds,
        &with(Member::file("web\\Chart.yaml", CHART)),
        "parted by slashes",
    );
    for target in ["/etc/passwd", "../../etc/passwd", "..", "a/../../../x"] {
        let target = if target == ".." { "../.." } else { target };
        refused(
            &seeds,
            &with(Member::link(b'2', "web/x", target)),
            "a link in it leaves its folder",
        );
    }
    refused(
        &seeds,
        &with(Member::link(b'1', "web/x", "../etc/passwd")),
        "a link in it leaves its folder",
    );
    // A link to a place inside, and a file behind it: what is behind it depends on who unpacks.
    let behind = tar_gz_of(&[
        chart(),
        Member::link(b'2', "web/x", "templates"),
        Member::file("web/x/y", b"z"),
    ]);
    refused(&seeds, &behind, "leads through a link");
    for kind in [b'3', b'4', b'6', b'S'] {
        refused(
            &seeds,
            &with(Member::link(kind, "web/x", "")),
            "neither file, folder nor link",
        );
    }
    let long = format!("../{}", "x/".repeat(80));
    refused(
        &seeds,
        &with(Member::long_name(&long, b"x")),
        "leaves its folder",
    );
    let (pax, size) = (b"20 path=../evil/xxx\n", b"13 size=1000\n");
    refused(
        &seeds,
        &tar_gz_of(&[
            chart(),
            Member::raw(b'x', "h", pax),
            Member::file("web/a", b"x"),
        ]),
        "leaves its folder",
    );
    refused(
        &seeds,
        &tar_gz_of(&[
            chart(),
            Member::raw(b'x', "h", size),
            Member::file("web/a", b"x"),
        ]),
        "changes names or sizes",
    );
    refused(
        &seeds,
        &tar_gz_of(&[chart(), Member::raw(b'g', "h", b"16 path=web/xxx\n")]),
        "changes names or sizes",
    );
    // Links that stay are no harm.
    upload(
        &seeds.user("developer"),
        PUB,
        "stable",
        &with(Member::link(b'2', "web/templates/x", "../values.yaml")),
    )
    .expect(201);
}

#[test]
fn damaged_archives_and_bombs_are_refused() {
    let seeds = Seeds::start();
    let whole = chart("web", "1.0.0", "");
    for length in [10, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        refused(&seeds, &whole[..length], "the archive is refused");
    }
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    refused(&seeds, &damaged, "the archive is refused");

    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    refused(&seeds, &bomb, "unpacks to more than");
    let claims = Member {
        size: Some(1 << 60),
        ..Member::file("web/Chart.yaml", CHART)
    };
    refused(&seeds, &tar_gz_of(&[claims]), "Chart.yaml too big");
    let many: Vec<_> = (0..100_001)
        .map(|number| Member::file(&format!("web/{number}"), b""))
        .collect();
    refused(&seeds, &tar_gz_of(&many), "more than 100000 members");
}

#[test]
fn no_chart_spoils_the_index_of_its_channel() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    upload(&developer, PUB, "stable", &chart("good", "1.0.0", "")).expect(201);
    let long_key = "k".repeat(2000);
    let hostile = format!(
        "urls: [http://evil/x.tgz]\ndigest: abc\ncreated: never\nremoved: true\nchecksum: x\nunknown: {{a: b}}\n\
         description: {{not: text}}\nicon: null\nhome: 12\nsources: {{a: b}}\nmaintainers: [null, 1, {{name: Ann, x: y}}]\n\
         dependencies: [{{name: db, version: 1, tags: x, enabled: sure, other: 1}}, 5, null]\n\
         annotations: {{{long_key}: a, \"</script>\": \"<b>\"}}\ntags: [a]\nkubeVersion: \">=1.20\"\n"
    );
    upload(&developer, PUB, "stable", &chart("web", "1.0.0", &hostile)).expect(201);
    let shown = read_index(&developer, &index(PUB, "stable"));
    assert_eq!(versions(&shown, "good"), ["1.0.0"]);
    let mut entry = shown["entries"]["web"][0].clone();
    for key in ["created", "digest"] {
        entry.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(
        entry,
        json!({
            "apiVersion": "v2", "name": "web", "version": "1.0.0", "kubeVersion": ">=1.20", "home": "12",
            "maintainers": [{ "name": "Ann" }],
            "dependencies": [{ "name": "db", "version": "1", "tags": ["x"] }],
            "annotations": { "</script>": "<b>" },
            "urls": ["charts/web-1.0.0.tgz"],
        })
    );
}

#[test]
fn hostile_names_find_nothing() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    upload(&developer, PUB, "stable", &chart("web", "1.0.0", "")).expect(201);
    for file in [
        "..%2Fweb-1.0.0.tgz",
        "web-1.0.0.tgz%00",
        "%2E%2E",
        "-.tgz",
        "web-1.0.0",
        "web-1.0.0.tgz.prov",
        "web-1.0.0.tgz.prov.prov",
        &"-1.0.0".repeat(100),
    ] {
        let path = format!("/api/v4/projects/{PUB}/packages/helm/stable/charts/{file}");
        developer.get(&path).expect(404);
    }
    for channel in ["..", "%2E%2E", "a%2Fb", "a..b", "%00", "st%20able"] {
        let status = developer
            .get(&format!(
                "/api/v4/projects/{PUB}/packages/helm/{channel}/index.yaml"
            ))
            .status;
        assert!(matches!(status, 400 | 404), "{channel}: {status}");
    }
}
