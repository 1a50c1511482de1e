-- Takes from one bucket for several callers, each all or nothing, and up to `spare` more where all were served.
local bucket = {capacity = tonumber(ARGV[1]), refill = tonumber(ARGV[2]), period = tonumber(ARGV[3])}
local absent, lost = tonumber(ARGV[4]), tonumber(ARGV[5])
local returned, spent, spare = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local now = clock()
local kept = redis.call('HMGET', KEYS[1], 'l', 't', 'b')
local known, at, born = number(kept[1]), number(kept[2]), number(kept[3])
-- New or lost? The asker must first find out whether the store remembers what it should.
if not (known and at) and absent == -2 then return {'?', 0, '0', 0} end
-- By its birth, every replica that knew an earlier bucket learns that that one was lost.
born = known and at and born or now
local left = level(bucket, known, at, now, absent, lost)
local full = bucket.capacity * unit(bucket)
left = math.max(-full, math.min(full, left + returned * unit(bucket)) - spent * unit(bucket))

local served = {}
local all = true
for i = 9, #ARGV do
  local cost = tonumber(ARGV[i]) * unit(bucket)
  local fits = cost <= left
  left = fits and left - cost or left
  all = all and fits
  served[#served + 1] = fits and '1' or '0'
end
local more = all and math.max(0, math.min(spare, math.floor(left / unit(bucket)))) or 0
left = left - more * unit(bucket)

redis.call('HSET', KEYS[1], 'l', whole(left), 't', whole(now), 'b', whole(born))
redis.call('PEXPIRE', KEYS[1], (2 * bucket.period + 60) * 1000)
return {table.concat(served), more, whole(left), born}
