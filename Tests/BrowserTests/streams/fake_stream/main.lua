--- An event service for tests with whole processes: it greets, answers subscriptions, and sends what
-- it is told to over HTTP. (The service in Tests/TriggersTests checks and misbehaves.)

local nightjar = require "nightjar"

local M = {}

local connections = {}

local function sorted(set)
  local list = {}
  for value in pairs(set) do list[#list + 1] = value end
  table.sort(list)
  return nightjar.json.array(list)
end

local function add(set, values)
  for _, value in ipairs(values or {}) do set[value] = true end
end

nightjar.websocket.endpoint("/streaming", {
  open = function(conn)
    conn.data = { eventNames = {}, characters = {}, worlds = {} }
    connections[conn.id] = conn
    conn:send('{"connected":"true","service":"push","type":"connectionStateChanged"}')
    conn:send('{"send this for help":{"service":"event","action":"help"}}')
  end,
  message = function(conn, text)
    local command, has = nightjar.json.decode(text), conn.data
    if command.action == "subscribe" then
      for key, set in pairs(has) do add(set, command[key]) end
    elseif command.action == "clearSubscribe" then
      for key, set in pairs(has) do
        for _, value in ipairs(command[key] or {}) do set[value] = nil end
      end
    end
    conn:send(nightjar.json.encode { subscription = {
      eventNames = sorted(has.eventNames), characters = sorted(has.characters),
      worlds = sorted(has.worlds), logicalAndCharactersWithWorlds = false,
    } })
  end,
  close = function(conn) connections[conn.id] = nil end,
})

--- Each line of the body to everybody; answers how many that are.
nightjar.http.post("/say", function(request)
  local count = 0
  for _, conn in pairs(connections) do
    count = count + 1
    for line in request.body:gmatch("[^\n]+") do conn:send(line) end
  end
  return tostring(count)
end, { cors = true })

nightjar.http.post("/drop", function()
  for _, conn in pairs(connections) do conn:close(1012, "on purpose") end
  return "ok"
end, { cors = true })

return M
