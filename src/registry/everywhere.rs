//! Search across everything that a caller may read: names of packages, their types, the paths of their projects.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::items::{self, PackageItem};
use super::{Actor, Door, Package, PackageType, Project, Registry};
use crate::error::Result;
use crate::storage::db::{Connection, newest, projects};

/// Names that a search finds at most.
pub const MOST_FOUND: usize = 500;

/// Words of a search that are looked at.
const MOST_TERMS: usize = 8;

impl Registry {
    /// The newest package of each name that is meant: every term occurs in the name, or in the path of the project, or
    /// is the type. What is called exactly so comes first, then what begins so, then the newest. No terms: everything.
    pub async fn search_everywhere(
        &self,
        actor: Actor,
        package_type: Option<PackageType>,
        mut terms: Vec<String>,
        limit: usize,
    ) -> Result<Vec<PackageItem>> {
        terms.truncate(MOST_TERMS);
        let registry = self.clone();
        let work = move |conn: &Connection| {
            let sight = registry.sight(conn, &actor)?;
            let mut readable = HashMap::new();
            for project in projects::list(conn)? {
                if sight.reads_packages(conn, &project, Door::Core)? {
                    readable.insert(project.id, project);
                }
            }
            let mut found: Vec<Package> = Vec::new();
            for question in questions(&readable, package_type, &terms) {
                found.extend(newest::of_each_name(
                    conn,
                    &question.projects,
                    question.package_type,
                    &question.terms,
                    limit,
                )?);
            }
            rank(&mut found, &terms);
            found.truncate(limit);
            let shown = |package: &Package| {
                let project = &readable[&package.project_id];
                (project.full_path.clone(), sight.packages(project))
            };
            items::decorate(conn, found, 1, shown)
        };
        self.db.read(work).await
    }
}

/// What the names of some projects are asked for.
struct Question {
    projects: Vec<i64>,
    package_type: Option<PackageType>,
    terms: Vec<String>,
}

/// A project's path answers for some of the terms, and a word that is a type for itself; the rest must be in the name.
/// Projects that leave the same rest are asked together.
fn questions(
    readable: &HashMap<i64, Project>,
    package_type: Option<PackageType>,
    terms: &[String],
) -> Vec<Question> {
    let mut by_rest: BTreeMap<Vec<String>, Vec<i64>> = BTreeMap::new();
    for project in readable.values() {
        let path = project.full_path.to_lowercase();
        let in_path = |term: &&String| path.contains(term.as_str());
        let rest: Vec<String> = terms
            .iter()
            .filter(|term| !in_path(term))
            .cloned()
            .collect();
        // A name may hold what the path holds, too, so both are asked where they differ.
        if rest.len() < terms.len() {
            by_rest.entry(terms.to_vec()).or_default().push(project.id);
        }
        by_rest.entry(rest).or_default().push(project.id);
    }
    let mut questions = Vec::new();
    for (rest, mut projects) in by_rest {
        projects.sort_unstable();
        let type_word = rest.iter().position(|term| type_called(term).is_some());
        if let Some(at) = type_word
            && package_type.is_none_or(|only| type_called(&rest[at]) == Some(only))
        {
            let mut terms = rest.clone();
            let word = terms.remove(at);
            questions.push(Question {
                projects: projects.clone(),
                package_type: type_called(&word),
                terms,
            });
        }
        questions.push(Question {
            projects,
            package_type,
            terms: rest,
        });
    }
    questions
}

/// `npm`, and what people say for GitLab's words.
fn type_called(word: &str) -> Option<PackageType> {
    match word {
        "go" => Some(PackageType::Golang),
        "terraform" => Some(PackageType::TerraformModule),
        "python" => Some(PackageType::Pypi),
        _ => PackageType::parse(word),
    }
}

fn rank(found: &mut Vec<Package>, terms: &[String]) {
    let whole = terms.join(" ");
    let distance = |package: &Package| {
        let name = package.name.to_lowercase();
        match terms.contains(&name) || name == whole {
            true => 0,
            false if terms.iter().any(|term| name.starts_with(term.as_str())) => 1,
            false => 2,
        }
    };
    found.sort_by_key(|package| (distance(package), std::cmp::Reverse(package.id)));
    let mut seen = HashSet::new();
    found.retain(|package| seen.insert(package.name_id));
}
