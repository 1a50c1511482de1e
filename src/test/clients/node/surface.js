// The routes that the installed openai knows: one JSON object with its version and a list of "METHOD /path/{}".
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const home = dirname(createRequire(import.meta.url).resolve("openai"));
const PATH = String.raw`(?:\(0, [\w.]+\.path\) )?(?<quote>['"\`])(?<path>/[^'"\`]*)\k<quote>`;
const CALL = new RegExp(String.raw`_client\.(?<verb>get|post|put|patch|delete|getAPIList)\(${PATH}`, "g");
const SOCKET = new RegExp(String.raw`\bendpoint = ${PATH}`, "g");
const LISTED_WITH = /\bmethod: '(\w+)'/;

const plain = (path) => path.replace(/\$\{[^}]*\}/g, "{}");

/** A list is read with GET unless its call, which ends where the next begins, says otherwise. */
function method({ groups, index }, text) {
  const call = text.slice(index, index + 1000).split("_client.")[1] ?? "";
  return groups.verb === "getAPIList" ? (LISTED_WITH.exec(call)?.[1] ?? "get") : groups.verb;
}

function* routes(text) {
  for (const match of text.matchAll(CALL)) {
    yield `${method(match, text).toUpperCase()} ${plain(match.groups.path)}`;
  }
  for (const match of text.matchAll(SOCKET)) {
    yield `WEBSOCKET ${plain(match.groups.path)}`;
  }
}

const all = new Set();
for (const folder of ["resources", "realtime"]) {
  for (const file of readdirSync(join(home, folder), { recursive: true }).filter((name) => name.endsWith(".js"))) {
    for (const route of routes(readFileSync(join(home, folder, file), "utf8"))) {
      all.add(route);
    }
  }
}
const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
console.log(JSON.stringify({ version, routes: [...all].sort() }));
