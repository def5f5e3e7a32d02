//! The crawl: a private project is full of packages of every format, and somebody who may not know of it walks every route,
//! with the ids, names, digests and validators of everything in it. What is there looks exactly like what is not.

use std::collections::BTreeMap;

use super::callers::World;
use super::matrix::{Request, is_of_group};
use super::packages::Home;
use super::table::{Row, Table};
use crate::support::{Actor, Answer};

/// The index of the private place.
const PRIVATE: usize = 2;

/// Who knows everything by name and may see nothing.
const WALKERS: &[&str] = &[
    "anonymous",
    "basic-wrong",
    "stranger",
    "external",
    "bot-elsewhere",
    "deploy-elsewhere",
];

/// Go alone tells signed-in callers 403, also of projects that do not exist: its client would ask elsewhere after 404.
fn may_say(row: &Row, status: u16) -> bool {
    matches!(status, 401 | 404) || (status == 403 && row.family.contains("golang"))
}

#[test]
fn a_private_project_full_of_packages_cannot_be_told_from_one_that_does_not_exist() {
    let (table, world) = (Table::read(), World::start());
    let real = world.homes[PRIVATE].clone();
    let (mut walked, mut number, mut told) = (0, 0, Vec::new());
    for row in table.rows.iter().filter(|row| names_a_place(row)) {
        for caller in WALKERS {
            let let_in = row.cells[*caller][PRIVATE].is_none();
            if let_in && !row.pattern.starts_with("/{id}/") {
                continue; // it tells nothing of the place: pings, logins
            }
            let actor = world.actor(caller, PRIVATE);
            number += 1;
            let there = Request::new(&world, row, PRIVATE, number);
            let seen = world.app.root().get(&there.path);
            let validator = seen.find_header("etag").unwrap_or("\"x\"").to_owned();
            let nothing_in_it = elsewhere(row, &there, &real);
            let nowhere = in_no_place(row, &there, &real);
            for (what, headers) in variants(row, &validator) {
                let actor = headers.iter().fold(actor.clone(), |actor, (name, value)| {
                    actor.with(name, value)
                });
                let method = if what == "HEAD " { "HEAD" } else { &row.method };
                let answer = ask(&there, &actor, method);
                walked += 1;
                if !let_in && !may_say(row, answer.status) {
                    told.push(format!(
                        "{caller} {what}{} {}: {}",
                        row.method, there.path, answer.status
                    ));
                }
                for other in [&nothing_in_it, &nowhere] {
                    let not_there = ask(other, &actor, method);
                    if look_of(&answer) != look_of(&not_there) {
                        told.push(format!(
                            "{caller} {what}{} {}:\n    {:?}\n{}:\n    {:?}",
                            row.method,
                            there.path,
                            look_of(&answer),
                            other.path,
                            look_of(&not_there)
                        ));
                    }
                }
            }
        }
    }
    assert!(walked > 300, "only {walked} requests: is the crawl blind?");
    assert!(
        told.is_empty(),
        "{} of {walked} tell something:\n{}",
        told.len(),
        told.join("\n")
    );
}

/// Of a project or group, by id or by path.
fn names_a_place(row: &Row) -> bool {
    let by_id = row.pattern.contains("/projects/{id}")
        || is_of_group(row)
        || row.pattern.starts_with("/{id}/");
    by_id || row.values.values().any(|value| value.contains("-path"))
}

fn variants(row: &Row, validator: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let mut all = vec![("", Vec::new())];
    if row.method == "GET" {
        all.push(("known ", vec![("If-None-Match", validator.to_owned())]));
        all.push(("range ", vec![("Range", "bytes=0-0".to_owned())]));
        let far = "Fri, 01 Jan 2100 00:00:00 GMT".to_owned();
        all.push(("since ", vec![("If-Modified-Since", far)]));
        all.push(("HEAD ", Vec::new()));
    }
    all
}

fn ask(request: &Request, actor: &Actor, method: &str) -> Answer {
    let actor = request
        .headers
        .iter()
        .fold(actor.clone(), |actor, (name, value)| {
            actor.with(name, value)
        });
    request.send(&actor, method)
}

/// The same request for a project and group that do not exist.
fn in_no_place(row: &Row, there: &Request, real: &Home) -> Request {
    let path = there
        .path
        .replacen(
            &format!("/projects/{}/", real.project_id),
            "/projects/999999/",
            1,
        )
        .replacen(&format!("/groups/{}/", real.group_id), "/groups/999999/", 1)
        .replacen(&format!("/group/{}/", real.group_id), "/group/999999/", 1)
        .replace("private-group", "nowhere-group");
    let path = match path == there.path {
        // `/projects/:id` itself
        true => format!(
            "{}/999999",
            path.rsplit_once('/').map_or("", |(before, _)| before)
        ),
        false => path,
    };
    assert_ne!(path, there.path, "{}", row.pattern);
    there.at(path)
}

/// The same project, asked for what is not in it.
fn elsewhere(row: &Row, there: &Request, real: &Home) -> Request {
    let mut other = BTreeMap::new();
    for (name, value) in &row.values {
        if name == "id" || name == "query" {
            continue;
        }
        let without_words = value
            .replace("<group-path>", &real.group)
            .replace("<project-path>", &real.project)
            .replace("<project-path-plus>", &real.project.replace('/', "+"));
        let nothing = match without_words.find('<') {
            _ if value.contains("sha256>") => "0".repeat(64),
            Some(at) => format!("{}999998", &without_words[..at]),
            None => without_words.replace("tool", "took").replace("1.0", "7.9"),
        };
        other.insert(name.clone(), nothing.replace('#', "7"));
    }
    let mut path = Vec::new();
    for (segment, was) in row.pattern.split('/').zip(there.path.split('/')) {
        let name = segment
            .trim_start_matches("{*")
            .trim_start_matches('{')
            .trim_end_matches('}');
        match (segment.starts_with('{'), other.get(name)) {
            (true, Some(nothing)) => path.push(nothing.clone()),
            _ => path.push(was.to_owned()),
        }
    }
    there.at(path.join("/"))
}

/// All that an answer shows: status, headers but those of the moment, body.
fn look_of(answer: &Answer) -> (u16, BTreeMap<String, String>, String) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    (answer.status, headers, answer.text())
}
