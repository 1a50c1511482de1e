-- Which replicas live, and some of the answers to a question that whoever asks has not heard yet.
local most = tonumber(ARGV[1])
local heard = {}
for i = 2, #ARGV do heard[ARGV[i]] = true end
local answers = {}
for _, replica in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not heard[replica] and #answers < 2 * most then
    answers[#answers + 1] = replica
    answers[#answers + 1] = redis.call('HGET', KEYS[2], replica)
  end
end
return {redis.call('ZRANGE', KEYS[1], 0, -1), answers}
