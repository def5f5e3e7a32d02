"""python-gitlab against the registry: every call that scripts make, each with its answer checked.

Arguments: the server's URL, root's token. The last line of the output is JSON that the Rust
test compares with the server's own view.
"""

import datetime
import hashlib
import json
import sys
import time

import gitlab
from gitlab import exceptions

url, token = sys.argv[1:]
gl = gitlab.Gitlab(url, private_token=token)
result = {}


def refused(kind, status, message, call):
    """The call fails with this exception, status and text."""
    try:
        call()
    except kind as error:
        assert type(error) is kind, type(error)
        assert (error.response_code, error.error_message) == (status, message), (
            error.response_code,
            error.error_message,
        )
    else:
        raise AssertionError(f"not refused: {message}")


# Who and what
gl.auth()
assert gl.user.username == "root" and gl.user.is_admin
version, revision = gl.version()
assert version.split(".")[0].isdigit() and revision
assert gl.users.list(username="root", get_all=True)[0].id == gl.user.id
user = gl.users.create(
    {"username": "ada", "name": "Ada", "email": "ada@example.com", "force_random_password": True}
)
assert gl.users.get(user.id).name == "Ada"

# Groups and projects
acme = gl.groups.create({"name": "Acme", "path": "acme", "visibility": "private"})
tools_group = gl.groups.create({"name": "Tools", "path": "tools", "parent_id": acme.id})
assert gl.groups.get("acme/tools").id == tools_group.id
assert [group.full_path for group in acme.subgroups.list(get_all=True)] == ["acme/tools"]
project = gl.projects.create({"name": "Kit", "namespace_id": acme.id, "visibility": "private"})
deep = gl.projects.create({"name": "Deep", "namespace_id": tools_group.id})
assert gl.projects.get("acme/kit").id == project.id
assert gl.projects.get(project.id).path_with_namespace == "acme/kit"
assert {p.path for p in gl.projects.list(search="kit", iterator=True)} == {"kit"}
assert [p.path for p in acme.projects.list(get_all=True)] == ["kit"]
assert len(acme.projects.list(include_subgroups=True, get_all=True)) == 2
project.description = "all the tools"
project.save()
assert gl.projects.get(project.id).description == "all the tools"
assert gl.namespaces.get("acme").kind == "group"

# Members
member = project.members.create({"user_id": user.id, "access_level": gitlab.const.AccessLevel.DEVELOPER})
assert member.access_level == 30
member.access_level = gitlab.const.AccessLevel.MAINTAINER
member.save()
assert project.members.get(user.id).access_level == 40
assert "ada" in [m.username for m in project.members_all.list(get_all=True)]
member.delete()
refused(exceptions.GitlabGetError, 404, "404 Not found", lambda: project.members.get(user.id))
group_member = acme.members.create({"user_id": user.id, "access_level": 20})
assert [m.id for m in acme.members.list(query="ada", get_all=True)] == [user.id]

# Generic packages
content = bytes(range(256)) * 2000
with open("tool.bin", "wb") as file:
    file.write(content)
uploaded = project.generic_packages.upload("tool", "1.0.0", "tool.bin", path="tool.bin")
assert (uploaded.package_name, uploaded.file_name) == ("tool", "tool.bin")
assert uploaded.message == "201 Created"
selected = project.generic_packages.upload("tool", "1.0.0", "notes.txt", data=b"notes", select="package_file")
assert (selected.size, selected.file_sha256) == (5, hashlib.sha256(b"notes").hexdigest())
with open("tool.bin", "rb") as file:  # streamed by the library, with a Content-Length of its own
    project.generic_packages.upload("tool", "1.1.0", "tool.bin", data=file)
assert project.generic_packages.download("tool", "1.0.0", "tool.bin") == content
chunks = []
project.generic_packages.download(
    "tool", "1.1.0", "tool.bin", streamed=True, action=chunks.append, chunk_size=4096
)
assert b"".join(chunks) == content and len(chunks) > 1
assert b"".join(project.generic_packages.download("tool", "1.1.0", "tool.bin", iterator=True)) == content
for number in range(25):
    project.generic_packages.upload("many", f"0.{number}", "file", data=b"x")
deep.generic_packages.upload("deep", "1", "file", data=b"deep")

# Lists: all at once, over several pages, filtered, ordered
everything = project.packages.list(get_all=True, per_page=10)
assert len(everything) == 27
pages = project.packages.list(iterator=True, per_page=10)
assert (pages.total, pages.total_pages, pages.per_page) == (27, 3, 10)
assert (pages.prev_page, pages.current_page, pages.next_page) == (None, 1, 2)
assert [p.id for p in pages] == [p.id for p in everything]
assert len(project.packages.list(page=3, per_page=10)) == 7
named = project.packages.list(
    package_name="tool", package_type="generic", order_by="version", sort="desc", get_all=True
)
assert [(p.name, p.version) for p in named] == [("tool", "1.1.0"), ("tool", "1.0.0")]
assert [p.version for p in project.packages.list(package_version="0.7", get_all=True)] == ["0.7"]
assert project.packages.list(package_type="npm", get_all=True) == []
in_group = acme.packages.list(get_all=True, per_page=20)
assert len(in_group) == 28
assert {p.project_path for p in in_group} == {"acme/kit", "acme/tools/deep"}
assert len(acme.packages.list(exclude_subgroups=True, get_all=True)) == 27
result["packages"] = [f"{p.name} {p.version}" for p in everything]

# One package, its files and pipelines
package = project.packages.get(named[1].id)
assert package.name == "tool" and package._links["delete_api_path"].startswith(url)
files = package.package_files.list(get_all=True)
assert [f.file_name for f in files] == ["tool.bin", "notes.txt"]
assert files[0].file_sha256 == hashlib.sha256(content).hexdigest()
files[1].delete()
assert [f.file_name for f in package.package_files.list(get_all=True)] == ["tool.bin"]
assert package.pipelines.list(get_all=True) == []
sha = "0123456789abcdef0123456789abcdef01234567"
pipeline = project.pipelines.create({"ref": "main"})
assert project.pipelines.get(pipeline.id).ref == "main"
assert [p.id for p in project.pipelines.list(get_all=True)] == [pipeline.id]
commit = project.commits.get(sha, lazy=True)
status = commit.statuses.create(
    {"state": "success", "ref": "main", "name": "release", "target_url": f"{url}/run"}
)
assert (status.status, status.sha) == ("success", sha)

# Protection rules
rule = project.package_protection_rules.create(
    {"package_name_pattern": "tool*", "package_type": "generic", "minimum_access_level_for_push": "owner"}
)
assert [r.package_name_pattern for r in project.package_protection_rules.list(get_all=True)] == ["tool*"]
rule.minimum_access_level_for_push = "admin"
rule.save()
assert rule.minimum_access_level_for_push == "admin"
rule.delete()
assert project.package_protection_rules.list(get_all=True) == []

# Tokens
deploy = project.deploytokens.create(
    {"name": "ci", "scopes": ["read_package_registry", "write_package_registry"], "username": "ci"}
)
assert deploy.token.startswith("gldt-") and deploy.username == "ci"
assert [t.id for t in project.deploytokens.list(get_all=True)] == [deploy.id]
assert project.deploytokens.get(deploy.id).name == "ci"
deploy.delete()
group_deploy = acme.deploytokens.create({"name": "all", "scopes": ["read_package_registry"]})
group_deploy.delete()
expiry = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
access = project.access_tokens.create(
    {"name": "bot", "scopes": ["api"], "access_level": 30, "expires_at": expiry}
)
bot = gitlab.Gitlab(url, private_token=access.token)
bot.auth()
assert bot.user.bot and bot.user.username.startswith(f"project_{project.id}_bot")
bot.projects.get(project.id, lazy=True).generic_packages.upload("bots", "1", "file", data=b"x")
rotated = project.access_tokens.get(access.id).rotate()
assert rotated["token"] != access.token
successor = gitlab.Gitlab(url, private_token=rotated["token"])
successor.auth()
assert successor.user.id == bot.user.id
# A token that was rotated and is used again was stolen by somebody: its successor ends too, a moment later.
refused(exceptions.GitlabAuthenticationError, 401, "invalid_token", bot.auth)
for _ in range(200):
    try:
        successor.auth()
    except exceptions.GitlabAuthenticationError:
        break
    time.sleep(0.02)
refused(exceptions.GitlabAuthenticationError, 401, "invalid_token", successor.auth)
other = project.access_tokens.create({"name": "bot", "scopes": ["api"], "expires_at": expiry})
other.delete()
assert project.access_tokens.list(state="active", get_all=True) == []
personal = user.personal_access_tokens.create({"name": "ada's", "scopes": ["api"], "expires_at": expiry})
ada = gitlab.Gitlab(url, private_token=personal.token)
ada.auth()
assert ada.user.username == "ada"
assert ada.personal_access_tokens.get("self").name == "ada's"
assert [t.id for t in gl.personal_access_tokens.list(user_id=user.id, get_all=True)] == [personal.id]

assert [t.id for t in gl.deploytokens.list(get_all=True)] == []
changed = ada.personal_access_tokens.rotate(personal.id)
ada = gitlab.Gitlab(url, private_token=changed["token"])
group_access = acme.access_tokens.create({"name": "bots", "scopes": ["read_api"], "expires_at": expiry})
assert [t.name for t in acme.access_tokens.list(get_all=True)] == ["bots"]
group_access.delete()

# Settings: of the instance, and whose job tokens a project lets in
settings = gl.settings.get()
assert settings.default_project_visibility in ("private", "internal", "public")
scope = project.job_token_scope.get()
assert scope.inbound_enabled
project.job_token_scope.update(new_data={"enabled": False})
assert not project.job_token_scope.get().inbound_enabled
project.job_token_scope.update(new_data={"enabled": True})
scope.allowlist.create({"target_project_id": deep.id})
assert deep.id in [p.id for p in scope.allowlist.list(get_all=True)]
scope.allowlist.delete(deep.id)
scope.groups_allowlist.create({"target_group_id": acme.id})
assert [g.id for g in scope.groups_allowlist.list(get_all=True)] == [acme.id]

# Keyset pages are asked for. The registry answers with numbered ones, and the library follows its links.
by_keyset = gl.projects.list(pagination="keyset", order_by="id", sort="asc", per_page=1, iterator=True)
assert [p.id for p in by_keyset] == [1, project.id, deep.id]
assert [p.id for p in user.projects.list(get_all=True)] == []

# What is refused, in the server's words
adas = ada.projects.get(project.id, lazy=True)
assert len(adas.packages.list(get_all=True)) == 28
refused(
    exceptions.GitlabDeleteError, 403, "403 Forbidden", lambda: adas.packages.delete(package.id)
)
refused(
    exceptions.GitlabUploadError,
    403,
    "403 Forbidden",
    lambda: adas.generic_packages.upload("tool", "2", "file", data=b"x"),
)
refused(exceptions.GitlabGetError, 404, "404 Project Not Found", lambda: gl.projects.get("no/such"))
refused(
    exceptions.GitlabGetError,
    404,
    "404 Not Found",
    lambda: project.generic_packages.download("tool", "9", "x"),
)
refused(
    exceptions.GitlabListError,
    400,
    "order_by does not have a valid value",
    lambda: project.packages.list(order_by="colour", get_all=True),
)
refused(
    exceptions.GitlabCreateError,
    409,
    "Username has already been taken",
    lambda: gl.users.create(
        {"username": "ada", "name": "A", "email": "a@example.com", "force_random_password": True}
    ),
)
stranger = gitlab.Gitlab(url, private_token="glpat-unknown")
refused(exceptions.GitlabAuthenticationError, 401, "401 Unauthorized", stranger.auth)
anonymous = gitlab.Gitlab(url)
refused(exceptions.GitlabGetError, 404, "404 Project Not Found", lambda: anonymous.projects.get("acme/kit"))

# The other two carriers that the library has: Bearer and job token
bearer = gitlab.Gitlab(url, oauth_token=token)
bearer.auth()
assert bearer.user.username == "root"
made_by = []
for number in range(3):
    made_by.append(project.pipelines.create({"ref": "main"}).id)
    job = gl.http_post(f"/projects/{project.id}/pipelines/{made_by[-1]}/jobs", post_data={"name": "publish"})
    of_job = gitlab.Gitlab(url, job_token=job["token"]).projects.get(project.id, lazy=True)
    of_job.generic_packages.upload("made", "1", "file", data=str(number).encode())
    assert of_job.generic_packages.download("made", "1", "file") == str(number).encode()
made = project.packages.list(package_name="made", get_all=True)[0]
# Pages by cursor: two and one
assert [p.id for p in made.pipelines.list(per_page=2, iterator=True)] == made_by[::-1]
assert made.package_files.list(get_all=True)[-1].pipelines[0]["id"] == made_by[-1]

# And away with it all
package.delete()
refused(exceptions.GitlabGetError, 404, "404 Not found", lambda: project.packages.get(package.id))
group_member.delete()
deep.delete()
user.delete()

result["pipelines"] = [p.sha for p in project.pipelines.list(get_all=True)]
print(json.dumps(result))
