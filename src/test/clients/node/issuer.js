// An OpenID Connect issuer that keeps a fresh token of a service in a file, as Kubernetes keeps a projected one. Says its
// address as a line of JSON once there is one, and ends with its input.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

// Standard output is for JSON alone.
console.info = console.error;
const { Provider } = await import("oidc-provider");

const call = JSON.parse(process.argv[2]);
const RESOURCE = "urn:sluice";
const client = {
  client_id: call.subject,
  client_secret: randomUUID(),
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: "client_secret_post",
};

const key = () => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  alg: "RS256",
  kid: randomUUID(),
  use: "sig",
});

const provider = (issuer, keys) =>
  new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        getResourceServerInfo: () => ({
          scope: "",
          audience: call.audience,
          accessTokenTTL: call.lifeSeconds,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  }).callback();

let handler;
const server = createServer((request, response) => handler(request, response));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

async function token() {
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.client_id,
      client_secret: client.client_secret,
      resource: RESOURCE,
    }),
  });
  const told = await answer.json();
  if (!told.access_token) {
    throw new Error(JSON.stringify(told));
  }
  return told.access_token;
}

// The first key signs; the one after it is shown before it is used.
let keys = [key(), key()];
handler = provider(issuer, keys);
let tokens = 0;
let changes = 0;

async function rotate() {
  if (tokens > 0 && tokens % call.tokensPerKey === 0 && changes++ < call.keyChanges) {
    keys = [keys[1], key(), keys[0]];
    handler = provider(issuer, keys);
  }
  writeFileSync(`${call.file}.next`, await token());
  renameSync(`${call.file}.next`, call.file);
  tokens++;
}

await rotate();
console.log(JSON.stringify({ issuer }));
// The next one replaces a token that could not be had.
const timer = setInterval(() => rotate().catch(console.error), call.everyMillis);
process.stdin.on("end", () => {
  clearInterval(timer);
  server.closeAllConnections();
  server.close();
}).resume();
