// gitbeaker against the registry: what scripts and release tools call, each with its answer checked.
// Arguments: the folder of the client's modules, the server's URL, root's token.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

const [modules, host, token] = process.argv.slice(2);
const { Gitlab, GitbeakerRequestError } = await import(
  pathToFileURL(`${modules}/@gitbeaker/rest/dist/index.mjs`).href
);
const api = new Gitlab({ host, token });

async function refused(status, description, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof GitbeakerRequestError, String(error));
    assert.equal(error.cause.response.status, status);
    assert.equal(error.cause.description, description);
    return true;
  });
}

// Who and what
const me = await api.Users.showCurrentUser();
assert.equal(me.username, "root");
assert.equal((await api.Metadata.show()).enterprise, false);
const ada = await api.Users.create({
  username: "ada",
  name: "Ada",
  email: "ada@example.com",
  forceRandomPassword: true,
});
assert.deepEqual((await api.Users.all({ username: "ada" })).map((user) => user.id), [ada.id]);

// Groups and projects
const acme = await api.Groups.create("Acme", "acme", { visibility: "private" });
const sub = await api.Groups.create("Sub", "sub", { parentId: acme.id });
assert.equal((await api.Groups.show("acme/sub")).id, sub.id);
assert.deepEqual((await api.Groups.allSubgroups(acme.id)).map((group) => group.full_path), ["acme/sub"]);
const kit = await api.Projects.create({ name: "Kit", namespaceId: acme.id });
const deep = await api.Projects.create({ name: "Deep", namespaceId: sub.id });
assert.equal((await api.Projects.show("acme/kit")).id, kit.id);
assert.deepEqual((await api.Projects.all({ search: "kit" })).map((project) => project.path), ["kit"]);
assert.equal((await api.Projects.edit(kit.id, { description: "all the tools" })).description, "all the tools");
assert.deepEqual(
  (await api.Groups.allProjects("acme", { includeSubgroups: true })).map((project) => project.path).sort(),
  ["deep", "kit"],
);
// Keyset pages are asked for. The registry answers with numbered ones, and the library follows its links.
const byKeyset = await api.Projects.all({ pagination: "keyset", orderBy: "id", sort: "asc", perPage: 1 });
assert.deepEqual(byKeyset.map((project) => project.id), [1, kit.id, deep.id]);
assert.equal((await api.Namespaces.show("acme")).kind, "group");

// Members
assert.equal((await api.ProjectMembers.add(kit.id, 30, { userId: ada.id })).access_level, 30);
assert.equal((await api.ProjectMembers.edit(kit.id, ada.id, 40)).access_level, 40);
assert.ok((await api.ProjectMembers.all(kit.id, { includeInherited: true })).some((member) => member.id === ada.id));
await api.ProjectMembers.remove(kit.id, ada.id);

// Generic packages
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7) % 256));
const file = { content: new Blob([bytes]), filename: "tool-1.0.tgz" };
assert.deepEqual(await api.PackageRegistry.publish("acme/kit", "tool", "1.0.0", file), { message: "201 Created" });
const download = await api.PackageRegistry.download("acme/kit", "tool", "1.0.0", "tool-1.0.tgz");
assert.ok(Buffer.from(await download.arrayBuffer()).equals(bytes));
const notes = { content: new Blob(["notes"], { type: "text/plain" }), filename: "notes.txt" };
const selected = await api.PackageRegistry.publish(kit.id, "tool", "1.0.0", notes, {
  searchParams: { select: "package_file" },
});
assert.equal(selected.file_sha256, createHash("sha256").update("notes").digest("hex"));
for (let number = 0; number < 7; number += 1) {
  await api.PackageRegistry.publish(kit.id, "many", `0.${number}`, { content: new Blob(["x"]), filename: "x" });
}
await api.PackageRegistry.publish(deep.id, "deep", "1", { content: new Blob(["x"]), filename: "x" });

// Lists: several pages, filters, a page with its numbers
const all = await api.Packages.all({ projectId: "acme/kit", perPage: 3 });
assert.equal(all.length, 8);
assert.equal(new Set(all.map((each) => each.id)).size, 8);
const page = await api.Packages.all({ projectId: kit.id, perPage: 3, page: 2, showExpanded: true });
assert.deepEqual(page.paginationInfo, { total: 8, next: 3, current: 2, previous: 1, perPage: 3, totalPages: 3 });
assert.equal((await api.Packages.all({ projectId: kit.id, perPage: 3, maxPages: 2 })).length, 6);
const inGroup = await api.Packages.all({ groupId: "acme", perPage: 4 });
assert.equal(inGroup.length, 9);
assert.equal((await api.Packages.all({ groupId: acme.id, excludeSubgroups: true })).length, 8);
// A job publishes with its own token
const run = await api.Pipelines.create(kit.id, "main");
const answer = await fetch(`${host}/api/v4/projects/${kit.id}/pipelines/${run.id}/jobs`, {
  method: "POST",
  headers: { "private-token": token },
});
const job = new Gitlab({ host, jobToken: (await answer.json()).token });
await job.PackageRegistry.publish(kit.id, "tool", "1.0.0", { content: new Blob(["job"]), filename: "job.txt" });
const [tool] = await api.Packages.all({ projectId: kit.id, packageName: "tool", packageType: "generic" });

// One package and its files
const shown = await api.Packages.show(kit.id, tool.id);
assert.equal(`${shown.name} ${shown.version} ${shown.status}`, "tool 1.0.0 default");
const files = await api.Packages.allFiles(kit.id, tool.id);
assert.deepEqual(files.map((each) => each.file_name), ["tool-1.0.tgz", "notes.txt", "job.txt"]);
assert.equal(files[2].pipelines[0].id, run.id);
await api.Packages.removeFile(kit.id, tool.id, files[1].id);
assert.equal((await api.Packages.allFiles(kit.id, tool.id)).length, 2);
await api.Packages.remove(kit.id, tool.id);
await refused(404, "404 Not found", () => api.Packages.show(kit.id, tool.id));

// Pipelines
const sha = "0123456789abcdef0123456789abcdef01234567";
assert.equal((await api.Commits.editStatus(kit.id, sha, "success", { ref: "main", name: "release" })).sha, sha);
const pipeline = await api.Pipelines.create(kit.id, "main");
assert.equal((await api.Pipelines.all(kit.id)).length, 3);
await api.Pipelines.remove(kit.id, pipeline.id);

// Tokens
const deploy = await api.DeployTokens.create("ci", ["read_package_registry", "write_package_registry"], {
  projectId: kit.id,
});
assert.match(deploy.token, /^gldt-/);
assert.deepEqual((await api.DeployTokens.all({ projectId: kit.id })).map((each) => each.id), [deploy.id]);
await api.DeployTokens.remove(deploy.id, { projectId: kit.id });
const expiry = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const access = await api.ProjectAccessTokens.create(kit.id, "bot", ["api"], expiry, { accessLevel: 30 });
const bot = new Gitlab({ host, oauthToken: access.token });
assert.equal((await bot.Users.showCurrentUser()).bot, true);
const rotated = await api.ProjectAccessTokens.rotate(kit.id, access.id);
await api.ProjectAccessTokens.revoke(kit.id, rotated.id);
const personal = await api.PersonalAccessTokens.create(ada.id, "ada's", ["api"], { expiresAt: expiry });
const asAda = new Gitlab({ host, token: personal.token });
assert.equal((await asAda.PersonalAccessTokens.show()).id, personal.id);
assert.equal((await api.PersonalAccessTokens.all({ userId: ada.id })).length, 1);

// What is refused, in the server's words
await refused(404, "404 Project Not Found", () => asAda.Projects.show("acme/kit"));
await refused(401, "401 Unauthorized", () => new Gitlab({ host, token: "none" }).Users.showCurrentUser());
await refused(400, "order_by does not have a valid value", () =>
  api.Packages.all({ projectId: kit.id, orderBy: "colour" }),
);
await refused(400, "package_name is invalid", () => api.PackageRegistry.publish(kit.id, "a b", "1", notes));
await asAda.PersonalAccessTokens.remove();
await api.Projects.remove(deep.id);
await api.Users.remove(ada.id);
