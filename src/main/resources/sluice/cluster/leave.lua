-- A replica ends in good order: it is no longer counted among those that live.
return {redis.call('ZREM', KEYS[1], ARGV[1])}
