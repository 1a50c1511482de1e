// The command codex, which takes the address from its configuration.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, question, run, url } from "./contract.js";

const command = join(import.meta.dirname, "node_modules/.bin/codex");
const patience = 20_000; // ms; it waits for as long as it is told, even until tomorrow

class StillWaits extends Error {}

// Asks in a folder of its own, and gives the events that codex tells of.
async function codex(more = "") {
  const folder = await mkdtemp(join(tmpdir(), "codex"));
  const provider = `{ name = "Sluice", base_url = "${url}", env_key = "CODEX_KEY", wire_api = "responses"${more} }`;
  try {
    return await events(folder, ["-c", "model_provider=sluice", "-c", `model_providers.sluice=${provider}`]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function events(folder, settings) {
  const asked = ["exec", "--json", "--skip-git-repo-check", "--model", "gpt-4o-mini", ...settings, question];
  const env = { ...process.env, CODEX_HOME: folder, CODEX_KEY: key };
  return new Promise((done, fail) => {
    const child = execFile(command, asked, { cwd: folder, env, timeout: patience }, (error, out) => {
      if (error?.killed) {
        return fail(new StillWaits(out.trim().split("\n").at(-1)));
      }
      const events = out.trim().split("\n").map(JSON.parse);
      const failed = events.find((event) => event.type === "turn.failed");
      failed ? fail(new Error(failed.error.message)) : done(events.map((event) => event.item));
    });
    child.stdin.end();
  });
}

// What it ran and what it said; the simulator's answer to "which command?" is a word that the shell does not know.
function seen(items) {
  const of = (type) => items.findLast((item) => item?.type === type);
  return { city: of("command_execution").command.split(" ").at(-1), text: of("agent_message").text };
}

await run({
  async tool() {
    return seen(await codex());
  },

  async websocket() {
    return seen(await codex(", supports_websockets = true")).text;
  },
});
