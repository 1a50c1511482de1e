// Why a call was not answered, in words: what its error code means, and what helps. For the people who run the gateway
// and for the teams that call it.

const REASONS = {
  rate_limit_exceeded: [
    'over its rate limit',
    'The tenant, one of its models or one of its end users had sent as much as its limit allows.',
    'Wait for the time in retry-after, spread the calls out, or raise the limit.',
  ],
  concurrency_limit_exceeded: [
    'too many calls at once',
    'The tenant already had as many calls in flight as `concurrent` allows.',
    'Wait for one of them to end, or raise `concurrent`.',
  ],
  insufficient_quota: [
    'the budget does not cover this call',
    'A budget was used up, or what was left of it did not cover the call.',
    'Wait until the budget resets at midnight or on the first of the month (UTC), or raise it.',
  ],
  upstream_quota_exhausted: [
    'no account quota within the allowed wait',
    'The quota that all tenants share had no room within the time that the call was willing to wait.',
    'Allow a longer wait with x-sluice-max-wait, retry later, or add quota or accounts.',
  ],
  invalid_api_key: [
    'key not accepted',
    'The key is not known here, has expired or is revoked; or a token or certificate could not be verified.',
    'Send a valid key of this gateway. Issue or restore one if need be.',
  ],
  ip_not_authorized: [
    'caller’s network not allowed',
    'The tenant may call only from the networks listed under `from`.',
    'Call from one of them, or add this one.',
  ],
  model_not_allowed: [
    'model not allowed',
    'The tenant’s `models` do not include this model.',
    'Add it to the tenant’s models, or ask for another model.',
  ],
  model_not_found: [
    'model not served',
    'None of the accounts that the call may go to serves this model. Calls that store something, or name what is stored, go to the home account.',
    'Check the model’s name. Add it to the `serves` of an account, or give the tenant an account that serves it.',
  ],
  model_not_priced: [
    'model without a price',
    'The tenant has a budget, and there is no price to count this model’s calls with.',
    'Add the model to `prices` in the configuration.',
  ],
  endpoint_not_allowed: [
    'part of the API not granted',
    'The tenant’s `endpoints` do not include the class of this route.',
    'Grant the class, if the tenant is meant to use it.',
  ],
  object_not_found: [
    'object of nobody or of another tenant',
    'The file, response or other object does not exist, or another tenant has made it.',
    'Check the id. Older objects can be assigned to a tenant by the admin API.',
  ],
  ownership_unavailable: [
    'owner of an object not known',
    'The ledger, which knows who owns stored objects, did not answer.',
    'Retry. Check the ledger’s database.',
  ],
  request_exceeds_limit: [
    'larger than a limit',
    'The call needs more tokens than one of its limits can ever hold.',
    'Send less text, ask for a shorter answer, or raise the limit.',
  ],
  request_too_large: ['body too large', 'The body exceeds `listen.max-body`.', 'Send less per request, or raise the bound.'],
  request_timeout: [
    'body too slow',
    'The body stalled, or arrived more slowly than `listen.body-floor` allows.',
    'Check the network between the caller and the gateway.',
  ],
  unsupported_encoding: ['compressed body', 'The body was compressed.', 'Send it uncompressed.'],
  invalid_json: ['body is not JSON', 'The body could not be read as JSON.', 'Fix the request.'],
  invalid_form: ['form is broken', 'The form could not be read.', 'Fix the request.'],
  duplicate_field: ['field given twice', 'A field appeared twice, so that it is not clear which one counts.', 'Send it once.'],
  invalid_type: [
    'field of the wrong type',
    'A field had another type than the API defines.',
    'Fix the request; the answer named the field.',
  ],
  missing_required_parameter: ['no model named', 'The call did not name a model.', 'Send `model`.'],
  invalid_path: ['malformed path', 'The path contained what no path may.', 'Fix the URL.'],
  invalid_http: ['malformed HTTP', 'The request was not valid HTTP.', 'Fix the client.'],
  invalid_header: [
    'header missing or wrong',
    'A header of the gateway was not valid, or a tag that the tenant must send was missing.',
    'Fix the header; the answer said which.',
  ],
  invalid_value: ['parameter not valid', 'A parameter had a value that is not known.', 'Fix the request; the answer named the parameter.'],
  json_too_complex: ['body too complex', 'The body had more fields, values or levels than any call of the API needs.', 'Simplify it.'],
  upgrade_required: [
    'not opened as a WebSocket',
    'This URL is a WebSocket, and was called as something else.',
    'Open it as a WebSocket over HTTP/1.1.',
  ],
  upgrade_not_supported: ['not a WebSocket', 'The URL cannot be opened as a WebSocket.', 'Send an ordinary request.'],
  unknown_url: ['unknown URL', 'The API has no such route.', 'Check the URL; the SDK’s base URL ends in /v1.'],
  method_not_allowed: ['wrong method', 'The route does not take this method.', 'Use the method that the answer named.'],
  internal_error: ['the gateway failed', 'The gateway itself failed.', 'Report the request id together with the gateway’s log.'],
  upstream_error: [
    'OpenAI failed',
    'The connection to OpenAI broke, or OpenAI answered with an error.',
    'The account’s state is on the overview. Repeating the call is up to the caller.',
  ],
  upstream_unavailable: [
    'no account in service',
    'Every account that may serve the call was paused or could not be reached.',
    'The overview says why each account is paused.',
  ],
  upstream_timeout: ['OpenAI too slow', 'No answer began within `timeouts.first-byte`.', 'Retry; the model may have run.'],
  overloaded: [
    'a shared resource was full',
    'The gateway was out of a resource that tenants share, or the tenant held its part of it.',
    'Retry. If it lasts, add replicas.',
  ],
  draining: ['replica shutting down', 'The replica was ending and took no new calls.', 'Retry; another replica answers.'],
  identity_unavailable: [
    'issuer of tokens away',
    'The issuer of the caller’s token could not be asked for its keys.',
    'Retry. Check the issuer.',
  ],
  ledger_unavailable: ['ledger away', 'A usage report needs the ledger, whose database did not answer.', 'Retry. Check the database.'],
  ledger_not_shared: [
    'usage not kept',
    'Each replica has a ledger of its own, so none knows the usage.',
    'Set ledger.url to a PostgreSQL database.',
  ],
  idempotency_key_in_use: [
    'still being answered',
    'The call that this one repeats, by its Idempotency-Key, was still being answered at another replica.',
    'Retry after the time in retry-after.',
  ],
  idempotency_key_reused: [
    'key used before',
    'Its Idempotency-Key had come with another request.',
    'Send a new key with each new request; only a repeat has the same one.',
  ],
  not_cached: ['not in the cache', 'The call asked for a cached answer only, and there was none.', 'Send it without only-if-cached.'],
};

/** Of a call that failed for these, the code says less than they do. */
const CAUSES = {
  key_rejected: [
    'OpenAI rejected the gateway’s key',
    'OpenAI does not accept the key that the gateway sent. The caller’s own key is fine.',
    'Give the account a valid key. The overview names the one that is rejected.',
  ],
};
const LIMITS = {
  rpm: 'requests per minute',
  rpd: 'requests per day',
  tpm: 'tokens per minute',
  tpd: 'tokens per day',
  concurrent: 'calls at once',
  'usd-per-day': 'dollars per day',
  'usd-per-month': 'dollars per month',
};
const USED_UP = {
  rpm: 'requests for this minute',
  rpd: 'requests for today',
  tpm: 'tokens for this minute',
  tpd: 'tokens for today',
};
const PAUSES = {
  cooling: 'OpenAI says that the quota is used up',
  breaker: 'too many calls failed',
  unreachable: 'it cannot be reached',
  out_of_credit: 'OpenAI says that it is out of credit; check its billing',
  keys_rejected: 'OpenAI rejects all of its keys',
};

/** A limit by its name in configuration and log, in words. */
export function limitInWords(name) {
  const [whose, limit] = parts(name);
  const words = LIMITS[limit] ?? limit;
  return whose === '' ? words : whose === 'user' ? `${words} of one end user` : `${words} of ${whose}`;
}

/** What has been used of a limit of an account that has nothing left. */
export function usedUpInWords(name) {
  const [whose, limit] = parts(name);
  return `${whose && `${whose} `}${USED_UP[limit] ?? limitInWords(limit)}`;
}

function parts(name) {
  const slash = name.lastIndexOf('/');
  return [name.slice(0, Math.max(0, slash)), name.slice(slash + 1)];
}

/** Why an account is paused, in words. */
export const pauseInWords = word => PAUSES[word] ?? word.replaceAll('_', ' ');

/** What happened to a call: `{ title, why, help }`. */
export function reason({ code, status, outcome, limit = '', cache = '', attempts = 0 }) {
  const known = CAUSES[limit] ?? REASONS[code];
  if (known) {
    const [title, why, help] = known;
    const which = limit === '' || CAUSES[limit] ? '' : PAUSES[limit] ? `: ${PAUSES[limit]}` : ` (${limitInWords(limit)})`;
    return { title: title + which, why, help };
  }
  if (outcome === 'client-gone' || status === 499) {
    return {
      title: 'the caller left',
      why: 'The caller disconnected before the answer was complete.',
      help: 'Check the caller’s timeout.',
    };
  }
  if (status < 400) {
    const from = {
      HIT: 'from the cache',
      JOINED: 'by sharing the answer of an identical call',
      REPLAYED: 'with the answer of the call it repeats',
    }[cache];
    return { title: from ? `answered ${from}` : 'answered', why: '', help: '' };
  }
  const passedOn = outcome === 'upstream' || attempts > 0;
  return {
    title: code ? code.replaceAll('_', ' ') : passedOn ? 'OpenAI rejected the request' : `refused with status ${status}`,
    why: passedOn ? `OpenAI answered with status ${status}, which was passed on.` : 'The request could not be served as it was.',
    help: 'The answer’s own message says more; the access log has it under the request id.',
  };
}
