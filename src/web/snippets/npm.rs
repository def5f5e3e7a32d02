//! npm packages: npm, yarn, pnpm, bun, deno. All of them read `.npmrc`, Yarn 2 and later alone does not.

use super::quote::{shell, string};
use super::{Client, Snippet, TOKEN, Target};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let registry = format!("{}/", target.api("npm"));
    let scope = target.name.split_once('/').map(|(scope, _)| scope);
    let scope = scope.filter(|scope| is_scope(scope));
    let spec = shell(&format!("{}@{}", target.name, target.version));
    let npmrc = npmrc(target, &registry, scope);
    let add = |name, command: &str| Client {
        name,
        install: vec![Snippet::terminal(format!("{command} {spec}"))],
        configure: vec![Snippet::file(".npmrc", npmrc.clone())],
        publish: vec![],
    };
    // A scope's own registry is asked for that scope alone; without one, everything comes from here.
    let flag = match scope {
        Some(scope) => format!("--{scope}:registry={registry}"),
        None => format!("--registry={registry}"),
    };
    vec![
        Client {
            name: "npm",
            install: vec![Snippet::terminal(format!(
                "npm install {spec} \\\n  {flag}"
            ))],
            configure: vec![Snippet::file(".npmrc", npmrc.clone())],
            publish: vec![Snippet::terminal(format!("npm publish {flag}"))],
        },
        Client {
            publish: vec![Snippet::terminal("pnpm publish".to_owned())],
            ..add("pnpm", "pnpm add")
        },
        add("Yarn 1", "yarn add"),
        yarn_berry(target, &spec, &registry, scope),
        Client {
            publish: vec![Snippet::terminal("bun publish".to_owned())],
            ..add("bun", "bun add")
        },
        Client {
            install: vec![Snippet::terminal(format!(
                "deno add {}",
                shell(&format!("npm:{}@{}", target.name, target.version))
            ))],
            ..add("deno", "")
        },
    ]
}

fn npmrc(target: &Target<'_>, registry: &str, scope: Option<&str>) -> String {
    let key = registry.split_once(':').map_or(registry, |(_, rest)| rest);
    let whose = match scope {
        Some(scope) => format!("{scope}:registry={registry}"),
        None => format!("registry={registry}"),
    };
    let note = if target.public {
        "\n; to publish; reading needs no token here"
    } else {
        ""
    };
    format!("{whose}{note}\n{key}:_authToken={TOKEN}\n")
}

fn yarn_berry(target: &Target<'_>, spec: &str, registry: &str, scope: Option<&str>) -> Client {
    let plain = match target.is_plain() {
        true => format!(
            "unsafeHttpWhitelist:\n  - {}\n",
            string(&target.host_name())
        ),
        false => String::new(),
    };
    let config = match scope {
        Some(scope) => format!(
            "npmScopes:\n  {}:\n    npmRegistryServer: {}\n    npmAuthToken: {TOKEN}\n{plain}",
            scope.trim_start_matches('@'),
            string(registry.trim_end_matches('/')),
        ),
        None => format!(
            "npmRegistryServer: {}\nnpmAuthToken: {TOKEN}\n{plain}",
            string(registry.trim_end_matches('/')),
        ),
    };
    Client {
        name: "Yarn 4",
        install: vec![Snippet::terminal(format!("yarn add {spec}"))],
        configure: vec![Snippet::file(".yarnrc.yml", config)],
        publish: vec![Snippet::terminal("yarn npm publish".to_owned())],
    }
}

/// Only then can it stand in a flag and in a file of settings.
fn is_scope(scope: &str) -> bool {
    let name = scope.strip_prefix('@').unwrap_or_default();
    let safe = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    !name.is_empty() && name.chars().all(safe)
}
