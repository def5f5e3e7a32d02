//! Which form of the index a client reads (PyPA specification "Simple repository API", "Version + format selection").

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use crate::http::Params;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    /// By the name of the specification.
    Html,
    /// By the name that browsers know.
    TextHtml,
}

const NAMES: [(&str, Form); 6] = [
    ("application/vnd.pypi.simple.v1+json", Form::Json),
    ("application/vnd.pypi.simple.latest+json", Form::Json),
    ("application/vnd.pypi.simple.v1+html", Form::Html),
    ("application/vnd.pypi.simple.latest+html", Form::Html),
    ("text/html", Form::TextHtml),
    ("*/*", Form::TextHtml),
];

impl Form {
    /// By `?format=`, else by `Accept`. HTML for who names none of ours: an answer is more use than 406.
    pub(super) fn wanted_by(request: &HttpRequest, params: &Params) -> Form {
        if let Some(form) = params.text("format").and_then(named) {
            return form;
        }
        let accept = request.headers().get_all(ACCEPT);
        let accept: Vec<&str> = accept.filter_map(|value| value.to_str().ok()).collect();
        from_accept(&accept.join(","))
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Form::Json => "application/vnd.pypi.simple.v1+json",
            Form::Html => "application/vnd.pypi.simple.v1+html",
            Form::TextHtml => "text/html; charset=utf-8",
        }
    }
}

fn named(name: &str) -> Option<Form> {
    let known = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, form)| *form)
}

/// The form of the greatest weight; of equal ones the first.
fn from_accept(accept: &str) -> Form {
    let mut best = (0.0, Form::TextHtml);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let form = parts.next().and_then(named);
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight: f32 = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if let Some(form) = form.filter(|_| weight > best.0) {
            best = (weight, form);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_weight_wins() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        assert_eq!(from_accept(pip), Form::Json);
        assert_eq!(
            from_accept("application/vnd.pypi.simple.v1+json, */*;q=0.1"),
            Form::Json
        );
        assert_eq!(
            from_accept("text/html, application/vnd.pypi.simple.v1+json;q=0.5"),
            Form::TextHtml
        );
        assert_eq!(
            from_accept("application/vnd.pypi.simple.latest+html"),
            Form::Html
        );
        assert_eq!(
            from_accept("application/vnd.pypi.simple.v1+json;q=0"),
            Form::TextHtml
        );
    }

    #[test]
    fn who_names_nothing_of_ours_gets_html() {
        for accept in ["", "*/*", "image/png", ";;q=,", "application/json;q=x"] {
            assert_eq!(from_accept(accept), Form::TextHtml, "{accept}");
        }
    }
}
