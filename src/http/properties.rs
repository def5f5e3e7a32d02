//! What holds for every path, query, header and base URL.

use std::collections::BTreeMap;

use actix_web::HttpMessage;
use actix_web::test::TestRequest;
use proptest::prelude::*;

use super::pagination::{Link, MOST_PER_PAGE};
use super::{BaseUrl, Page, Params, PathParams};
use crate::fuzz::{self, promptly};

const QUERY: &[&str] = &[
    "&",
    "=",
    "[]",
    "page",
    "per_page=",
    "a",
    "0",
    "-1",
    "9223372036854775807",
    ";",
    "#",
    "?",
];
const URL: &[&str] = &[
    "http", "https", "://", "host", ":80", "/", "/sub", "?", "#", "@", "[::1]",
];

#[test]
fn a_long_form_takes_no_square_of_its_length() {
    for flood in fuzz::floods(&["a[]=b&", "a=b&", "&", "%", "=", "a[]&b[]&"], 1 << 20) {
        promptly(|| Params::from_query(&flood));
    }
}

fn read(content_type: &str, body: &[u8]) -> crate::error::Result<Params> {
    let request = TestRequest::post().insert_header(("Content-Type", content_type));
    let (request, mut payload) = request.set_payload(body.to_vec()).to_http_parts();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    promptly(|| runtime.block_on(Params::read(&request, &mut payload)))
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_page_keeps_to_its_bounds(query in fuzz::texts(QUERY), page in any::<i64>(), per_page in any::<i64>()) {
        for query in [query, format!("page={page}&per_page={per_page}")] {
            let params = Params::from_query(&query);
            let mut check = params.check();
            let page = check.page();
            prop_assert!(page.page >= 1 && (1..=MOST_PER_PAGE).contains(&page.per_page));
            let (shown, total) = page.cut(vec![0; 150]);
            prop_assert!(shown.len() as i64 <= page.per_page && total == 150);
        }
    }

    #[test]
    fn paging_headers_lead_back_to_the_same_parameters(
        name in fuzz::texts(QUERY), value in fuzz::texts(QUERY), page in 1..i64::MAX, total in 0..i64::MAX / 2
    ) {
        prop_assume!(!name.ends_with("[]") && !["page", "per_page"].contains(&name.as_str()));
        let request = TestRequest::with_uri("/api/v4/projects/a%2Fb/packages").to_http_request();
        request.extensions_mut().insert(PathParams::decode([("id", "a%2Fb")].into_iter()));
        let url = BaseUrl::parse("https://example.com/sub").unwrap();
        let declared = BTreeMap::from([(name.clone(), value.clone())]);
        let link = Link::new(&request, &url, declared.clone(), 20).with([], "next");
        let query = link.strip_prefix("<https://example.com/sub/api/v4/projects/a%2Fb/packages?");
        let query = query.and_then(|query| query.strip_suffix(">; rel=\"next\"")).unwrap();
        let again: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let is_secret = ["private_token", "job_token", "access_token", "token", "sudo"].contains(&name.as_str());
        prop_assert!(is_secret || name == "id" || again.get(&name) == Some(&value), "{link}");
        let mut response = actix_web::HttpResponse::Ok().finish();
        Page { page, per_page: 20 }.add_headers(&mut response, &request, &url, declared, total);
        prop_assert!(response.headers().contains_key("link") && response.headers().contains_key("x-page"));
    }

    #[test]
    fn parameters_are_read_from_any_body(text in fuzz::texts(&[
        "--b\r\n", "--b--", "Content-Disposition: form-data; name=\"a\"\r\n\r\n", "\r\n", "{", "}", "\"a\"", ":", "[", "]", ",", "null", "a=b", "&",
    ])) {
        for content_type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data"] {
            if let Err(error) = read(content_type, text.as_bytes()) {
                prop_assert_eq!(error.status(), 400);
            }
        }
    }

    #[test]
    fn an_id_is_a_number_or_refused(text in fuzz::texts(&["1", "-", "+", "9999999999999999999", "0x"])) {
        let params = PathParams::decode([("id", text.as_str())].into_iter());
        if let Ok(id) = params.id("id") {
            prop_assert!(id == 0 || params.get("id").trim_start_matches('+').parse() == Ok(id));
        }
    }

    #[test]
    fn a_base_url_is_read_as_it_is_written(text in fuzz::texts(URL), path in fuzz::texts(&["/", "/sub", "a"])) {
        let Ok(url) = BaseUrl::parse(&text) else { return Ok(()) };
        prop_assert_eq!(BaseUrl::parse(&url.to_string()).unwrap(), url.clone());
        prop_assert!(url.to_string().bytes().all(|byte| byte.is_ascii_graphic()));
        let path = format!("/{path}");
        let stripped = url.strip(&path);
        prop_assert!(stripped.starts_with('/') && path.ends_with(stripped));
        let whole = url.path_of("/api");
        prop_assert_eq!(url.strip(&whole), "/api");
    }
}
