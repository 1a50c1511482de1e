// Calls for a while with a token that is read from its file for each call; says what came of it as a line of JSON.
import OpenAI from "openai";
import { readFile } from "node:fs/promises";

const call = JSON.parse(process.argv[2]);
const tokens = new Set();
const client = new OpenAI({
  baseURL: call.base,
  apiKey: async () => {
    const token = await readFile(call.file, "utf8");
    tokens.add(token);
    return token;
  },
});

let calls = 0;
const failures = [];
for (const end = Date.now() + call.millis; Date.now() < end; calls++) {
  try {
    await client.chat.completions.create({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: `Node's question ${calls}` }],
    });
  } catch (failure) {
    failures.push(String(failure));
  }
  await new Promise((over) => setTimeout(over, call.pauseMillis));
}
console.log(JSON.stringify({ calls, failures, tokens: tokens.size }));
