-- Files that do not load, at a start and beside a former generation.

local nightjar = require "nightjar"
local core = require "core"
local equal = require("lib.testing").equal
local lines = require "lines"
local scripts = require "scripts"
local snapshot = require "snapshot"
require "spec.kit.stand"

local FILES = "spec/kit/files"
-- Modules are loaded while a spec loads.
for _, name in ipairs { "half", "mute", "sound" } do scripts.try(FILES, name) end
local misnamed = { pcall(scripts.misnamed, "triggers", "a.b", false) }
scripts.misnamed("triggers", "Über", true)
local another = { pcall(scripts.run, "examples", "mute") }

local SLIP = 'a trigger has no "event"; did you mean "events"?'

local T = {}

function T.the_other_files_are_on_and_nothing_is_left_of_the_broken_one()
  local names = {}
  for index, trigger in ipairs(core.set:list()) do names[index] = trigger.name end
  equal(names, { "of a sound file" })
  equal({ #scripts.list, scripts.list[1].file, scripts.current() }, { 1, FILES .. "/sound.lua", nil })
end

function T.each_broken_file_is_named_with_its_line()
  local found = snapshot.broken()
  equal({ #found, found[1].file, found[2].file }, { 3, FILES .. "/half.lua", FILES .. "/mute.lua" })
  assert(found[1].problem:find(FILES .. "/half.lua:7: ", 1, true), found[1].problem)
  assert(found[1].problem:find(SLIP, 1, true), found[1].problem)
  equal(found[2].problem, FILES .. "/mute.lua: broken on purpose")
  equal(snapshot.all({}).broken[2].problem, FILES .. "/mute.lua: broken on purpose")
end

function T.the_command_line_tells_it_first_whatever_is_asked()
  for _, question in ipairs { {}, { log = true }, { name = "of a broken file" } } do
    local said = lines.answer(question).lines
    assert(said[1]:find("^NOT LOADED, its triggers are off: .*half%.lua:7: "), said[1])
    assert(said[2]:find("^NOT LOADED, its triggers are off: .*mute%.lua: broken on purpose$"), said[2])
  end
  assert(lines.answer({}).ok)
end

function T.beside_a_former_generation_a_broken_file_refuses_the_new_one()
  local ok, problem = pcall(scripts.settle, true)
  problem = tostring(problem)
  assert(not ok and problem == scripts.broken[1].problem, problem)
  assert(problem:find("half.lua:7: ", 1, true) and problem:find(SLIP, 1, true), problem)
  scripts.settle(false)
end

function T.a_file_whose_name_is_impossible_is_left_out_and_refuses_nothing()
  local rule = "the name of a trigger file has letters from a to z, digits, _ and -, at most 64 of them, before .lua"
  equal(misnamed, { false, "triggers/a.b.lua: " .. rule })
  local found = snapshot.broken()[3]
  equal({ found.problem, found.is_misnamed }, { "triggers/Über.lua: " .. rule, true })
  local all = scripts.broken
  scripts.broken = { all[3] }
  scripts.settle(true)
  scripts.broken = all
end

function T.what_is_only_tried_has_the_number_that_main_knows_it_by()
  equal(nightjar.generation, 0)
end

function T.the_name_of_a_broken_file_is_taken()
  equal(another, { false, 'examples/mute.lua: "mute" is on already, in spec/kit/files/mute.lua' })
end

return T
