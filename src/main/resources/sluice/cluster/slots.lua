-- How many calls a replica may have in flight: what it wants, as far as the others leave room. A lease that ends by itself.
local me, wanted, limit, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = clock()
local others = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local count, ends = all[i + 1]:match('^(%d+):(%d+)$')
  ends = number(ends)
  if not ends or ends <= now then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= me then
    others = others + tonumber(count)
    -- The clock was put back: no lease is longer than its term.
    if ends > now + keep * 1000 then
      redis.call('HSET', KEYS[1], all[i], count .. ':' .. whole(now + keep * 1000))
    end
  end
end
local granted = math.max(0, math.min(wanted, limit - others))
if granted == 0 then
  redis.call('HDEL', KEYS[1], me)
else
  redis.call('HSET', KEYS[1], me, whole(granted) .. ':' .. whole(now + keep * 1000))
  redis.call('PEXPIRE', KEYS[1], keep)
end
return {whole(granted)}
