// The console in Chromium, over the running demo.
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { complaints, launch, party, phone, quit, shot, signIn, topology, visit, wrongFields } from "./browser.mjs";
import { breakOff, processOf, sendDeferred, start, stop, stopStarted, until } from "./parties.mjs";

const [practice, hub, cedar] = ["A20001", "U20002", "B20003"];
const patient = topology.patients[0].nhs_number;
const ofCedar = topology.patients[2].nhs_number;
const red = "rgb(213, 40, 27)";

before(launch);
after(async () => {
  await quit();
  stopStarted();
});

const isRight = async (page, name) => {
  assert.deepEqual(await complaints(page), [], `${name} is not right`);
};

const isInSight = async (what) => {
  const { y } = await what.boundingBox();
  assert.ok(y >= 0 && y < what.page().viewportSize().height, `${what} is at ${y}`);
};

// The form, filled in up to its Send button.
const fillTask = async (page, to, text, nhsNumber = patient) => {
  await page.goto("/send");
  await page.getByLabel("Which patient is it about?").fill(nhsNumber);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("To", { exact: true }).selectOption(to);
  await page.getByLabel("Action needed").check();
  await page.getByLabel("Details").fill(text);
};

test("sign-in: the right password opens the console, a wrong one does not, and the page is accessible (OPS-05)", async () => {
  const page = await visit(practice);
  await page.goto("/tasks");
  await isRight(page, "sign-in");
  await page.getByLabel("User name").fill("shah");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The user name or the password is not right").first().waitFor();
  await isRight(page, "sign-in refused");
  assert.deepEqual(await wrongFields(page), [`user ${red}`, `password ${red}`]);
  await shot(page, "sign-in");
  const cookies = await page.context().cookies();
  assert.equal(cookies.length, 0);
});

test("roles: each is led to its own screen and refused the others' (OPS-05)", async () => {
  for (const [user, home, refused] of [["shah", "/tasks", "/delivery"], ["operator", "/delivery", "/tasks"],
    ["auditor", "/audit", "/delivery"]]) {
    const page = await signIn(practice, user);
    assert.equal(new URL(page.url()).pathname, home);
    const [cookie] = await page.context().cookies();
    assert.equal(cookie.httpOnly && cookie.secure && cookie.sameSite === "Strict", true);
    const answer = await page.goto(refused);
    assert.equal(answer.status(), 403);
    await page.getByRole("heading", { name: "This is not for your role" }).waitFor();
    await isRight(page, "another role's page");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  }
});

test("send: a task is told as received, and the other side has it (OPS-05)", async () => {
  const text = "Please ring her about the blood test of Thursday: potassium 5.9, and she takes ramipril.";
  const page = await signIn(practice, "shah");
  await page.getByRole("link", { name: "Send a task" }).first().click();
  await isRight(page, "which patient");
  await fillTask(page, hub, text);
  await isRight(page, "send");
  await shot(page, "send", { fullPage: true });
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { name: "Received" }).waitFor();
  await isRight(page, "received");
  await shot(page, "received");
  await page.getByRole("link", { name: "Show the task" }).click();
  await page.locator("#task").getByText(text).waitFor();
  await isRight(page, "task detail");

  const other = await signIn(hub, "cole");
  await other.locator(".app-row-link").first().click();
  await other.locator("#task").getByText(text).waitFor();
  await other.locator("#task").getByText("Put into your mailbox").waitFor();
  await other.locator("#task").getByText("Dr Amina Shah").waitFor();
  await isRight(other, "received task");
  await shot(other, "tasks", { height: 1000 });
});

test("send: mistakes are named beside their fields, and nothing is lost (OPS-05)", async () => {
  const page = await signIn(practice, "shah");
  await page.goto("/send");
  await page.getByLabel("Which patient is it about?").fill("9990000019");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("link", { name: /check digit of this NHS number is wrong/ }).waitFor();
  await isRight(page, "no such patient");
  await page.getByLabel("Which patient is it about?").fill(patient);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("To", { exact: true }).selectOption("");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").waitFor();
  assert.deepEqual(await wrongFields(page), [`to ${red}`, `text ${red}`]);
  await isRight(page, "send with nothing filled in");
  await fillTask(page, "", "Half a task");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const summary = page.getByRole("alert");
  await summary.getByText("Choose the organisation").click();
  assert.equal(await page.evaluate("document.activeElement.id"), "to");
  assert.equal(await page.getByLabel("Details").inputValue(), "Half a task");
  assert.deepEqual(await wrongFields(page), [`to ${red}`]);
  await isRight(page, "send with mistakes");
});

test("send: what failed is told so, and sent again it arrives once (OPS-05)", async () => {
  const text = "He cannot come to the review on Friday. Please offer him another day.";
  const page = await signIn(practice, "shah");
  await fillTask(page, cedar, text, ofCedar);
  await stop(cedar);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { name: "Not delivered" }).waitFor();
  await page.getByText("If it cannot wait, use another channel").waitFor();
  await isRight(page, "not delivered");
  await shot(page, "not-delivered");
  await start(cedar);
  for (let tries = 0; (await page.getByRole("button", { name: "Send again" }).count()) > 0; ++tries) {
    assert.ok(tries < 100, "the recipient did not come back");
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
  }
  await page.getByRole("heading", { name: "Received" }).waitFor();
});

test("tasks: sorted, filtered and found by the patient's number (OPS-05)", async () => {
  const page = await signIn(practice, "shah");
  const states = () => page.locator("tbody .nhsuk-tag").allInnerTexts();
  const all = await states();
  assert.ok(all.length > 3);
  await page.getByRole("link", { name: "State" }).click();
  assert.equal(await page.getByRole("columnheader", { name: "State" }).getAttribute("aria-sort"), "ascending");
  assert.deepEqual(await states(), [...(await states())].sort());
  await page.getByLabel("Show").selectOption("Sent: error");
  await page.getByRole("button", { name: "Apply" }).click();
  const errors = await states();
  assert.ok(errors.length > 0 && errors.every((each) => each === "Error"), `${errors}`);
  await page.goto("/tasks");
  await page.getByLabel("Show").selectOption("received");
  await page.getByRole("button", { name: "Apply" }).click();
  const received = await page.locator("tbody tr td:nth-child(2) span:last-child").allInnerTexts();
  assert.ok(received.length > 0 && received.every((each) => each === "Received"), `${received}`);
  await page.goto("/tasks");
  await page.getByText("More filters").click();
  await page.getByLabel("From or to").selectOption(hub);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByLabel("From or to").waitFor();
  await isRight(page, "all filters");
  const others = await page.locator("tbody tr td:nth-child(3) span:last-child").allInnerTexts();
  assert.ok(others.length > 0 && others.every((each) => each === "Beacon Extended Access Hub"), `${others}`);
  await page.goto("/tasks");
  await page.getByLabel("Find by NHS number").fill("999 000 0018");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByText("Tasks about").waitFor();
  assert.ok(!page.url().includes("999"), page.url());
  await isRight(page, "tasks of a patient");
});

test("tasks: choosing one keeps the list where it was, and shows the task beside it (OPS-05)", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const viewport = { width: 1280, height: 400 };
    const page = await signIn(practice, "shah", { viewport, javaScriptEnabled });
    const last = page.locator(".app-row-link").last();
    await last.scrollIntoViewIfNeeded();
    const place = (await last.boundingBox()).y;
    await last.click();
    const row = page.locator(".app-chosen .app-row-link");
    await row.waitFor();
    await isInSight(row);
    await isInSight(page.locator("#task h2").first());
    if (javaScriptEnabled) assert.equal((await row.boundingBox()).y, place);
  }
});

test("tasks: the first is in sight without scrolling, on a phone too (OPS-05)", async () => {
  for (const viewport of [undefined, phone]) {
    const page = await signIn(practice, "shah", viewport && { viewport });
    const { y } = await page.locator("tbody tr").first().boundingBox();
    assert.ok(y < 480, `${y}`);
    const room = await page.getByLabel("Show").evaluate((select) => {
      const style = getComputedStyle(select);
      const text = document.createElement("canvas").getContext("2d");
      text.font = style.font;
      const longest = Math.max(...[...select.options].map((each) => text.measureText(each.text).width));
      const arrow = 16;
      return select.clientWidth - arrow - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - longest;
    });
    assert.ok(room >= 0, `an option is ${-room} pixels longer than its place`);
  }
});

test("phone: list, task and form fit a narrow screen (OPS-05)", async () => {
  const page = await signIn(practice, "shah", { viewport: phone });
  await isRight(page, "tasks on a phone");
  await shot(page, "tasks-phone");
  await page.locator(".app-row-link").last().click();
  await isInSight(page.getByRole("link", { name: "Back to the list" }));
  await isRight(page, "a task on a phone");
  await page.getByRole("link", { name: "Back to the list" }).click();
  await page.locator(".app-row-link").last().waitFor();
  await isInSight(page.locator(".app-row-link").last());
  await fillTask(page, hub, "Her daughter asks for a call after five o'clock.");
  await isRight(page, "send on a phone");
  await shot(page, "send-phone", { fullPage: true });
});

test("windows: a task and the list fit what lies between a phone and a wide screen (OPS-05)", async () => {
  const page = await signIn(practice, "shah", { viewport: { width: 880, height: 800 } });
  for (const width of [880, 912, 1024, 1279, 1300]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto("/tasks");
    await isRight(page, `tasks, ${width} wide`);
    await page.locator(".app-row-link").first().click();
    await page.locator("#task").waitFor();
    await isRight(page, `a task, ${width} wide`);
  }
});

test("without scripts: a task is sent all the same (OPS-05)", async () => {
  const page = await signIn(practice, "shah", { javaScriptEnabled: false });
  await fillTask(page, hub, "No scripts here");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { name: "Received" }).waitFor();
});

test("keyboard: sign-in, the list and a task are reached by Tab and Enter alone (OPS-05)", async () => {
  const page = await visit(practice);
  const { password } = topology.console_users.find((each) => each.ods === practice && each.user === "lee");
  await page.goto("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.className"), "nhsuk-skip-link");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("lee");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  for (let presses = 0; !(await page.evaluate("document.activeElement.classList.contains('app-row-link')")); ++presses) {
    assert.ok(presses < 40, "no task is reached by Tab");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.locator("#task").waitFor();
});

test("delivery: an operator sees the recipients and settles what is in doubt (OPS-05)", async () => {
  await stop(cedar);
  const close = await breakOff(cedar);
  const sender = await signIn(practice, "shah");
  await fillTask(sender, cedar, "His repeat prescription was changed: please see the letter.", ofCedar);
  await sender.getByRole("button", { name: "Send", exact: true }).click();
  await sender.getByRole("heading", { level: 1, name: "Sent, but not confirmed" }).waitFor();
  await close();
  await start(cedar);
  await isRight(sender, "in doubt");
  await shot(sender, "in-doubt");

  const page = await signIn(practice, "operator");
  await page.getByRole("heading", { name: "Recipients" }).waitFor();
  await page.getByText("Beacon Extended Access Hub").first().waitFor();
  assert.equal(await page.getByText("Cotton").count(), 0);
  assert.equal(await page.getByRole("heading", { name: "In doubt" }).count(), 1);
  await isRight(page, "delivery");
  await shot(page, "delivery", { height: 1000 });
  await page.getByRole("button", { name: "It arrived" }).click();
  await page.getByRole("link", { name: /Say how it is known/ }).waitFor();
  await page.getByLabel("How is it known?").fill("They read it to me on the telephone");
  await page.getByRole("button", { name: "It arrived" }).click();
  await page.getByText("This cannot be taken back.").waitFor();
  await isRight(page, "delivery, asked to confirm");
  await shot(page, "delivery-confirm", { height: 800 });
  await page.getByRole("button", { name: "Yes, it arrived" }).click();
  await page.getByText("is on record as delivered").waitFor();
  assert.equal(await page.getByRole("heading", { name: "In doubt" }).count(), 0);
  await isRight(page, "delivery after resolving");
});

test("delivery: an operator has a deferred task tried now (OPS-05, OUT-06)", async () => {
  // After its first try only an operator has it tried: the next would be a minute or two later.
  appendFileSync(processOf(practice).config, "\n[deferred]\nfirst_delay_ms = 120000\n");
  await stop(practice);
  await start(practice);
  await stop(cedar);
  const text = "Please note the new address, it is in the letter.";
  assert.equal(await sendDeferred(practice, cedar, text, ofCedar), 202);
  const page = await signIn(practice, "operator");
  await until(async () => {
    await page.goto("/delivery");
    return (await page.getByText("Waits to be sent").count()) === 1 && (await page.getByText("Why", { exact: true }).count()) === 1;
  });
  await isRight(page, "delivery with a deferred task");
  await start(cedar);
  await page.getByRole("button", { name: "Try it now" }).click();
  await page.getByRole("link", { name: /Say why it is tried now/ }).waitFor();
  await page.getByLabel("Why now?").fill("Cedar Park is back");
  await page.getByRole("button", { name: "Try it now" }).click();
  await page.getByText("is tried now").waitFor();
  await until(async () => {
    await page.goto("/delivery");
    return (await page.getByText("Waits to be sent").count()) === 0;
  });
  const sender = await signIn(practice, "shah");
  await sender.locator(".app-row-link").first().click();
  await sender.locator("#task").getByText(text).waitFor();
  await sender.locator("#task").getByText("Received", { exact: true }).first().waitFor();
});

test("audit: an auditor finds what was done about a patient, and checks the audit (OPS-05, AUD-02, AUD-03)", async () => {
  const page = await signIn(practice, "auditor");
  assert.equal(new URL(page.url()).pathname, "/audit");
  await isRight(page, "audit");
  await page.getByLabel("NHS number of the patient").fill("12345");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: /NHS number of 10 digits/ }).waitFor();
  await isRight(page, "audit search with a mistake");
  await page.getByLabel("NHS number of the patient").fill("999 000 0018");
  await page.getByLabel("From", { exact: true }).fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("cell", { name: "send task: received" }).first().waitFor();
  assert.ok(!page.url().includes("999"), page.url());
  const patients = await page.locator("#records tbody tr td:nth-child(4) span:last-child").allInnerTexts();
  assert.ok(patients.length > 0 && patients.every((each) => each === "999 000 0018"), `${patients}`);
  await isRight(page, "audit records");
  await shot(page, "audit", { height: 1000 });
  await page.getByLabel("NHS number of the patient").fill("");
  await page.getByRole("button", { name: "Search" }).click();
  const numbers = async () => (await page.locator("#records tbody tr").allInnerTexts())
    .map((row) => Number(/record (\d+)/.exec(row)[1]));
  const newest = await numbers();
  await page.getByRole("button", { name: "Older records" }).click();
  await page.getByText(`record ${newest.at(-1) - 1}`, { exact: true }).waitFor();
  assert.ok((await numbers()).every((each) => each < newest.at(-1)));
  await page.getByRole("button", { name: "Check the audit" }).click();
  await page.getByRole("heading", { name: "The audit is as it was written" }).waitFor();
  await isRight(page, "audit checked");
  await shot(page, "audit-checked");
  const narrow = await signIn(practice, "auditor", { viewport: phone });
  await narrow.getByRole("button", { name: "Search" }).click();
  await narrow.locator("#records").waitFor();
  await isRight(narrow, "audit on a phone");
});

test("users: who is taken from the configuration is out on SIGHUP (OPS-05)", async () => {
  const gone = await signIn(hub, "cole");
  const stays = await signIn(hub, "operator");
  const { config, pid } = processOf(hub);
  const sections = readFileSync(config, "utf8").split(/\n(?=\[)/);
  writeFileSync(config, sections.filter((each) => !each.startsWith("[console.users.cole]")).join("\n"));
  process.kill(pid, "SIGHUP");
  await until(async () => {
    await gone.goto("/tasks");
    return new URL(gone.url()).pathname === "/sign-in";
  });
  await stays.goto("/delivery");
  await stays.getByRole("button", { name: "Sign out" }).waitFor();
});
