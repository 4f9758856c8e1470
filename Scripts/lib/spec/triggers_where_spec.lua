-- Every operator of `where`, what a missing field means, and what a slip is told.

local equal = require("lib.testing").equal
local stand = require "lib.spec.kit.triggers"

local T = {}

local function fits(where, changes)
  local set = stand.set()
  set:add { events = { "Death" }, where = where, action = function() end }
  return select(2, set:dispatch(stand.death(changes))) == 1
end

local function refused(text, where, events)
  local set = stand.set()
  stand.refused(text, set.add, set, { events = events or { "Death" }, where = where })
end

function T.a_plain_value_must_be_equal()
  assert(fits({ zone_id = 8 }) and not fits({ zone_id = 2 }))
  assert(fits({ is_headshot = false }) and not fits({ is_headshot = true }))
  assert(fits({ zone_id = 8, is_headshot = false }) and not fits({ zone_id = 8, is_headshot = true }))
end

function T.values_may_be_written_in_every_way_services_do()
  assert(fits({ zone_id = "8" }) and fits({ is_headshot = 0 }) and fits({ is_headshot = "false" }))
  assert(fits({ is_headshot = true }, { is_headshot = "true" }) and fits({ is_headshot = "1" }, { is_headshot = 1 }))
  assert(fits({ zone_id = 8 }, { zone_id = 8 }))
end

function T.ids_of_64_bits_are_exact()
  assert(fits { character_id = 5428010618015189713 } and not fits { character_id = 5428010618015189712 })
  assert(fits { character_id = "5428010618015189713" } and not fits { character_id = { 1, 5428010618015189714 } })
end

function T.a_list_or_one_of_must_hold_the_value()
  assert(fits({ zone_id = { 2, 8 } }) and not fits({ zone_id = { 2, 4 } }))
  assert(fits({ zone_id = { one_of = { 2, 8 } } }) and not fits({ zone_id = { one_of = { 2 } } }))
end

function T.negation()
  assert(fits({ zone_id = { ne = 2 } }) and not fits({ zone_id = { ne = 8 } }))
  assert(fits({ zone_id = { none_of = { 2, 4 } } }) and not fits({ zone_id = { none_of = { 2, 8 } } }))
end

function T.orders_and_ranges()
  local function between(test) return fits({ zone_id = test }) end
  assert(between { lt = 9 } and not between { lt = 8 })
  assert(between { le = 8 } and not between { le = 7 })
  assert(between { gt = 7 } and not between { gt = 8 })
  assert(between { ge = 8 } and not between { ge = 9 })
  assert(between { min = 8, max = 8 } and not between { min = 9, max = 10 } and not between { min = 2, max = 7 })
end

function T.operators_of_one_field_must_all_hold()
  assert(fits { zone_id = { min = 2, max = 10, ne = 4 } })
  assert(not fits { zone_id = { min = 2, max = 10, ne = 8 } })
  assert(not fits { zone_id = { min = 2, max = 7, ne = 4 } })
  assert(fits { zone_id = { ne = 2, one_of = { 8, 2 } } } and not fits { zone_id = { ne = 8, one_of = { 8, 2 } } })
end

function T.present_asks_whether_there_is_a_value()
  assert(fits({ vehicle_id = { present = false } }) and not fits({ vehicle_id = { present = true } }))
  assert(fits({ vehicle_id = { present = true } }, { vehicle_id = "3" }))
end

function T.fields_can_be_compared_with_each_other()
  local kill, suicide = { team_id = "2" }, { attacker_character_id = "5428010618015189713" }
  assert(fits({ attacker_team_id = { same_as = "team_id" } }, kill)
    and not fits { attacker_team_id = { same_as = "team_id" } })
  assert(fits { attacker_character_id = { differs_from = "character_id" } })
  assert(not fits({ attacker_character_id = { differs_from = "character_id" } }, suicide))
end

function T.a_missing_field_fits_only_negations()
  assert(not fits { vehicle_id = 3 } and not fits { vehicle_id = { 3, 4 } } and not fits { vehicle_id = { min = 0 } })
  assert(not fits { vehicle_id = { same_as = "team_id" } } and not fits { vehicle_id = { differs_from = "team_id" } })
  assert(not fits { vehicle_id = { lt = 9 } } and not fits { vehicle_id = { one_of = { 3 } } })
  assert(not fits { vehicle_id = { present = true } } and fits { vehicle_id = { present = false } })
  assert(fits { vehicle_id = { ne = 3 } } and fits { vehicle_id = { none_of = { 3 } } })
end

function T.fields_nobody_declared_are_compared_leniently()
  local function fits_unheard(where)
    local set = stand.set()
    set:add { events = { "Unheard" }, where = where, action = function() end }
    return select(2, set:dispatch(stand.event { event_name = "Unheard", level = "7", on = "1" })) == 1
  end
  assert(fits_unheard { level = 7 } and fits_unheard { level = "7" } and fits_unheard { level = { min = 7 } })
  assert(fits_unheard { on = true } and not fits_unheard { on = false } and not fits_unheard { level = { 8, 9 } })
end

function T.slips_name_what_was_meant()
  refused('where.is_headshott: Death has no field "is_headshott"; did you mean "is_headshot"?', { is_headshott = true })
  refused('where.zone_id: there is no test "nee"; did you mean "ne"?', { zone_id = { nee = 2 } })
  refused('where.zone_id: there is no test "minimum"', { zone_id = { minimum = 2 } })
  refused('where.team_id.same_as: Death has no field "zone"', { team_id = { same_as = "zone" } })
  refused("where: a table of fields expected", "zone_id = 2")
end

function T.values_of_the_wrong_kind_are_refused()
  refused('where.zone_id: zone_id is a whole number, not "Indar"', { zone_id = "Indar" })
  refused("where.is_headshot: is_headshot is true or false, not 5", { is_headshot = 5 })
  refused("where.zone_id: zone_id is a whole number, not 2.5", { zone_id = 2.5 })
  refused("where.zone_id: a plain value expected, got a table", { zone_id = { { 2 } } })
  refused("where.zone_id: an empty list fits nothing", { zone_id = {} })
  refused("where.zone_id.none_of: a list of values expected", { zone_id = { none_of = 2 } })
  refused("where.zone_id.lt: a number expected, got true", { zone_id = { lt = true } })
  refused("where.is_headshot.lt: only numbers have an order; is_headshot is true or false",
    { is_headshot = { lt = 1 } })
  refused("where.zone_id: a list of values expected", { zone_id = { 2, ne = 4 } })
  refused("where.zone_id.present: true or false expected", { zone_id = { present = 1 } })
end

function T.a_range_with_nothing_in_it_is_a_slip()
  refused("where.zone_id: nothing is at most 1 and at least 100", { zone_id = { min = 100, max = 1 } })
  refused("where.zone_id: nothing is above 5 and below 6", { zone_id = { gt = 5, lt = 6 } })
  refused("where.zone_id: nothing is", { zone_id = { gt = 5, le = 5 } })
  refused("where.bonus: nothing is at least 1.5 and below 1.5", { bonus = { ge = 1.5, lt = 1.5 } }, { "MetagameEvent" })
  refused("where.what: nothing is", { what = { gt = 2, max = "2" } }, { "Unknown" })
  local set = stand.set()
  for _, range in ipairs { { min = 5, max = 5 }, { gt = 5, lt = 7 }, { gt = 4, le = 5 } } do
    set:add { events = { "Death" }, where = { zone_id = range } }
  end
  set:add { events = { "MetagameEvent" }, where = { bonus = { gt = 1, lt = 1.1 } } }
end

function T.a_field_of_one_of_the_events_is_enough()
  local set = stand.set()
  set:add { events = { "Death", "GainExperience" }, where = { amount = { ge = 100 } }, action = function() end }
  local gain = stand.event { event_name = "GainExperience", character_id = "1", experience_id = "7", amount = "150" }
  assert(select(2, set:dispatch(gain)) == 1 and select(2, set:dispatch(stand.death())) == 0)
  refused('Death or GainExperience has no field "amont"; did you mean "amount"?', { amont = 1 }, { "Death",
    "GainExperience" })
end

function T.tests_are_made_in_the_order_of_the_fields_names()
  local set = stand.set()
  set:add { name = "t", events = { "Death" }, worlds = { 17 }, characters = { 1 }, where = { zone_id = 8,
    is_headshot = true } }
  local names = {}
  for i, count in ipairs(set:report("t").rejected) do names[i] = count.test end
  equal(names, { "characters", "worlds", "where.is_headshot", "where.zone_id" })
end

return T
