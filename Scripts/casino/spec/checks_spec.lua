local checks = require "checks"

local T = {}

function T.an_address_has_so_many_places_and_leaves_the_others_theirs()
  local places = checks.new(2)
  local first = places:enter("10.0.0.1", 0)
  assert(first and places:enter("10.0.0.1", 0) and not places:enter("10.0.0.1", 0))
  assert(places:enter("10.0.0.2", 0), "another address")
  places:leave(first)
  places:leave(first) -- once is enough
  assert(places:enter("10.0.0.1", 0) and not places:enter("10.0.0.1", 0))
end

function T.all_together_have_so_many()
  local places = checks.new(1)
  local last
  for number = 1, checks.ALL_MAX do last = places:enter("10.0.0." .. number, 0) end
  assert(last and not places:enter("10.1.0.0", 0))
  places:leave(last)
  assert(places:enter("10.1.0.0", 0))
end

function T.in_all_there_may_be_fewer()
  local places = checks.new(4, 2)
  assert(places:enter("10.0.0.1", 0) and places:enter("127.0.0.1", 0))
  assert(not places:enter("10.0.0.1", 0) and not places:enter("127.0.0.1", 0))
end

--- Everybody behind a proxy on this machine has its address.
function T.this_machine_is_no_single_address()
  local places = checks.new(1)
  for _, address in ipairs { "127.0.0.1", "::ffff:127.0.0.1", "::1", "unix", "" } do
    assert(places:enter(address, 0) and places:enter(address, 0), address)
  end
end

--- A handler that the host has ended gives nothing back.
function T.a_place_is_free_when_its_handler_must_have_ended()
  local places = checks.new(1)
  assert(places:enter("10.0.0.1", 1000))
  assert(not places:enter("10.0.0.1", 30999))
  assert(places:enter("10.0.0.1", 31000) and not places:enter("10.0.0.1", 31000))
  assert(places.count == 1 and places.counts["10.0.0.1"] == 1)
end

return T
