//! What the rules of a place would take, and why.

use std::collections::HashSet;

use regex::Regex;

use crate::error::{Error, Result};
use crate::registry::protection;
use crate::registry::{PackageType, RetentionRule, Source, Timestamp};
use crate::storage::db::Connection;
use crate::storage::db::retention::{self, Candidate};

/// A version that goes.
#[derive(Clone, Debug)]
pub struct Doomed {
    pub package_id: i64,
    pub project_id: i64,
    pub package_type: PackageType,
    pub name: String,
    pub version: String,
    pub bytes: i64,
    pub rule_id: i64,
    pub reason: String,
    /// As it was when it was found: what has changed since is left alone.
    pub(super) updated_at: Timestamp,
    pub(super) last_downloaded_at: Option<Timestamp>,
}

/// What one rule found.
#[derive(Clone, Debug)]
pub struct RuleFindings {
    pub rule_id: i64,
    pub packages: usize,
    pub bytes: i64,
    /// What is to be said of it: that it matches nothing, is not enabled, or why it failed.
    pub message: Option<String>,
    pub failed: bool,
}

/// What all rules of a place found; a package that several rules take is taken by the first.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub packages: Vec<Doomed>,
    pub rules: Vec<RuleFindings>,
    /// There is more than one answer may hold: the next run takes the rest.
    pub truncated: bool,
}

/// Packages of one preview or run.
pub(super) const MOST: usize = 10_000;

/// Asks each of these rules, one after the other; one that fails says so and does not stop the others.
pub(super) fn find(
    conn: &Connection,
    rule_ids: &[i64],
    place: Source,
    now: Timestamp,
) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut taken = HashSet::new();
    let projects = retention::projects_of(conn, place)?;
    for id in rule_ids {
        let mut of_rule = RuleFindings {
            rule_id: *id,
            packages: 0,
            bytes: 0,
            message: None,
            failed: false,
        };
        match ask(conn, *id, &projects, now) {
            Ok(Asked::Gone) => continue,
            Ok(Asked::Disabled) => of_rule.message = Some("The rule is not enabled.".to_owned()),
            Ok(Asked::Matched(doomed)) => {
                of_rule.packages = doomed.len();
                of_rule.bytes = doomed.iter().map(|doomed| doomed.bytes).sum();
                if doomed.is_empty() {
                    of_rule.message = Some("The rule matches nothing.".to_owned());
                }
                findings.truncated |= doomed.len() >= MOST;
                for doomed in doomed {
                    if findings.packages.len() < MOST && taken.insert(doomed.package_id) {
                        findings.packages.push(doomed);
                    }
                }
            }
            Err(error) => {
                tracing::error!(rule = id, cause = error.cause(), "a retention rule failed");
                of_rule.failed = true;
                of_rule.message = Some(match error {
                    Error::Person(text) => text,
                    _ => "The rule failed; the log says why.".to_owned(),
                });
            }
        }
        findings.rules.push(of_rule);
    }
    Ok(findings)
}

enum Asked {
    Gone,
    Disabled,
    Matched(Vec<Doomed>),
}

fn ask(conn: &Connection, rule_id: i64, projects: &[i64], now: Timestamp) -> Result<Asked> {
    let Some(rule) = retention::find(conn, rule_id)? else {
        return Ok(Asked::Gone);
    };
    if !rule.enabled {
        return Ok(Asked::Disabled);
    }
    let matcher = Matcher::new(&rule, now)?;
    let mut doomed = Vec::new();
    for project_id in projects {
        let mut name: Option<Name> = None;
        retention::each_candidate(conn, *project_id, rule.package_type, |candidate| {
            let known = name.take().filter(|known| known.id == candidate.name_id);
            let of_name = match known {
                Some(known) => name.insert(known),
                None => name.insert(matcher.name(conn, *project_id, &candidate)?),
            };
            if of_name.concerned && matcher.matches_version(&candidate) {
                of_name.seen += 1;
                doomed.extend(matcher.judge(conn, *project_id, candidate, of_name.seen)?);
            }
            Ok(doomed.len() < MOST)
        })?;
    }
    Ok(Asked::Matched(doomed))
}

/// A name while its versions pass by.
struct Name {
    id: i64,
    /// The rule means it, and nothing protects it.
    concerned: bool,
    /// Versions of it that the rule matched so far, the newest first.
    seen: i64,
}

struct Matcher<'a> {
    rule: &'a RetentionRule,
    now: Timestamp,
    version: Option<Regex>,
}

impl<'a> Matcher<'a> {
    fn new(rule: &'a RetentionRule, now: Timestamp) -> Result<Matcher<'a>> {
        let version = rule.version_pattern.as_deref();
        let version = version
            .map(|pattern| compile(pattern, PackageType::Generic))
            .transpose()?;
        Ok(Matcher { rule, now, version })
    }

    fn name(&self, conn: &Connection, project_id: i64, candidate: &Candidate) -> Result<Name> {
        let (package_type, name) = (candidate.package_type, candidate.name.as_str());
        let matches = match self.rule.name_pattern.as_deref() {
            Some(pattern) => {
                compile(pattern, package_type)?.is_match(&protection::normalise(name, package_type))
            }
            None => true,
        };
        let protected =
            matches && protection::keeps_from_deletion(conn, project_id, package_type, name)?;
        Ok(Name {
            id: candidate.name_id,
            concerned: matches && !protected,
            seen: 0,
        })
    }

    fn matches_version(&self, candidate: &Candidate) -> bool {
        self.version
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(&candidate.version))
    }

    /// Every limit that is set must say so. A version that is still being added to, such as a snapshot, is as young as
    /// its newest file; one that nobody has downloaded was last wanted when it was published.
    fn judge(
        &self,
        conn: &Connection,
        project_id: i64,
        candidate: Candidate,
        place: i64,
    ) -> Result<Option<Doomed>> {
        let mut reasons = Vec::new();
        if let Some(keep) = self.rule.keep_latest {
            if place <= keep {
                return Ok(None);
            }
            reasons.push(match keep {
                0 => "none is to be kept".to_owned(),
                1 => "not the latest version".to_owned(),
                keep => format!("not among the {keep} latest versions"),
            });
        }
        // What a row says is cheap to ask; its files are not.
        let age = self.days_since(candidate.created_at);
        let too_young = |limit: Option<i64>, days: i64| limit.is_some_and(|limit| days < limit);
        if too_young(self.rule.older_than_days, age)
            || too_young(
                self.rule.not_downloaded_for_days,
                candidate
                    .last_downloaded_at
                    .map_or(age, |last| self.days_since(last)),
            )
        {
            return Ok(None);
        }
        let (bytes, newest_file) = retention::contents(conn, candidate.id)?;
        let published =
            newest_file.map_or(candidate.created_at, |file| file.max(candidate.created_at));
        let age = self.days_since(published);
        if let Some(limit) = self.rule.older_than_days {
            if age < limit {
                return Ok(None);
            }
            reasons.push(format!(
                "published {} ago, and {} is the limit",
                days(age),
                days(limit)
            ));
        }
        if let Some(limit) = self.rule.not_downloaded_for_days {
            let idle = candidate
                .last_downloaded_at
                .map_or(age, |last| self.days_since(last));
            if idle < limit {
                return Ok(None);
            }
            reasons.push(match candidate.last_downloaded_at {
                Some(_) => format!(
                    "not downloaded for {}, and {} is the limit",
                    days(idle),
                    days(limit)
                ),
                None => format!(
                    "never downloaded since it was published {} ago, and {} is the limit",
                    days(idle),
                    days(limit)
                ),
            });
        }
        Ok(Some(Doomed {
            package_id: candidate.id,
            project_id,
            package_type: candidate.package_type,
            name: candidate.name,
            version: candidate.version,
            bytes,
            rule_id: self.rule.id,
            reason: reasons.join("; "),
            updated_at: candidate.updated_at,
            last_downloaded_at: candidate.last_downloaded_at,
        }))
    }

    fn days_since(&self, moment: Timestamp) -> i64 {
        (self.now.as_millis() - moment.as_millis()).div_euclid(86_400_000)
    }
}

fn days(number: i64) -> String {
    match number {
        1 => "1 day".to_owned(),
        number => format!("{number} days"),
    }
}

fn compile(pattern: &str, package_type: PackageType) -> Result<Regex> {
    protection::compile(pattern, package_type)
        .map_err(|error| Error::for_a_person(format!("The pattern is too large: {error}")))
}
