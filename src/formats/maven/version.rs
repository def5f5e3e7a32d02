//! Maven's order of versions ("Version Order Specification", as the resolver's `GenericVersion` has it).

use std::cmp::Ordering;

/// A version as it is compared; the text itself stays what it is.
#[derive(Debug)]
pub(super) struct Version {
    items: Vec<Item>,
}

#[derive(Debug, PartialEq, Eq)]
enum Item {
    /// Digits without leading zeros: compared by length, then letter by letter, so of any size.
    Number(String),
    /// A word that Maven knows; 0 is the release itself.
    Qualifier(i8),
    Text(String),
}

impl Version {
    pub(super) fn parse(text: &str) -> Version {
        let lower = text.to_ascii_lowercase();
        let mut items = Vec::new();
        for part in lower.split(['.', '-', '_']) {
            let mut rest = part;
            loop {
                let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
                let end = rest
                    .find(|c: char| c.is_ascii_digit() != is_number)
                    .unwrap_or(rest.len());
                let (token, after) = rest.split_at(end);
                items.push(Item::parse(token, is_number, !after.is_empty()));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
        }
        trim(&mut items);
        // Maven itself takes `0` for equal to `a` and to `b`, which is no order that anything could be sorted by.
        if !items[0].is_number() {
            items.insert(0, Item::Number(String::new()));
        }
        Version { items }
    }
}

impl Item {
    fn parse(token: &str, is_number: bool, before_number: bool) -> Item {
        if token.is_empty() || is_number {
            return Item::Number(token.trim_start_matches('0').to_owned());
        }
        let qualifier = match token {
            "a" if before_number => -5,
            "b" if before_number => -4,
            "m" if before_number => -3,
            "alpha" => -5,
            "beta" => -4,
            "milestone" => -3,
            "rc" | "cr" => -2,
            "snapshot" => -1,
            "ga" | "final" | "release" => 0,
            "sp" => 1,
            _ => return Item::Text(token.to_owned()),
        };
        Item::Qualifier(qualifier)
    }

    fn is_number(&self) -> bool {
        matches!(self, Item::Number(_))
    }

    /// Against nothing at all: `1.0` is `1`, `1-alpha` is before it.
    fn cmp_to_nothing(&self) -> Ordering {
        match self {
            Item::Number(digits) if digits.is_empty() => Ordering::Equal,
            Item::Number(_) | Item::Text(_) => Ordering::Greater,
            Item::Qualifier(qualifier) => qualifier.cmp(&0),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Item::Qualifier(_) => 0,
            Item::Text(_) => 1,
            Item::Number(_) => 2,
        }
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Item) -> Ordering {
        match (self, other) {
            (Item::Number(a), Item::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Item::Qualifier(a), Item::Qualifier(b)) => a.cmp(b),
            (Item::Text(a), Item::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Item) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Takes out zeros and empty qualifiers at the end of each run of numbers or words: `1.0-ga` is `1`.
fn trim(items: &mut Vec<Item>) {
    let mut run = None;
    let mut end = items.len().saturating_sub(1);
    for i in (1..items.len()).rev() {
        let is_number = items[i].is_number();
        if run != Some(is_number) {
            (run, end) = (Some(is_number), i);
        }
        let at_the_end = i + 1 == items.len() || items[i - 1].is_number() == is_number;
        if end == i && at_the_end && items[i].cmp_to_nothing().is_eq() {
            items.remove(i);
            end -= 1;
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let (these, those) = (&self.items, &other.items);
        let mut run = true;
        for i in 0.. {
            match (these.get(i), those.get(i)) {
                (None, None) => break,
                (Some(_), None) => return padding(&these[i..], None),
                (None, Some(_)) => return padding(&those[i..], None).reverse(),
                (Some(this), Some(that)) if this.is_number() != that.is_number() => {
                    return match run == this.is_number() {
                        true => padding(&these[i..], Some(run)),
                        false => padding(&those[i..], Some(run)).reverse(),
                    };
                }
                (Some(this), Some(that)) => match this.cmp(that) {
                    Ordering::Equal => run = this.is_number(),
                    different => return different,
                },
            }
        }
        Ordering::Equal
    }
}

/// The rest of the longer version against nothing.
fn padding(rest: &[Item], run: Option<bool>) -> Ordering {
    rest.iter()
        .take_while(|item| run.is_none_or(|run| run == item.is_number()))
        .map(Item::cmp_to_nothing)
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_mavens_order() {
        let ordered = [
            "1.0-alpha-1",
            "1.0-alpha-2",
            "1.0-beta",
            "1.0-M1",
            "1.0-rc1",
            "1.0-SNAPSHOT",
            "1.0",
            "1.0-sp1",
            "1.0-jre8",
            "1.0.1",
            "1.2",
            "1.9",
            "1.10-SNAPSHOT",
            "1.10",
            "2.0.0-a1",
            "2",
            "10",
            "99999999999999999999999",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(
                    Version::parse(a).cmp(&Version::parse(b)),
                    i.cmp(&j),
                    "{a} and {b}"
                );
            }
        }
    }

    #[test]
    fn other_spellings_of_a_version_are_equal_to_it() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.0-ga", "1"),
            ("1.0-RC1", "1.0-cr1"),
            ("1.0a1", "1-alpha-1"),
            ("01", "1"),
        ] {
            assert_eq!(Version::parse(a), Version::parse(b), "{a} and {b}");
        }
    }
}
