-- Asks every replica something, for so many milliseconds. Answers the question's number; 0 if too much is being asked.
local text, holds, most, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = clock()
local open = 0
local asked = redis.call('HGETALL', KEYS[1])
for i = 1, #asked, 2 do
  local ends = number(string.match(asked[i + 1], '^%d+'))
  if asked[i] == '' then
    -- The last number.
  elseif ends and ends > now and ends <= now + holds * 1000 then
    open = open + 1
  else
    redis.call('HDEL', KEYS[1], asked[i])
  end
end
if open >= most then
  return {0}
end
-- A number that no replica has seen, also if the clock was put back.
local last = math.max(now, (number(redis.call('HGET', KEYS[1], '')) or 0) + 1)
redis.call('HSET', KEYS[1], '', whole(last), whole(last), whole(now + holds * 1000) .. ' ' .. text)
redis.call('PEXPIRE', KEYS[1], keep)
return {whole(last)}
