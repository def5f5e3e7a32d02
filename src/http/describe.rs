//! What a route takes and what it answers, as data beside its handler: `/-/openapi.json` is made of it.
//!
//! What all routes have in common, most refusals, is derived from the row of the table and not repeated here.

/// One route.
pub struct Operation {
    /// A few words, as a title.
    pub summary: &'static str,
    /// Query parameters where the route reads, keys of the body where it writes.
    pub takes: &'static [&'static [Field]],
    pub answer: Answer,
    /// Refusals beyond those that every route of its permission has.
    pub refuses: &'static [u16],
}

/// A parameter or the key of an object. A name that ends with `?` may be absent.
pub type Field = (&'static str, Shape);

#[derive(Clone, Copy)]
pub enum Answer {
    Json(u16, &'static Shape),
    /// 200: an array of these, with paging headers; `page` and `per_page` are taken.
    Pages(&'static Shape),
    Empty(u16),
    /// 200, or 206 for a part.
    File,
    /// 200: one line of plain text.
    Line,
}

/// The form of a JSON value.
#[derive(Clone, Copy)]
pub enum Shape {
    Any,
    Null,
    Text,
    Integer,
    Number,
    Flag,
    /// `2026-01-31`
    Date,
    /// `2026-01-31T12:00:00.000Z`
    Moment,
    Words(&'static [&'static str]),
    List(&'static Shape),
    /// It, or null.
    Maybe(&'static Shape),
    Either(&'static [Shape]),
    Object(&'static [&'static [Field]]),
    /// An object with keys of any name.
    Map(&'static Shape),
    /// Told once, under this name.
    Named(&'static str, &'static Shape),
}

impl Operation {
    pub const fn new(summary: &'static str, answer: Answer) -> Operation {
        Operation {
            summary,
            takes: &[],
            answer,
            refuses: &[],
        }
    }

    pub const fn takes(self, takes: &'static [&'static [Field]]) -> Operation {
        Operation { takes, ..self }
    }

    pub const fn refuses(self, refuses: &'static [u16]) -> Operation {
        Operation { refuses, ..self }
    }
}

/// What every page takes.
pub const PAGE: &[Field] = &[("page?", Shape::Integer), ("per_page?", Shape::Integer)];
