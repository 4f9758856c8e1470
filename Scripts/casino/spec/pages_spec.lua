local nightjar = require "nightjar"
local template = require "lib.template"
local userdata = require "components.userdata"

local T = {}

local function set(session, values)
  return userdata.message(session, { what = "set", values = values })
end

function T.placeholders_are_filled_and_escaped()
  local made = template.render("<p title=\"{{ a }}\">{{b}}</p>", { a = "\"<&>'", b = 3 })
  assert(made == "<p title=\"&quot;&lt;&amp;&gt;&#39;\">3</p>", made)
end

function T.a_value_is_never_taken_for_a_template()
  assert(template.render("{{a}} %1", { a = "{{b}} %0" }) == "{{b}} %0 %1")
end

function T.a_missing_value_is_an_error()
  local ok, message = pcall(template.render, "{{nothing}}", {})
  assert(not ok and message:find("nothing", 1, true))
end

function T.a_placeholder_that_nobody_fills_is_found_with_its_line()
  local name, line = template.missing("<p>{{a}}\n{{a}} {{ b }}</p>", { a = 1 })
  assert(name == "b" and line == 2)
  assert(template.missing("{{a}}", { a = false }) == nil)
end

function T.userdata_is_merged_by_key()
  local session = { userdata = { a = 1, b = { 2 } } }
  local changes = set(session, { b = "new", c = true })
  assert(changes.userdata.a == 1 and changes.userdata.b == "new" and changes.userdata.c == true)
  assert(session.userdata.c == nil, "the session's own table stays as it is")
end

function T.null_deletes_a_key()
  local changes = set({ userdata = { a = 1, b = 2 } }, { a = nightjar.json.null })
  assert(changes.userdata.a == nil and changes.userdata.b == 2)
end

function T.keys_of_the_server_are_ignored()
  local changes = set({ userdata = { soc_level = 2, spend_total = 88 } }, {
    soc_level = 99, spend_total = nightjar.json.null, soc_level_prog = 0.5, x = 1,
  })
  assert(changes.userdata.soc_level == 2 and changes.userdata.spend_total == 88)
  assert(changes.userdata.soc_level_prog == nil and changes.userdata.x == 1)
end

function T.what_is_not_understood_is_refused()
  local session = { userdata = {} }
  for _, message in ipairs { {}, { what = "get" }, { what = "set" }, { what = "set", values = { 1, 2 } } } do
    local changes, code = userdata.message(session, message)
    assert(changes == nil and code == "component_error")
  end
end

function T.more_than_16_kib_is_refused()
  local session = { userdata = { old = ("x"):rep(10000) } }
  assert(set(session, { new = ("y"):rep(5000) }))
  local changes, code = set(session, { new = ("y"):rep(7000) })
  assert(changes == nil and code == "component_error")
end

return T
