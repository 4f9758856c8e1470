---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---A WebSocket connection. `data` holds any plain value the package wants to remember with it; it survives reloads.
---@class nightjar.Connection
---@field id integer Names the connection; never used twice.
---@field remote string The other side's address; empty once the connection is gone.
---@field data nightjar.Plain what the package keeps with it; survives a reload
local Connection = {}

---Sends a message, after the handler has returned or when it next waits. A connection that is gone ignores it.
---@param text string The message.
---@param options? nightjar.SendOptions
function Connection:send(text, options) end

---Closes the connection after what was sent before.
---@param code? integer 1000 or 3000…4999; 1005 closes without a code; default 1000.
---@param reason? string At most 123 bytes.
function Connection:close(code, reason) end

---A request; valid until its handler has ended.
---@class nightjar.Request
---@field method string
---@field path string As it was sent.
---@field query table<string, string> Pairs of the query; of a repeated name the last.
---@field params table<string, string> What `:name` and `*` matched.
---@field headers table<string, string> By lower-case name; repeated ones joined with commas.
---@field body string Bytes; `nightjar.json.decode` reads JSON.
---@field remote string The other side's address.
local Request = {}

---Gives one header, whatever its case.
---@param name string
---@return string? value
function Request:header(name) end

---A connection to another server that the package has declared.
---@class nightjar.Client
local Client = {}

---It is to be connected from now on. Without effect if it is.
function Client:open() end

---It is not to be connected any more: no further attempt, and what is open is closed after what was sent before.
---@param code? integer 1000 or 3000…4999; 1005 closes without a code; default 1000.
---@param reason? string At most 123 bytes.
function Client:close(code, reason) end

---Sends a message, after the handler has returned or when it next waits.
---@param text string The message.
---@param options? nightjar.SendOptions
---@return boolean? taken
---@return string? code With nil: `not_open`; `busy`: too much waits to be sent.
---@return string? detail
function Client:send(text, options) end

---Tells what the connection is at.
---@return nightjar.ClientStatus status
function Client:status() end

---A group of connections of this package, on all loops. A closed connection leaves by itself.
---@class nightjar.Room
local Room = {}

---Takes a connection into the room.
---@param conn nightjar.Connection
function Room:join(conn) end

---Takes a connection out of the room.
---@param conn nightjar.Connection
function Room:leave(conn) end

---Sends a message to all members.
---@param text string The message.
---@param options? nightjar.RoomSendOptions
function Room:send(text, options) end

---Waits for the number of members, after what was asked before.
---
---Waits; not while the script loads.
---@async
---@return integer count
function Room:count() end

---Waits for the ids of the members, in no particular order.
---
---Waits; not while the script loads.
---@async
---@return integer[] ids List of connection ids.
function Room:members() end

---A timer that was set; `cancel()` ends it.
---@class nightjar.Timer
local Timer = {}

---Ends the timer; one that is over ignores it.
function Timer:cancel() end

---A service where people log in.
---@class nightjar.Flow
local Flow = {}

---Asks the service who logged in: changes the code for a token, and that for an identity.
---
---Waits; not while the script loads.
---@async
---@param code? string What the browser brought; nil is never right.
---@return nightjar.Identity? identity
---@return string? code With nil: `refused`, `unreachable`, `bad_reply`, `no_secret`.
---@return string? detail For the log; holds no code, no token, no secret.
function Flow:identify(code) end

---Gives the access token of this server itself, which is kept until shortly before its end. Not for logs.
---
---Waits; not while the script loads.
---@async
---@param options? nightjar.AppTokenOptions
---@return string? token
---@return string? code With nil: `refused`, `unreachable`, `bad_reply`, `no_secret`.
---@return string? detail For the log; holds no code, no token, no secret.
function Flow:app_token(options) end

---An app at Facebook.
---@class nightjar.Facebook
local Facebook = {}

---Asks Facebook whether a token is a valid one of this app and this user, then who it is.
---
---Waits; not while the script loads.
---@async
---@param token? string The user's access token, as the client brought it; nil is never right.
---@param user? string The user's id that the client brought with it; nil: whoever it is.
---@return nightjar.FacebookUser? user
---@return string? code With nil: `refused`, `unreachable`, `bad_reply`, `no_secret`.
---@return string? detail For the log; holds no token and no secret.
function Facebook:identify(token, user) end

---Checks what Facebook posts to an app's page.
---@param text? string The form field `signed_request`; nil is never right.
---@return table<string, any>? payload What Facebook says: `user_id`, `oauth_token` and more.
---@return string? code With nil: `missing`, `malformed`, `algorithm`, `signature`, `expired`, `no_secret`.
---@return string? detail For the log; holds nothing of the request.
function Facebook:signed_request(text) end

---Logins that wait to be fetched.
---@class nightjar.Logins
local Logins = {}

---Keeps a value. A newer one with the same key takes the place of the older.
---@param key string 1 to 256 bytes of UTF-8 that only the browser and the program know.
---@param value nightjar.Plain Not nil; at most 16 KiB.
function Logins:put(key, value) end

---Gives the value of a key, to the first who asks.
---@param key string 1 to 256 bytes of UTF-8 that only the browser and the program know.
---@return nightjar.Plain value nil: there is none, or it was taken already.
function Logins:take(key) end

---Forgets all values: whoever has not fetched theirs yet logs in again.
function Logins:clear() end

---Tokens that the package gives out. What only reads waits at most in the first moment after the start.
---@class nightjar.Tokens
local Tokens = {}

---Gives a subject a new token, on disk before this returns. Its older one is worth nothing from then on.
---
---Waits; not while the script loads.
---@async
---@param subject string Whose token; 1 to 256 bytes of UTF-8.
---@param data? nightjar.Plain What to keep beside it; at most 4 KiB.
---@return string? token It is nowhere else: hand it over.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function Tokens:issue(subject, data) end

---Tells whose token it is, and what is kept beside it. When the store cannot be read: nil, a code, a detail.
---
---Waits; not while the script loads.
---@async
---@param token? string What somebody gave; nil is never right.
---@return string? subject nil: nobody has this token.
---@return nightjar.Plain data
---@return string? detail
function Tokens:find(token) end

---Gives what is kept beside a subject's token.
---
---Waits; not while the script loads.
---@async
---@param subject string Whose token; 1 to 256 bytes of UTF-8.
---@return nightjar.Plain data nil: it has no token.
---@return number? issued Seconds since 1970.
---@return string? detail
function Tokens:of(subject) end

---Replaces what is kept beside a subject's token.
---
---Waits; not while the script loads.
---@async
---@param subject string Whose token; 1 to 256 bytes of UTF-8.
---@param data nightjar.Plain Takes the place of what is kept; at most 4 KiB.
---@return boolean? done nil, "none" if the subject has no token.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function Tokens:update(subject, data) end

---Lists who has a token.
---
---Waits; not while the script loads.
---@async
---@return {subject: string, hint: string, issued: number, data: any}[]? entries By subject, at most 10000. `hint` are the first digits of the token's SHA-256, `issued` is in seconds since 1970.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function Tokens:list() end

---Takes a subject's token back.
---
---Waits; not while the script loads.
---@async
---@param subject string Whose token; 1 to 256 bytes of UTF-8.
---@return boolean? erased false: it had none.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function Tokens:erase(subject) end

---Takes all tokens back.
---
---Waits; not while the script loads.
---@async
---@return integer? erased How many there were.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function Tokens:erase_all() end

---Counts events.
---@class nightjar.Counter
local Counter = {}

---Raises the counter.
---@param amount? integer 1 or more; default 1.
function Counter:add(amount) end

---Shows a value that changes.
---@class nightjar.Gauge
local Gauge = {}

---Sets the value.
---@param value number
function Gauge:set(value) end

---Shows how values are distributed.
---@class nightjar.Histogram
local Histogram = {}

---Adds a value.
---@param value number
function Histogram:observe(value) end

---What an engine's function may know and do; valid only during the call.
---@class nightjar.Context
---@field settings table The game's settings on this site.
---@field credits integer The balance before the action, smallest unit; only if the manifest says that the engine reads it.
---@field max_win integer? The most that the round may still pay, by the caps of game, mode and site; nil if nothing bounds it.
---@field now integer The time of the action, milliseconds since 1970.
---@field random nightjar.Random Random numbers, freshly keyed for every step.
local Context = {}

---Takes credits from the player. If the balance does not cover them, this step and all that follows is refused.
---@param amount integer Credits, whole and not negative.
---@param kind? string Accounting operation: "bet" (the default), "extra", or one of the engine's own; not what the server pays: "win", "jackpot", "refund".
function Context:debit(amount, kind) end

---Pays credits to the player. More than `max_win` ends the action with nothing changed.
---@param amount integer Credits, whole and not negative.
---@param kind? string Accounting operation: "win" (the default), "refund", or one of the engine's own; not "jackpot", which `ctx:award` pays.
function Context:credit(amount, kind) end

---Closes a step: what was moved so far and this state stand, whatever follows.
---@param state game.State The state the step ends with.
function Context:step(state) end

---Notes in the journal what happened in this step, so that its round can be found by it: `ctx:mark("free_spins")`.
---@param name string 1 to 32 characters of a-z, 0-9 and _.
function Context:mark(name) end

---Says in which of the game's modes the round is played: its win cap holds from here on.
---@param name string One of the setting `modes`.
function Context:mode(name) end

---Feeds the game's jackpots (setting `jackpot`) with a stake. Those that are won by chance or must be won are paid at once. Without a jackpot: nothing.
---@param stake integer Credits, not negative.
---@return {id: string, level: string, amount: integer}[]?? won List of what was won and is paid already; nil: nothing.
function Context:contribute(stake) end

---Pays the levels of the game's jackpots that this event wins. Without a jackpot: nothing.
---@param event string What has happened, as a level's `on` names it: `bingo`.
---@param stake integer Credits: levels may ask for a smallest bet.
---@return {id: string, level: string, amount: integer}[]?? won List of what was won and is paid already; nil: nothing.
function Context:award(event, stake) end

---Random numbers: ChaCha20, no number more likely than another. A game's `ctx.random` is one; `nightjar.random` has the same functions, called with a dot.
---@class nightjar.Random
local Random = {}

---A whole number, both ends included.
---@param lowest integer
---@param highest integer
---@return integer value
function Random:integer(lowest, highest) end

---A number from 0 up to, not including, 1.
---@return number value
function Random:number() end

---Puts a list into random order.
---@param list table
---@return table list The same table.
function Random:shuffle(list) end

---k different whole numbers from 1 to n, in the order drawn.
---@param n integer
---@param k integer
---@return table list
function Random:sample(n, k) end

---One element of a list.
---@param list table
---@return any value
function Random:pick(list) end

---Random bytes.
---@param count integer At most 65536.
---@return string bytes
function Random:bytes(count) end

---A random UUID (version 4).
---@return string text
function Random:uuid() end

