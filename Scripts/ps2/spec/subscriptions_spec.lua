-- The text of a subscription, and what an echo says against it.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local subscriptions = require "subscriptions"

local T = {}

local function text(events, characters, worlds, logical)
  return subscriptions.text {
    events = events, characters = characters or {}, worlds = worlds or {}, logical = logical,
  }
end

function T.the_examples_of_the_protocol()
  equal(text { "Death" },
    '{"action":"subscribe","eventNames":["Death"],"service":"event","characters":["all"],"worlds":["all"]}')
  equal(text({ "Death" }, {}, { "17" }), '{"action":"subscribe","eventNames":["Death"],"service":"event",'
    .. '"characters":["all"],"worlds":["17"],"logicalAndCharactersWithWorlds":"true"}')
  equal(text({ "FacilityControl" }, {}, { "17" }), '{"action":"subscribe","eventNames":["FacilityControl"],'
    .. '"service":"event","characters":["all"],"worlds":["17"]}')
  equal(text({ "PlayerLogin" }, {}, { "1" }), '{"action":"subscribe","eventNames":["PlayerLogin"],"service":"event",'
    .. '"characters":["all"],"worlds":["1"],"logicalAndCharactersWithWorlds":"true"}')
  equal(text({ "Death" }, { "5" }, { "17" }), '{"action":"subscribe","eventNames":["Death"],"service":"event",'
    .. '"characters":["5"],"worlds":["17"]}')
end

function T.the_flag_of_experience_and_of_who_asks_for_it()
  equal(text({ "GainExperience_experience_id_7" }, {}, { "1" }):find('Worlds":"true"', 1, true) ~= nil, true)
  equal(text({ "GainExperience_experience_id_x" }, {}, { "1" }):find('Worlds":"true"', 1, true) ~= nil, true)
  equal(text({ "NewEvent" }, {}, { "1" }):find("Worlds", 1, true), nil)
  equal(text({ "Death" }, {}, { "17" }, false):find('Worlds":"false"', 1, true) ~= nil, true)
  equal(text({ "FacilityControl" }, { "5" }, { "17" }, true):find('Worlds":"true"', 1, true) ~= nil, true)
end

local function wanted(events, characters, worlds)
  return { events = events, characters = characters or {}, worlds = worlds or {} }
end

function T.an_echo_that_says_what_was_asked()
  local asked = subscriptions.combine {
    wanted({ "Death" }, { "5", "6" }, { "17" }), wanted({ "Death" }, { "6" }, { "1" }),
  }
  equal(subscriptions.differences(asked, {
    characterCount = 2, eventNames = { "Death" }, worlds = { "1", "17" }, logicalAndCharactersWithWorlds = false,
  }), {})
  asked = subscriptions.combine { wanted { "Death" } }
  equal(subscriptions.differences(asked, {
    characters = { "all" }, eventNames = { "Death" }, worlds = { "all" }, logicalAndCharactersWithWorlds = false,
  }), {})
  -- What "all" means may be written out.
  equal(subscriptions.differences(asked, {
    characters = { "all" }, eventNames = { "Death" }, worlds = { "1", "10", "13" },
    logicalAndCharactersWithWorlds = false,
  }), {})
end

function T.every_difference_is_named()
  local asked = subscriptions.combine { wanted({ "Death", "BattleRankUp" }, {}, { "17" }) }
  equal(subscriptions.differences(asked, {
    characterCount = 3, eventNames = { "Death", "SkillAdded" }, worlds = { "1" },
    logicalAndCharactersWithWorlds = false,
  }), {
    "eventNames lacks BattleRankUp", "eventNames has SkillAdded besides", "characters lacks all, 3 are counted",
    "worlds lacks 17", "worlds has 1 besides", "logicalAndCharactersWithWorlds is false instead of true",
  })
  equal(subscriptions.differences(asked, {})[1], "eventNames is missing")
end

function T.what_is_too_much_is_taken_back()
  local asked = subscriptions.combine { wanted({ "Death" }, { "5" }, { "17" }) }
  local echo = nightjar.json.decode '{"characters":["5","9"],"eventNames":["Death","SkillAdded"],"worlds":["17"]}'
  equal(subscriptions.superfluous(asked, echo), {
    '{"service":"event","action":"clearSubscribe","eventNames":["SkillAdded"]}',
    '{"service":"event","action":"clearSubscribe","characters":["9"]}',
  })
end

function T.triggers_that_do_not_agree_leave_the_flag_open()
  local asked = subscriptions.combine { wanted({ "Death" }, {}, { "17" }), wanted { "FacilityControl" } }
  equal(asked.logical, nil)
  equal(subscriptions.differences(asked, {
    characters = { "all" }, eventNames = { "Death", "FacilityControl" }, worlds = { "all", "17" },
    logicalAndCharactersWithWorlds = true,
  }), {})
end

return T
