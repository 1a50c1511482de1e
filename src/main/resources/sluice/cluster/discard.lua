-- The entry must not be used any more.
redis.call('DEL', KEYS[1])
return {1}
