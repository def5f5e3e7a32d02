//! Search by parts of package names, through a trigram index.
//!
//! The index answers "which names hold these three letters" at once, but a long term asked as one phrase makes SQLite step
//! through the lists of all its trigrams, and in `pkg-0001234` most of them are as long as the table. So a rare trigram is
//! looked for first, and the names it leads to are compared themselves.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::package_list::{FEW, json_ids, json_texts};
use crate::error::Result;

/// What a search has found.
pub(super) enum Names {
    /// The ids of all of them.
    Few(Vec<i64>),
    /// More than [`FEW`].
    Many,
}

/// So many names of each trigram tell how dense it is.
const SAMPLE: i64 = 300;

/// A trigram counts as rare up to so many names: stepping through them takes a millisecond.
const RARE: i64 = 4_000;

/// Terms that the index is asked for at once, and trigrams that are counted; the names that are found are compared with
/// all the terms. A search has as many of them as its sender likes, and a statement has a largest depth.
const MOST_PHRASES: usize = 16;
const MOST_TRIGRAMS: usize = 64;

/// The names in these projects that hold every term. Terms are in lower case, as the stored names are.
pub(super) fn find(conn: &Connection, projects: &[i64], terms: &[String]) -> Result<Names> {
    let mut trigrams: Vec<String> = terms.iter().flat_map(|term| trigrams(term)).collect();
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams.truncate(MOST_TRIGRAMS);
    let rare = rarest(conn, &trigrams)?;
    let mut values = Vec::new();
    let mut sql = String::from("SELECT package_names.id FROM ");
    if trigrams.is_empty() {
        sql.push_str("package_names WHERE true"); // terms of one or two letters alone
    } else {
        // CROSS JOIN keeps SQLite from turning the join around, which would scan every name.
        sql.push_str(
            "package_names_search CROSS JOIN package_names ON package_names.id = package_names_search.rowid
             WHERE package_names_search MATCH ?",
        );
        let phrases: Vec<String> = match rare {
            Some(trigram) => vec![quoted(trigram)],
            None => terms
                .iter()
                .filter(|term| term.chars().count() >= 3)
                .take(MOST_PHRASES)
                .map(|term| quoted(term))
                .collect(),
        };
        values.push(Value::from(phrases.join(" AND ")));
    }
    sql.push_str(
        " AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(package_names.folded, value) = 0)",
    );
    values.push(json_texts(terms));
    sql.push_str(" AND package_names.project_id IN (SELECT value FROM json_each(?)) LIMIT ?");
    values.extend([json_ids(projects), Value::from(FEW as i64 + 1)]);
    let mut stmt = conn.prepare_cached(&sql)?;
    let ids = stmt
        .query_map(params_from_iter(values), |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(if ids.len() <= FEW {
        Names::Few(ids)
    } else {
        Names::Many
    })
}

/// Every three letters in a row.
fn trigrams(term: &str) -> Vec<String> {
    let letters: Vec<char> = term.chars().collect();
    letters
        .windows(3)
        .map(|three| three.iter().collect())
        .collect()
}

/// A trigram that few names hold, if there is one. How many hold it is estimated from how close together the first of them
/// lie, and counted for the best one alone: counting costs as much as looking for the whole phrase.
fn rarest<'a>(conn: &Connection, trigrams: &'a [String]) -> Result<Option<&'a str>> {
    let newest: i64 = conn
        .prepare_cached("SELECT coalesce(max(id), 0) FROM package_names")?
        .query_row([], |row| row.get(0))?;
    let mut sample = conn.prepare_cached(
        "SELECT count(*), min(id), max(id)
           FROM (SELECT rowid AS id FROM package_names_search WHERE package_names_search MATCH ?1 LIMIT ?2)",
    )?;
    let mut best: Option<(i64, &str)> = None;
    for trigram in trigrams {
        let (names, first, last): (i64, Option<i64>, Option<i64>) = sample
            .query_row((quoted(trigram), SAMPLE), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let (SAMPLE.., Some(first), Some(last)) = (names, first, last) else {
            return Ok(Some(trigram)); // these are all of them
        };
        let estimate = names.saturating_mul(newest - first + 1) / (last - first + 1).max(1);
        if best.is_none_or(|(least, _)| estimate < least) {
            best = Some((estimate, trigram));
        }
    }
    let Some((_, trigram)) = best.filter(|(estimate, _)| *estimate <= 2 * RARE) else {
        return Ok(None);
    };
    let (names, ..): (i64, Option<i64>, Option<i64>) = sample
        .query_row((quoted(trigram), RARE), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    Ok((names < RARE).then_some(trigram))
}

/// As FTS5 reads a string: quotes doubled, and no NUL, which would end the query.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('"', "\"\"").replace('\0', "\u{FFFD}")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_has_one_trigram_for_each_place() {
        assert_eq!(trigrams("abcd"), ["abc", "bcd"]);
        assert_eq!(trigrams("äöü"), ["äöü"]);
        assert!(trigrams("ab").is_empty());
    }
}
