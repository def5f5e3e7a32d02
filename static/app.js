// The page's script. Reading works without it; what it adds is search as one types, copying, and everything that changes
// something. It speaks to the public REST API of its own server and to nothing else; data enters the page as text.

const root = document.documentElement;
const base = root.dataset.base;

/** The first element that a selector finds. @param {string} selector @param {ParentNode} [within] @returns {HTMLElement} */
const $ = (selector, within = document) => within.querySelector(selector);

/** Every element that a selector finds. @param {string} selector @param {ParentNode} [within] */
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---------------------------------------------------------------- the API

/**
 * Calls the REST API with the visitor's session. Throws an Error whose message is for a person.
 * @param {string} method @param {string} path below /api/v4 @param {object} [body] @param {Record<string, string>} [headers]
 */
async function api(method, path, body, headers = {}) {
  const response = await fetch(`${base}/api/v4${path}`, {
    method,
    // Other sites cannot send this one, so the server takes it as proof that the page asks.
    headers: { "X-Requested-With": "packhouse", ...(body && { "Content-Type": "application/json" }), ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  let answer = null;
  try { answer = text && JSON.parse(text); } catch { /* no JSON: the status says enough */ }
  if (response.ok) return answer;
  throw Object.assign(new Error(said(answer) ?? `The server answered ${response.status}.`), { status: response.status });
}

/** What an error says: a text, a list, or texts by field. @returns {string | undefined} */
function said(answer) {
  const message = answer?.message ?? answer?.error_description ?? answer?.error;
  if (typeof message === "string") return message.replace(/^\d{3} [\w ]+ - /, "");
  if (Array.isArray(message)) return message.join(" ");
  if (message) return Object.entries(message).map(([field, texts]) => (field === "error" ? "" : `${field} `) + [texts].flat().join(", ")).join("; ");
}

/** Every page of a list. @param {string} path */
async function list(path) {
  const found = [];
  for (let page = 1; page <= 20; page += 1) {
    const items = await api("GET", `${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`);
    found.push(...items);
    if (items.length < 100) break;
  }
  return found;
}

// ---------------------------------------------------------------- small things of the page

/** A copy of a template with texts in its slots. @param {string} id @param {Record<string, string>} texts @returns {HTMLElement} */
function stamp(id, texts) {
  const copy = /** @type {HTMLTemplateElement} */ ($(`#${id}`)).content.cloneNode(true);
  for (const [slot, text] of Object.entries(texts)) {
    for (const element of all(`[data-slot="${slot}"]`, copy)) element.textContent = text ?? "";
  }
  return copy.childElementCount === 1 ? copy.firstElementChild : copy;
}

/** Tells something at the edge of the page for a while. @param {string} text */
function toast(text) {
  $(".toast")?.remove();
  const box = document.createElement("p");
  box.className = "toast";
  box.setAttribute("role", "status");
  document.body.append(box);
  box.textContent = text;
  setTimeout(() => box.remove(), 5000);
}

/** Tells it on the next page. @param {string} text @param {string} path */
function goAndTell(text, path) {
  sessionStorage.setItem("told", text);
  location.assign(path);
}

const date = (text) => (text ? text.slice(0, 10) : "never");
const number = (value) => Number(value ?? 0).toLocaleString("en").replaceAll(",", "\u202f");

/** @param {number} bytes */
function size(bytes) {
  let value = bytes ?? 0;
  let unit = 0;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  while (value >= 999.95 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${unit && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Puts rows into a table, or says that there are none. @param {HTMLElement} table @param {HTMLElement[]} rows @param {string} none */
function fillTable(table, rows, none) {
  const body = $("tbody", table);
  if (rows.length) return body.replaceChildren(...rows);
  const cell = document.createElement("td");
  cell.colSpan = all("thead th", table).length;
  cell.className = "quiet";
  cell.textContent = none;
  const row = document.createElement("tr");
  row.append(cell);
  body.replaceChildren(row);
}

/**
 * Sends a form by script: one request at a time, its error in the form.
 * @param {HTMLFormElement} form @param {(values: FormData) => Promise<unknown>} send
 */
function onSubmit(form, send) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("button[type=submit]", form);
    const error = $(".error", form);
    error.textContent = "";
    button.disabled = true;
    try {
      await send(new FormData(form));
    } catch (problem) {
      error.textContent = problem.message;
    } finally {
      button.disabled = false;
    }
  });
}

/** Runs what a button does; a second press confirms, so that nothing goes by accident. @param {HTMLElement} row @param {() => Promise<unknown>} work */
function onConfirmed(row, work) {
  const button = $("[data-do]", row);
  const label = button.textContent;
  button.addEventListener("click", async () => {
    if (button.dataset.sure === undefined) {
      button.dataset.sure = "";
      button.textContent = "Sure?";
      setTimeout(() => { delete button.dataset.sure; button.textContent = label; }, 4000);
      return;
    }
    try { await work(); } catch (problem) { toast(problem.message); }
  });
}

// ---------------------------------------------------------------- copying

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http has no clipboard of its own; the old way works there.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest?.("[data-copy]");
  if (!button) return;
  const code = $("code", button.closest(".snippet, .digest"));
  const label = button.textContent;
  try {
    await copy(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = label; }, 1500);
});

// ---------------------------------------------------------------- search as one types

function searchAsTyped() {
  const input = /** @type {HTMLInputElement} */ ($("#search"));
  const box = document.createElement("ul");
  box.className = "found";
  box.id = "found";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Packages");
  box.hidden = true;
  input.closest("form").append(box);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "found");
  input.setAttribute("aria-expanded", "false");
  let chosen = -1;
  let waiting = 0;
  let latest = 0;

  const show = (open) => {
    box.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  };
  const options = () => all("[role=option]", box);
  const choose = (at) => {
    chosen = at;
    options().forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const option = options()[at];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const row = (item, index) => {
    const option = document.createElement("li");
    option.id = `found-${index}`;
    option.setAttribute("role", "option");
    option.dataset.path = item._links.web_path ?? "";
    const name = document.createElement("span");
    name.textContent = item.name;
    const type = document.createElement("span");
    type.className = `type type-${item.package_type}`;
    type.textContent = item.package_type.replace("_module", "");
    const where = document.createElement("small");
    where.textContent = `${item.version ?? ""} · ${item.project_path}`;
    option.append(name, type, where);
    return option;
  };
  const ask = async () => {
    const asked = (latest += 1);
    const search = input.value.trim();
    if (!search) return show(false);
    try {
      const found = await api("GET", `/-/search?per_page=8&search=${encodeURIComponent(search)}`);
      if (asked !== latest) return; // a later key was faster
      const none = document.createElement("li");
      none.className = "told";
      none.textContent = "Nothing found";
      box.replaceChildren(...(found.length ? found.map(row) : [none]));
      choose(-1);
      show(document.activeElement === input);
    } catch { show(false); }
  };

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 90); });
  input.addEventListener("blur", () => setTimeout(() => show(false), 150));
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape") { show(false); return; }
    if (box.hidden || !count) return;
    if (event.key === "ArrowDown") choose((chosen + 1) % count);
    else if (event.key === "ArrowUp") choose(chosen > 0 ? chosen - 1 : count - 1);
    else if (event.key === "Enter" && chosen >= 0) location.assign(options()[chosen].dataset.path);
    else return;
    event.preventDefault();
  });
  box.addEventListener("mousedown", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("[data-path]");
    if (option) { event.preventDefault(); location.assign(option.dataset.path); }
  });
  document.addEventListener("keydown", (event) => {
    const inField = /** @type {HTMLElement} */ (event.target).closest("input, select, textarea, dialog");
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}

// ---------------------------------------------------------------- filters

/** Filters are sent as they are changed; what is empty stays out of the address. */
function liveFilters() {
  for (const form of all("[data-filters]")) {
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    });
    form.addEventListener("change", () => form.requestSubmit());
  }
  $(".find form").addEventListener("formdata", ({ formData }) => {
    if (!formData.get("search").trim()) formData.delete("search");
  });
}

// ---------------------------------------------------------------- the session

function session() {
  const out = $("[data-sign-out]");
  out?.addEventListener("click", async () => {
    await api("DELETE", "/-/session").catch(() => {});
    goAndTell("Signed out.", `${base}/`);
  });
  const page = $("[data-page=sign-in]");
  if (page) {
    onSubmit($("form", page), async (values) => {
      try {
        await api("POST", "/-/session", undefined, { "PRIVATE-TOKEN": String(values.get("token")).trim() });
      } catch (problem) {
        throw problem.status === 401 ? new Error("Nobody knows this token, or it is over. Is all of it there?") : problem;
      }
      const back = document.referrer.startsWith(`${location.origin}${base}/`) && !document.referrer.includes("/-/sign_in");
      location.assign(back ? document.referrer : `${base}/`);
    });
  }
  // A link from another site arrives without the session (SameSite=Strict): ask once more, from here.
  const fromElsewhere = !document.referrer.startsWith(`${location.origin}/`);
  const asked = performance.getEntriesByType("navigation")[0]?.type === "reload";
  if (!root.dataset.user && fromElsewhere && !asked && $("[data-nothing]")) {
    api("GET", "/-/session").then((who) => who.user && location.reload(), () => {});
  }
}

// ---------------------------------------------------------------- one package

function removal() {
  for (const button of all("[data-open]")) {
    button.addEventListener("click", () => /** @type {HTMLDialogElement} */ ($(`#${button.dataset.open}`)).showModal());
  }
  const button = $("[data-delete]");
  button?.addEventListener("click", async () => {
    const error = $(".error", button.closest("dialog"));
    button.disabled = true;
    try {
      await api("DELETE", button.dataset.delete.slice(`${base}/api/v4`.length));
      goAndTell("The package is deleted.", button.dataset.then);
    } catch (problem) {
      error.textContent = problem.message;
      button.disabled = false;
    }
  });
}

// ---------------------------------------------------------------- tokens

/** Shows a new token's value, this once. @param {HTMLElement} form @param {{token: string, username?: string}} token */
function reveal(form, token) {
  const box = $(".secret", form);
  box.hidden = false;
  const name = $("[data-username]", box);
  if (name) name.textContent = token.username;
  $(".digest code", box).textContent = token.token;
}

/** What both kinds of tokens are made from. @param {FormData} values */
const described = (values) => ({
  name: values.get("name"),
  scopes: values.getAll("scopes"),
  ...(values.get("expires_at") && { expires_at: values.get("expires_at") }),
});

async function accessTokens(page) {
  const table = $("[data-list=access-tokens]", page);
  const { user } = await api("GET", "/-/session");
  const refresh = async () => {
    const tokens = await list(`/personal_access_tokens?state=active&user_id=${user.id}`);
    const rows = tokens.map((token) => {
      const row = stamp("access-token-row", {
        name: token.name,
        scopes: token.scopes.join(", "),
        created: date(token.created_at),
        used: date(token.last_used_at),
        expires: date(token.expires_at),
      });
      onConfirmed(row, async () => {
        await api("DELETE", `/personal_access_tokens/${token.id}`);
        // The token behind this session may have been the one.
        await refresh().catch(() => goAndTell("The token is revoked, and the session with it.", `${base}/`));
      });
      return row;
    });
    fillTable(table, rows, "No tokens.");
  };
  const form = $("[data-form=access-token]", page);
  onSubmit(form, async (values) => {
    reveal(form, await api("POST", "/-/personal_access_tokens", described(values)));
    await refresh();
  });
  await refresh();
}

/** The deploy tokens of one project. @param {HTMLElement} place @param {string} project */
async function deployTokens(place, project) {
  place.replaceChildren(stamp("deploy-tokens", {}));
  place.hidden = false;
  const path = `/projects/${encodeURIComponent(project)}/deploy_tokens`;
  const refresh = async () => {
    const tokens = await list(`${path}?active=true`);
    const rows = tokens.map((token) => {
      const row = stamp("deploy-token-row", {
        name: token.name,
        username: token.username,
        scopes: token.scopes.map((scope) => ({ read_package_registry: "read", write_package_registry: "publish and delete" })[scope] ?? scope).join(", "),
        expires: date(token.expires_at),
      });
      onConfirmed(row, async () => { await api("DELETE", `${path}/${token.id}`); await refresh(); });
      return row;
    });
    fillTable($("table", place), rows, "No deploy tokens.");
  };
  const form = $("form", place);
  onSubmit(form, async (values) => {
    reveal(form, await api("POST", path, described(values)));
    await refresh();
  });
  await refresh();
}

async function tokensPage(page) {
  const select = /** @type {HTMLSelectElement} */ ($("[data-projects]", page));
  const place = $("[data-deploy-tokens]", page);
  const choose = () => { if (select.value) deployTokens(place, select.value).catch((problem) => toast(problem.message)); };
  select.addEventListener("change", choose);
  await accessTokens(page);
  const { admin } = await api("GET", "/-/session");
  const mine = await list(`/projects?simple=true&order_by=path&sort=asc${admin ? "" : "&min_access_level=40"}`);
  for (const project of mine) {
    const option = document.createElement("option");
    option.value = option.textContent = project.path_with_namespace;
    select.append(option);
  }
  if (!mine.length) select.append(new Option("You maintain no project", ""));
  choose();
}

// ---------------------------------------------------------------- settings of a project

async function settingsPage(page) {
  const project = `/projects/${page.dataset.project}`;
  const parts = [generalSettings, protectionRules, retentionRules, members];
  await Promise.all(parts.map((part) => part(page, project)));
  await deployTokens($("[data-deploy-tokens]", page), page.dataset.project);
}

async function generalSettings(page, project) {
  const form = $("[data-form=project]", page);
  const present = await api("GET", project);
  for (const field of ["visibility", "package_registry_access_level", "description"]) {
    form.elements[field].value = present[field] ?? "";
  }
  onSubmit(form, async (values) => {
    await api("PUT", project, Object.fromEntries(values));
    toast("Saved.");
  });
}

async function protectionRules(page, project) {
  const path = `${project}/packages/protection/rules`;
  const refresh = async () => {
    const rows = (await list(path)).map((rule) => {
      const row = stamp("rule-row", {
        pattern: rule.package_name_pattern,
        type: rule.package_type,
        push: rule.minimum_access_level_for_push ?? "as usual",
        delete: rule.minimum_access_level_for_delete ?? "as usual",
      });
      onConfirmed(row, async () => { await api("DELETE", `${path}/${rule.id}`); await refresh(); });
      return row;
    });
    fillTable($("[data-list=rules]", page), rows, "No rules: every developer publishes, every maintainer deletes.");
  };
  const form = $("[data-form=rule]", page);
  onSubmit(form, async (values) => {
    const rule = Object.fromEntries([...values].map(([name, value]) => [name, value || null]));
    await api("POST", path, rule);
    form.reset();
    await refresh();
  });
  await refresh();
}

async function retentionRules(page, project) {
  const section = $("[data-retention]", page);
  const path = `${project}/-/packages/retention_rules`;
  const limits = (rule) => [
    rule.keep_latest !== null && `all but the newest ${rule.keep_latest}`,
    rule.older_than_days !== null && `older than ${rule.older_than_days} days`,
    rule.not_downloaded_for_days !== null && `not downloaded for ${rule.not_downloaded_for_days} days`,
    !rule.enabled && "switched off",
  ].filter(Boolean).join(", ");
  const refresh = async () => {
    const rows = (await api("GET", path)).map((rule) => {
      const names = [rule.package_type ?? "any type", rule.name_pattern ?? "*", rule.version_pattern].filter(Boolean);
      const row = stamp("retention-row", { packages: names.join(" · "), limits: limits(rule) });
      onConfirmed(row, async () => { await api("DELETE", `${path}/${rule.id}`); await refresh(); });
      return row;
    });
    fillTable($("[data-list=retention]", page), rows, "No rules: everything stays.");
  };
  const form = $("[data-form=retention]", page);
  onSubmit(form, async (values) => {
    const numbers = ["keep_latest", "older_than_days", "not_downloaded_for_days"];
    const given = [...values].filter(([, value]) => value !== "");
    await api("POST", path, Object.fromEntries(given.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value])));
    form.reset();
    await refresh();
  });
  const place = $("[data-previewed]", section);
  const preview = $("[data-preview]", section);
  preview.addEventListener("click", async () => {
    preview.disabled = true;
    try { showPreview(place, path, await api("POST", `${path}/preview`)); }
    catch (problem) { toast(problem.message); }
    preview.disabled = false;
  });
  try {
    await refresh();
    section.hidden = false;
  } catch { /* who may not see rules has no section of them */ }
}

/** What a run would remove. @param {HTMLElement} place @param {string} path @param {{packages: object[], truncated: boolean, bytes: number}} found */
function showPreview(place, path, found) {
  const many = `${found.truncated ? "The first " : ""}${number(found.packages.length)}`;
  const told = found.packages.length ? `${many} would go, ${size(found.bytes)}.` : "Nothing would go now.";
  const table = stamp("preview-table", { told });
  const rows = found.packages.map((item) =>
    stamp("preview-row", { name: item.name, version: item.version ?? "", why: item.reason, size: size(item.bytes) }));
  fillTable($("table", table), rows, "Nothing.");
  const run = $("[data-run]", table);
  run.hidden = !found.packages.length;
  run.addEventListener("click", async () => {
    run.disabled = true;
    try {
      const gone = await api("POST", `${path}/run`);
      place.replaceChildren();
      toast(`${number(gone.packages.length)} removed, ${size(gone.bytes)}.`);
    } catch (problem) { toast(problem.message); run.disabled = false; }
  });
  place.replaceChildren(table);
}

const ROLES = { 10: "guest", 15: "planner", 20: "reporter", 30: "developer", 40: "maintainer", 50: "owner" };

async function members(page, project) {
  const own = `${project}/members`;
  const refresh = async () => {
    const [direct, everybody] = await Promise.all([list(own), list(`${own}/all`)]);
    const rows = everybody.map((member) => {
      const row = stamp("member-row", {
        name: member.name,
        username: member.username,
        role: ROLES[member.access_level] ?? String(member.access_level),
        expires: date(member.expires_at),
      });
      if (direct.some(({ id }) => id === member.id)) {
        onConfirmed(row, async () => { await api("DELETE", `${own}/${member.id}`); await refresh(); });
      } else {
        $("[data-do]", row).replaceWith("through a group");
      }
      return row;
    });
    fillTable($("[data-list=members]", page), rows, "No members: administrators alone.");
  };
  const form = $("[data-form=member]", page);
  onSubmit(form, async (values) => {
    const name = String(values.get("username")).trim();
    const [user] = await api("GET", `/users?username=${encodeURIComponent(name)}`);
    if (!user) throw new Error(`There is no user ${name}.`);
    await api("POST", own, { user_id: user.id, access_level: Number(values.get("access_level")) });
    form.reset();
    await refresh();
  });
  await refresh();
}

// ---------------------------------------------------------------- administration

/** When a kind of upkeep was last done, and how it went. @param {string} label @param {object | null} last @param {(last: object) => string} how */
const upkeep = (label, last, how) => ({ label, value: last ? `${date(last.finished_at)}, ${how(last)}` : "not yet" });

async function adminPage(page) {
  const ready = fetch(`${base}/-/readiness`).then(({ ok }) => ok, () => false);
  const figure = (label, value, more = "") => stamp("figure", { label, value, more });
  try {
    const storage = await api("GET", "/-/storage?per_page=20");
    $("[data-figures]", page).replaceChildren(
      figure("Packages take", size(storage.bytes), `${number(storage.files)} files`),
      figure("On the disk", size(storage.stored_bytes), `${number(storage.blobs)} blobs`),
      figure("Saved by storing once", size(storage.deduplicated_bytes)),
      figure("Reclaimable", size(storage.reclaimable_bytes), `${number(storage.reclaimable_blobs)} blobs, by packhouse gc`),
      figure("Database", size(storage.database_bytes)),
    );
    const row = (name, { files, bytes }) => stamp("storage-row", { name, files: number(files), size: size(bytes) });
    const byType = Object.entries(storage.package_types).sort(([, a], [, b]) => b.bytes - a.bytes);
    fillTable($("[data-list=formats]", page), byType.map(([name, room]) => row(name, room)), "No packages.");
    fillTable($("[data-list=projects]", page), storage.projects.map((project) => row(project.path_with_namespace, project)), "No packages.");
    const health = [
      { label: "Database and storage", value: (await ready) ? "answer" : "do not answer" },
      upkeep("Backup", storage.last_backup, (last) => size(last.bytes)),
      upkeep("Scrub", storage.last_fsck, (last) => (last.problems ? `${number(last.problems)} problems` : "nothing wrong")),
      upkeep("Garbage collection", storage.last_gc, (last) => `${size(last.bytes)} freed`),
    ];
    $("[data-health]", page).replaceChildren(...health.map((line) => stamp("health-row", line)));
  } catch (problem) {
    $(".error", page).textContent = problem.message;
  }
}

// ---------------------------------------------------------------- begin

const pages = { tokens: tokensPage, settings: settingsPage, admin: adminPage };

searchAsTyped();
liveFilters();
session();
removal();
for (const page of all("[data-page]")) {
  pages[page.dataset.page]?.(page).catch((problem) => toast(problem.message));
}
const told = sessionStorage.getItem("told");
if (told) {
  sessionStorage.removeItem("told");
  toast(told);
}
