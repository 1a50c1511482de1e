-- Who is making an entry goes on, for so many milliseconds; also if that had expired and nobody has begun since.
local maker = redis.call('GET', KEYS[1])
if maker and maker ~= ARGV[1] then return {0} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', tonumber(ARGV[2]))
return {1}
