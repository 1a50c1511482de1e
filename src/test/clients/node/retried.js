// A call whose SDK gives up waiting and repeats it, with one Idempotency-Key. Says what it got in the end as JSON.
import OpenAI from "openai";

const call = JSON.parse(process.argv[2]);
let attempts = 0;
const client = new OpenAI({
  baseURL: call.base,
  apiKey: call.key,
  timeout: 1000,
  maxRetries: 20,
  fetch: (...asked) => {
    attempts++;
    return fetch(...asked);
  },
});
const { data, response } = await client.chat.completions
  .create(
    { model: call.model, messages: [{ role: "user", content: call.prompt }] },
    { headers: { "Idempotency-Key": call.once } },
  )
  .withResponse();
console.log(JSON.stringify({
  text: data.choices[0].message.content,
  retries: attempts - 1,
  did: response.headers.get("x-sluice-cache"),
}));
