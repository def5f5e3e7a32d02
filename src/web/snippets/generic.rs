//! Generic packages: any client that speaks HTTP.

use super::quote::{path, shell, string};
use super::{Client, Snippet, TOKEN, Target};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    // Sub-directories are stored as `a%2Fb`; their URL has a slash.
    let file = target.first_file().replace("%2F", "/");
    let address = |file: &str| {
        let (name, version) = (path(target.name), path(target.version));
        target.api(&format!("generic/{name}/{version}/{}", path(file)))
    };
    let url = shell(&address(&file));
    let header = if target.public {
        String::new()
    } else {
        format!(" --header 'PRIVATE-TOKEN: {TOKEN}'")
    };
    let upload = shell(&address("new-file.bin"));
    vec![
        Client {
            name: "curl",
            install: vec![Snippet::terminal(format!(
                "curl --fail --remote-name{header} \\\n  {url}"
            ))],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "curl --fail --header 'PRIVATE-TOKEN: {TOKEN}' --upload-file ./new-file.bin \\\n  {upload}"
            ))],
        },
        Client {
            name: "wget",
            install: vec![Snippet::terminal(format!("wget{header} {url}"))],
            configure: vec![],
            publish: vec![],
        },
        python_gitlab(target, &file),
    ]
}

fn python_gitlab(target: &Target<'_>, file: &str) -> Client {
    let open = format!(
        "import gitlab\n\ngl = gitlab.Gitlab({}, private_token=\"{TOKEN}\")\nproject = gl.projects.get({})\n",
        string(&target.url.to_string()),
        target.project_id,
    );
    let (name, version, file) = (string(target.name), string(target.version), string(file));
    let what = format!("package_name={name},\n    package_version={version}");
    Client {
        name: "python-gitlab",
        install: vec![Snippet::file(
            "Python",
            format!(
                "{open}content = project.generic_packages.download(\n    {what},\n    file_name={file},\n)\n"
            ),
        )],
        configure: vec![Snippet::terminal("pip install python-gitlab".to_owned())],
        publish: vec![Snippet::file(
            "Python",
            format!(
                "{open}project.generic_packages.upload(\n    {what},\n    file_name=\"new-file.bin\",\n    path=\"./new-file.bin\",\n)\n"
            ),
        )],
    }
}
