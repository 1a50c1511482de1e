-- Puts notices that hold for so many milliseconds (-1: until they are taken away, 0: they are taken away).
local now = clock()
for i = 2, #ARGV, 2 do
  local millis = tonumber(ARGV[i + 1])
  if millis == 0 then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    local ends = millis < 0 and 0 or now + millis * 1000
    local known = number(redis.call('HGET', KEYS[1], ARGV[i])) or -1
    if known ~= 0 and (ends == 0 or ends > known) then
      redis.call('HSET', KEYS[1], ARGV[i], whole(ends))
    end
  end
end
-- A version that no replica knows, also where the last one was lost.
local version = number(redis.call('HGET', KEYS[1], ''))
redis.call('HSET', KEYS[1], '', whole(math.max(now, (version or 0) + 1)))
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return {1}
