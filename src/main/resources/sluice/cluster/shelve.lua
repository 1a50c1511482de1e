-- The entry is made, for so many milliseconds, unless there is one already.
redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', tonumber(ARGV[3]))
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return {1}
