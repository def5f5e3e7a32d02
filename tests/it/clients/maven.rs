//! mvn 3.8 against the server: real builds, deployed and resolved, with each kind of credential.

use crate::support::clients::{Ran, Sandbox, system_program};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds, packages};
use crate::support::{each, shape::ids};

const PLUGIN: &str = "org.apache.maven.plugins";

/// How mvn signs in to the server `packhouse`.
enum Login {
    Basic(String, String),
    Header(&'static str, String),
    None,
}

/// mvn with an empty local repository and the plugins of the system; nothing reaches another machine.
struct Maven {
    sandbox: Sandbox,
}

impl Maven {
    fn new(login: &Login) -> Maven {
        let server = match login {
            Login::Basic(user, password) => {
                format!("<username>{user}</username><password>{password}</password>")
            }
            Login::Header(name, value) => format!(
                "<configuration><httpHeaders><property><name>{name}</name><value>{value}</value></property></httpHeaders></configuration>"
            ),
            Login::None => String::new(),
        };
        let central = "<id>central</id><url>file:///usr/share/maven-repo</url>
            <releases><checksumPolicy>ignore</checksumPolicy></releases>";
        let sandbox = Sandbox::new();
        let local = sandbox.home().join("repository");
        sandbox.write(
            "settings.xml",
            format!(
                "<settings><localRepository>{}</localRepository>
                 <servers><server><id>packhouse</id>{server}</server></servers>
                 <profiles><profile><id>test</id>
                   <repositories><repository>{central}</repository></repositories>
                   <pluginRepositories><pluginRepository>{central}</pluginRepository></pluginRepositories>
                 </profile></profiles>
                 <activeProfiles><activeProfile>test</activeProfile></activeProfiles></settings>",
                local.display()
            ),
        );
        Maven { sandbox }
    }

    fn run(&self, args: &[&str]) -> Ran {
        let all = [
            "-B",
            "-e",
            "-s",
            "settings.xml",
            "-Dmaven.wagon.http.retryHandler.count=0",
        ];
        self.sandbox
            .run(&system_program("mvn"), all.iter().chain(args))
    }

    /// Deploys one file, with a POM that mvn makes.
    fn deploy_file(&self, url: &str, gav: &str, file: &str, more: &[&str]) -> Ran {
        let parts: Vec<&str> = gav.split(':').collect();
        let goal = format!("{PLUGIN}:maven-deploy-plugin:3.0.0:deploy-file");
        let args = [
            format!("-Durl={url}"),
            format!("-DgroupId={}", parts[0]),
            format!("-DartifactId={}", parts[1]),
            format!("-Dversion={}", parts[2]),
            format!("-Dfile={file}"),
        ];
        let mut all = vec![goal.as_str(), "-DrepositoryId=packhouse", "-Dpackaging=jar"];
        all.extend(args.iter().map(String::as_str));
        all.extend(more);
        self.run(&all)
    }

    /// Fetches an artifact and what it depends on into the local repository.
    fn get(&self, url: &str, gav: &str, more: &[&str]) -> Ran {
        let goal = format!("{PLUGIN}:maven-dependency-plugin:3.5.0:get");
        let (remote, artifact) = (
            format!("-DremoteRepositories=packhouse::default::{url}"),
            format!("-Dartifact={gav}"),
        );
        let mut all = vec![goal.as_str(), remote.as_str(), artifact.as_str()];
        all.extend(more);
        self.run(&all)
    }

    /// A file of the local repository.
    fn fetched(&self, path: &str) -> Vec<u8> {
        let path = self.sandbox.home().join("repository").join(path);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn project_url(seeds: &Seeds, project: i64) -> String {
    seeds.url(&format!("/api/v4/projects/{project}/packages/maven"))
}

fn group_url(seeds: &Seeds, group: i64) -> String {
    seeds.url(&format!("/api/v4/groups/{group}/-/packages/maven"))
}

/// The names of what a project holds.
fn names(seeds: &Seeds, project: i64) -> Vec<String> {
    let list = seeds
        .user("owner")
        .get(&packages(project))
        .expect(200)
        .json();
    each(&list, "name").into_iter().map(str::to_owned).collect()
}

fn basic(user: &str, password: &str) -> Login {
    Login::Basic(user.to_owned(), password.to_owned())
}

#[test]
fn mvn_deploys_a_file_and_gets_it_back_with_every_credential() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(Some(PRIV), None, &["write_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    let logins = [
        basic("developer", &seeds.token("developer")),
        basic("deployer", &deploy),
        basic("gitlab-ci-token", &job),
        Login::Header("Private-Token", seeds.token("developer")),
        Login::Header("Deploy-Token", deploy.clone()),
        Login::Header("Job-Token", job.clone()),
    ];
    let url = project_url(&seeds, PRIV);
    std::thread::scope(|scope| {
        for (number, login) in logins.iter().enumerate() {
            let (url, seeds) = (&url, &seeds);
            scope.spawn(move || {
                let (bytes, version) = (format!("jar {number}"), format!("1.{number}"));
                let maven = Maven::new(login);
                maven.sandbox.write("demo.jar", &bytes);
                maven
                    .deploy_file(url, &format!("com.acme:demo:{version}"), "demo.jar", &[])
                    .succeeds();
                let other = Maven::new(login);
                other
                    .get(url, &format!("com.acme:demo:{version}"), &[])
                    .succeeds();
                let path = format!("com/acme/demo/{version}/demo-{version}.jar");
                assert_eq!(other.fetched(&path), bytes.as_bytes());
                // The group knows it, too, for who may read it.
                if number == 0 || number == 3 {
                    let third = Maven::new(login);
                    third
                        .get(
                            &group_url(seeds, ACME),
                            &format!("com.acme:demo:{version}"),
                            &[],
                        )
                        .succeeds();
                    assert_eq!(third.fetched(&path), bytes.as_bytes());
                }
            });
        }
    });
    // Six builds at once have written the list of versions, and none is missing.
    let metadata = seeds
        .user("developer")
        .get(&format!(
            "{}/maven/com/acme/demo/maven-metadata.xml",
            packages(PRIV)
        ))
        .expect(200)
        .text();
    for number in 0..logins.len() {
        assert!(
            metadata.contains(&format!("<version>1.{number}</version>")),
            "{metadata}"
        );
    }
    let stranger = Maven::new(&basic("stranger", &seeds.token("stranger")));
    let refused = stranger.get(&url, "com.acme:demo:1.0", &[]);
    assert!(!refused.status.success(), "{refused}");
    assert!(
        !Maven::new(&Login::None)
            .get(&url, "com.acme:demo:1.0", &[])
            .status
            .success()
    );
}

#[test]
fn mvn_deploys_a_snapshot_again_and_resolves_the_newest() {
    let seeds = Seeds::start();
    let maven = Maven::new(&basic("developer", &seeds.token("developer")));
    let url = project_url(&seeds, PUB);
    let reader = Maven::new(&Login::None);
    for build in 1..=3 {
        let bytes = format!("build {build}");
        maven.sandbox.write("demo.jar", &bytes);
        maven
            .deploy_file(&url, "com.acme:demo:2.0-SNAPSHOT", "demo.jar", &[])
            .succeeds();
        reader
            .get(&url, "com.acme:demo:2.0-SNAPSHOT", &["-U"])
            .succeeds();
        assert_eq!(
            reader.fetched("com/acme/demo/2.0-SNAPSHOT/demo-2.0-SNAPSHOT.jar"),
            bytes.as_bytes()
        );
    }
    let metadata = seeds
        .anonymous()
        .get(&format!(
            "{}/maven/com/acme/demo/2.0-SNAPSHOT/maven-metadata.xml",
            packages(PUB)
        ))
        .expect(200)
        .text();
    assert!(
        metadata.contains("<buildNumber>3</buildNumber>"),
        "{metadata}"
    );
    assert_eq!(names(&seeds, PUB), ["com/acme/demo"]);
}

const PARENT: &str = "<project xmlns='http://maven.apache.org/POM/4.0.0'><modelVersion>4.0.0</modelVersion>
  <groupId>com.acme</groupId><artifactId>parent</artifactId><version>VERSION</version><packaging>pom</packaging>
  <modules><module>core</module><module>app</module></modules>
  <properties><maven.compiler.source>8</maven.compiler.source><maven.compiler.target>8</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
  <distributionManagement>
    <repository><id>packhouse</id><url>URL</url></repository>
    <snapshotRepository><id>packhouse</id><url>URL</url></snapshotRepository>
  </distributionManagement>
  <build><plugins>
    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.0</version></plugin>
    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.10.1</version></plugin>
    <plugin><artifactId>maven-surefire-plugin</artifactId><version>2.22.3</version></plugin>
    <plugin><artifactId>maven-jar-plugin</artifactId><version>3.3.0</version></plugin>
    <plugin><artifactId>maven-install-plugin</artifactId><version>3.1.0</version></plugin>
    <plugin><artifactId>maven-deploy-plugin</artifactId><version>3.0.0</version></plugin>
    <plugin><artifactId>maven-source-plugin</artifactId><version>3.2.1</version>
      <executions><execution><goals><goal>jar-no-fork</goal></goals></execution></executions></plugin>
  </plugins></build></project>";

/// A parent, a library, and a program that needs the library.
fn write_modules(maven: &Maven, url: &str, version: &str) {
    let module = |artifact: &str, more: &str| {
        format!(
            "<project xmlns='http://maven.apache.org/POM/4.0.0'><modelVersion>4.0.0</modelVersion>
             <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>{version}</version></parent>
             <artifactId>{artifact}</artifactId>{more}</project>"
        )
    };
    let parent = PARENT.replace("VERSION", version).replace("URL", url);
    maven.sandbox.write("pom.xml", parent);
    maven.sandbox.write(
        "core/pom.xml",
        module("core", "<description>The core of it</description>"),
    );
    maven.sandbox.write(
        "core/src/main/java/core/Core.java",
        "package core; public class Core { public static int answer() { return 42; } }",
    );
    let needs_core = format!(
        "<dependencies><dependency><groupId>com.acme</groupId><artifactId>core</artifactId><version>{version}</version></dependency></dependencies>"
    );
    maven
        .sandbox
        .write("app/pom.xml", module("app", &needs_core));
    maven.sandbox.write(
        "app/src/main/java/app/App.java",
        "package app; public class App { public static void main(String[] a) { System.out.println(core.Core.answer()); } }",
    );
}

#[test]
fn mvn_deploys_a_project_of_modules_with_their_sources_and_another_machine_builds_with_them() {
    let seeds = Seeds::start();
    let maven = Maven::new(&basic("developer", &seeds.token("developer")));
    for version in ["1.0", "1.1-SNAPSHOT"] {
        write_modules(&maven, &project_url(&seeds, PRIV), version);
        maven.run(&["deploy"]).succeeds();
    }
    let mut found = names(&seeds, PRIV);
    found.sort();
    let each_twice = [
        "com/acme/app",
        "com/acme/app",
        "com/acme/core",
        "com/acme/core",
        "com/acme/parent",
        "com/acme/parent",
    ];
    assert_eq!(found, each_twice);
    // From an empty local repository, through the group, with what `app` needs.
    let reader = Maven::new(&Login::Header("Private-Token", seeds.token("reporter")));
    for version in ["1.0", "1.1-SNAPSHOT"] {
        reader
            .get(
                &group_url(&seeds, ACME),
                &format!("com.acme:app:{version}"),
                &[],
            )
            .succeeds();
        reader
            .get(
                &group_url(&seeds, ACME),
                &format!("com.acme:core:{version}:jar:sources"),
                &[],
            )
            .succeeds();
        let jar =
            |name: &str| reader.fetched(&format!("com/acme/{name}/{version}/{name}-{version}.jar"));
        assert!(jar("app").starts_with(b"PK") && jar("core").starts_with(b"PK"));
        reader.fetched(&format!(
            "com/acme/core/{version}/core-{version}-sources.jar"
        ));
    }
    // A range is resolved by the list of versions.
    reader
        .get(&group_url(&seeds, ACME), "com.acme:core:LATEST", &[])
        .succeeds();
    assert!(!ids(&seeds.user("owner").get(&packages(PRIV))).is_empty());
    assert!(names(&seeds, DEEP).is_empty());
}
