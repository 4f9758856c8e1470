---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---What is inside may be nil, booleans, numbers, strings and tables of these.
---@alias nightjar.Plain any

---What scripts can ask of the server.
---@class nightjar
---@field account nightjar.account
---@field auth nightjar.auth
---@field casino nightjar.casino
---@field config nightjar.config
---@field crypto nightjar.crypto
---@field event nightjar.event
---@field http nightjar.http
---@field json nightjar.json
---@field log nightjar.log
---@field metrics nightjar.metrics
---@field outbox nightjar.outbox
---@field random nightjar.random
---@field state nightjar.state
---@field store nightjar.store
---@field timer nightjar.timer
---@field websocket nightjar.websocket
---@field package string Name of this package or game.
---@field generation integer Number of this load; 0 for what is only tried: by `nightjar check`, by a spec.
---@field debug boolean Development mode.
local nightjar = {}

---Gives the time. Not for games: they take `ctx.now`.
---@return integer milliseconds Since 1970, UTC.
function nightjar.now() end

---Gives the room of this name. Rooms of different packages are different rooms.
---@param name string At most 200 bytes.
---@return nightjar.Room room The room; it need not exist yet.
function nightjar.room(name) end

---Runs a function in a coroutine of its own, after the handler has returned or when it next waits.
---@param function_ fun(...) Called with the further arguments; may wait as long as it wants.
---@param ... any
---@return boolean? taken nil, "busy" if too many wait already; nil, "stale_generation" after a reload.
---@return string? code With nil: `busy`.
---@return string? detail
function nightjar.spawn(function_, ...) end

---Waits for some time.
---
---Waits; not while the script loads.
---@async
---@param seconds number 0 or more; 0 lets others go first.
function nightjar.sleep(seconds) end

---Declares a function that other packages may call.
---@param name string Seen by all packages; begin it with the package's name.
---@param function_ fun(...: nightjar.Plain): ...
function nightjar.provide(name, function_) end

---Calls a function another package provides. Arguments and results are copied; at most 7 of them.
---
---Waits; not while the script loads.
---@async
---@param name string Of a provided function.
---@param ... any
---@return nightjar.Plain results What the function returned; or nil, code, detail.
function nightjar.call(name, ...) end

---Gives a value to all packages that subscribe to the topic, on every worker that runs them.
---@param topic string
---@param value? nightjar.Plain Plain data.
---@return boolean? taken nil, "busy" if too much waits for a subscriber.
---@return string? code With nil: `busy`.
---@return string? detail
function nightjar.publish(topic, value) end

---Declares a function that is called with what is published on a topic.
---@param topic string
---@param function_ fun(value: nightjar.Plain, topic: string) Gets value and topic; may wait.
function nightjar.subscribe(topic, function_) end

---Writes a line to the server's standard output. Unlike `print`, whose lines are part of the log, it writes the line and nothing else. Lines that nobody takes off the output are dropped; no script waits for a reader.
---@param line string UTF-8 without the line feed; what is longer than 8 KiB is cut.
function nightjar.output(line) end

---Reads a file of the package while the script loads; a change of the file loads the package anew. Handlers get the text of files that were read then. A file of the same path in `packages/NAME` of the data folder takes its place.
---@param path string Inside the package's folder, like "data/words.txt".
---@param options? nightjar.DataOptions
---@return string text The file's bytes.
function nightjar.data(path, options) end

---Lists the files of a folder of the package while the script loads; a file that comes or goes loads the package anew. Handlers get the list that was made then.
---@param folder string Inside the package's folder, like "ops".
---@param suffix? string Only names that end so, like ".lua".
---@return string[] names Sorted list of file names, without the folder.
function nightjar.files(folder, suffix) end

---Gives the name that was probably meant by a misspelt one, for a message: the one that is a letter or two away.
---@param name string What was written.
---@param names string[] List of the names there are, at most 256.
---@return string? name nil if none is near.
function nightjar.nearest(name, names) end

return nightjar
