//! The matrix: every route of the server's own table × every caller × every visibility, each with the status that
//! `matrix.txt` says.

use std::collections::{BTreeMap, BTreeSet};

use packhouse::server::routes;

use super::callers::{CALLERS, VISIBILITIES, World};
use super::table::{Row, Table};
use crate::support::{Actor, Answer};

/// Who asks in every spelling, HEAD and conditional requests among them; the others only ask plainly.
const CURIOUS: &[&str] = &[
    "anonymous",
    "stranger",
    "external",
    "guest",
    "maintainer",
    "deploy-read",
    "deploy-elsewhere",
    "job-elsewhere",
    "read_user",
    "expired",
    "basic-wrong",
];

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let table = Table::read();
    let rows: Vec<(String, String)> = table
        .rows
        .iter()
        .map(|row| (row.method.clone(), row.pattern.clone()))
        .collect();
    let known: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    assert_eq!(
        known.len(),
        rows.len(),
        "a route stands twice in matrix.txt"
    );
    let served: BTreeSet<(String, String)> = routes()
        .map(|row| (row.route.method.to_string(), row.pattern()))
        .collect();
    assert!(
        served.len() > 100,
        "only {} routes: is the table blind?",
        served.len()
    );
    let missing: Vec<_> = served.difference(&known).collect();
    let gone: Vec<_> = known.difference(&served).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "routes without a row in tests/it/access/matrix.txt: {missing:#?}\nrows without a route: {gone:#?}"
    );
}

#[test]
fn the_matrix_of_the_core_routes_that_read() {
    walk(|row| !is_format(row) && row.method == "GET");
}

#[test]
fn the_matrix_of_the_core_routes_that_change_something() {
    walk(|row| !is_format(row) && row.method != "GET");
}

#[test]
fn the_matrix_of_the_format_routes_that_read() {
    walk(|row| is_format(row) && row.method == "GET");
}

#[test]
fn the_matrix_of_the_format_routes_that_change_something() {
    walk(|row| is_format(row) && row.method != "GET");
}

fn is_format(row: &Row) -> bool {
    row.family.starts_with("format.")
}

pub fn is_of_group(row: &Row) -> bool {
    ["/api/v4/groups/{id}", "/api/v4/group/{id}"]
        .iter()
        .any(|prefix| row.pattern.starts_with(prefix))
}

fn walk(wanted: fn(&Row) -> bool) {
    let table = Table::read();
    let world = World::start();
    let (mut wrong, mut asked, mut number) = (Wrong::default(), 0, 0);
    for row in table.rows.iter().filter(|row| wanted(row)) {
        for caller in CALLERS {
            let cells = row.cells[*caller];
            // Where the place makes no difference, one is enough.
            let places =
                if row.pattern.contains("{id}") || cells.iter().any(|cell| *cell != cells[0]) {
                    3
                } else {
                    1
                };
            for place in 0..places {
                number += 1;
                let request = Request::new(&world, row, place, number);
                let actor = request
                    .headers
                    .iter()
                    .fold(world.actor(caller, place), |actor, (name, value)| {
                        actor.with(name, value)
                    });
                let events = world.count("SELECT coalesce(max(id), 0) FROM audit_events");
                let mut check = |what: &str, answer: Answer, more: &[u16]| {
                    asked += 1;
                    let right = match cells[place] {
                        None => {
                            row.allowed.contains(&answer.status) || more.contains(&answer.status)
                        }
                        Some(refusal) => answer.status == refusal,
                    };
                    if !right {
                        let expected = cells[place].map_or_else(
                            || format!("ok {:?}", row.allowed),
                            |status| status.to_string(),
                        );
                        let line = format!(
                            "{} {} ({}): expected {expected}, not {}",
                            row.method, row.pattern, row.family, answer.status
                        );
                        let text = answer.text().chars().take(120).collect::<String>();
                        wrong.add(
                            line,
                            format!("{what}{caller} {}", VISIBILITIES[place]),
                            text,
                        );
                    }
                };
                check("", request.send(&actor, &row.method), &[]);
                if row.method == "GET" {
                    if CURIOUS.contains(caller) {
                        for (what, answer, more) in request.other_spellings(&world, &actor) {
                            check(what, answer, more);
                        }
                    }
                } else {
                    let succeeded = cells[place].is_none() && row.allowed[0] < 300;
                    let grown =
                        world.count("SELECT coalesce(max(id), 0) FROM audit_events") > events;
                    if grown != (succeeded && !row.unaudited) {
                        let line =
                            format!("{} {}: in the audit log: {grown}", row.method, row.pattern);
                        wrong.add(
                            line,
                            format!("{caller} {}", VISIBILITIES[place]),
                            String::new(),
                        );
                    }
                    if succeeded && row.breaks {
                        world.forget(caller, place);
                    }
                }
            }
        }
    }
    assert!(asked > 500, "only {asked} requests: is the walk blind?");
    assert!(
        wrong.by_line.is_empty(),
        "of {asked} requests some are wrong:\n{wrong}"
    );
}

/// What is wrong, and for whom.
#[derive(Default)]
struct Wrong {
    by_line: BTreeMap<String, (Vec<String>, String)>,
}

impl Wrong {
    fn add(&mut self, line: String, who: String, example: String) {
        let (all, _) = self.by_line.entry(line).or_insert((Vec::new(), example));
        all.push(who);
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (line, (who, example)) in &self.by_line {
            writeln!(f, "{line}\n    {}\n    {example}", who.join(", "))?;
        }
        Ok(())
    }
}

/// A row, made concrete at one place.
pub struct Request {
    pub path: String,
    body: Option<String>,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn new(world: &World, row: &Row, place: usize, number: usize) -> Request {
        let mut path: Vec<String> = Vec::new();
        for segment in row.pattern.split('/') {
            let name = segment
                .trim_start_matches("{*")
                .trim_start_matches('{')
                .trim_end_matches('}');
            path.push(match segment.starts_with('{') {
                false => segment.to_owned(),
                true => match row.values.get(name) {
                    Some(value) => filled(world, value, place, number),
                    None if name == "id" && is_of_group(row) => world.value("group", place, number),
                    None if name == "id" => world.value("project", place, number),
                    None => panic!("{} {}: {name} has no value", row.method, row.pattern),
                },
            });
        }
        let mut path = path.join("/");
        if let Some(query) = row.values.get("query") {
            path = format!("{path}?{}", filled(world, query, place, number));
        }
        Request {
            path,
            body: row
                .body
                .as_ref()
                .map(|body| filled(world, body, place, number)),
            headers: row.headers.clone(),
        }
    }

    /// The same request for another path.
    pub fn at(&self, path: String) -> Request {
        Request {
            path,
            body: self.body.clone(),
            headers: self.headers.clone(),
        }
    }

    pub fn send(&self, actor: &Actor, method: &str) -> Answer {
        match &self.body {
            Some(json) if json.starts_with('{') => {
                let actor = actor.with("Content-Type", "application/json");
                actor.send(method, &self.path, json.as_bytes())
            }
            Some(bytes) => actor.send(method, &self.path, bytes.as_bytes()),
            None => actor.send(method, &self.path, b""),
        }
    }

    /// The same resource, asked for otherwise: what is decided must be the same.
    fn other_spellings(
        &self,
        world: &World,
        actor: &Actor,
    ) -> Vec<(&'static str, Answer, &'static [u16])> {
        let seen = world.app.root().get(&self.path);
        let known = seen.find_header("etag").unwrap_or("\"x\"").to_owned();
        let mut answers: Vec<(&str, Answer, &[u16])> = vec![
            ("HEAD ", actor.head(&self.path), &[]),
            (
                "Range ",
                actor.with("Range", "bytes=0-0").get(&self.path),
                &[206, 416],
            ),
            (
                "known ",
                actor.with("If-None-Match", &known).get(&self.path),
                &[304],
            ),
            (
                "any ",
                actor.with("If-None-Match", "*").get(&self.path),
                &[304],
            ),
            (
                "since ",
                actor
                    .with("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")
                    .get(&self.path),
                &[304],
            ),
        ];
        if let Some(encoded) = encoded(&self.path) {
            answers.push(("encoded ", actor.get(&encoded), &[]));
        }
        answers
    }
}

/// The id of the project or group with its first digit percent-encoded.
fn encoded(path: &str) -> Option<String> {
    for word in ["/projects/", "/groups/", "/group/"] {
        let Some((before, after)) = path.split_once(word) else {
            continue;
        };
        let first = after.bytes().next().filter(u8::is_ascii_digit);
        if let Some(first) = first {
            return Some(format!("{before}{word}%{first:02X}{}", &after[1..]));
        }
    }
    None
}

/// `<word>` stands for what the world says, `#` for a number that no other request has.
fn filled(world: &World, text: &str, place: usize, number: usize) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let end = rest[at..]
            .find('>')
            .map(|end| at + end)
            .unwrap_or_else(|| panic!("{text}: no end of <"));
        filled.push_str(&rest[..at]);
        filled.push_str(&world.value(&rest[at + 1..end], place, number));
        rest = &rest[end + 1..];
    }
    filled.push_str(rest);
    filled.replace('#', &number.to_string())
}
