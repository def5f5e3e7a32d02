// People with a browser. Arguments: the folder of the modules, the browser, the server's URL, the scenario, what the test
// knows. Prints what the scenario found; fails on anything that the page's policy stopped, on an error of its script, and on
// a request to another server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [modules, executablePath, url, scenario, text] = process.argv.slice(2);
const known = JSON.parse(text);
const { chromium } = await import(pathToFileURL(`${modules}/playwright-core/index.mjs`).href);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const wrong = [];

/** A person with a window of their own. */
async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (message) => {
    const said = message.text();
    if (/policy|refused|trusted/i.test(said) || (message.type() === "error" && !/status of (400|401|403|404|422)/.test(said))) wrong.push(said);
  });
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (to.origin !== url && to.origin !== options.friend && to.protocol !== "data:") wrong.push(`request: ${request.url()}`);
  });
  return page;
}

const open = (page, path) => page.goto(`${url}${path}`);

async function signIn(page) {
  await open(page, "/-/sign_in");
  await page.getByLabel("Access token").fill(known.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Copies the first line that is to be seen; answers what the clipboard has. */
async function copyLine(page) {
  const snippet = page.locator(".panel:visible .snippet").first();
  await snippet.getByRole("button", { name: "Copy" }).click();
  await snippet.getByRole("button", { name: "Copied" }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

const scenarios = {
  async find_and_copy() {
    const page = await person();
    await open(page, "/");
    await page.getByRole("combobox", { name: "Search packages" }).pressSequentially(known.search);
    await page.getByRole("option").filter({ hasText: known.name }).click();
    await page.getByRole("heading", { level: 1, name: known.name }).waitFor();
    return { copied: await copyLine(page), path: new URL(page.url()).pathname };
  },

  async copy_line() {
    const page = await person();
    await open(page, known.path);
    await page.locator(".clients label", { hasText: new RegExp(`^${known.client}$`) }).click();
    return { copied: await copyLine(page) };
  },

  async downloads() {
    const page = await person();
    await open(page, known.path);
    return { told: await page.locator(".chart strong").textContent() };
  },

  async maintain() {
    const page = await person();
    await open(page, "/-/sign_in");
    await page.getByLabel("Access token").fill("glpat-nobody-knows-this-one");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Nobody knows this token").waitFor();
    await signIn(page);

    await page.getByRole("link", { name: "Tokens" }).click();
    const own = page.locator("[data-form=access-token]");
    await own.getByLabel("Name").fill("from the page");
    await own.getByRole("button", { name: "Create token" }).click();
    const accessToken = await own.locator(".secret .digest code").filter({ hasText: "glpat-" }).textContent();
    await page.getByRole("row", { name: /from the page/ }).waitFor();

    const deploy = page.locator("[data-form=deploy-token]");
    await deploy.getByLabel("Name").fill("build server");
    await deploy.getByRole("button", { name: "Create deploy token" }).click();
    const deployToken = await deploy.locator(".secret .digest code").filter({ hasText: "gldt-" }).textContent();
    const username = await deploy.locator("[data-username]").textContent();
    await page.getByRole("row", { name: /build server/ }).waitFor();

    await open(page, known.kept);
    const note = await page.locator("[data-protected]").textContent();
    assert.equal(await page.getByRole("button", { name: "Delete…" }).count(), 0);

    await open(page, known.doomed);
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("forwarded to a public registry").waitFor();
    await dialog.getByRole("button", { name: "Keep it" }).click();
    assert.equal(await dialog.count(), 0);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.waitForURL("**/-/packages");
    await page.getByText("The package is deleted.").waitFor();
    assert.equal(await page.getByRole("link", { name: "doomed" }).count(), 0);

    const stored = await page.evaluate(() => [...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie].filter(Boolean));
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    return { access_token: accessToken, deploy_token: deployToken, username, protected: note, stored };
  },

  async settings() {
    const page = await person();
    await signIn(page);
    await open(page, known.path);
    await page.getByLabel("Who sees the project").selectOption("internal");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();

    const rule = page.locator("[data-form=rule]");
    await rule.getByLabel("Names like").fill("@acme/*");
    await rule.getByRole("button", { name: "Add rule" }).click();
    await rule.getByText("at least a minimum access role").waitFor();
    await rule.getByLabel("Delete").selectOption("owner");
    await rule.getByRole("button", { name: "Add rule" }).click();
    await page.getByRole("row", { name: /@acme\/\*/ }).waitFor();

    const member = page.locator("[data-form=member]");
    await member.getByLabel("User name").fill("nobody-here");
    await member.getByRole("button", { name: "Add member" }).click();
    await member.getByText("There is no user nobody-here.").waitFor();
    await member.getByLabel("User name").fill(known.user);
    await member.getByRole("button", { name: "Add member" }).click();
    await page.getByRole("row", { name: new RegExp(known.user) }).waitFor();
    return { rules: await page.locator("[data-list=rules] tbody tr").count() };
  },

  async hostile() {
    const page = await person();
    await signIn(page);
    let pages = 0;
    for (const path of known.paths) {
      await open(page, path);
      await page.waitForLoadState("networkidle");
      await page.getByRole("combobox", { name: "Search packages" }).fill(known.search);
      await page.locator("#found li").first().waitFor();
      assert.equal(await page.evaluate(() => window.pwned), undefined, path);
      const foreign = await page.evaluate(() => {
        const inside = document.querySelectorAll("main script, main iframe, main img, main svg:not(.chart svg), main object, main style, main base, main link, main meta, main [style]");
        const links = [...document.querySelectorAll("a[href], form[action]")].filter((node) => /^(javascript|data|vbscript):/i.test(node.href ?? node.action));
        const acting = [...document.querySelectorAll("*")].filter((node) => [...node.attributes].some(({ name }) => name.startsWith("on")));
        return [...inside, ...links, ...acting].map((node) => node.outerHTML.slice(0, 200));
      });
      assert.deepEqual(foreign, [], path);
      pages += 1;
    }
    return { pages };
  },

  async keyboard() {
    const page = await person();
    const key = (...names) => names.reduce((before, name) => before.then(() => page.keyboard.press(name)), Promise.resolve());
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.getAttribute("name") || "");
    const tabTo = async (wanted) => {
      for (let tries = 0; tries < 80; tries += 1) {
        if ((await focused()) === wanted) return;
        await key("Tab");
      }
      assert.fail(`the keyboard does not reach ${wanted}`);
    };
    await open(page, "/");
    await key("Tab");
    assert.equal(await focused(), "Skip to the content");
    await tabTo("Sign in");
    await key("Enter");
    await page.getByLabel("Access token").waitFor();
    await tabTo("token");
    await page.keyboard.type(known.token);
    await key("Enter");
    await page.getByRole("button", { name: "Sign out" }).waitFor();

    await key("/");
    await page.keyboard.type("left pad");
    await page.getByRole("option").first().waitFor();
    await key("Escape");
    await page.getByRole("option").first().waitFor({ state: "hidden" });
    await page.keyboard.type("left"); // Escape has emptied the field, as in every search field
    await page.getByRole("option").first().waitFor();
    await key("ArrowDown", "Enter");
    await page.getByRole("heading", { level: 1, name: known.name }).waitFor();

    for (let tries = 0; tries < 40 && (await page.evaluate(() => document.activeElement.type)) !== "radio"; tries += 1) await key("Tab");
    await key("ArrowRight", "Tab");
    await tabTo("Copy");
    await key("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());

    await tabTo("Delete…");
    await key("Enter");
    await page.getByRole("dialog").waitFor();
    await key("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await tabTo("Delete…");
    await key("Enter");
    await tabTo("Delete");
    await key("Enter");
    await page.getByText("The package is deleted.").waitFor();
    return { copied };
  },

  async look() {
    const axe = await readFile(`${modules}/axe-core/axe.min.js`, "utf8");
    let pages = 0;
    let firstView = 0;
    const faults = [];
    for (const colorScheme of ["light", "dark"]) {
      for (const [width, size] of [["wide", { width: 1280, height: 900 }], ["narrow", { width: 390, height: 844 }]]) {
        const page = await person({ colorScheme, viewport: size, bypassCSP: false });
        await page.addInitScript(() => {
          window.shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
          }).observe({ type: "layout-shift", buffered: true });
        });
        if (!firstView) firstView = await bytesOfFirstView(page, known.paths.package);
        let signedIn = false;
        for (const [name, path] of Object.entries(known.paths)) {
          if (name === "tokens" && !signedIn) { await signIn(page); signedIn = true; }
          await open(page, path);
          await page.waitForLoadState("networkidle");
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          if (overflow > 0) faults.push(`${name} is ${overflow} too wide when ${width}`);
          const shift = await page.evaluate(() => window.shift);
          if (!signedIn && shift >= 0.01) faults.push(`${name} ${width} moves by ${shift}`);
          await page.screenshot({ path: `${known.shots}/${name}-${colorScheme}-${width}.png`, fullPage: true });
          // By the debugger's own door, which the page's policy does not concern.
          const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
          const serious = found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          faults.push(...serious.map(({ id, nodes }) => `${name} ${colorScheme} ${width}: ${id}: ${nodes.map(({ html }) => html).join(" | ").slice(0, 600)}`));
          pages += 1;
        }
        await page.context().close();
      }
    }
    assert.deepEqual(faults, []);
    return { pages, first_view_bytes: firstView };
  },

  async no_script() {
    const page = await person({ javaScriptEnabled: false });
    await open(page, "/");
    await page.getByLabel("Search packages").fill("left");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: known.name }).click();
    await page.getByRole("heading", { level: 1, name: known.name }).waitFor();
    await page.locator(".clients label", { hasText: /^pnpm$/ }).click();
    assert.ok(await page.getByText("pnpm add").isVisible());
    await page.locator(".clients label", { hasText: /^npm$/ }).click();
    return { text: await page.locator("main").innerText() };
  },

  async from_elsewhere() {
    const page = await person({ friend: "http://elsewhere.test" });
    await signIn(page);
    await page.route("http://elsewhere.test/**", (route) => route.fulfill({ contentType: "text/html", body: `<a href="${url}${known.path}">look</a>` }));
    await page.goto("http://elsewhere.test/");
    await page.getByRole("link", { name: "look" }).click();
    await page.getByRole("heading", { level: 1, name: /secret-tool/ }).waitFor();
    return { title: (await page.locator("h1").textContent()).trim() };
  },
};

/** What a first visit takes over the wire, headers included. */
async function bytesOfFirstView(page, path) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await open(page, path);
  await page.waitForLoadState("networkidle");
  return bytes;
}

try {
  const found = await scenarios[scenario]();
  assert.deepEqual(wrong, []);
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
