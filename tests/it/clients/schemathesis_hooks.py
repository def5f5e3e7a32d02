"""What schemathesis must know of the world that it is let loose in.

Three of four requests are led to something that is there: to what the test has planted, or to what an earlier request
has made. Whoever changes or deletes a project, a group or a user is led to one that nobody else asks for.
"""

import collections
import datetime
import os

import schemathesis

PLANTED = {
    "package_id": os.environ["PACKAGE_IDS"].split(","),
    "package_file_id": os.environ["FILE_IDS"].split(","),
    "pipeline_id": os.environ["PIPELINE_IDS"].split(","),
    "user_id": ["303", "302", "304"],
    "sha": ["0123456789abcdef0123456789abcdef01234567"],
    "target_project_id": ["202"],
    "target_group_id": ["102"],
}
ALIVE = {"projects": ["201"], "groups": ["101"], "users": ["1", "301"], "namespaces": ["101", "acme"]}
# What may lose its life, or its packages.
DOOMED = {"projects": ["204"], "groups": ["103"], "users": ["307"]}
IN_BODIES = {
    "target_project_id": lambda n: 202,
    "target_group_id": lambda n: 102,
    "user_id": lambda n: str(305 + n % 2),
    "access_level": lambda n: 10,
    "namespace_id": lambda n: 101,
    "parent_id": lambda n: 101,
    "expires_at": lambda n: str(datetime.date.today() + datetime.timedelta(days=30)),
    "email": lambda n: f"mail{n}@example.com",
    "username": lambda n: f"user{n}",
    "path": lambda n: f"path{n}",
    "name": lambda n: f"name{n}",
    "package_name_pattern": lambda n: f"name{n}*",
    "keep_n_duplicated_package_files": lambda n: "10",
}
# Two ways to say one thing.
NOT_TOGETHER = {"username": "user_id"}

calls = collections.Counter()
made = {}  # path of a POST route: the id of what it has made last


def place(method, path, name):
    """Where a parameter of a path leads, and whether it may lead anywhere else."""
    kind = next(word for word in path.split("/")[3:] if word != "-")
    if name == "id":
        is_itself = method in ("DELETE", "PUT") and path.endswith("/{id}")
        return (DOOMED if is_itself else ALIVE).get(kind, []), is_itself
    if kind == "personal_access_tokens":
        # Never the one that is used here.
        return [str(made.get("/api/v4/users/{user_id}/personal_access_tokens", 999999999))], True
    collection = path.split("/{%s}" % name)[0]
    if collection in made:
        return [str(made[collection])], False
    if name == "job_id":
        return [str(made.get("/api/v4/projects/{id}/pipelines/{pipeline_id}/jobs", 0))], False
    if name == "user_id" and path.startswith("/api/v4/groups/"):
        return ["301"], False
    known = PLANTED.get(name, [])
    # The last of the planted ones is there to be deleted.
    return (known[-1:] if method == "DELETE" else known[:-1] or known), False


@schemathesis.hook
def before_call(context, case, kwargs):
    method, path = case.method.upper(), case.operation.path
    calls[method, path] += 1
    as_generated = calls[method, path] % 4 == 0
    parameters = dict(case.path_parameters or {})
    for name in parameters:
        known, always = place(method, path, name)
        if known and (always or not as_generated):
            parameters[name] = known[calls[method, path] % len(known)]
    case.path_parameters = parameters
    if isinstance(case.body, dict) and not as_generated:
        for name, value in IN_BODIES.items():
            if name in case.body:
                case.body[name] = value(sum(calls.values()))
        for name, other in NOT_TOGETHER.items():
            if other in case.body:
                case.body.pop(name, None)


@schemathesis.hook
def after_call(context, case, response):
    """Notes what was answered, for the test to read."""
    with open("answers", "a") as answers:
        print(response.status_code, case.method.upper(), case.operation.path, file=answers)
    if case.method.upper() == "POST" and response.status_code == 201:
        body = response.json()
        if isinstance(body, dict) and isinstance(body.get("id"), int):
            made[case.operation.path] = body["id"]
