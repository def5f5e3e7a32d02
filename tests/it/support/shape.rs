//! Looking at JSON answers: ids, keys and their order, dates.

use serde_json::Value;

use super::Answer;

/// The `id` of every item of a list, in the list's order.
pub fn ids(answer: &Answer) -> Vec<i64> {
    let items = answer.json();
    let items = items
        .as_array()
        .unwrap_or_else(|| panic!("no list: {items}"));
    items
        .iter()
        .map(|item| item["id"].as_i64().expect("an id"))
        .collect()
}

/// One key of every item of a list, as text.
pub fn each(answer: &Answer, key: &str) -> Vec<String> {
    let items = answer.json();
    let items = items
        .as_array()
        .unwrap_or_else(|| panic!("no list: {items}"));
    items
        .iter()
        .map(|item| {
            item[key]
                .as_str()
                .unwrap_or_else(|| panic!("no {key}: {item}"))
                .to_owned()
        })
        .collect()
}

pub fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// The item of a list that has this id.
#[track_caller]
pub fn item(answer: &Answer, id: i64) -> Value {
    let items = answer.json();
    let found = items
        .as_array()
        .and_then(|items| items.iter().find(|item| item["id"] == id));
    found
        .unwrap_or_else(|| panic!("no item {id}: {items}"))
        .clone()
}

/// Fails unless all these keys are there, in this relative order.
#[track_caller]
pub fn has_keys_in_order(value: &Value, keys: &[&str]) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    let shown: Vec<&str> = object
        .keys()
        .map(String::as_str)
        .filter(|key| keys.contains(key))
        .collect();
    assert_eq!(shown, keys, "{value}");
}

#[track_caller]
pub fn lacks(value: &Value, key: &str) {
    assert!(value.get(key).is_none(), "{key} should be absent: {value}");
}

/// `2019-11-27T03:37:38.711Z`
pub fn is_date_time(value: &Value) -> bool {
    let pattern = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let text = value.as_str().unwrap_or_default().as_bytes();
    text.len() == pattern.len()
        && text.iter().zip(pattern).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            exactly => byte == exactly,
        })
}
