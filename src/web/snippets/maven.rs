//! Maven artifacts: mvn, Gradle, sbt, Ivy, Leiningen.

use super::quote::{single, string, xml};
use super::{Client, Snippet, TOKEN, Target};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let url = target.api("maven");
    let (group, artifact) = match target.name.rsplit_once('/') {
        Some((group, artifact)) => (group.replace('/', "."), artifact),
        None => (String::new(), target.name),
    };
    let gav = format!("{group}:{artifact}:{}", target.version);
    vec![
        mvn(target, &url, &group, artifact),
        gradle(target, &url, &gav),
        gradle_kotlin(target, &url, &gav),
        sbt(target, &url, &group, artifact),
        ivy(target, &url, &group, artifact),
        leiningen(target, &url, &group, artifact),
    ]
}

fn mvn(target: &Target<'_>, url: &str, group: &str, artifact: &str) -> Client {
    let (group, artifact, version) = (xml(group), xml(artifact), xml(target.version));
    let repository = |element: &str| {
        format!("<{element}>\n    <id>packhouse</id>\n    <url>{url}</url>\n  </{element}>")
    };
    Client {
        name: "Maven",
        install: vec![Snippet::file(
            "pom.xml",
            format!(
                "<dependency>\n  <groupId>{group}</groupId>\n  <artifactId>{artifact}</artifactId>\n  <version>{version}</version>\n</dependency>\n"
            ),
        )],
        configure: vec![
            Snippet::file(
                "pom.xml",
                format!(
                    "<repositories>\n  {}\n</repositories>\n<distributionManagement>\n  {}\n  {}\n</distributionManagement>\n",
                    repository("repository"),
                    repository("repository"),
                    repository("snapshotRepository"),
                ),
            ),
            Snippet::file(
                "settings.xml",
                format!(
                    "<settings>\n  <servers>\n    <server>\n      <id>packhouse</id>\n      <configuration>\n        <httpHeaders>\n          <property>\n            <name>Private-Token</name>\n            <value>{TOKEN}</value>\n          </property>\n        </httpHeaders>\n      </configuration>\n    </server>\n  </servers>{}\n</settings>\n",
                    unblocked(target, url)
                ),
            ),
        ],
        publish: vec![Snippet::terminal("mvn deploy".to_owned())],
    }
}

/// Maven 3.8.1 and later refuses plain http to other machines, unless a mirror says that it may.
fn unblocked(target: &Target<'_>, url: &str) -> String {
    if !target.is_plain() || target.is_loopback() {
        return String::new();
    }
    format!(
        "\n  <mirrors>\n    <mirror>\n      <id>packhouse</id>\n      <mirrorOf>packhouse</mirrorOf>\n      <url>{url}</url>\n      <blocked>false</blocked>\n    </mirror>\n  </mirrors>"
    )
}

fn gradle(target: &Target<'_>, url: &str, gav: &str) -> Client {
    let insecure = if target.is_plain() {
        "\n    allowInsecureProtocol = true"
    } else {
        ""
    };
    let maven = |indent: &str| {
        format!(
            "maven {{\n    url = '{url}'{insecure}\n    credentials(HttpHeaderCredentials) {{\n      name = 'Private-Token'\n      value = '{TOKEN}'\n    }}\n    authentication {{ header(HttpHeaderAuthentication) }}\n  }}"
        )
        .replace('\n', &format!("\n{indent}"))
    };
    Client {
        name: "Gradle",
        install: vec![Snippet::file(
            "build.gradle",
            format!("dependencies {{\n  implementation {}\n}}\n", single(gav)),
        )],
        configure: vec![Snippet::file(
            "build.gradle",
            format!("repositories {{\n  {}\n}}\n", maven("")),
        )],
        publish: vec![
            Snippet::file(
                "build.gradle",
                format!(
                    "plugins {{\n  id 'maven-publish'\n}}\npublishing {{\n  publications {{\n    library(MavenPublication) {{ from components.java }}\n  }}\n  repositories {{\n    {}\n  }}\n}}\n",
                    maven("  ")
                ),
            ),
            Snippet::terminal("gradle publish".to_owned()),
        ],
    }
}

fn gradle_kotlin(target: &Target<'_>, url: &str, gav: &str) -> Client {
    let insecure = if target.is_plain() {
        "\n    isAllowInsecureProtocol = true"
    } else {
        ""
    };
    // A dollar would begin a template.
    let gav = string(gav).replace('$', "\\$");
    Client {
        name: "Gradle Kotlin",
        install: vec![Snippet::file(
            "build.gradle.kts",
            format!("dependencies {{\n  implementation({gav})\n}}\n"),
        )],
        configure: vec![Snippet::file(
            "build.gradle.kts",
            format!(
                "repositories {{\n  maven({}) {{{insecure}\n    credentials(HttpHeaderCredentials::class) {{\n      name = \"Private-Token\"\n      value = \"{TOKEN}\"\n    }}\n    authentication {{ create(\"header\", HttpHeaderAuthentication::class) }}\n  }}\n}}\n",
                string(url)
            ),
        )],
        publish: vec![Snippet::terminal("gradle publish".to_owned())],
    }
}

fn sbt(target: &Target<'_>, url: &str, group: &str, artifact: &str) -> Client {
    let (host, realm) = (string(&target.host_name()), "GitLab Packages Registry");
    let insecure = if target.is_plain() {
        ".withAllowInsecureProtocol(true)"
    } else {
        ""
    };
    Client {
        name: "sbt",
        install: vec![Snippet::file(
            "build.sbt",
            format!(
                "libraryDependencies += {} % {} % {}\n",
                string(group),
                string(artifact),
                string(target.version)
            ),
        )],
        configure: vec![Snippet::file(
            "build.sbt",
            format!(
                "resolvers += (\"packhouse\" at {}){insecure}\ncredentials += Credentials(\"{realm}\", {host}, \"__token__\", \"{TOKEN}\")\n",
                string(url)
            ),
        )],
        publish: vec![
            Snippet::file(
                "build.sbt",
                format!(
                    "publishTo := Some((\"packhouse\" at {}){insecure})\n",
                    string(url)
                ),
            ),
            Snippet::terminal("sbt publish".to_owned()),
        ],
    }
}

fn ivy(target: &Target<'_>, url: &str, group: &str, artifact: &str) -> Client {
    Client {
        name: "Ivy",
        install: vec![Snippet::file(
            "ivy.xml",
            format!(
                "<dependency org=\"{}\" name=\"{}\" rev=\"{}\"/>\n",
                xml(group),
                xml(artifact),
                xml(target.version)
            ),
        )],
        configure: vec![Snippet::file(
            "ivysettings.xml",
            format!(
                "<ivysettings>\n  <credentials host=\"{}\" realm=\"GitLab Packages Registry\" username=\"__token__\" passwd=\"{TOKEN}\"/>\n  <settings defaultResolver=\"packhouse\"/>\n  <resolvers>\n    <ibiblio name=\"packhouse\" m2compatible=\"true\" root=\"{url}\"/>\n  </resolvers>\n</ivysettings>\n",
                xml(&target.host_name())
            ),
        )],
        publish: vec![],
    }
}

fn leiningen(target: &Target<'_>, url: &str, group: &str, artifact: &str) -> Client {
    let is_symbol = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let symbol = match is_symbol(group) && is_symbol(artifact) {
        true => format!("{group}/{artifact}"),
        false => "GROUP/ARTIFACT".to_owned(),
    };
    Client {
        name: "Leiningen",
        install: vec![Snippet::file(
            "project.clj",
            format!(":dependencies [[{symbol} {}]]\n", string(target.version)),
        )],
        configure: vec![Snippet::file(
            "project.clj",
            format!(
                ":repositories [[\"packhouse\" {{:url {} :username \"__token__\" :password \"{TOKEN}\"}}]]\n",
                string(url)
            ),
        )],
        publish: vec![Snippet::terminal("lein deploy packhouse".to_owned())],
    }
}
