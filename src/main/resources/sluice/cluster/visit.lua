-- A replica visits an account: tells what it used, what it holds, who waits at it and what the upstream has said is left
-- (q: by quota), and fetches what falls to it and what others have told since.
local ask = cjson.decode(ARGV[1])
local now = clock()

-- What another program has put there is as good as nothing.
local function unpacked(text, ...)
  local sound, table = pcall(cmsgpack.unpack, text)
  if not sound or type(table) ~= 'table' then return nil end
  for _, number in ipairs({...}) do
    if type(table[number]) ~= 'number' then return nil end
  end
  return table
end

-- What the account is and who has visited it, but for replicas that have long been silent: what they held is spent.
local kept, replicas, reports, told, rooms = {}, {}, {}, {}, ask.room
local all = redis.call('HGETALL', KEYS[1])
-- New or lost? The visitor must first find out whether the store remembers what it should.
if #all == 0 and ask.unsure then return {'?'} end
-- The clock was put back: what was to happen so much after the last visit still does.
local back = math.max(0, (number(redis.call('HGET', KEYS[1], 't')) or 0) - now)
local heard = math.min(ask.heard, now)
for i = 1, #all, 2 do
  local kind, name = all[i]:match('^([rq]):(.*)$')
  if kind == 'q' then
    local report = unpacked(all[i + 1], 'limit', 'left', 'back', 'at')
    if report and back > 0 then
      report.at = report.at - back
      redis.call('HSET', KEYS[1], all[i], cmsgpack.pack(report))
    end
    if not report or report.at + 60000000 < now then
      redis.call('HDEL', KEYS[1], all[i])
    else
      told[name], rooms = true, rooms - 1
      if (report.at > heard or back > 0) and report.by ~= ask.me then
        for _, word in ipairs({name, whole(report.limit), string.format('%.17g', report.left),
            string.format('%.17g', report.back), whole(now - report.at)}) do
          reports[#reports + 1] = word
        end
      end
    end
  elseif kind ~= 'r' then
    kept[all[i]] = number(all[i + 1])
  else
    local replica = unpacked(all[i + 1], 'at', 'ends', 'fresh')
    if replica and back > 0 then
      replica.at, replica.ends, replica.fresh = replica.at - back, replica.ends - back, replica.fresh - back
      redis.call('HSET', KEYS[1], all[i], cmsgpack.pack(replica))
    end
    if not replica or replica.ends <= now then
      redis.call('HDEL', KEYS[1], all[i])
    else
      replicas[name] = replica
    end
  end
end
for _, report in ipairs(ask.reports) do
  if not told[report[1]] then rooms = rooms - 1 end
  if told[report[1]] or rooms >= 0 then
    redis.call('HSET', KEYS[1], 'q:' .. report[1],
      cmsgpack.pack({limit = report[2], left = report[3], back = report[4], at = now, by = ask.me}))
  end
end
local mine = replicas[ask.me]

-- Buckets: capacity is what nobody holds. What comes back was held, or else it has come back already.
local left = {}
for b, bucket in ipairs(ask.buckets) do
  local out = 0
  for _, replica in pairs(replicas) do out = out + (replica.out[bucket.name] or 0) end
  local before = mine and mine.out[bucket.name] or 0
  local units = level(bucket, kept['l:' .. bucket.name], kept.t, now, bucket.absent, ask.lost)
  units = math.min(units, math.max(0, bucket.capacity - out) * unit(bucket))
  local returned = math.min(bucket.returned, before) + bucket.refund
  local room = math.max(0, bucket.capacity - out + before - bucket.held)
  units = math.max(units, math.min(room * unit(bucket), units + returned * unit(bucket)))
  left[b] = math.max(-bucket.capacity * unit(bucket), units - bucket.debt * unit(bucket))
end

-- Service: a tenant that waits nowhere has had as much as the least of those that wait.
local floor = tonumber(redis.call('ZSCORE', KEYS[2], '') or '0')
-- Since when it is counted: with a store that has lost its data, or where nothing was charged for a day, all begin anew.
local since = redis.call('ZSCORE', KEYS[2], ':since') or whole(now)
local scores = {}
local function score(tenant)
  if not scores[tenant] then
    scores[tenant] = tonumber(redis.call('ZSCORE', KEYS[2], tenant) or floor)
  end
  return scores[tenant]
end
local least
for _, replica in pairs(replicas) do
  if replica.fresh > now then
    for _, want in ipairs(replica.wants) do
      local had = score(want[1])
      if not least or had < least then least = had end
    end
  end
end
floor = least and math.max(floor, least) or floor
for _, charge in ipairs(ask.charges) do
  local had = math.max(score(charge[1]), floor)
  scores[charge[1]] = had + charge[2]
  if not least then floor = math.max(floor, had) end
end

-- Who waits: calls that are still unserved, by replica and want, and what others were granted and have not charged yet.
local pending, lines = {}, {}
replicas[ask.me] = {at = now, ends = now + ask.hold * 1000, fresh = now + ask.patience * 1000, wants = ask.wants,
  out = {}, pending = {}}
for id, replica in pairs(replicas) do
  if replica.fresh > now then
    for _, want in ipairs(replica.wants) do
      lines[#lines + 1] = {mine = id == ask.me, tenant = want[1], step = want[3] / want[2], calls = want[4],
        since = replica.at - want[5], told = replica.at, batch = want[6], want = want}
    end
    for tenant, cost in pairs(replica.pending) do pending[tenant] = (pending[tenant] or 0) + cost end
  end
end
local had = {}
for _, line in ipairs(lines) do
  local tenant = line.tenant
  had[tenant] = math.max(score(tenant), floor) + (pending[tenant] or 0)
  scores[tenant] = math.max(score(tenant), floor)
end
local counters = {}
for _, want in ipairs(ask.wants) do
  counters[#counters + 1] = want[1]
  counters[#counters + 1] = string.format('%.17g', had[want[1]])
end

-- The tenant with the least service; of its calls those whose lane has its turn, and of these the oldest. Where all is equal
-- whoever comes first is served; so a visitor is before its equals now, and is told to come back as if it were behind them.
local function turn(line)
  return line.batch == (math.floor(had[line.tenant] / line.step + 0.5) % ask.batchEvery == 0)
end
local function goes(line, best, mineFirst)
  if had[line.tenant] ~= had[best.tenant] then return had[line.tenant] < had[best.tenant] end
  if line.tenant == best.tenant and turn(line) ~= turn(best) then return turn(line) end
  if line.since ~= best.since then return line.since < best.since end
  return line.mine == mineFirst
end
local function first(mineFirst)
  local best
  for _, line in ipairs(lines) do
    if line.calls > 0 and not line.blocked and (not best or goes(line, best, mineFirst)) then best = line end
  end
  return best
end
-- Calls are taken to have come evenly between the oldest of a line and the visit that told of it.
local function serve(line)
  line.since = line.since + (line.told - line.since) / line.calls
  line.calls = line.calls - 1
  had[line.tenant] = had[line.tenant] + line.step
end

local granted, thought, closed = {}, {}, {}
local unserved, exhausted = false, false
for b = 1, #ask.buckets do granted[b], thought[b] = 0, left[b] end
local function fits(line)
  local ok = true
  for b, bucket in ipairs(ask.buckets) do
    local amount = line.want[6 + b]
    if amount > 0 and (closed[b] or amount * unit(bucket) > thought[b]) then
      -- The tokens that the first in turn waits for are not taken by those behind it.
      closed[b] = true
      exhausted = exhausted or bucket.every
      ok = false
    end
  end
  return ok
end

for _ = 1, 1000 do
  local line = first(true)
  if not line then break end
  if fits(line) then
    for b, bucket in ipairs(ask.buckets) do
      thought[b] = thought[b] - line.want[6 + b] * unit(bucket)
      if line.mine then granted[b] = granted[b] + line.want[6 + b] end
    end
    serve(line)
    if line.mine then
      local mine = replicas[ask.me].pending
      mine[line.tenant] = (mine[line.tenant] or 0) + line.step
    end
  else
    line.blocked = true
    unserved = true
    if exhausted then break end
  end
end

-- When the visitor's next turn comes, if the buckets refill as they do; and its part of what is handed out.
local due = -1
for _, line in ipairs(lines) do line.blocked = false end
local turns = 1
while unserved and turns <= 200 do
  local line = first(false)
  if not line then break end
  if (turns * unit(ask.buckets[1]) - thought[1]) / ask.buckets[1].refill > ask.longest then
    due = ask.longest
    break
  end
  if line.mine then
    due = 0
    for b, bucket in ipairs(ask.buckets) do
      local missing = turns * line.want[6 + b] * unit(bucket) - thought[b]
      if line.want[6 + b] > 0 then due = math.max(due, missing / bucket.refill) end
    end
    break
  end
  serve(line)
  turns = turns + 1
end
local whose, share, sum = {}, 0, 0
for _, line in ipairs(lines) do
  local tenant = whose[line.tenant] or {weight = 0, calls = 0, mine = 0}
  whose[line.tenant] = tenant
  tenant.weight = math.max(tenant.weight, line.want[2])
  tenant.calls = tenant.calls + line.want[4]
  if line.mine then tenant.mine = tenant.mine + line.want[4] end
end
for _, tenant in pairs(whose) do
  sum = sum + tenant.weight
  if tenant.calls > 0 then share = share + tenant.weight * tenant.mine / tenant.calls end
end

-- What nobody waits for may be taken ahead.
for b, bucket in ipairs(ask.buckets) do
  if not unserved then
    local more = math.max(0, math.min(bucket.spare, math.floor(thought[b] / unit(bucket))))
    granted[b] = granted[b] + more
  end
end

local me = replicas[ask.me]
local levels, amounts = {}, {}
for b, bucket in ipairs(ask.buckets) do
  left[b] = left[b] - granted[b] * unit(bucket)
  me.out[bucket.name] = bucket.held + granted[b]
  redis.call('HSET', KEYS[1], 'l:' .. bucket.name, whole(left[b]))
  levels[b], amounts[b] = whole(left[b]), whole(granted[b])
end
redis.call('HSET', KEYS[1], 't', whole(now), 'r:' .. ask.me, cmsgpack.pack(me))
redis.call('PEXPIRE', KEYS[1], 2 * 86400 * 1000)
for tenant, value in pairs(scores) do
  redis.call('ZADD', KEYS[2], string.format('%.17g', value), tenant)
end
redis.call('ZADD', KEYS[2], string.format('%.17g', floor), '', since, ':since')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.17g', floor))
redis.call('PEXPIRE', KEYS[2], 86400 * 1000)
return {amounts, levels, counters, whole(math.ceil(due)), string.format('%.6f', sum > 0 and share / sum or 1),
  reports, whole(now), kept.t and 1 or 0, whole(tonumber(since))}
