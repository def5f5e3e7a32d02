//! The v2 feed: what nuget 2, Chocolatey and PowerShellGet ask it.

use data_encoding::BASE64;
use packhouse::registry::xml::Element;
use serde_json::json;

use crate::support::Actor;
use crate::support::nuget::{nuget, nupkg, push};
use crate::support::seeds::{ACME, PUB, Seeds, package, packages};
use crate::support::shape::ids;

fn filled() -> Seeds {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (id, version) in [
        ("Acme.Core", "1.0"),
        ("Acme.Core", "1.2"),
        ("Acme.Core", "2.0-beta"),
        ("Acme.Core", "2.0-rc.1"),
        ("other", "3.0"),
    ] {
        push(&developer, PUB, &nupkg(id, version, "")).expect(201);
    }
    seeds
}

fn feed(actor: &Actor, query: &str) -> Element {
    let path = format!("{}/v2/{query}", nuget(PUB)).replace(' ', "%20");
    let answer = actor.get(&path).expect(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/atom+xml")
    );
    let root = Element::parse_with_attributes(&answer.body).unwrap();
    assert_eq!(root.name, "feed", "{}", answer.text());
    root
}

/// `id version` of each entry.
fn found(actor: &Actor, query: &str) -> Vec<String> {
    let feed = feed(actor, query);
    let entries = feed.children.iter().filter(|child| child.name == "entry");
    let line = |entry: &Element| {
        let properties = entry.child("properties").unwrap();
        format!(
            "{} {}",
            entry.text_of("title").unwrap(),
            properties.text_of("Version").unwrap()
        )
    };
    entries.map(line).collect()
}

#[test]
fn the_feed_describes_itself() {
    let seeds = Seeds::start();
    let service = seeds
        .anonymous()
        .get(&format!("{}/v2", nuget(PUB)))
        .expect(200);
    assert_eq!(
        service.header("content-type"),
        "application/xml; charset=utf-8"
    );
    let root = Element::parse_with_attributes(&service.body).unwrap();
    assert_eq!(
        root.attribute("base"),
        Some(&*seeds.url(&format!("{}/v2/", nuget(PUB))))
    );
    let collection = root
        .child("workspace")
        .unwrap()
        .child("collection")
        .unwrap();
    assert_eq!(collection.attribute("href"), Some("Packages"));
    for path in ["v2/$metadata", "v2/%24metadata", "v2//$metadata"] {
        let metadata = seeds
            .anonymous()
            .get(&format!("{}/{path}", nuget(PUB)))
            .expect(200);
        let text = metadata.text();
        for word in [
            "Edmx",
            "V2FeedPackage",
            "NuGetGallery.OData",
            "FindPackagesById",
            "Search",
            "IsAbsoluteLatestVersion",
        ] {
            assert!(text.contains(word), "{path}: {word}");
        }
        Element::parse(&metadata.body).unwrap();
    }
}

#[test]
fn an_entry_says_everything_that_a_client_needs() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let more = "<title>Core</title><summary>Short</summary><tags>a b</tags><projectUrl>https://example.com/</projectUrl>\
        <dependencies><dependency id='Loose' version='[1.0]'/><group targetFramework='net45'/>\
        <group targetFramework='net8.0'><dependency id='B' version='2.0'/></group></dependencies>";
    let bytes = nupkg("Acme.Core", "1.0-RC", more);
    push(&developer, PUB, &bytes).expect(201);
    let answer = developer
        .get(&format!(
            "{}/v2/Packages(Id='acme.core',Version='1.0.0-rc')",
            nuget(PUB)
        ))
        .expect(200);
    let entry = Element::parse_with_attributes(&answer.body).unwrap();
    assert_eq!(entry.name, "entry");
    let base = seeds.url(&nuget(PUB));
    assert_eq!(
        entry.text_of("id"),
        Some(format!(
            "{base}/v2/Packages(Id='Acme.Core',Version='1.0-RC')"
        ))
    );
    assert_eq!(
        entry.child("author").unwrap().text_of("name").as_deref(),
        Some("Ann, Bob")
    );
    let content = entry.child("content").unwrap();
    assert_eq!(content.attribute("type"), Some("application/zip"));
    let source = content.attribute("src").unwrap();
    assert_eq!(
        source,
        format!("{base}/download/acme.core/1.0.0-rc/acme.core.1.0.0-rc.nupkg")
    );
    assert_eq!(
        developer
            .get(&source[source.find("/api/").unwrap()..])
            .expect(200)
            .body,
        bytes
    );
    let properties = entry.child("properties").unwrap();
    let sha512 = {
        use sha2::{Digest, Sha512};
        BASE64.encode(&Sha512::digest(&bytes))
    };
    for (name, value) in [
        ("Id", "Acme.Core"),
        ("Version", "1.0-RC"),
        ("NormalizedVersion", "1.0.0-RC"),
        ("Title", "Core"),
        ("Authors", "Ann, Bob"),
        ("Description", "A test"),
        ("Summary", "Short"),
        ("Tags", "a b"),
        ("Dependencies", "Loose:[1.0]:|::net45|B:2.0:net8.0"),
        ("IsLatestVersion", "false"),
        ("IsAbsoluteLatestVersion", "true"),
        ("IsPrerelease", "true"),
        ("PackageHash", &sha512),
        ("PackageHashAlgorithm", "SHA512"),
        ("PackageSize", &bytes.len().to_string()),
        ("DownloadCount", "0"),
        ("ProjectUrl", "https://example.com/"),
        ("RequireLicenseAcceptance", "false"),
    ] {
        assert_eq!(properties.text_of(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(
        properties.child("LicenseUrl").unwrap().attribute("null"),
        Some("true")
    );
}

#[test]
fn the_queries_of_the_clients_are_answered() {
    let seeds = filled();
    let anyone = seeds.anonymous();
    let core = ["Acme.Core 1.0", "Acme.Core 1.2", "Acme.Core 2.0-beta"];
    // nuget 2 and choco install
    assert_eq!(found(&anyone, "FindPackagesById()?id='acme.CORE'"), core);
    assert_eq!(
        found(
            &anyone,
            "FindPackagesById()?id='Acme.Core'&$filter=IsLatestVersion&$orderby=Version desc&$top=1"
        ),
        ["Acme.Core 1.2"]
    );
    assert_eq!(
        found(
            &anyone,
            "FindPackagesById()?id='Acme.Core'&$filter=IsAbsoluteLatestVersion"
        ),
        ["Acme.Core 2.0-beta"]
    );
    assert_eq!(
        found(
            &anyone,
            "FindPackagesById()?id='Acme.Core'&semVerLevel=2.0.0"
        ),
        [
            "Acme.Core 1.0",
            "Acme.Core 1.2",
            "Acme.Core 2.0-beta",
            "Acme.Core 2.0-rc.1"
        ]
    );
    assert_eq!(
        found(
            &anyone,
            "FindPackagesById()?id='acme.core'&$filter=IsAbsoluteLatestVersion&semVerLevel=2.0.0"
        ),
        ["Acme.Core 2.0-rc.1"]
    );
    assert_eq!(found(&anyone, "FindPackagesById()?id='none'"), [""; 0]);
    // GitLab's documented form, and choco upgrade
    assert_eq!(
        found(&anyone, "Packages()?$filter=(tolower(Id) eq 'acme.core')"),
        core
    );
    assert_eq!(
        found(
            &anyone,
            "Packages()?$filter=(tolower(Id) eq 'acme.core') and IsLatestVersion"
        ),
        ["Acme.Core 1.2"]
    );
    assert_eq!(
        found(
            &anyone,
            "Packages()?$filter=Id eq 'Acme.Core' and Version eq '1.0.0.0'"
        ),
        ["Acme.Core 1.0"]
    );
    assert_eq!(
        found(
            &anyone,
            "Packages()?$filter=Id eq 'Acme.Core' and NormalizedVersion eq '1.2.0'"
        ),
        ["Acme.Core 1.2"]
    );
    assert_eq!(
        found(
            &anyone,
            "Packages()?$filter=((tolower(Id) eq 'acme.core') or (tolower(Id) eq 'other')) and IsLatestVersion"
        ),
        ["Acme.Core 1.2", "other 3.0"]
    );
    assert_eq!(
        found(&anyone, "Packages?$orderby=Id desc,Version&$skip=1&$top=2"),
        ["Acme.Core 1.0", "Acme.Core 1.2"]
    );
    // nuget list, choco search
    let search = "Search()?$filter=IsLatestVersion&$orderby=Id&searchTerm='co'&targetFramework=''&includePrerelease=false&$skip=0&$top=30";
    assert_eq!(found(&anyone, search), ["Acme.Core 1.2"]);
    assert_eq!(
        found(
            &anyone,
            "Search()?searchTerm=''&includePrerelease=true&$filter=IsAbsoluteLatestVersion"
        ),
        ["Acme.Core 2.0-beta", "other 3.0"]
    );
    assert_eq!(
        found(&anyone, "Search()?searchTerm='acme'"),
        ["Acme.Core 1.0", "Acme.Core 1.2"]
    );
}

#[test]
fn paths_come_in_every_encoding() {
    let seeds = filled();
    let anyone = seeds.anonymous();
    for path in [
        "v2/Packages(Id='Acme.Core',Version='1.0')",
        "v2/Packages(Id=%27Acme.Core%27,Version=%271.0%27)",
        "v2/Packages%28Id='Acme.Core'%2CVersion='1.0'%29",
        "v2//Packages(Id='Acme.Core',Version='1.0')",
        "/v2//Packages(Version='1.0.0',Id='Acme.Core')",
    ] {
        let answer = anyone.get(&format!("{}/{path}", nuget(PUB))).expect(200);
        assert!(
            answer.text().contains("<d:Version>1.0</d:Version>"),
            "{path}"
        );
    }
    for path in [
        "v2/FindPackagesById()?id=%27Acme.Core%27",
        "v2/FindPackagesById%28%29?id='Acme.Core'",
        "v2/FindPackagesById?id='Acme.Core'",
        "v2//FindPackagesById()?id=Acme.Core",
    ] {
        let answer = anyone.get(&format!("{}/{path}", nuget(PUB))).expect(200);
        assert_eq!(answer.text().matches("<entry>").count(), 3, "{path}");
    }
}

#[test]
fn entries_are_counted() {
    let seeds = filled();
    for (query, count) in [
        ("Packages()/$count", "4"),
        ("Packages/$count?semVerLevel=2.0.0", "5"),
        (
            "Search()/$count?$filter=IsLatestVersion&searchTerm='co'&includePrerelease=false",
            "1",
        ),
        ("FindPackagesById()/$count?id='none'", "0"),
    ] {
        let answer = seeds
            .anonymous()
            .get(&format!("{}/v2/{query}", nuget(PUB)))
            .expect(200);
        assert_eq!(
            (answer.text().as_str(), answer.header("content-type")),
            (count, "text/plain; charset=utf-8"),
            "{query}"
        );
    }
}

#[test]
fn what_is_not_understood_is_refused_and_what_is_not_there_is_404() {
    let seeds = filled();
    let get = |path: &str| seeds.anonymous().get(&format!("{}/v2/{path}", nuget(PUB)));
    for query in [
        "Packages()?$filter=Author%20eq%20'x'",
        "Packages()?$filter=(((",
        "Packages()?$orderby=Colour",
        "Packages()?$skip=x",
        "Packages()?$top=-1",
    ] {
        get(query).expect(400);
    }
    let invalid = json!({ "error": "package_name is invalid" });
    get("FindPackagesById()?id='a%20b'").expect_json(400, invalid.clone());
    get("FindPackagesById()").expect_json(400, invalid.clone());
    get("Packages(Id='%3Cx%3E',Version='1')").expect_json(400, invalid);
    let missing = json!({ "message": "404 Package Not Found" });
    get("Packages(Id='Acme.Core',Version='9.0')").expect_json(404, missing.clone());
    get("Packages(Id='Acme.Core',Version='latest')").expect_json(404, missing);
    for path in [
        "Nothing()",
        "Packages(",
        "Packages(1)",
        "Users",
        "Packages()/x",
    ] {
        get(path).expect(404);
    }
}

#[test]
fn a_long_feed_has_a_link_to_its_next_page_without_credentials() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    push(&developer, PUB, &nupkg("Acme", "0.0.1", "")).expect(201);
    let first = ids(&developer.get(&packages(PUB)).expect(200))[0];
    let conn = seeds.database();
    conn.execute_batch(&format!(
        "WITH RECURSIVE number(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < 1005)
         INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, metadata, created_at, updated_at)
         SELECT project_id, name_id, package_type, name, '0.0.' || n, '0.0.' || n, metadata, created_at, updated_at
           FROM packages, number WHERE id = {first};
         INSERT INTO package_files (package_id, file_name, sha256, created_at)
         SELECT id, 'acme.' || version || '.nupkg', (SELECT sha256 FROM package_files WHERE package_id = {first}), created_at
           FROM packages WHERE id > {first};"
    ))
    .unwrap();
    let page = feed(
        &seeds.anonymous(),
        &format!(
            "FindPackagesById()?id='acme'&private_token={}",
            seeds.token("developer")
        ),
    );
    let next = page
        .children
        .iter()
        .find(|child| child.attribute("rel") == Some("next"))
        .unwrap();
    let next = next.attribute("href").unwrap();
    assert!(!next.contains("private_token"), "{next}");
    let rest = seeds
        .anonymous()
        .get(&next[next.find("/api/").unwrap()..])
        .expect(200);
    let rest = Element::parse_with_attributes(&rest.body).unwrap();
    let entries = |feed: &Element| {
        feed.children
            .iter()
            .filter(|child| child.name == "entry")
            .count()
    };
    assert_eq!((entries(&page), entries(&rest)), (1_000, 5));
    assert!(
        rest.children
            .iter()
            .all(|child| child.attribute("rel") != Some("next"))
    );
}

#[test]
fn an_unlisted_version_says_so_by_its_date() {
    let seeds = filled();
    let maintainer = seeds.user("maintainer");
    seeds.set(ACME, "nuget_delete_unlists", "true");
    maintainer
        .delete(&format!("{}/v2/Acme.Core/1.2", nuget(PUB)))
        .expect(204);
    let all = feed(&maintainer, "FindPackagesById()?id='acme.core'");
    let entries: Vec<&Element> = all
        .children
        .iter()
        .filter(|child| child.name == "entry")
        .collect();
    let of = |at: usize, name: &str| {
        entries[at]
            .child("properties")
            .unwrap()
            .text_of(name)
            .unwrap()
    };
    assert_eq!(of(1, "Published"), "1900-01-01T00:00:00Z");
    assert_eq!(
        (
            of(1, "Listed"),
            of(1, "IsLatestVersion"),
            of(0, "IsLatestVersion")
        ),
        ("false".into(), "false".into(), "true".into())
    );
    assert_eq!(
        found(&maintainer, "Search()?searchTerm='acme'"),
        ["Acme.Core 1.0"]
    );
    assert_eq!(
        found(&maintainer, "Packages()?$filter=IsLatestVersion"),
        ["Acme.Core 1.0", "other 3.0"]
    );
    let hidden = maintainer
        .get(&format!("{}?status=hidden", packages(PUB)))
        .expect(200);
    assert_eq!(ids(&hidden).len(), 1);
    maintainer
        .patch(
            &package(PUB, ids(&hidden)[0]),
            json!({ "status": "default" }),
        )
        .expect(200);
    assert_eq!(
        found(&maintainer, "Search()?searchTerm='acme'"),
        ["Acme.Core 1.0", "Acme.Core 1.2"]
    );
}
