//! Shapes as JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use crate::http::describe::{Field, Shape};

/// Renders shapes, and keeps those that have names.
#[derive(Default)]
pub(super) struct Schemas {
    named: Map<String, Value>,
}

impl Schemas {
    pub(super) fn into_named(self) -> Map<String, Value> {
        self.named
    }

    /// Of an answer: it has these keys and no others.
    pub(super) fn render(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Any => json!({}),
            Shape::Null => json!({ "type": "null" }),
            Shape::Text => json!({ "type": "string" }),
            Shape::Integer => json!({ "type": "integer" }),
            Shape::Number => json!({ "type": "number" }),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Date => json!({ "type": "string", "format": "date" }),
            Shape::Moment => json!({ "type": "string", "format": "date-time" }),
            Shape::Words(words) => json!({ "type": "string", "enum": words }),
            Shape::List(item) => json!({ "type": "array", "items": self.render(item) }),
            Shape::Maybe(shape) => json!({ "anyOf": [self.render(shape), { "type": "null" }] }),
            Shape::Either(shapes) => {
                let shapes: Vec<Value> = shapes.iter().map(|shape| self.render(shape)).collect();
                json!({ "anyOf": shapes })
            }
            Shape::Object(fields) => {
                let mut schema = self.object(fields.iter().copied().flatten());
                schema["additionalProperties"] = json!(false);
                schema
            }
            Shape::Map(value) => {
                json!({ "type": "object", "additionalProperties": self.render(value) })
            }
            Shape::Named(name, shape) => {
                if !self.named.contains_key(*name) {
                    let schema = self.render(shape);
                    self.named.insert((*name).to_owned(), schema);
                }
                json!({ "$ref": format!("#/components/schemas/{name}") })
            }
        }
    }

    fn object<'a>(&mut self, fields: impl Iterator<Item = &'a Field>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (name, shape) in fields {
            let known = name.trim_end_matches('?');
            properties.insert(known.to_owned(), self.render(shape));
            if known == *name {
                required.push(known);
            }
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// Of a body: what must be there must not be empty.
    pub(super) fn body<'a>(&mut self, fields: impl Iterator<Item = &'a Field>) -> Value {
        let mut schema = self.object(fields);
        let required = schema["required"].clone();
        for name in required.as_array().into_iter().flatten() {
            let property = &mut schema["properties"][name.as_str().unwrap_or_default()];
            match property["type"].as_str() {
                Some("string") if property.get("enum").is_none() => {
                    property["minLength"] = json!(1)
                }
                Some("array") => property["minItems"] = json!(1),
                _ => {}
            }
        }
        schema
    }
}
