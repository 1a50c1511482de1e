-- What is not of the type that a message expects is taken away; where all are, none of it can be trusted.
local gone = 0
for i, key in ipairs(KEYS) do
  local type = redis.call('TYPE', key)['ok']
  if type ~= 'none' and type ~= ARGV[i] then gone = gone + redis.call('DEL', key) end
end
if gone == 0 then gone = redis.call('DEL', unpack(KEYS)) end
return {gone}
