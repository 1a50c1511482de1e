-- A replica lives. Answers how many do, since when the store remembers, and the notices if they are not what it knows.
local me, alive, epoch, candidate, version = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local keep = tonumber(ARGV[6])
local now = clock()
redis.call('ZADD', KEYS[1], whole(now), me)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now - alive * 1000))

local kept = redis.call('HMGET', KEYS[2], 'id', 'made', 'lost')
local id, made, lost = kept[1], kept[2], kept[3]
if not id then
  id, made, lost = candidate, whole(now), '0'
end
if epoch ~= '' and epoch ~= id and lost == '0' then
  lost = made
end
redis.call('HSET', KEYS[2], 'id', id, 'made', made, 'lost', lost)

local current = redis.call('HGET', KEYS[3], '') or '0'
local notices = {}
if current ~= version or epoch ~= id then
  local all = redis.call('HGETALL', KEYS[3])
  for i = 1, #all, 2 do
    local ends = tonumber(all[i + 1])
    if all[i] == '' then
      -- The version itself.
    elseif ends > 0 and ends <= now then
      redis.call('HDEL', KEYS[3], all[i])
    else
      notices[#notices + 1] = all[i]
      notices[#notices + 1] = ends > 0 and whole(math.ceil((ends - now) / 1000)) or '-1'
    end
  end
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], keep) end
return {redis.call('ZCARD', KEYS[1]), id, lost, current, notices}
