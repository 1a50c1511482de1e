-- A replica lives. Answers how many do, since when the store remembers, the notices if they are not what it knows, and
-- what all replicas are asked since the last question that it has seen.
local me, alive, epoch, candidate, version = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local keep, seenQuestion = tonumber(ARGV[6]), tonumber(ARGV[7])
local now = clock()
local kept = redis.call('HMGET', KEYS[2], 'id', 'made', 'lost', 'seen')
local id, made, lost, seen = kept[1], number(kept[2]), number(kept[3]), number(kept[4])

-- The clock was put back: what was to end so much after the last beat still does.
local back = math.max(0, (seen or 0) - now)
if back > 0 then
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. whole(now), '+inf')) do
    redis.call('ZADD', KEYS[1], whole(now), member)
  end
end
redis.call('ZADD', KEYS[1], whole(now), me)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now - alive * 1000))

if not (id and made and lost) then
  id, made, lost = candidate, now, 0
end
if epoch ~= '' and epoch ~= id and lost == 0 then
  lost = made
end
made, lost = math.min(made, now), math.min(lost, now)
redis.call('HSET', KEYS[2], 'id', id, 'made', whole(made), 'lost', whole(lost), 'seen', whole(now))

local current = redis.call('HGET', KEYS[3], '') or '0'
local notices = {}
if current ~= version or epoch ~= id or back > 0 then
  local all = redis.call('HGETALL', KEYS[3])
  for i = 1, #all, 2 do
    local ends = number(all[i + 1])
    if ends and ends > 0 and back > 0 and all[i] ~= '' then
      ends = ends - back
      redis.call('HSET', KEYS[3], all[i], whole(ends))
    end
    if all[i] == '' then
      -- The version itself.
    elseif not ends or (ends > 0 and ends <= now) then
      redis.call('HDEL', KEYS[3], all[i])
    else
      notices[#notices + 1] = all[i]
      notices[#notices + 1] = ends > 0 and whole(math.ceil((ends - now) / 1000)) or '-1'
    end
  end
end

local questions = {}
local asked = redis.call('HGETALL', KEYS[4])
for i = 1, #asked, 2 do
  local asking, ends = number(asked[i]), number(string.match(asked[i + 1], '^%d+'))
  if asking and asking > seenQuestion and ends and ends > now then
    questions[#questions + 1] = asked[i]
    questions[#questions + 1] = string.match(asked[i + 1], '^%d+ (.*)$')
  end
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], keep) end
return {redis.call('ZCARD', KEYS[1]), id, whole(lost), current, notices, questions}
