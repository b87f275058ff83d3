// What the tests do to the demo's gateways: stop, start and replace them, and send past the console.
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { party, topology } from "./browser.mjs";

const run = promisify(execFile);
const started = [];
const names = { A20001: "practice-a", U20002: "hub", B20003: "practice-b" };

export const processOf = (ods) => topology.processes.find((each) => each.name === names[ods]);
const pem = (ods) => ({ cert: readFileSync(party(ods).cert), key: readFileSync(party(ods).key), ca: readFileSync(topology.ca) });
const port = (ods) => Number(party(ods).address.split(":")[1]);

// Until `holds` says so; the test's own time limit is the end of all patience.
export const until = async (holds) => {
  while (!(await holds())) await pause(50);
};

const hasEnded = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return true;
  }
};

// When this returns, nobody listens there any more.
export const stop = async (ods) => {
  const { pid } = processOf(ods);
  process.kill(pid, "SIGTERM");
  await until(() => hasEnded(pid));
};

export const start = async (ods) => {
  const entry = processOf(ods);
  const child = spawn(process.env.GW_BINARY, ["serve", "--config", entry.config, "--ready-fd", "3"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  started.push(child);
  await new Promise((resolve, reject) => {
    child.stdio[3].once("data", resolve);
    child.once("exit", (code) => reject(new Error(`${entry.name} ended with ${code}`)));
  });
  entry.pid = child.pid;
};

export const stopStarted = () => started.forEach((child) => child.kill("SIGTERM"));

// In the place of a stopped gateway: takes each request whole, then breaks off without an answer.
export const breakOff = async (ods) => {
  const server = createServer({ ...pem(ods), requestCert: true }, (asked) => {
    asked.resume().on("end", () => asked.socket.destroy());
  });
  await new Promise((resolve) => server.listen(port(ods), "127.0.0.1", resolve));
  return () => new Promise((resolve) => server.close(resolve));
};

// A task of a sender that does not wait for its recipient, handed to the sender's own gateway; gives the status.
export const sendDeferred = async (from, to, text, nhsNumber) => {
  const printed = async (part) => (await run(process.env.GW_BINARY, ["send", "--config", processOf(from).config, "--from",
    from, "--to", to, "--patient", nhsNumber, "--type", "action", "--text", text, "--print", part])).stdout;
  const headers = Object.fromEntries((await printed("headers")).trim().split("\n").map((line) => line.split(/: (.*)/, 2)));
  const body = await printed("body");
  return new Promise((resolve, reject) => {
    const asked = request({ ...pem(from), host: "127.0.0.1", port: port(from), servername: party(from).fqdn, method: "POST",
      path: `/${to}/DSTU2/1/Order`, headers: { ...headers, Host: new URL(party(from).base).host, Prefer: "respond-async" } });
    asked.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
    asked.on("error", reject).end(body);
  });
};
