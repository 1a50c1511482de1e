-- An entry; or else who is making it; or else that it is the caller, for so many milliseconds.
local entry = redis.call('GET', KEYS[1])
if entry then return {'entry', entry} end
local maker = redis.call('GET', KEYS[2])
if maker then return {'made', maker} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', tonumber(ARGV[2]))
return {'ours', ''}
