local batches = require "batches"

local T = {}

-- A batch whose frames are noted, and whose time passes when `run` is called.
local function batch()
  local frames, pending = {}, {}
  local made = batches.new {
    send = function(room, frame, audience)
      frames[#frames + 1] = room .. (audience and "@" .. audience or "") .. " " .. frame
    end,
    later = function(seconds, action)
      assert(seconds == batches.DELAY_SECONDS)
      local waiting = coroutine.wrap(function() action(coroutine.yield) end)
      waiting()
      pending[#pending + 1] = waiting
    end,
  }
  local function run()
    local due = pending
    pending = {}
    for _, waiting in ipairs(due) do waiting() end
    return #due
  end
  return made, frames, run
end

local function entry(room, text) return { room = room, text = text } end

function T.entries_are_grouped_by_room_and_the_roomless_come_last()
  local made, frames, run = batch()
  made:add { entry("", "1"), entry("b", "2"), entry("a", "3") }
  made:add { entry("b", "4"), entry("", "5") }
  assert(#frames == 0)
  assert(run() == 1, "one wait for all that comes until it ends")
  assert(table.concat(frames, "; ") == "b [2,4]; a [3];  [1,5]", table.concat(frames, "; "))
  assert(run() == 0)
  made:add { entry("a", "6") }
  assert(run() == 1 and frames[4] == "a [6]")
end

function T.the_servers_own_lines_are_for_some_only()
  local made, frames, run = batch()
  local own = { room = "", text = "own", is_own = true }
  made:add { entry("", "1"), own, entry("a", "2"), entry("", "3") }
  run()
  local all = table.concat(frames, "; ")
  assert(all == "a [2]; @own [1,own,3]; @others [1,3]", all)
  made:add { own }
  run()
  assert(#frames == 4 and frames[4] == "@own [own]", "nothing for the others makes no frame")
  made:add { entry("", "4") }
  run()
  assert(#frames == 5 and frames[5] == " [4]", "one frame for all again")
end

function T.nothing_makes_no_frame()
  local made, frames, run = batch()
  made:add {}
  assert(run() == 0 and #frames == 0)
end

function T.large_groups_are_split_in_order()
  local made, frames, run = batch()
  local text = ("x"):rep(30 * 1024)
  made:add { entry("", text .. "1"), entry("", text .. "2"), entry("", text .. "3") }
  run()
  assert(#frames == 2)
  assert(frames[1]:sub(-2) == "2]" and frames[2]:sub(-2) == "3]")
  for _, frame in ipairs(frames) do assert(#frame <= batches.FRAME_BYTES_MAX + 1) end
end

function T.an_entry_above_the_frame_size_goes_alone()
  local made, frames, run = batch()
  local text = ("x"):rep(batches.FRAME_BYTES_MAX + 1)
  made:add { entry("", "1"), entry("", text), entry("", "2") }
  run()
  assert(#frames == 3 and frames[1] == " [1]" and frames[3] == " [2]")
end

function T.too_much_to_gather_is_sent_at_once()
  local made, frames, run = batch()
  local text = ("x"):rep(50 * 1024)
  made:add { entry("a", text), entry("a", text), entry("a", text), entry("a", "rest") }
  assert(#frames == 3, "sent without waiting")
  run()
  assert(#frames == 4 and frames[4] == "a [rest]")
end

function T.a_wait_that_was_never_begun_is_asked_for_again()
  local asked = 0
  local made = batches.new { send = function() end, later = function() asked = asked + 1 end }
  made:add { entry("", "1") }
  made:add { entry("", "2") }
  assert(asked == 2)
end

return T
