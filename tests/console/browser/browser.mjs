// A browser, the demo's consoles, and what the tests ask of every page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const topology = JSON.parse(readFileSync(process.env.GW_TOPOLOGY, "utf8"));
export const party = (ods) => topology.parties.find((each) => each.ods === ods);
export const wide = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

let browser;

export const launch = async () => {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--lang=en-GB"],
    // Fields for dates follow the browser's own language, where it has it (Debian: chromium-l10n).
    env: { ...process.env, LANGUAGE: "en_GB" },
  });
};
export const quit = () => browser.close();

// A visitor of one party's console, in a browser of their own. Remembers what a good page never does: asks another
// origin, breaks the policy of the page, or fails in a script.
export const visit = async (ods, options = {}) => {
  const base = party(ods).console;
  const context = await browser.newContext({ baseURL: base, ignoreHTTPSErrors: true, viewport: wide, locale: "en-GB",
    timezoneId: "Europe/London", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  page.faults = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== base) page.faults.push(`asks ${request.url()}`);
  });
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.faults.push(message.text());
  });
  return page;
};

export const signIn = async (ods, user, options) => {
  const page = await visit(ods, options);
  const { password } = topology.console_users.find((each) => each.ods === ods && each.user === user);
  await page.goto("/");
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
};

// What axe finds against WCAG 2.2 AA, in words; and whether the page is wider than its window, or a table than its place.
export const complaints = async (page) => {
  const found = await page.evaluate(`${axe}; axe.run(document, { runOnly:
    ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`);
  const said = found.violations.map((each) => `${each.id}: ${each.help} (${each.nodes.map((node) => node.target).join("; ")})`);
  const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  if (over > 0) said.push(`the page is ${over} pixels wider than its window`);
  const tables = await page.evaluate(`[...document.querySelectorAll("table")].map((table) => table.offsetWidth - table.parentElement.clientWidth)`);
  if (tables.some((each) => each > 0)) said.push(`tables are ${tables} pixels wider than their places`);
  return [...said, ...page.faults];
};

// The page from its top, or all of it, without the ring around what has the focus.
export const shot = async (page, name, { height = page.viewportSize().height, fullPage = false } = {}) => {
  if (!process.env.GW_SHOTS) return;
  await page.setViewportSize({ ...page.viewportSize(), height });
  await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
  await page.screenshot({ path: `${process.env.GW_SHOTS}/${name}.png`, fullPage });
};

// What stands at the fields that are wrong: their own border is red, and screen readers are told so.
export const wrongFields = (page) => page.locator("form :is(input, select, textarea)[aria-invalid=true]").evaluateAll((fields) => fields.map((each) =>
  [each.id, getComputedStyle(each).borderTopColor].join(" ")));
