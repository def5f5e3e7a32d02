//! What a module says of itself: its readme, inputs, outputs and what it stands on, and the same of the modules and examples in
//! its folders. Kept with the package as JSON, in the form of the public registry's details.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::hcl::{self, Block, Body};

/// Bytes of source that are read, and bytes of JSON that are kept.
const MOST_SOURCE: usize = 8 << 20;
const MOST_KEPT: usize = 1 << 20;
const LONGEST_README: usize = 256 << 10;
/// A type or a default that is longer is cut.
const LONGEST_EXPRESSION: usize = 4 << 10;
const MOST_MODULES: usize = 50;
const MOST_OF_A_KIND: usize = 500;

#[derive(Default, Serialize)]
struct Module {
    path: String,
    readme: String,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    dependencies: Vec<Value>,
    provider_dependencies: Vec<Value>,
    resources: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_version: Option<String>,
}

/// The files of an archive that tell of it.
#[derive(Default)]
pub(super) struct Sources {
    /// By folder: the root is empty.
    modules: BTreeMap<String, Module>,
    read: usize,
}

impl Sources {
    /// Whether a file is worth reading: the source or the readme of the root, or of a folder in `modules` or `examples`.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.read < MOST_SOURCE && place(name).is_some()
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) {
        self.read += bytes.len();
        let Some((folder, file)) = place(name) else {
            return;
        };
        if !self.modules.contains_key(&folder) && self.modules.len() > MOST_MODULES {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        let module = self.modules.entry(folder.clone()).or_default();
        module.path = folder;
        if is_readme(file) {
            module.readme = cut(&text, LONGEST_README);
        } else if file.ends_with(".tf") {
            module.read(hcl::outline(&text));
        } else if let Ok(json) = serde_json::from_str(&text) {
            module.read_json(&json);
        }
    }

    /// As much as may be kept: the readmes of the folders go first, then the folders.
    pub(super) fn into_about(mut self) -> Value {
        let root = self.modules.remove("").unwrap_or_default();
        let (mut examples, mut submodules): (Vec<_>, Vec<_>) = self
            .modules
            .into_values()
            .partition(|module| module.path.starts_with("examples/"));
        let mut about = json!({ "root": root, "submodules": submodules, "examples": examples });
        if about.to_string().len() > MOST_KEPT {
            for module in submodules.iter_mut().chain(&mut examples) {
                module.readme = String::new();
            }
            about = json!({ "root": root, "submodules": submodules, "examples": examples });
        }
        if about.to_string().len() > MOST_KEPT {
            about = json!({ "root": { "path": "", "readme": root.readme, "dependencies": [] } });
        }
        about
    }
}

/// The module folder of a file, and its name there.
fn place(name: &str) -> Option<(String, &str)> {
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let (folder, file) = match parts.as_slice() {
        [file] => (String::new(), *file),
        [kind @ ("modules" | "examples"), folder, file] => (format!("{kind}/{folder}"), *file),
        _ => return None,
    };
    (file.ends_with(".tf") || file.ends_with(".tf.json") || is_readme(file))
        .then_some((folder, file))
}

fn is_readme(file: &str) -> bool {
    file.eq_ignore_ascii_case("readme.md")
}

fn cut(text: &str, most: usize) -> String {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].to_owned()
}

fn put(list: &mut Vec<Value>, value: Value) {
    if list.len() < MOST_OF_A_KIND {
        list.push(value);
    }
}

impl Module {
    fn read(&mut self, outline: Body) {
        for block in &outline.blocks {
            match block.kind.as_str() {
                "variable" => put(&mut self.inputs, input(block)),
                "output" => put(&mut self.outputs, output(block)),
                "module" => put(&mut self.dependencies, dependency(block)),
                "resource" => put(&mut self.resources, resource(block)),
                "terraform" => self.read_requirements(&block.body),
                _ => {}
            }
        }
    }

    fn read_requirements(&mut self, terraform: &Body) {
        self.required_version = terraform
            .text("required_version")
            .or(self.required_version.take());
        let required = terraform
            .blocks
            .iter()
            .filter(|block| block.kind == "required_providers");
        for (name, expression) in required.flat_map(|block| &block.body.arguments) {
            let provider = hcl::object(expression);
            let version = provider
                .text("version")
                .or_else(|| hcl::literal(expression));
            let provider = json!({
                "name": name,
                "source": provider.text("source").unwrap_or_default(),
                "version": version.unwrap_or_default(),
            });
            put(&mut self.provider_dependencies, provider);
        }
    }

    /// The same of the JSON form, as far as inputs and outputs go.
    fn read_json(&mut self, json: &Value) {
        let empty = Map::new();
        let entries = |kind: &str| json[kind].as_object().unwrap_or(&empty).clone();
        for (name, variable) in entries("variable") {
            let default = variable
                .get("default")
                .map(|default| cut(&default.to_string(), LONGEST_EXPRESSION));
            let input = json!({
                "name": name,
                "type": variable["type"].as_str().unwrap_or("any"),
                "description": variable["description"].as_str().unwrap_or_default(),
                "default": default.clone().unwrap_or_default(),
                "required": default.is_none(),
            });
            put(&mut self.inputs, input);
        }
        for (name, output) in entries("output") {
            let description = output["description"].as_str().unwrap_or_default();
            put(
                &mut self.outputs,
                json!({ "name": name, "description": description }),
            );
        }
    }
}

fn label(block: &Block, number: usize) -> &str {
    block.labels.get(number).map_or("", String::as_str)
}

fn input(block: &Block) -> Value {
    let body = &block.body;
    let kind = body.expression("type").unwrap_or("any");
    let kind = hcl::literal(kind).unwrap_or_else(|| kind.to_owned());
    let default = body.expression("default");
    let mut input = json!({
        "name": label(block, 0),
        "type": cut(&kind, LONGEST_EXPRESSION),
        "description": body.text("description").unwrap_or_default(),
        "default": cut(default.unwrap_or_default(), LONGEST_EXPRESSION),
        "required": default.is_none(),
    });
    if body.is_true("sensitive") {
        input["sensitive"] = json!(true);
    }
    input
}

fn output(block: &Block) -> Value {
    let description = block.body.text("description").unwrap_or_default();
    json!({ "name": label(block, 0), "description": description })
}

fn dependency(block: &Block) -> Value {
    json!({
        "name": label(block, 0),
        "source": block.body.text("source").unwrap_or_default(),
        "version": block.body.text("version").unwrap_or_default(),
    })
}

fn resource(block: &Block) -> Value {
    json!({ "type": label(block, 0), "name": label(block, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_told_by_its_files() {
        let mut sources = Sources::default();
        let files = [
            ("./README.md", "# VPC\n"),
            (
                "./variables.tf",
                "variable \"region\" {\n type = string\n}\nvariable \"size\" {\n default = 3\n description = \"How many\"\n}\n",
            ),
            (
                "main.tf",
                "module \"a\" {\n source = \"./modules/a\"\n}\nresource \"aws_vpc\" \"this\" {}\nterraform {\n required_version = \">= 1.3\"\n required_providers {\n aws = \"~> 5\"\n }\n}\n",
            ),
            (
                "modules/a/outputs.tf.json",
                "{\"output\": {\"id\": {\"value\": \"x\", \"description\": \"The id\"}}}",
            ),
            ("examples/full/main.tf", ""),
            ("deep/er/main.tf", "variable \"no\" {}"),
        ];
        for (name, text) in files {
            if sources.wants(name) {
                sources.add(name, text.as_bytes());
            }
        }
        let about = sources.into_about();
        let root = &about["root"];
        assert_eq!(root["readme"], "# VPC\n");
        assert_eq!(
            root["inputs"],
            json!([
                { "name": "region", "type": "string", "description": "", "default": "", "required": true },
                { "name": "size", "type": "any", "description": "How many", "default": "3", "required": false },
            ])
        );
        assert_eq!(
            root["dependencies"],
            json!([{ "name": "a", "source": "./modules/a", "version": "" }])
        );
        assert_eq!(
            root["provider_dependencies"],
            json!([{ "name": "aws", "source": "", "version": "~> 5" }])
        );
        assert_eq!(
            root["resources"],
            json!([{ "type": "aws_vpc", "name": "this" }])
        );
        assert_eq!(root["required_version"], ">= 1.3");
        assert_eq!(
            about["submodules"][0]["outputs"],
            json!([{ "name": "id", "description": "The id" }])
        );
        assert_eq!(about["examples"][0]["path"], "examples/full");
    }

    #[test]
    fn what_is_kept_has_its_limit() {
        let mut sources = Sources::default();
        for number in 0..40 {
            sources.add(
                &format!("modules/m{number}/README.md"),
                "ä".repeat(200_000).as_bytes(),
            );
        }
        sources.add("README.md", &vec![b'x'; 1 << 20]);
        let about = sources.into_about();
        assert!(about.to_string().len() <= MOST_KEPT);
        assert_eq!(
            about["root"]["readme"].as_str().map(str::len),
            Some(LONGEST_README)
        );
    }
}
