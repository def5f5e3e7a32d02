//! `GET /-/projects/:id/packages/:package_id/display`: what a package says of itself.

use serde_json::{Value, json};

use super::{package_id, publish_generic, publish_npm};
use crate::support::archives::{tar_gz, zip};
use crate::support::python::wheel;
use crate::support::{Actor, TestApp, composer, conan, golang, helm, nuget, terraform};

fn display(actor: &Actor, project: i64, id: i64) -> Value {
    let path = format!("/api/v4/-/projects/{project}/packages/{id}/display");
    actor.get(&path).expect(200).json()
}

const HOSTILE: &str = "<script>alert(1)</script>";

/// Shows the newest package of this name, whose page has [`HOSTILE`] as text.
#[track_caller]
fn display_of_hostile(app: &TestApp, name: &str) -> Value {
    let id = package_id(app, name);
    let page = app
        .anonymous()
        .get(&format!("/local/packages/-/packages/{id}"))
        .expect(200)
        .text();
    assert!(!page.contains(HOSTILE), "{page}");
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    display(&app.anonymous(), 1, id)
}

#[test]
fn an_npm_package_tells_what_its_manifest_says() {
    let app = TestApp::start();
    let manifest = json!({
        "description": "Pads",
        "license": "MIT",
        "author": { "name": "Ann" },
        "keywords": ["pad", 7, "left"],
        "homepage": "https://example.com/pad",
        "repository": { "type": "git", "url": "git+https://example.com/pad.git" },
        "bugs": "javascript:alert(1)",
        "engines": { "node": ">=20" },
        "dependencies": { "a": "^1.0.0" },
        "devDependencies": { "b": "~2" },
        "readme": "# Pad\n\n<script>alert(1)</script>\n\nPads **well**.",
    });
    publish_npm(&app, 1, "pad", "1.0.0", manifest);
    let shown = display(&app.anonymous(), 1, package_id(&app, "pad"));
    assert_eq!(
        shown,
        json!({
            "description": "Pads",
            "readme": {
                "kind": "markdown",
                "text": "# Pad\n\n<script>alert(1)</script>\n\nPads **well**.",
                "html": "<h3>Pad</h3>\n\n<p>Pads <strong>well</strong>.</p>\n",
            },
            "license": "MIT",
            "authors": ["Ann"],
            "keywords": ["pad", "left"],
            "links": [
                { "label": "Homepage", "url": "https://example.com/pad" },
                { "label": "Repository", "url": "https://example.com/pad.git" },
            ],
            "dependencies": [
                { "name": "a", "requirement": "^1.0.0", "scope": "" },
                { "name": "b", "requirement": "~2", "scope": "development" },
            ],
            "facts": [{ "label": "Node.js", "value": ">=20" }],
        })
    );
}

#[test]
fn a_python_package_tells_what_its_metadata_says() {
    let app = TestApp::start();
    let more = "License-Expression: BSD-3-Clause\nRequires-Python: >=3.10\n\
                Requires-Dist: httpx>=0.28\nRequires-Dist: rich; extra == 'cli'\nAuthor: Ben\n\
                Project-URL: Documentation, https://example.com/docs\nProject-URL: Bad, javascript:x\n\
                Keywords: a, b\n\nTitle\n=====\n";
    wheel("acme", "1.0", more)
        .upload(&app.root(), 1)
        .expect(201);
    let shown = display(&app.anonymous(), 1, package_id(&app, "acme"));
    assert_eq!(shown["description"], "A test");
    assert_eq!(shown["license"], "BSD-3-Clause");
    assert_eq!(shown["keywords"], json!(["a", "b"]));
    assert_eq!(
        shown["readme"],
        json!({ "kind": "text", "text": "Title\n=====\n\n# Read me", "html": null })
    );
    assert_eq!(
        shown["links"],
        json!([{ "label": "Documentation", "url": "https://example.com/docs" }])
    );
    assert_eq!(
        shown["dependencies"],
        json!([
            { "name": "httpx", "requirement": ">=0.28", "scope": "" },
            { "name": "rich", "requirement": "", "scope": "extra == 'cli'" },
        ])
    );
    assert_eq!(
        shown["facts"],
        json!([{ "label": "Python", "value": ">=3.10" }])
    );
}

#[test]
fn an_artifact_tells_what_its_pom_says() {
    let app = TestApp::start();
    let pom = "<project><groupId>com.acme</groupId><artifactId>demo</artifactId><version>1.0</version>\
               <description>Demo</description><url>https://example.com</url><packaging>jar</packaging>\
               <licenses><license><name>MIT</name></license></licenses>\
               <dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>2</version><scope>test</scope></dependency></dependencies></project>";
    app.root()
        .put(
            "/api/v4/projects/1/packages/maven/com/acme/demo/1.0/demo-1.0.pom",
            pom,
        )
        .expect(200);
    let shown = display(&app.anonymous(), 1, package_id(&app, "com/acme/demo"));
    assert_eq!(shown["description"], "Demo");
    assert_eq!(shown["license"], "MIT");
    assert_eq!(
        shown["dependencies"],
        json!([{ "name": "g:a", "requirement": "2", "scope": "test" }])
    );
    assert_eq!(
        shown["links"],
        json!([{ "label": "Homepage", "url": "https://example.com" }])
    );
}

#[test]
fn a_composer_package_tells_what_its_manifest_says() {
    let app = TestApp::start();
    let manifest = json!({
        "description": HOSTILE,
        "license": ["MIT", "GPL-3.0-or-later"],
        "authors": [{ "name": "Ann", "email": "ann@example.com" }, "Ben"],
        "keywords": ["greeting", 7],
        "homepage": "javascript:alert(1)",
        "support": { "source": "https://example.com/hello.git", "issues": "https://example.com/issues" },
        "require": { "php": ">=8.1", "psr/log": "^3" },
        "require-dev": { "phpunit/phpunit": "^11" },
        "type": "library",
    });
    let package = composer::package("acme/hello", manifest, "hello");
    composer::upload(&app.root(), 1, "1.0.0", &package).expect(201);
    let expected = json!({
        "description": HOSTILE,
        "readme": null,
        "license": "MIT or GPL-3.0-or-later",
        "authors": ["Ann"],
        "keywords": ["greeting"],
        "links": [
            { "label": "Source", "url": "https://example.com/hello.git" },
            { "label": "Issues", "url": "https://example.com/issues" },
        ],
        "dependencies": [
            { "name": "php", "requirement": ">=8.1", "scope": "" },
            { "name": "psr/log", "requirement": "^3", "scope": "" },
            { "name": "phpunit/phpunit", "requirement": "^11", "scope": "development" },
        ],
        "facts": [{ "label": "PHP", "value": ">=8.1" }, { "label": "Type", "value": "library" }],
    });
    assert_eq!(display_of_hostile(&app, "acme/hello"), expected);
}

#[test]
fn a_chart_tells_what_its_chart_yaml_and_its_readme_say() {
    let app = TestApp::start();
    let chart_yaml = format!(
        "apiVersion: v2\nname: demo\nversion: 1.0.0\ndescription: \"{HOSTILE}\"\nappVersion: \"7\"\n\
         kubeVersion: \">=1.29\"\nhome: https://example.com\nsources: [\"https://example.com/a.git\", \"javascript:x\"]\n\
         keywords: [web]\nmaintainers:\n- name: Ann\n- email: ben@example.com\n\
         annotations:\n  artifacthub.io/license: Apache-2.0\n\
         dependencies:\n- name: redis\n  version: ~19\n  repository: https://example.com/charts\n  condition: redis.enabled\n"
    );
    let chart = tar_gz(&[
        ("demo/charts/sub/README.md", b"# Sub\n"),
        ("demo/README.md", b"# Demo\n\n<script>alert(1)</script>\n"),
        ("demo/Chart.yaml", chart_yaml.as_bytes()),
    ]);
    helm::upload(&app.root(), 1, "stable", &chart).expect(201);
    let expected = json!({
        "description": HOSTILE,
        "readme": {
            "kind": "markdown",
            "text": "# Demo\n\n<script>alert(1)</script>",
            "html": "<h3>Demo</h3>\n\n",
        },
        "license": "Apache-2.0",
        "authors": ["Ann"],
        "keywords": ["web"],
        "links": [
            { "label": "Homepage", "url": "https://example.com" },
            { "label": "Source", "url": "https://example.com/a.git" },
        ],
        "dependencies": [{ "name": "redis", "requirement": "~19", "scope": "redis.enabled" }],
        "facts": [
            { "label": "App version", "value": "7" },
            { "label": "Kubernetes", "value": ">=1.29" },
        ],
    });
    assert_eq!(display_of_hostile(&app, "demo"), expected);
}

#[test]
fn a_nuget_package_tells_what_its_nuspec_and_its_readme_say() {
    let app = TestApp::start();
    let more = "<license type=\"expression\">MIT</license><licenseUrl>https://aka.ms/deprecateLicenseUrl</licenseUrl>\
                <projectUrl>https://example.com</projectUrl><repository url=\"https://example.com/a.git\"/>\
                <readme>docs\\readme.md</readme><tags>one &lt;script&gt;alert(1)&lt;/script&gt;</tags>\
                <dependencies><group targetFramework=\"net8.0\"><dependency id=\"Dep\" version=\"[1.0, 2.0)\"/></group></dependencies>";
    let nuspec = nuget::nuspec("Acme.Core", "1.0.0", more);
    let package = zip(&[
        ("Acme.Core.nuspec", nuspec.as_bytes()),
        (
            "docs/README.md",
            "\u{feff}# Core\n\n<script>alert(1)</script>\n".as_bytes(),
        ),
    ]);
    nuget::push(&app.root(), 1, &package).expect(201);
    let expected = json!({
        "description": "A test",
        "readme": {
            "kind": "markdown",
            "text": "# Core\n\n<script>alert(1)</script>",
            "html": "<h3>Core</h3>\n\n",
        },
        "license": "MIT",
        "authors": ["Ann", "Bob"],
        "keywords": ["one", HOSTILE],
        "links": [
            { "label": "Homepage", "url": "https://example.com" },
            { "label": "Repository", "url": "https://example.com/a.git" },
        ],
        "dependencies": [{ "name": "Dep", "requirement": "[1.0, 2.0)", "scope": "net8.0" }],
        "facts": [],
    });
    assert_eq!(display_of_hostile(&app, "Acme.Core"), expected);
}

#[test]
fn a_terraform_module_tells_what_its_sources_and_its_readme_say() {
    let app = TestApp::start();
    let main = format!(
        "variable \"region\" {{}}\nvariable \"size\" {{\n default = 1\n}}\noutput \"id\" {{\n value = 1\n}}\n\
         module \"part\" {{\n source = \"./modules/part\"\n}}\nmodule \"vpc\" {{\n source = \"acme/vpc/aws\"\n version = \"~> 5\"\n}}\n\
         terraform {{\n required_version = \">= 1.5\"\n required_providers {{\n  aws = {{\n   source = \"hashicorp/aws\"\n   version = \"{HOSTILE}\"\n  }}\n }}\n}}\n"
    );
    let archive = tar_gz(&[
        ("main.tf", main.as_bytes()),
        ("README.md", b"# Net\n\n<script>alert(1)</script>\n"),
    ]);
    terraform::upload(&app.root(), 1, "net/aws", "1.0.0", &archive).expect(201);
    let expected = json!({
        "description": null,
        "readme": {
            "kind": "markdown",
            "text": "# Net\n\n<script>alert(1)</script>",
            "html": "<h3>Net</h3>\n\n",
        },
        "license": null,
        "authors": [],
        "keywords": [],
        "links": [],
        "dependencies": [
            { "name": "hashicorp/aws", "requirement": HOSTILE, "scope": "provider" },
            { "name": "acme/vpc/aws", "requirement": "~> 5", "scope": "module" },
        ],
        "facts": [
            { "label": "Terraform", "value": ">= 1.5" },
            { "label": "Required inputs", "value": "region" },
            { "label": "Optional inputs", "value": "size" },
            { "label": "Outputs", "value": "id" },
        ],
    });
    assert_eq!(display_of_hostile(&app, "net/aws"), expected);
}

#[test]
fn a_go_module_tells_what_its_go_mod_and_its_readme_say() {
    let app = TestApp::start();
    let go_mod = format!(
        "module example.com/hello\n\ngo 1.22\n\nrequire (\n\ta.example/a v1.2.3\n\tb.example/b {HOSTILE} // indirect\n)\n"
    );
    let files = [
        ("go.mod", go_mod.as_str()),
        ("README.md", "# Hello\n\n<script>alert(1)</script>\n"),
        ("deep/README.md", "# Deep\n"),
    ];
    let zip = golang::module_zip("example.com/hello", "v1.0.0", &files);
    app.root().put(&golang::go_upload(1), zip).expect(201);
    let expected = json!({
        "description": null,
        "readme": {
            "kind": "markdown",
            "text": "# Hello\n\n<script>alert(1)</script>",
            "html": "<h3>Hello</h3>\n\n",
        },
        "license": null,
        "authors": [],
        "keywords": [],
        "links": [],
        "dependencies": [
            { "name": "a.example/a", "requirement": "v1.2.3", "scope": "" },
            { "name": "b.example/b", "requirement": HOSTILE, "scope": "indirect" },
        ],
        "facts": [{ "label": "Go", "value": "1.22" }],
    });
    assert_eq!(display_of_hostile(&app, "example.com/hello"), expected);
}

#[test]
fn a_recipe_tells_what_its_latest_conanfile_says() {
    let app = TestApp::start();
    let publish = |revision: char, attributes: &str, is_whole: bool| {
        let conanfile = format!(
            "from conan import ConanFile\n\nclass Hello(ConanFile):\n    name = \"hello\"\n{attributes}"
        );
        let revision = conan::recipe(&conan::conan(1), "hello/1.0/_/_", revision);
        let root = app.root();
        root.put_file(&revision, "conanfile.py", conanfile)
            .expect(200);
        if is_whole {
            root.put_file(&revision, "conanmanifest.txt", b"1\n")
                .expect(200);
        }
    };
    publish('a', "    license = \"none\"\n", true);
    let attributes = format!(
        "    description = \"{HOSTILE}\"\n    license = (\"MIT\", \"BSL-1.0\")\n    author = \"Ann\"\n    topics = \"greeting\",\n    \
         homepage = \"javascript:alert(1)\"\n    url = \"https://example.com/recipes\"\n    requires = \"zlib/1.3\"\n\n    \
         def build_requirements(self):\n        self.tool_requires(\"cmake/[>=3.30]\")\n"
    );
    publish('b', &attributes, true);
    // One that is still on its way says nothing yet.
    publish('c', "    license = \"later\"\n", false);
    let expected = json!({
        "description": HOSTILE,
        "readme": null,
        "license": "MIT, BSL-1.0",
        "authors": ["Ann"],
        "keywords": ["greeting"],
        "links": [{ "label": "Recipe", "url": "https://example.com/recipes" }],
        "dependencies": [
            { "name": "zlib", "requirement": "1.3", "scope": "" },
            { "name": "cmake", "requirement": "[>=3.30]", "scope": "tool" },
        ],
        "facts": [],
    });
    assert_eq!(display_of_hostile(&app, "hello"), expected);
}

#[test]
fn what_says_nothing_is_empty_and_what_is_hidden_is_not_there() {
    let app = TestApp::start();
    publish_generic(&app, 1, "tool", "1.0.0");
    let id = package_id(&app, "tool");
    let shown = display(&app.anonymous(), 1, id);
    assert_eq!(shown["readme"], Value::Null);
    assert_eq!(shown["dependencies"], json!([]));

    app.group("vault", "private");
    let vault = app.project("vault/one", "private");
    publish_generic(&app, vault, "secret", "1.0.0");
    let secret = package_id(&app, "secret");
    for route in ["display", "downloads"] {
        let path = format!("/api/v4/-/projects/{vault}/packages/{secret}/{route}");
        let missing = json!({ "message": "404 Project Not Found" });
        app.anonymous().get(&path).expect_json(404, missing.clone());
        app.user(&format!("sam-{route}"))
            .get(&path)
            .expect_json(404, missing);
        app.root().get(&path).expect(200);
        // A package of another project is not in this one.
        let elsewhere = format!("/api/v4/-/projects/1/packages/{secret}/{route}");
        app.root()
            .get(&elsewhere)
            .expect_json(404, json!({ "message": "404 Not found" }));
    }
}
