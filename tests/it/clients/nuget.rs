//! NuGet: the last client of the v2 feed (Debian's 2.8 on mono), the first of v3 that runs on mono (3.4), and the requests
//! of a current dotnet, Chocolatey and PowerShellGet as their protocol documents have them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::clients::{Ran, Sandbox, npm_modules, system_program};
use crate::support::nuget::{group_nuget, nuget, nupkg, push, push_to, snupkg};
use crate::support::{Actor, Place, ROOT_TOKEN, TestApp, Watched};

const PROJECT: &str = "/api/v4/projects/1/packages/nuget";

/// Whose program is run.
#[derive(Clone, Copy)]
enum Client {
    Debian,
    /// nuget.exe out of an npm package.
    V3,
}

impl Client {
    fn run(self, sandbox: &Sandbox, args: &[&str]) -> Ran {
        let mut all: Vec<&str> = Vec::new();
        let exe = npm_modules("nuget").join("nuget/bin/nuget.exe");
        let program = match self {
            Client::Debian => system_program("nuget"),
            Client::V3 => {
                all.push(exe.to_str().expect("a path in UTF-8"));
                system_program("mono")
            }
        };
        all.extend(args);
        all.push("-NonInteractive");
        sandbox.run(&program, all)
    }

    fn source(self, app: &Watched, prefix: &str) -> String {
        match self {
            Client::Debian => app.url(&format!("{prefix}/v2")),
            Client::V3 => app.url(&format!("{prefix}/index.json")),
        }
    }
}

/// A home whose only source is this one, with credentials for it if there are any.
fn sandbox(source: &str, credentials: Option<(&str, &str)>) -> Sandbox {
    let mut sandbox = Sandbox::new();
    // Neither version knows no_proxy; their own configuration names no other host than ours.
    sandbox.set("http_proxy", "").set("HTTP_PROXY", "");
    let credentials = credentials.map(|(user, password)| {
        format!(
            "<packageSourceCredentials><ours><add key=\"Username\" value=\"{user}\"/>\
             <add key=\"ClearTextPassword\" value=\"{password}\"/></ours></packageSourceCredentials>"
        )
    });
    let config = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration><packageSources><clear/><add key=\"ours\" value=\"{source}\"/></packageSources>\
         <disabledPackageSources/><activePackageSource><add key=\"ours\" value=\"{source}\"/></activePackageSource>{}</configuration>",
        credentials.unwrap_or_default()
    );
    for folder in [".config/NuGet", ".nuget/NuGet"] {
        let folder = sandbox.home().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("NuGet.Config"), &config).unwrap();
    }
    sandbox.write("NuGet.Config", config);
    sandbox
}

/// Packs `Acme.Core` and `Acme.Demo`, which needs it; answers the names of their files, for nuget 2 takes no full path.
fn pack(client: Client, sandbox: &Sandbox) -> [String; 2] {
    sandbox.write("hello.txt", "hello\n");
    ["Core", "Demo"].map(|name| {
        let dependencies = match name {
            "Demo" => "<dependencies><dependency id=\"Acme.Core\" version=\"1.0\"/></dependencies>",
            _ => "",
        };
        let nuspec = format!(
            "<?xml version=\"1.0\"?><package><metadata><id>Acme.{name}</id><version>1.0.0</version><authors>Ann</authors>\
             <description>A demo</description><tags>one two</tags>{dependencies}</metadata>\
             <files><file src=\"hello.txt\" target=\"content\"/></files></package>"
        );
        sandbox.write(&format!("{name}.nuspec"), nuspec);
        client.run(sandbox, &["pack", &format!("{name}.nuspec")]).succeeds();
        let package = format!("Acme.{name}.1.0.0.nupkg");
        assert!(sandbox.work().join(&package).is_file());
        package
    })
}

fn is_installed(folder: &Path) {
    for name in ["Core", "Demo"] {
        let content = ["1.0.0", "1.0"]
            .map(|version| folder.join(format!("Acme.{name}.{version}/content/hello.txt")));
        assert!(
            content.iter().any(|content| content.is_file()),
            "{name} in {}",
            folder.display()
        );
    }
}

fn private_project(app: &Watched) -> String {
    app.group("acme", "private");
    let project = app.project("acme/tools", "private");
    nuget(project)
}

#[test]
fn nuget_2_packs_pushes_installs_and_deletes_over_the_v2_feed() {
    let app = TestApp::watched();
    let client = Client::Debian;
    let source = client.source(&app, PROJECT);
    let home = sandbox(&source, None);
    for package in pack(client, &home) {
        client
            .run(&home, &["push", &package, ROOT_TOKEN, "-Source", &source])
            .succeeds();
    }
    let lines = app.lines();
    let pushed = format!("PUT {PROJECT}/v2/ 201");
    assert_eq!(
        lines.iter().filter(|line| **line == pushed).count(),
        2,
        "{lines:?}"
    );

    let user = sandbox(&source, None);
    client
        .run(
            &user,
            &[
                "install",
                "Acme.Demo",
                "-Source",
                &source,
                "-OutputDirectory",
                "out",
                "-NoCache",
            ],
        )
        .succeeds();
    is_installed(&user.work().join("out"));
    let lines = app.lines();
    for start in ["FindPackagesById()?", "Packages("] {
        let path = format!("GET {PROJECT}/v2/{start}");
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with(&path) && line.ends_with(" 200")),
            "{start} in {lines:?}"
        );
    }
    for name in ["acme.core", "acme.demo"] {
        let path = format!("GET {PROJECT}/download/{name}/1.0.0/{name}.1.0.0.nupkg 200");
        assert!(lines.contains(&path), "{lines:?}");
    }
    let exact = sandbox(&source, None);
    client
        .run(
            &exact,
            &[
                "install",
                "Acme.Demo",
                "-Version",
                "1.0.0",
                "-Source",
                &source,
                "-OutputDirectory",
                "out",
                "-NoCache",
            ],
        )
        .succeeds();
    is_installed(&exact.work().join("out"));
    app.lines();

    client
        .run(
            &home,
            &[
                "delete",
                "Acme.Demo",
                "1.0.0",
                ROOT_TOKEN,
                "-Source",
                &source,
            ],
        )
        .succeeds();
    assert_eq!(
        app.lines().last(),
        Some(&format!("DELETE {PROJECT}/v2/Acme.Demo/1.0.0 204"))
    );
    let gone = client.run(
        &user,
        &[
            "install",
            "Acme.Demo",
            "-Source",
            &source,
            "-OutputDirectory",
            "again",
            "-NoCache",
        ],
    );
    assert!(!gone.status.success(), "{gone}");
}

#[test]
fn nuget_3_pushes_installs_with_a_dependency_lists_and_deletes_over_v3() {
    let app = TestApp::watched();
    let client = Client::V3;
    let source = client.source(&app, PROJECT);
    let home = sandbox(&source, None);
    for package in pack(Client::Debian, &home) {
        client
            .run(&home, &["push", &package, ROOT_TOKEN, "-Source", &source])
            .succeeds();
    }
    let lines = app.lines();
    let pushed = format!("PUT {PROJECT}/ 201");
    assert_eq!(
        lines.iter().filter(|line| **line == pushed).count(),
        2,
        "{lines:?}"
    );
    assert!(
        lines.contains(&format!("GET {PROJECT}/index.json 200")),
        "{lines:?}"
    );

    let user = sandbox(&source, None);
    client
        .run(
            &user,
            &[
                "install",
                "Acme.Demo",
                "-Source",
                &source,
                "-OutputDirectory",
                "out",
                "-NoCache",
            ],
        )
        .succeeds();
    is_installed(&user.work().join("out"));
    let lines = app.lines();
    for name in ["acme.core", "acme.demo"] {
        for path in [
            format!("metadata/{name}/index.json"),
            format!("download/{name}/1.0.0/{name}.1.0.0.nupkg"),
        ] {
            assert!(
                lines.contains(&format!("GET {PROJECT}/{path} 200")),
                "{path} in {lines:?}"
            );
        }
    }

    let list = client
        .run(&user, &["list", "acme", "-Source", &source])
        .succeeds();
    assert!(
        list.stdout.contains("Acme.Core 1.0") && list.stdout.contains("Acme.Demo 1.0"),
        "{list}"
    );
    app.lines();
    client
        .run(
            &home,
            &[
                "delete",
                "Acme.Demo",
                "1.0.0",
                ROOT_TOKEN,
                "-Source",
                &source,
            ],
        )
        .succeeds();
    assert_eq!(
        app.lines().last(),
        Some(&format!("DELETE {PROJECT}/Acme.Demo/1.0.0 204"))
    );
}

#[test]
fn both_are_challenged_by_a_private_project_and_log_in() {
    for client in [Client::Debian, Client::V3] {
        let app = TestApp::watched();
        let project = private_project(&app);
        let source = client.source(&app, &project);
        let home = sandbox(&source, Some(("root", ROOT_TOKEN)));
        for package in pack(Client::Debian, &home) {
            client
                .run(
                    &home,
                    &["push", &package, "-ApiKey", ROOT_TOKEN, "-Source", &source],
                )
                .succeeds();
        }
        app.lines();
        let user = sandbox(&source, Some(("root", ROOT_TOKEN)));
        client
            .run(
                &user,
                &[
                    "install",
                    "Acme.Demo",
                    "-Source",
                    &source,
                    "-OutputDirectory",
                    "out",
                    "-NoCache",
                ],
            )
            .succeeds();
        is_installed(&user.work().join("out"));
        let seen = app.seen();
        let challenged = seen.iter().position(|request| request.status == 401);
        let challenged = challenged.unwrap_or_else(|| panic!("nobody was challenged: {seen:?}"));
        assert_eq!(
            seen[challenged].header("authorization"),
            None,
            "the first try is anonymous"
        );
        let later = &seen[challenged + 1..];
        assert!(
            later
                .iter()
                .any(|request| request.status == 200 && request.header("authorization").is_some()),
            "{seen:?}"
        );

        let stranger = sandbox(&source, None);
        let refused = client.run(
            &stranger,
            &[
                "install",
                "Acme.Demo",
                "-Source",
                &source,
                "-OutputDirectory",
                "out",
                "-NoCache",
            ],
        );
        assert!(!refused.status.success(), "{refused}");
        assert!(!stranger.work().join("out/Acme.Demo.1.0.0").exists());
    }
}

#[test]
fn what_is_refused_is_told_on_the_screen() {
    let app = TestApp::watched();
    let setting = json!({ "nuget_duplicates_allowed": false });
    let local = app.namespace_id("local");
    app.root()
        .put_json(
            &format!("/api/v4/groups/{local}/-/packages/settings"),
            setting,
        )
        .expect(200);
    for client in [Client::Debian, Client::V3] {
        let source = client.source(&app, PROJECT);
        let home = sandbox(&source, None);
        let [core, _] = pack(Client::Debian, &home);
        let push = || client.run(&home, &["push", &core, ROOT_TOKEN, "-Source", &source]);
        push();
        let again = push();
        assert!(!again.status.success(), "{again}");
        let told = format!("{}{}", again.stdout, again.stderr);
        assert!(
            told.contains("A package with the same name and version already exists"),
            "{again}"
        );
    }
}

/// What dotnet sends with every request.
fn dotnet(actor: &Actor) -> Actor {
    actor
        .with("X-NuGet-Protocol-Version", "4.1.0")
        .with("X-NuGet-Client-Version", "6.11.1")
        .with("X-NuGet-Session-Id", "9b5c6d8e-0000-4000-8000-000000000000")
        .with("User-Agent", "NuGet .NET Core MSBuild Task/6.11.1 (Debian)")
        .with("Accept-Encoding", "gzip, deflate")
}

/// The path of the newest resource type that dotnet knows.
fn resource(index: &Value, types: &[&str]) -> String {
    let resources = index["resources"].as_array().unwrap();
    let found = types
        .iter()
        .find_map(|name| resources.iter().find(|resource| resource["@type"] == *name));
    let url = found.unwrap_or_else(|| panic!("none of {types:?}"))["@id"]
        .as_str()
        .unwrap();
    url[url.find("/api/").unwrap()..].to_owned()
}

/// Asks without credentials, and again with them after the challenge.
fn challenged(app: &TestApp, path: &str) -> crate::support::Answer {
    let first = dotnet(&app.anonymous()).get(path);
    let first = first.expect(401);
    assert_eq!(
        first.header("www-authenticate"),
        "Basic realm=\"GitLab Packages Registry\""
    );
    dotnet(&app.with_basic("root", ROOT_TOKEN)).get(path)
}

#[test]
fn dotnet_replayed_pushes_and_restores_with_a_lock_file() {
    let app = TestApp::start();
    app.group("acme", "private");
    let project = app.project("acme/tools", "private");
    let index = dotnet(&app.anonymous())
        .get(&format!("{}/index.json", nuget(project)))
        .expect(200)
        .json();
    assert!(index["version"].as_str().unwrap().starts_with("3."));

    // dotnet nuget push *.nupkg: without credentials, challenged, again with them; then the symbols beside it.
    let core = nupkg("Acme.Core", "1.2.0-Beta", "");
    let needs = "<dependencies><group targetFramework='net8.0'><dependency id='Acme.Core' version='1.2.0-beta'/></group></dependencies>";
    let demo = nupkg("Acme.Demo", "2.0", needs);
    let publish = format!(
        "{}/",
        resource(
            &index,
            &["PackagePublish/Versioned", "PackagePublish/2.0.0"]
        )
    );
    let symbols = format!("{}/", resource(&index, &["SymbolPackagePublish/4.9.0"]));
    let owner = dotnet(&app.with_basic("root", ROOT_TOKEN));
    push_to(&dotnet(&app.anonymous()), &publish, &core).expect(401);
    push_to(&owner, &publish, &core).expect(201);
    push_to(&owner, &symbols, &snupkg("Acme.Core", "1.2.0-Beta")).expect(201);
    push_to(
        &dotnet(&app.with_header("X-NuGet-ApiKey", ROOT_TOKEN)),
        &publish,
        &demo,
    )
    .expect(201);

    // dotnet restore: versions of each id, the package, what it depends upon; an unknown id is not here.
    let base = resource(
        &index,
        &["PackageBaseAddress/Versioned", "PackageBaseAddress/3.0.0"],
    );
    let versions = |id: &str| challenged(&app, &format!("{base}/{id}/index.json"));
    assert_eq!(
        versions("acme.demo").expect(200).header("content-encoding"),
        "gzip"
    );
    let plain = app.with_basic("root", ROOT_TOKEN);
    let listed = plain
        .get(&format!("{base}/acme.core/index.json"))
        .expect(200)
        .json();
    assert_eq!(listed, json!({ "versions": ["1.2.0-beta"] }));
    let demo_path = format!("{base}/acme.demo/2.0.0/acme.demo.2.0.0.nupkg");
    let core_path = format!("{base}/acme.core/1.2.0-beta/acme.core.1.2.0-beta.nupkg");
    assert_eq!(challenged(&app, &demo_path).expect(200).body, demo);
    assert_eq!(owner.get(&core_path).expect(200).body, core);
    owner
        .get(&format!("{base}/microsoft.netcore.app/index.json"))
        .expect(404);

    // A locked restore compares the content with what it has seen.
    let app = TestApp::start_in(app.stop(), |_| {});
    let owner = dotnet(&app.with_basic("root", ROOT_TOKEN));
    assert_eq!(owner.get(&demo_path).expect(200).body, demo);
    assert_eq!(owner.get(&core_path).expect(200).body, core);
}

#[test]
fn dotnet_replayed_skips_duplicates_searches_and_looks_for_what_is_outdated() {
    let app = TestApp::start();
    let index = dotnet(&app.anonymous())
        .get(&format!("{PROJECT}/index.json"))
        .expect(200)
        .json();
    let publish = format!("{}/", resource(&index, &["PackagePublish/2.0.0"]));
    let owner = dotnet(&app.with_header("X-NuGet-ApiKey", ROOT_TOKEN));
    let local = app.namespace_id("local");
    let setting = json!({ "nuget_duplicates_allowed": false });
    app.root()
        .put_json(
            &format!("/api/v4/groups/{local}/-/packages/settings"),
            setting,
        )
        .expect(200);
    push_to(&owner, &publish, &nupkg("Acme.Core", "1.0.0", "")).expect(201);
    push_to(&owner, &publish, &nupkg("Acme.Core", "1.0.0", "")).expect(409); // the one status that --skip-duplicate skips
    push_to(&owner, &publish, &nupkg("Acme.Core", "1.1.0", "")).expect(201);

    // dotnet package search acme
    let search = resource(
        &index,
        &[
            "SearchQueryService/Versioned",
            "SearchQueryService/3.4.0",
            "SearchQueryService/3.0.0-beta",
        ],
    );
    let found = app
        .anonymous()
        .get(&format!(
            "{search}?q=acme&skip=0&take=20&prerelease=false&semVerLevel=2.0.0"
        ))
        .expect(200)
        .json();
    assert_eq!(
        (
            &found["totalHits"],
            &found["data"][0]["id"],
            &found["data"][0]["version"]
        ),
        (&json!(1), &json!("Acme.Core"), &json!("1.1.0"))
    );

    // dotnet list package --outdated
    let registrations = resource(
        &index,
        &[
            "RegistrationsBaseUrl/Versioned",
            "RegistrationsBaseUrl/3.6.0",
        ],
    );
    let document = app
        .anonymous()
        .get(&format!("{registrations}/acme.core/index.json"))
        .expect(200)
        .json();
    let entries = document["items"][0]["items"].as_array().unwrap();
    let versions: Vec<&str> = entries
        .iter()
        .map(|entry| entry["catalogEntry"]["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["1.0.0", "1.1.0"]);

    // dotnet nuget delete
    owner
        .delete(&format!("{publish}Acme.Core/1.0.0"))
        .expect(204);
    // What it looks for and does without: vulnerabilities, signatures.
    let names = index["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["@type"].as_str().unwrap());
    assert!(
        names
            .into_iter()
            .all(|name| !name.starts_with("VulnerabilityInfo")
                && !name.starts_with("RepositorySignatures"))
    );
}

#[test]
fn dotnet_replayed_restores_from_a_group() {
    let app = TestApp::start();
    let group = app.group("acme", "public");
    let project = app.project("acme/tools", "private");
    let package = nupkg("Acme.Core", "1.0.0", "");
    push(&app.root(), project, &package).expect(201);
    let reader = app.user("ann");
    app.member("ann", Place::Project("acme/tools"), 10);
    let token = app.token_of(reader.user_id(), &["read_api"]);
    let index = app
        .anonymous()
        .get(&format!("{}/index.json", group_nuget(group)))
        .expect(200)
        .json();
    let base = resource(&index, &["PackageBaseAddress/3.0.0"]);
    app.anonymous()
        .get(&format!("{base}/acme.core/index.json"))
        .expect(401);
    let reader = app.with_basic("ann", &token);
    let listed = reader
        .get(&format!("{base}/acme.core/index.json"))
        .expect(200)
        .json();
    assert_eq!(listed["versions"], json!(["1.0.0"]));
    assert_eq!(
        reader
            .get(&format!("{base}/acme.core/1.0.0/acme.core.1.0.0.nupkg"))
            .expect(200)
            .body,
        package
    );
}

#[test]
fn chocolatey_and_powershellget_replayed_install_and_publish() {
    let app = TestApp::start();
    let project = {
        app.group("acme", "private");
        app.project("acme/tools", "private")
    };
    let feed = format!("{}/v2", nuget(project));
    let owner = app.with_basic("root", ROOT_TOKEN);
    // choco push, Publish-Module
    app.anonymous()
        .get(&format!("{feed}/FindPackagesById()?id='tool'"))
        .expect(401);
    let none = owner
        .get(&format!("{feed}/FindPackagesById()?id='tool'"))
        .expect(200);
    assert!(!none.text().contains("<entry>"));
    push_to(
        &app.with_header("X-NuGet-ApiKey", ROOT_TOKEN),
        &format!("{feed}/"),
        &nupkg("tool", "1.0", ""),
    )
    .expect(201);
    push_to(
        &app.with_header("X-NuGet-ApiKey", ROOT_TOKEN),
        &format!("{feed}/"),
        &nupkg("tool", "1.10", ""),
    )
    .expect(201);
    // choco install tool, choco install tool --version 1.0
    for (query, version) in [
        (
            "Packages()?$filter=(tolower(Id)%20eq%20'tool')%20and%20IsLatestVersion&semVerLevel=2.0.0",
            "1.10",
        ),
        (
            "FindPackagesById()?id='tool'&$filter=IsLatestVersion&semVerLevel=2.0.0",
            "1.10",
        ),
        ("Packages(Id='tool',Version='1.0')", "1.0"),
    ] {
        challenged(&app, &format!("{feed}/{query}"));
        let answer = owner.get(&format!("{feed}/{query}")).expect(200).text();
        let source = answer
            .split("src=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(
            answer.contains(&format!("<d:Version>{version}</d:Version>")),
            "{answer}"
        );
        let content = owner
            .get(&source[source.find("/api/").unwrap()..])
            .expect(200);
        assert_eq!(content.body, nupkg("tool", version, ""));
    }
    // choco search
    let search = "Search()?$filter=IsLatestVersion&$orderby=Id&searchTerm='to'&targetFramework=''&includePrerelease=false&$skip=0&$top=30&semVerLevel=2.0.0";
    let found = owner.get(&format!("{feed}/{search}")).expect(200).text();
    assert_eq!(found.matches("<entry>").count(), 1);
    // choco uninstall is local; a version is taken back by the feed's own address.
    owner.delete(&format!("{feed}/tool/1.10")).expect(204);
}
