//! What commands print: tables for people, JSON for scripts, and errors as sentences.

use std::io::{self, Write};

use serde_json::Value;

use crate::error::{Error, Result};

/// Standard output. A reader that has seen enough (`| head`) is no failure.
pub(super) fn print(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Standard error. Nobody is left to be told when it cannot be written.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

pub(super) fn print_json(value: &Value) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// The same rows as a table, or with `--json` as an array.
pub(super) fn print_list<T>(
    json: bool,
    items: &[T],
    as_json: impl Fn(&T) -> Value,
    columns: &[&str],
    cells: impl Fn(&T) -> Vec<String>,
) -> Result<()> {
    if json {
        return print_json(&items.iter().map(as_json).collect());
    }
    let heads = columns.iter().map(|head| head.to_uppercase()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heads)
        .chain(items.iter().map(cells))
        .collect();
    print(&table(&rows))
}

/// Columns as wide as their widest cell; the last one as long as it is.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width_of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: String = cells
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// An error for a person at a terminal: the wire's texts lose their status and their capital.
pub(super) fn sentence(error: &Error) -> String {
    match error {
        Error::Person(text) => text.clone(),
        Error::InsufficientStorage => "the disk is full; nothing was stored".to_owned(),
        Error::Invalid { fields, .. } => fields.as_object().map_or_else(
            || fields.to_string(),
            |fields| {
                let problem = |(field, texts): (&String, &Value)| {
                    format!("`{field}` {}", texts[0].as_str().unwrap_or("is invalid"))
                };
                fields.iter().map(problem).collect::<Vec<_>>().join("; ")
            },
        ),
        Error::Message { text, .. } | Error::BadRequest(text) | Error::Refused(text) => {
            uncapitalised(text)
        }
        other => other.cause(),
    }
}

fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["ID", "NAME"], ["10", "é"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "ID  NAME\n10  é\n");
    }

    #[test]
    fn an_error_of_the_wire_becomes_a_sentence() {
        let taken = Error::invalid_field("path", "has already been taken");
        assert_eq!(sentence(&taken), "`path` has already been taken");
        let refused = Error::bad_request("Duplicate package is not allowed");
        assert_eq!(sentence(&refused), "duplicate package is not allowed");
    }
}
