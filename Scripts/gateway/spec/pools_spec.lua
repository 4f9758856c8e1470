-- Who gets which shard number.

local pools = require "pools"

local T = {}

local function pool_of(count)
  local pool = pools.new("main")
  pool.count = count
  return pool
end

function T.the_lowest_free_number_is_given()
  local pool = pool_of(3)
  for id = 0, 2 do assert(pools.take(pool, "bot-" .. id) == id) end
  assert(pools.take(pool, "late") == nil)
  pools.free(pool, 1)
  assert(pools.take(pool, "late") == 1)
end

function T.who_holds_a_number_gets_it_again()
  local pool = pool_of(3)
  local id, lease = pools.take(pool, "bot")
  local again, same = pools.take(pool, "bot")
  assert(id == again and lease == same)
end

function T.a_name_gets_the_number_it_had_last()
  local pool = pool_of(4)
  pools.take(pool, "first")
  pools.take(pool, "second")
  pools.free(pool, 1)
  pools.free(pool, 0)
  pool.count = 4
  assert(pools.take(pool, "second") == 1)
  assert(pools.take(pool, "third") == 0)
  assert(pools.take(pool, "first") == 2, "its own is taken")
end

function T.a_number_that_the_pool_no_longer_has_is_forgotten()
  local pool = pool_of(4)
  pools.take(pool, "first")
  pools.take(pool, "second")
  pools.free(pool, 0)
  pools.free(pool, 1)
  pool.count = 1
  assert(pools.take(pool, "second") == 0)
end

function T.an_empty_pool_has_no_count()
  local pool = pool_of(2)
  pools.take(pool, "first")
  pools.free(pool, 0)
  assert(pool.count == nil)
end

function T.what_is_undone_is_not_remembered()
  local pool = pool_of(2)
  pools.take(pool, "first")
  pools.take(pool, "second")
  pools.undo(pool, 1)
  assert(pool.last.second == nil and pool.count == 2)
  pools.undo(pool, 0)
  assert(pool.count == nil)
end

function T.the_store_gives_back_what_it_was_given()
  local pool = pool_of(3)
  pools.take(pool, "first")
  pools.take(pool, "second")
  pools.take(pool, "third")
  pools.free(pool, 1)
  local copy = pools.from("main", pools.snapshot(pool), 500)
  assert(copy.count == 3 and copy.last.second == 1)
  assert(copy.leases[0].name == "first" and copy.leases[2].away == 500 and not copy.leases[1])
  assert(table.concat(pools.ids(copy), " ") == "0 2")
  assert(pools.take(copy, "third") == 2)
end

return T
