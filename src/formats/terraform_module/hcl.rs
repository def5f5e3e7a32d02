//! The outline of a Terraform file: its blocks with their arguments, every expression as its source has it.
//!
//! Nothing is evaluated. A file that is not understood has a short outline: this is for display, and no reason to refuse a
//! module (HCL native syntax specification, "Structural elements").

/// A block such as `variable "region" { … }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// Names and expressions.
    pub(super) arguments: Vec<(String, String)>,
    pub(super) blocks: Vec<Block>,
}

impl Body {
    /// The expression of an argument, as it is written.
    pub(super) fn expression(&self, name: &str) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        let found = arguments.find(|(known, _)| known == name);
        found.map(|(_, expression)| expression.as_str())
    }

    /// An argument that is a plain string.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.expression(name).and_then(literal)
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.expression(name) == Some("true")
    }
}

/// How deep blocks are followed: `terraform { required_providers { … } }`.
const MOST_DEPTH: usize = 3;
const MOST_ITEMS: usize = 10_000;

pub(super) fn outline(text: &str) -> Body {
    let mut reader = Reader {
        lexer: Lexer { text, at: 0 },
        items: 0,
    };
    reader.body(0)
}

/// The arguments of an object expression: `{ source = "hashicorp/aws" }`.
pub(super) fn object(expression: &str) -> Body {
    let inner = expression
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    inner
        .map(|inner| outline(&inner.replace(',', "\n")))
        .unwrap_or_default()
}

/// What a quoted string or a heredoc says; `None` for any other expression.
pub(super) fn literal(expression: &str) -> Option<String> {
    if let Some(heredoc) = expression.strip_prefix("<<") {
        return Some(dedent(heredoc));
    }
    let inner = expression.strip_prefix('"')?.strip_suffix('"')?;
    let mut said = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None, // two strings with something between them
            '\\' => match characters.next()? {
                'n' => said.push('\n'),
                't' => said.push('\t'),
                'r' => said.push('\r'),
                other => said.push(other),
            },
            other => said.push(other),
        }
    }
    Some(said)
}

/// The lines of a heredoc without the marks around them; behind `-` without their common indent.
fn dedent(heredoc: &str) -> String {
    let lines: Vec<&str> = heredoc.lines().collect();
    let lines = lines
        .get(1..lines.len().saturating_sub(1))
        .unwrap_or_default();
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let common = match heredoc.starts_with('-') {
        true => lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(indent)
            .min(),
        false => None,
    };
    let cut = |line: &&str| line.get(common.unwrap_or(0)..).unwrap_or("").to_owned();
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Word,
    Text,
    Open,
    Close,
    Equals,
    Line,
    Other,
    End,
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    items: usize,
}

impl Reader<'_> {
    /// Everything up to the brace that closes it.
    fn body(&mut self, depth: usize) -> Body {
        let mut body = Body::default();
        while self.items < MOST_ITEMS {
            let (token, word) = self.lexer.next();
            match token {
                Token::Close | Token::End => break,
                Token::Word | Token::Text => {
                    self.items += 1;
                    let name = literal(word).unwrap_or_else(|| word.to_owned());
                    self.item(name, depth, &mut body);
                }
                _ => {}
            }
        }
        body
    }

    fn item(&mut self, name: String, depth: usize, body: &mut Body) {
        let mut labels = Vec::new();
        loop {
            let (token, word) = self.lexer.next();
            match token {
                Token::Equals => {
                    let expression = self.lexer.expression().to_owned();
                    return body.arguments.push((name, expression));
                }
                Token::Word => labels.push(word.to_owned()),
                Token::Text => labels.push(literal(word).unwrap_or_default()),
                Token::Open if word == "{" && depth < MOST_DEPTH => {
                    let inner = self.body(depth + 1);
                    return body.blocks.push(Block {
                        kind: name,
                        labels,
                        body: inner,
                    });
                }
                Token::Open => return self.lexer.skip_brackets(),
                _ => return,
            }
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next token and its source.
    fn next(&mut self) -> (Token, &'a str) {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let token = match rest {
            [] => Token::End,
            [b'\n', ..] => self.take(1, Token::Line),
            [b'"', ..] => {
                self.at += string_length(rest);
                Token::Text
            }
            [b'<', b'<', next, ..]
                if *next == b'-' || next.is_ascii_alphabetic() || *next == b'_' =>
            {
                self.at += heredoc_length(rest);
                Token::Text
            }
            [b'{' | b'[' | b'(', ..] => self.take(1, Token::Open),
            [b'}' | b']' | b')', ..] => self.take(1, Token::Close),
            [b'=', b'=' | b'>', ..] => self.take(2, Token::Other),
            [b'=' | b':', ..] => self.take(1, Token::Equals),
            [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
                let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                let length = rest.iter().take_while(part).count();
                self.take(length, Token::Word)
            }
            _ => {
                let first = self.text[self.at..].chars().next();
                self.take(first.map_or(1, char::len_utf8), Token::Other)
            }
        };
        (token, &self.text[start..self.at])
    }

    fn take(&mut self, length: usize, token: Token) -> Token {
        self.at += length;
        token
    }

    /// Blanks and comments, up to the end of the line.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let length = match rest {
                [b' ' | b'\t' | b'\r', ..] => 1,
                [b'#', ..] | [b'/', b'/', ..] => line_length(rest),
                [b'/', b'*', ..] => rest
                    .windows(2)
                    .position(|pair| pair == b"*/")
                    .map_or(rest.len(), |at| at + 2),
                _ => return,
            };
            self.at += length;
        }
    }

    /// What follows an `=`: up to the end of the line, or to the bracket that closes what is around it.
    fn expression(&mut self) -> &'a str {
        self.skip_blanks();
        let start = self.at;
        let (mut depth, mut end) = (0_usize, self.at);
        loop {
            let before = self.at;
            match self.next().0 {
                Token::Line | Token::End if depth == 0 => break,
                Token::End => break,
                Token::Close if depth == 0 => {
                    self.at = before; // it closes the block
                    break;
                }
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Line => continue,
                _ => {}
            }
            end = self.at;
        }
        &self.text[start..end]
    }

    fn skip_brackets(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next().0 {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::End => return,
                _ => {}
            }
        }
    }
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len())
}

/// A quoted string, the templates `${…}` in it included, which may hold strings themselves.
fn string_length(rest: &[u8]) -> usize {
    let mut open = vec![b'"']; // a quote, or a brace within a template
    let mut at = 1;
    while let (Some(inside), Some(byte)) = (open.last(), rest.get(at)) {
        let next = rest.get(at + 1);
        match (inside, byte) {
            (b'"', b'\\') => at += 1,
            (b'"', b'"') | (b'{', b'}') => drop(open.pop()),
            (b'"', b'$' | b'%') if next == Some(&b'{') => {
                open.push(b'{');
                at += 1;
            }
            (b'"', b'\n') => return at, // never closed
            (b'{', b'"') => open.push(b'"'),
            (b'{', b'{') => open.push(b'{'),
            _ => {}
        }
        at += 1;
    }
    at.min(rest.len())
}

/// `<<-EOT`, up to the line that holds nothing but `EOT`.
fn heredoc_length(rest: &[u8]) -> usize {
    let first = line_length(rest);
    let mark = rest[2..first].trim_ascii();
    let mark = mark.strip_prefix(b"-").unwrap_or(mark);
    let mut at = (first + 1).min(rest.len());
    while at < rest.len() {
        let length = line_length(&rest[at..]);
        if rest[at..at + length].trim_ascii() == mark {
            return at + length;
        }
        at = (at + length + 1).min(rest.len());
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
# a comment with { in it
terraform {
  required_version = ">= 1.3" // inline
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}
variable "region" { default = "eu-${upper("x}")}-1" }
variable "tags" {
  type = object({
    a = string /* { */
    b = list(number)
  })
  description = <<-EOT
    First line
      second } line
  EOT
  sensitive = true
}
output "id" { value = aws_vpc.this.id }
"#;

    #[test]
    fn blocks_have_their_arguments_as_they_are_written() {
        let outline = outline(TEXT);
        let kinds: Vec<_> = outline
            .blocks
            .iter()
            .map(|block| (block.kind.as_str(), block.labels.join(".")))
            .collect();
        assert_eq!(
            kinds,
            [
                ("terraform", String::new()),
                ("variable", "region".to_owned()),
                ("variable", "tags".to_owned()),
                ("output", "id".to_owned())
            ]
        );
        let terraform = &outline.blocks[0].body;
        assert_eq!(
            terraform.text("required_version").as_deref(),
            Some(">= 1.3")
        );
        let aws = object(terraform.blocks[0].body.expression("aws").unwrap());
        assert_eq!(aws.text("source").as_deref(), Some("hashicorp/aws"));
        assert_eq!(aws.text("version").as_deref(), Some("~> 5.0"));
        assert_eq!(
            outline.blocks[1].body.expression("default"),
            Some(r#""eu-${upper("x}")}-1""#)
        );
        let tags = &outline.blocks[2].body;
        assert!(
            tags.expression("type")
                .unwrap()
                .ends_with("b = list(number)\n  })")
        );
        assert_eq!(
            tags.text("description").as_deref(),
            Some("First line\n  second } line")
        );
        assert!(tags.is_true("sensitive"));
        assert_eq!(
            outline.blocks[3].body.expression("value"),
            Some("aws_vpc.this.id")
        );
    }

    /// Every prefix of a file, and every byte of it replaced: an outline each time, and no panic.
    #[test]
    fn no_damage_to_a_file_stops_the_reader() {
        for end in (0..TEXT.len()).filter(|end| TEXT.is_char_boundary(*end)) {
            outline(&TEXT[..end]);
            for other in ["{", "}", "\"", "<<-", "${", "=", "\n", "/*", "\\", "ä", "("] {
                let text = format!(
                    "{}{other}{}",
                    &TEXT[..end],
                    TEXT.get(end + 1..).unwrap_or("")
                );
                for block in outline(&text).blocks {
                    for (_, expression) in block.body.arguments {
                        literal(&expression);
                        object(&expression);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_made_to_be_slow_is_not() {
        let begun = std::time::Instant::now();
        for text in ["{", "\"${", "<<A\n", "a = (", "a {", "/*", "\"a\" "] {
            outline(&text.repeat((1 << 20) / text.len()));
        }
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
