//! Gradle 4.4, Ivy and Leiningen against the server: each resolves what is there and publishes something of its own.

use crate::support::clients::{Sandbox, system_program};
use crate::support::each;
use crate::support::seeds::{PRIV, Seeds, packages};

/// An archive without entries: the smallest file that is a jar.
const EMPTY_JAR: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

const POM: &str = "<project><modelVersion>4.0.0</modelVersion>
  <groupId>com.acme</groupId><artifactId>demo</artifactId><version>1.0</version></project>";

/// A private project with `com.acme:demo:1.0`.
fn world() -> (Seeds, String) {
    let seeds = Seeds::start();
    let maven = format!("{}/maven", packages(PRIV));
    let owner = seeds.user("owner");
    let file = |ending: &str| format!("{maven}/com/acme/demo/1.0/demo-1.0.{ending}");
    owner.put(&file("pom"), POM).expect(200);
    owner.put(&file("jar"), EMPTY_JAR).expect(200);
    let url = seeds.url(&maven);
    (seeds, url)
}

fn has(seeds: &Seeds, name: &str) -> bool {
    let list = seeds.user("owner").get(&packages(PRIV)).expect(200).json();
    each(&list, "name").contains(&name)
}

#[test]
fn gradle_resolves_a_dynamic_version_and_publishes_in_mavens_layout() {
    let (seeds, url) = world();
    let token = seeds.token("developer");
    let mut sandbox = Sandbox::new();
    let home = sandbox.home().join("gradle").display().to_string();
    sandbox.set("GRADLE_USER_HOME", home);
    sandbox.write("settings.gradle", "rootProject.name = 'fromgradle'");
    sandbox.write("src/main/java/A.java", "public class A {}");
    sandbox.write(
        "build.gradle",
        format!(
            "apply plugin: 'java'
             apply plugin: 'ivy-publish'
             group = 'com.acme'
             version = '2.0'
             def login = {{ username 'developer'; password '{token}' }}
             repositories {{ maven {{ url '{url}'; credentials login }} }}
             configurations {{ fetched }}
             dependencies {{ fetched 'com.acme:demo:1.+' }}
             task fetch(type: Copy) {{ from configurations.fetched; into 'out' }}
             publishing {{
               publications {{ lib(IvyPublication) {{ from components.java }} }}
               repositories {{ ivy {{ url '{url}'; layout 'maven'; credentials login }} }} }}"
        ),
    );
    sandbox
        .run(
            &system_program("gradle"),
            ["--no-daemon", "fetch", "publish"],
        )
        .succeeds();
    assert_eq!(sandbox.read("out/demo-1.0.jar"), EMPTY_JAR);
    assert!(has(&seeds, "com/acme/fromgradle"));
}

#[test]
fn ivy_retrieves_and_publishes() {
    let (seeds, url) = world();
    let token = seeds.token("developer");
    let sandbox = Sandbox::new();
    // The realm is the one that the server names; Ivy sends nothing to any other.
    sandbox.write(
        "ivysettings.xml",
        format!(
            "<ivysettings><settings defaultResolver='packhouse'/><caches defaultCacheDir='{}'/>
             <credentials host='127.0.0.1' realm='GitLab Packages Registry' username='developer' passwd='{token}'/>
             <resolvers><ibiblio name='packhouse' m2compatible='true' root='{url}/'/></resolvers></ivysettings>",
            sandbox.home().join("ivy").display()
        ),
    );
    sandbox.write(
        "ivy.xml",
        "<ivy-module version='2.0'><info organisation='com.acme' module='fromivy' revision='3.0'/>
         <publications><artifact name='fromivy' type='jar' ext='jar'/></publications>
         <dependencies><dependency org='com.acme' name='demo' rev='1.+' conf='*->default'/></dependencies></ivy-module>",
    );
    sandbox.write("fromivy-3.0.jar", EMPTY_JAR);
    let jars = [
        "ivy",
        "httpclient",
        "httpcore",
        "commons-logging",
        "commons-codec",
    ];
    let class_path = jars
        .map(|jar| format!("/usr/share/java/{jar}.jar"))
        .join(":");
    let ivy = |more: &[&str]| {
        let all = [
            "-cp",
            &class_path,
            "org.apache.ivy.Main",
            "-settings",
            "ivysettings.xml",
            "-ivy",
            "ivy.xml",
        ];
        sandbox
            .run(&system_program("java"), all.iter().chain(more))
            .succeeds();
    };
    ivy(&["-retrieve", "lib/[artifact]-[revision].[ext]"]);
    assert_eq!(sandbox.read("lib/demo-1.0.jar"), EMPTY_JAR);
    // Ivy asks for the checksum before it sends it, and takes the computed one for somebody else's.
    ivy(&[
        "-overwrite",
        "-publish",
        "packhouse",
        "-revision",
        "3.0",
        "-publishpattern",
        "[artifact]-[revision].[ext]",
    ]);
    assert!(has(&seeds, "com/acme/fromivy"));
}

#[test]
fn leiningen_resolves_and_deploys() {
    let (seeds, url) = world();
    let token = seeds.token("developer");
    let mut sandbox = Sandbox::new();
    let home = sandbox.home();
    sandbox.set("LEIN_ROOT", "1");
    sandbox.set("LEIN_HOME", home.join("lein").display().to_string());
    // Plain http has to be asked for; the profiles would want packages of other repositories.
    sandbox.write(
        "project.clj",
        format!(
            "(require 'cemerick.pomegranate.aether)
             (cemerick.pomegranate.aether/register-wagon-factory! \"http\" #(org.apache.maven.wagon.providers.http.HttpWagon.))
             (defproject com.acme/fromlein \"4.0\"
               :profiles {{:base ^:replace {{}} :default ^:replace []}}
               :dependencies [[com.acme/demo \"1.0\"]]
               :local-repo \"{}\"
               :repositories ^:replace [[\"packhouse\" {{:url \"{url}\" :username \"developer\" :password \"{token}\" :sign-releases false}}]]
               :plugin-repositories ^:replace [])",
            home.join("m2").display()
        ),
    );
    for task in [&["deps"][..], &["deploy", "packhouse"]] {
        let args = ["with-profile", "provided"].iter().chain(task);
        sandbox.run(&system_program("lein"), args).succeeds();
    }
    let fetched = home.join("m2/com/acme/demo/1.0/demo-1.0.jar");
    assert_eq!(std::fs::read(fetched).unwrap(), EMPTY_JAR);
    assert!(has(&seeds, "com/acme/fromlein"));
    let document = seeds
        .user("owner")
        .get(&format!(
            "{}/maven/com/acme/fromlein/maven-metadata.xml",
            packages(PRIV)
        ))
        .expect(200);
    assert!(document.text().contains("<release>4.0</release>"));
}
