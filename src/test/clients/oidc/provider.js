// A certified OpenID provider with the logins of a test: whoever types a name is that person, with the groups that the first
// argument gives the name. It prints its issuer, and ends with its input.
import http from 'node:http';
import Provider from 'oidc-provider';

const { groups, redirect, secret, inUserinfo } = JSON.parse(process.argv[2]);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'sluice', client_secret: secret, redirect_uris: [redirect] }],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    // Otherwise claims of scopes are told by the userinfo endpoint alone.
    conformIdTokenClaims: inUserinfo,
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
    }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['only for a test'] },
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
