local userdata = require "userdata"

local T = {}

function T.the_new_data_replace_the_old()
  local data = userdata.replace({ a = 1, b = 2 }, { b = 3, c = { d = true } })
  assert(data.a == nil and data.b == 3 and data.c.d == true)
end

function T.keys_of_the_server_stay_as_they_are()
  local data = userdata.replace({ soc_level = 2, a = 1 }, { soc_level = 9, spend_total = 1 })
  assert(data.soc_level == 2 and data.spend_total == nil and data.a == nil)
end

function T.more_than_the_limit_is_refused()
  local data, code, detail = userdata.replace({}, { a = ("x"):rep(userdata.BYTES_MAX) })
  assert(data == nil and code == "component_error" and detail:find("16384", 1, true))
  assert(userdata.replace({}, { a = ("x"):rep(userdata.BYTES_MAX - 10) }))
end

function T.what_is_no_object_is_refused()
  for _, wanted in ipairs { { 1, 2 }, 7, "x", true } do
    local data, code = userdata.replace({}, wanted)
    assert(data == nil and code == "component_error")
  end
end

function T.the_very_first_session_is_marked_and_no_other()
  local marked = userdata.at_start({ a = 1 }, true)
  assert(marked.first_time == true and marked.a == 1)
  assert(userdata.at_start(marked, true) == nil)
  local later = userdata.at_start(marked, false)
  assert(later.first_time == nil and later.a == 1)
  assert(userdata.at_start(later, false) == nil)
end

return T
