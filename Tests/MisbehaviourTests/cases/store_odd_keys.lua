-- Keys, values and options that are none.
-- trigger: get /store_odd_keys => 200 done
local nightjar = require "nightjar"

nightjar.http.get("/store_odd_keys", function()
  local store = nightjar.store
  for _, key in ipairs { "", ("k"):rep(257), "\xFF", "\0", 5, {}, print, 0 / 0 } do
    for _, f in ipairs { store.get, store.set, store.delete, store.increment, store.add, store.remove, store.range, store.count, store.batch } do
      pcall(f, key, key, key)
      pcall(f, "k", key, { ttl = key, if_version = key, by = key, limit = key })
    end
  end
  for _, n in ipairs { 0 / 0, 1 / 0, -1 / 0, math.mininteger, math.maxinteger, 1e300, -1, 0.5 } do
    pcall(store.increment, "n", n)
    pcall(store.add, "set", "m", n)
    pcall(store.range, "set", n, n)
    pcall(store.range, "set", n, n, { by = "score", limit = n })
    pcall(store.set, "k", 1, { ttl = n })
    pcall(store.set, "k", 1, { if_version = n })
  end
  return "done"
end)
return {}
