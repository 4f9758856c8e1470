-- Which op a message means, and what an op file must be.

local dispatch = require "dispatch"

local T = {}

function T.the_documented_ops_are_there()
  local documented = {
    [0] = "IDENTIFY", [1] = "ACCEPT", [2] = "REJECT", [3] = "SHUTDOWN", [4] = "REBOOT",
    [10] = "SHARD_CONNECT", [11] = "SHARD_ACCEPT", [12] = "SHARD_DEATH",
  }
  for number, name in pairs(documented) do
    local op = dispatch.by_number[number]
    assert(op and op.name == name, name)
    assert(op.from == "service" or not op.handle, name)
  end
end

function T.an_op_is_named_by_number_or_name()
  for _, case in ipairs {
    { "gateway:opcode", { opcode = 10 } }, { "gateway:opcode", { opcode = 10.0 } },
    { "gateway:opcode", { opcode = "10" } },
    { "gateway:opcode", { opcode = "SHARD_CONNECT" } }, { "gateway:10", {} }, { "gateway:SHARD_CONNECT", {} },
    { "gateway:12", { opcode = 10 } }, { "gateway:SHARD_CONNECT:more", {} },
  } do
    assert(dispatch.find(case[1], case[2]) == dispatch.by_number[10], case[1])
  end
end

function T.what_is_no_op_is_told()
  for _, case in ipairs {
    { "gateway:99", {}, 99 }, { "gateway:NO", {}, "NO" },
    { "gateway:10", { opcode = 1.5 }, 1.5 }, { "gateway:10", { opcode = "0x0A" }, "0x0A" },
  } do
    local op, said = dispatch.find(case[1], case[2])
    assert(op == nil and said == case[3], case[1])
  end
end

function T.op_files_are_checked()
  local function handle() end
  for _, case in ipairs {
    { { number = 12, name = "AGAIN", from = "service", handle = handle }, "again.lua",
      "number 12 is that of SHARD_DEATH" },
    { { number = 90, name = "MINE", from = "service", handle = handle }, "yours.lua", "belongs into ops/mine.lua" },
    { { number = 90, name = "MINE", from = "service" }, "mine.lua", "handle is missing" },
    { { number = "90", name = "MINE", from = "gateway" }, "mine.lua", "number must be" },
    { { number = 90, name = "MINE" }, "mine.lua", "from must be" },
  } do
    local done, problem = pcall(dispatch.add, case[2], case[1])
    assert(not done and problem:find(case[3], 1, true), tostring(problem))
  end
end

return T
