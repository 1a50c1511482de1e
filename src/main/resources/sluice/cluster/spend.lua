-- What a tenant spends in a day and in a month, over all replicas. Of each replica: 'r|ID' is what its calls under way have
-- reserved, a lease that ends by itself; 's|PERIOD|DATE|ID' the whole of what it has spent since that date, and when it said
-- so. The spending without an ID is that of replicas whose own the store has lost: each that comes with knowledge of an earlier
-- life of the store ('e' names the present one) says how much that was, and the largest counts.
local me, keep, reserved, periods = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local learned = ARGV[5]
local gone_after = 180 * 1000000
local now = clock()
local told, others = {}, 0
for i = 1, periods do
  local at = 5 + (i - 1) * 6
  told[ARGV[at + 1]] = {since = ARGV[at + 2], limit = tonumber(ARGV[at + 3]), spent = tonumber(ARGV[at + 4]),
    text = ARGV[at + 4], before = ARGV[at + 5], left = tonumber(ARGV[at + 6]), elsewhere = 0, gone = 0, lost = 0}
end

local life = redis.call('HGET', KEYS[1], 'e')
if not life then
  life = whole(now) .. me
  redis.call('HSET', KEYS[1], 'e', life)
end

local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local id = all[i]:match('^r|(.+)$')
  local name, since, of = all[i]:match('^s|([^|]+)|([^|]+)|(.*)$')
  local amount, at = all[i + 1]:match('^(%d+):(%d+)$')
  amount, at = number(amount), number(at)
  local period = name and told[name]
  if all[i] ~= 'e' and (not amount or not (id or name) or (id and at <= now) or (period and since < period.since)) then
    redis.call('HDEL', KEYS[1], all[i])
  elseif id and id ~= me then
    others = others + amount
    -- The clock was put back: no lease is longer than its term.
    if at > now + keep * 1000 then
      redis.call('HSET', KEYS[1], all[i], whole(amount) .. ':' .. whole(now + keep * 1000))
    end
  elseif period and since == period.since then
    period.known = true
    if of ~= me then
      period.elsewhere = period.elsewhere + amount
      if of == '' or at < now - gone_after then period.gone = period.gone + amount end
      if of == '' then period.lost = amount end
    end
  end
end

local longest = 0
for name, period in pairs(told) do
  local field = 's|' .. name .. '|' .. period.since .. '|'
  local more = number(period.before) - period.lost
  if more > 0 and learned ~= life and (learned ~= '' or not period.known) then
    redis.call('HSET', KEYS[1], field, period.before .. ':' .. whole(now))
    period.elsewhere = period.elsewhere + more
    period.gone = period.gone + more
  end
  redis.call('HSET', KEYS[1], field .. me, period.text .. ':' .. whole(now))
  longest = math.max(longest, period.left)
end

local served = {}
for i = 6 + periods * 6, #ARGV do
  local amount = tonumber(ARGV[i])
  local fits = true
  for _, period in pairs(told) do
    local left = period.limit - period.elsewhere - period.spent - others - reserved
    fits = fits and (period.limit < 0 or (left > 0 and amount <= left))
  end
  reserved = reserved + (fits and amount or 0)
  served[#served + 1] = fits and '1' or '0'
end
if reserved > 0 then
  redis.call('HSET', KEYS[1], 'r|' .. me, whole(reserved) .. ':' .. whole(now + keep * 1000))
else
  redis.call('HDEL', KEYS[1], 'r|' .. me)
end
redis.call('EXPIRE', KEYS[1], longest + 86400)

local answer = {table.concat(served), whole(others)}
for i = 1, periods do
  local period = told[ARGV[5 + (i - 1) * 6 + 1]]
  answer[#answer + 1] = whole(period.elsewhere)
  answer[#answer + 1] = whole(period.gone)
end
answer[#answer + 1] = life
return answer
