//! Members of projects and groups.

use packhouse::registry::Timestamp;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, each, keys};

fn forbidden() -> Value {
    json!({ "message": "403 Forbidden" })
}

fn unauthorized() -> Value {
    json!({ "message": "401 Unauthorized" })
}

fn no_record() -> Value {
    json!({ "message": "404 Not found" })
}

/// Group acme with project acme/tools, both private.
struct Place {
    app: TestApp,
    group: String,
    project: String,
}

impl Place {
    fn start() -> Place {
        let app = TestApp::start();
        let group = app.group("acme", "private");
        let project = app.project("acme/tools", "private");
        Place {
            app,
            group: format!("groups/{group}"),
            project: format!("projects/{project}"),
        }
    }

    /// A new user with this level in `source`.
    fn member(&self, name: &str, source: &str, level: i64) -> Actor {
        let user = self.app.user(name);
        self.app.join(source, &user, level);
        user
    }
}

fn members(source: &str) -> String {
    format!("/api/v4/{source}/members")
}

fn member(source: &str, somebody: &Actor) -> String {
    format!("{}/{}", members(source), somebody.user_id())
}

fn role(somebody: &Actor, level: i64) -> Value {
    json!({ "user_id": somebody.user_id(), "access_level": level })
}

#[test]
fn a_member_is_a_user_with_a_level_an_end_and_who_made_it() {
    let place = Place::start();
    let ann = place.app.user("ann");
    for source in [&place.project, &place.group] {
        let body = json!({ "username": "ANN", "access_level": 30, "expires_at": "2999-12-31" });
        let added = place
            .app
            .root()
            .post(&members(source), body)
            .expect(201)
            .json();
        assert_eq!(
            keys(&added),
            [
                "id",
                "username",
                "public_email",
                "name",
                "state",
                "locked",
                "avatar_url",
                "web_url",
                "access_level",
                "created_at",
                "created_by",
                "expires_at",
                "membership_state",
            ]
        );
        assert_eq!(added["username"], "ann");
        assert_eq!(added["access_level"], 30);
        assert_eq!(added["created_by"]["username"], "root");
        assert_eq!(added["expires_at"], "2999-12-31");
        assert_eq!(added["membership_state"], "active");
        assert_eq!(ann.get(&member(source, &ann)).expect(200).json(), added);
    }
}

#[test]
fn inherited_members_stand_in_the_list_of_all_with_their_highest_level() {
    let place = Place::start();
    let above = place.member("above", &place.group, 40);
    let both = place.member("both", &place.group, 20);
    place.app.join(&place.project, &both, 30);
    let list = |what: &str| {
        let path = format!("{}{what}", members(&place.project));
        let list = above.get(&path).expect(200).json();
        each(&list, "username").join(" ")
    };
    assert_eq!(list(""), "both");
    assert_eq!(list("/all"), "root above both");
    assert_eq!(list("/all?query=ABO"), "above");
    assert_eq!(
        list(&format!("/all?user_ids[]={}&user_ids[]=1", both.user_id())),
        "root both"
    );
    above
        .get(&member(&place.project, &above))
        .expect_json(404, no_record());
    let all = format!("{}/all/{}", members(&place.project), both.user_id());
    assert_eq!(above.get(&all).expect(200).json()["access_level"], 30);
    let page = above
        .get(&format!(
            "{}/all?per_page=1&page=2",
            members(&place.project)
        ))
        .expect(200);
    assert_eq!(each(&page.json(), "username"), ["above"]);
    assert_eq!(page.header("x-total"), "3");
    assert_eq!(page.header("x-next-page"), "3");
    let direct = above
        .get(&format!("{}?per_page=1", members(&place.group)))
        .expect(200);
    assert_eq!(direct.header("x-total"), "3");
}

#[test]
fn who_cannot_see_the_place_sees_no_members() {
    let place = Place::start();
    let stranger = place.app.user("stranger");
    for (source, thing) in [(&place.project, "Project"), (&place.group, "Group")] {
        let hidden = json!({ "message": format!("404 {thing} Not Found") });
        for path in ["", "/all", "/1", "/all/1"] {
            let path = format!("{}{path}", members(source));
            stranger.get(&path).expect_json(404, hidden.clone());
            place
                .app
                .anonymous()
                .get(&path)
                .expect_json(401, unauthorized());
        }
        stranger
            .post(&members(source), role(&stranger, 50))
            .expect_json(404, hidden);
    }
    let guest = place.member("guest", &place.project, 10);
    guest.get(&members(&place.project)).expect(200);
    guest.get(&members("projects/Acme%2FTools")).expect(200);
}

#[test]
fn maintainers_of_a_project_and_owners_of_a_group_administer_members() {
    let place = Place::start();
    let ann = place.app.user("ann");
    let developer = place.member("developer", &place.group, 30);
    let maintainer = place.member("maintainer", &place.group, 40);
    let owner = place.member("owner", &place.group, 50);
    for (source, may, may_not) in [
        (&place.project, &maintainer, &developer),
        (&place.group, &owner, &maintainer),
    ] {
        may_not
            .post(&members(source), role(&ann, 10))
            .expect_json(403, forbidden());
        may.post(&members(source), role(&ann, 10)).expect(201);
        let path = member(source, &ann);
        may_not
            .put_json(&path, json!({ "access_level": 20 }))
            .expect_json(403, forbidden());
        let changed = may
            .put_json(&path, json!({ "access_level": 20 }))
            .expect(200)
            .json();
        assert_eq!(changed["access_level"], 20);
        may_not.delete(&path).expect_json(403, forbidden());
        may.delete(&path).expect(204);
        may.delete(&path).expect_json(404, no_record());
        may.put_json(&path, json!({ "access_level": 20 }))
            .expect_json(404, no_record());
    }
}

#[test]
fn nobody_grants_or_takes_a_level_above_their_own() {
    let place = Place::start();
    let maintainer = place.member("maintainer", &place.project, 40);
    let owner = place.member("owner", &place.project, 50);
    let ann = place.app.user("ann");
    maintainer
        .post(&members(&place.project), role(&ann, 50))
        .expect_json(403, forbidden());
    maintainer
        .get(&member(&place.project, &ann))
        .expect_json(404, no_record());
    maintainer
        .post(&members(&place.project), role(&ann, 40))
        .expect(201);
    let above = json!({ "access_level": 50 });
    maintainer
        .put_json(&member(&place.project, &ann), above.clone())
        .expect_json(403, forbidden());
    maintainer
        .put_json(&member(&place.project, &maintainer), above)
        .expect_json(403, forbidden());
    let lower = json!({ "access_level": 10 });
    maintainer
        .put_json(&member(&place.project, &owner), lower)
        .expect_json(403, forbidden());
    maintainer
        .delete(&member(&place.project, &owner))
        .expect_json(403, forbidden());
    owner
        .delete(&member(&place.project, &maintainer))
        .expect(204);
}

#[test]
fn members_may_leave_by_themselves() {
    let place = Place::start();
    for (name, source) in [("one", &place.project), ("two", &place.group)] {
        let guest = place.member(name, source, 10);
        guest.delete(&member(source, &guest)).expect(204);
        guest.get(&members(source)).expect(404);
    }
}

#[test]
fn several_users_join_together_or_not_at_all() {
    let place = Place::start();
    let (ann, bob) = (place.app.user("ann"), place.app.user("bob"));
    let ids = format!("{},{}", ann.user_id(), bob.user_id());
    let root = place.app.root();
    let add = |ids: &str| {
        let body = json!({ "user_id": ids, "access_level": 30 });
        root.post(&members(&place.project), body)
    };
    let missing = json!({ "message": "404 User Not Found" });
    add(&format!("{ids},4711")).expect_json(404, missing);
    root.get(&members(&place.project))
        .expect_json(200, json!([]));
    add(&ids).expect_json(201, json!({ "status": "success" }));
    assert_eq!(
        each(&root.get(&members(&place.project)).json(), "username"),
        ["ann", "bob"]
    );
}

#[test]
fn what_makes_no_member_is_refused_with_the_reason() {
    let place = Place::start();
    let ann = place.member("ann", &place.project, 30);
    let root = place.app.root();
    let refused = |body: Value, status: u16, expected: Value| {
        root.post(&members(&place.project), body)
            .expect_json(status, expected);
    };
    let error = |text: &str| json!({ "error": text });
    refused(
        json!({}),
        400,
        error("user_id is missing, access_level is missing"),
    );
    let both = json!({ "user_id": 1, "username": "ann", "access_level": 30 });
    refused(both, 400, error("user_id, username are mutually exclusive"));
    for wrong in [0, 5, 33, 60] {
        refused(
            role(&ann, wrong),
            400,
            error("access_level does not have a valid value"),
        );
    }
    let word = json!({ "user_id": 1, "access_level": "guest" });
    refused(word, 400, error("access_level is invalid"));
    let user = json!({ "user_id": "ann", "access_level": 30 });
    refused(user, 400, error("user_id is invalid"));
    let date = json!({ "user_id": 1, "access_level": 30, "expires_at": "soon" });
    refused(date, 400, error("expires_at is invalid"));
    let text = json!({ "message": { "expires_at": ["cannot be a date in the past"] } });
    for over in ["2020-01-01".to_owned(), Timestamp::now().date()] {
        let body = json!({ "user_id": 1, "access_level": 30, "expires_at": over });
        refused(body, 400, text.clone());
    }
    refused(
        role(&ann, 30),
        409,
        json!({ "message": "Member already exists" }),
    );
    let user = json!({ "message": "404 User Not Found" });
    refused(
        json!({ "user_id": 4711, "access_level": 30 }),
        404,
        user.clone(),
    );
    refused(
        json!({ "username": "nobody", "access_level": 30 }),
        404,
        user,
    );
    let path = format!("{}/ann", members(&place.project));
    root.get(&path)
        .expect_json(400, error("user_id is invalid"));
    root.put_json(&member(&place.project, &ann), json!({}))
        .expect_json(400, error("access_level is missing"));
}

#[test]
fn a_change_of_level_keeps_the_end_until_it_is_cleared() {
    let place = Place::start();
    let ann = place.member("ann", &place.project, 30);
    let change = |body: Value| {
        let changed = place
            .app
            .root()
            .put_json(&member(&place.project, &ann), body);
        changed.expect(200).json()["expires_at"].clone()
    };
    assert_eq!(
        change(json!({ "access_level": 30, "expires_at": "2999-12-31" })),
        "2999-12-31"
    );
    assert_eq!(change(json!({ "access_level": 20 })), "2999-12-31");
    assert_eq!(
        change(json!({ "access_level": 20, "expires_at": "" })),
        Value::Null
    );
}

#[test]
fn a_membership_that_is_over_is_none_and_may_be_made_again() {
    let place = Place::start();
    let ann = place.member("ann", &place.project, 30);
    place
        .app
        .database()
        .execute(
            "UPDATE members SET expires_at = '2020-01-01' WHERE user_id = ?1",
            [ann.user_id()],
        )
        .unwrap();
    ann.get(&members(&place.project)).expect(404);
    place
        .app
        .root()
        .get(&member(&place.project, &ann))
        .expect_json(404, no_record());
    place
        .app
        .root()
        .post(&members(&place.project), role(&ann, 20))
        .expect(201);
    ann.get(&members(&place.project)).expect(200);
}

#[test]
fn the_owner_of_a_personal_project_is_its_member_for_good() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let id = app.project("ann/notes", "private");
    let source = format!("projects/{id}");
    // Root made the project for ann, and maintains it since.
    assert_eq!(
        each(&ann.get(&members(&source)).expect(200).json(), "username"),
        ["root", "ann"]
    );
    assert_eq!(
        ann.get(&member(&source, &ann)).expect(200).json()["access_level"],
        50
    );
    app.root()
        .delete(&member(&source, &ann))
        .expect_json(403, forbidden());
    let exists = json!({ "message": "Member already exists" });
    app.root()
        .post(&members(&source), role(&ann, 30))
        .expect_json(409, exists);
}
