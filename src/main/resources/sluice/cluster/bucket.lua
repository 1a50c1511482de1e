-- A bucket counts in units of which one token has 1000000 * period, so that a microsecond brings exactly `refill`.
local function unit(bucket) return bucket.period * 1000000 end

-- What another program has written may be no number, or not even a number that can be compared.
local function number(text)
  local value = tonumber(text or '')
  return value == value and value or nil
end

local function whole(number) return string.format('%.0f', number) end

-- The level that a bucket has now. One that nobody has touched yet is full; or holds what the asker knows to be
-- left (absent >= 0); or, if the store has lost its data (lost > 0), what has come back since.
local function level(bucket, kept, at, now, absent, lost)
  local full = bucket.capacity * unit(bucket)
  if kept and at then
    return math.min(full, kept + math.max(0, now - at) * bucket.refill)
  elseif absent >= 0 then
    return math.min(full, absent * unit(bucket))
  elseif lost > 0 then
    return math.min(full, math.max(0, now - lost) * bucket.refill)
  end
  return full
end
