-- Whose line an error names.

local kept = require "lib.kept"
local raise = require "lib.raise"
local settings = require "lib.settings"

local T = {}

local function fails(words, fn, ...)
  local ok, problem = pcall(fn, ...)
  assert(not ok and tostring(problem):find(words), tostring(problem))
end

function T.a_table_that_is_kept_twice_is_told_to_who_does_it_with_the_other_place()
  kept("twice")
  fails("kept_spec%.lua:%d+: twice is kept twice; the first time: .*kept_spec%.lua:%d+$", function() kept("twice") end)
end

function T.an_error_is_raised_at_the_line_it_names()
  fails("^Scripts/x%.lua:7: no$", raise.there, "Scripts/x.lua:7: no")
  fails("^no line$", raise.there, "no line")
end

function T.a_default_that_does_not_fit_is_told_at_its_declaration()
  fails('kept_spec%.lua:%d+: the default of "a": true or false expected$', function()
    settings.read { a = { type = "boolean", default = 1 } }
  end)
end

return T
