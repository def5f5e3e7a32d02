//! Search by parts of package names, through a trigram index.
//!
//! The index answers "which names hold these three letters" at once, but a long term asked as one phrase makes SQLite step
//! through the lists of all its trigrams, and in `pkg-0001234` most of them are as long as the table. So the rarest
//! trigram is looked for first, by counting each only a little way, and the names it leads to are compared themselves.

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

/// A trigram counts as rare up to so many names: stepping through them takes a millisecond or two.
const RARE: [i64; 2] = [300, 4_000];

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

/// The first trigram that fewer names hold than the first bound, or else the second one.
fn rarest<'a>(conn: &Connection, trigrams: &'a [String]) -> Result<Option<&'a str>> {
    let mut count = conn.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM package_names_search WHERE package_names_search MATCH ?1 LIMIT ?2)",
    )?;
    for bound in RARE {
        for trigram in trigrams {
            let names: i64 = count.query_row((quoted(trigram), bound), |row| row.get(0))?;
            if names < bound {
                return Ok(Some(trigram));
            }
        }
    }
    Ok(None)
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
