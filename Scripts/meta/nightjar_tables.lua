---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---Options of `nightjar.account.commit`.
---@class (exact) nightjar.AccountChange
---@field user string The user's id within the realm.
---@field denom? string The denomination; default "credit".
---@field realm? string A platform of the casino, like "demo"; default: the package's own.
---@field id string Names the change, 1 to 256 bytes: the same id has one effect, however often it is asked for.
---@field entries? {kind: string, amount?: integer, to?: integer}[] Movements of credits: `amount` is added, negative ones are taken; `to` replaces the balance.
---@field keys? table[] Changes of the package's keys, as for `store.batch`.
---@field outbox? {topic: string, key: string, body: table}[] What is to be told outside until it was accepted.
---@field open? integer Opens the account with so many credits if there is none.

---Options of `nightjar.account.balance`.
---@class (exact) nightjar.AccountPlace
---@field user string The user's id within the realm.
---@field denom? string The denomination; default "credit".
---@field realm? string A platform of the casino, like "demo"; default: the package's own.

---The answer to a request.
---@class (exact) nightjar.Answer
---@field status? integer 200…599; default 200.
---@field headers? table<string, string|integer|string[]> Name → value, or a list of values for several fields of one name.
---@field body? string At most 16 MiB; `text/plain` unless the headers say otherwise.
---@field json? nightjar.Plain Sent as `application/json`, in place of `body`.

---Options of `flow:app_token`.
---@class (exact) nightjar.AppTokenOptions
---@field renew? boolean The one before is of no use any more: the service has refused it.

---Scripts of any site may ask and read the answer.
---@class (exact) nightjar.CORS
---@field headers? "any"|string[] Request headers that they may set besides `content-type`; "any": whatever they ask for.

---Options of `nightjar.casino.publish`.
---@class (exact) nightjar.CasinoPublishOptions
---@field interval? number No session hears of the topic more often; of what comes meanwhile it gets the newest when its time has come.

---Options of `nightjar.casino.send`.
---@class (exact) nightjar.CasinoUser
---@field platform string The platform the user comes from.
---@field user string The id at the platform.
---@field site? string Only those on this site.

---Why a connection to another server is not open.
---@class (exact) nightjar.ClientError
---@field code string `resolve_failed`, `connect_failed`, `tls_failed`, `timeout`, `refused` (see `status`), `bad_handshake`, `head_too_large`, `lost`; of one that was open also `closed`, `silent`, `violation`.
---@field message string For a person.
---@field status? integer The HTTP status of a server that refused.

---Options of `nightjar.websocket.connect`.
---@class (exact) nightjar.ClientOptions
---@field open? fun(conn: nightjar.Connection) Called when the connection is open.
---@field message? fun(conn: nightjar.Connection, text: string, binary: boolean) Called for every message, one after the other.
---@field close? fun(conn: nightjar.Connection, code: integer, reason: string) Called when a connection that was open is gone.
---@field failed? fun(error: nightjar.ClientError, retry_after: number?) Called when an attempt came to nothing; seconds to the next one, nil: there is none.
---@field error? fun(conn: nightjar.Connection, code: string) Called when a handler of the connection failed.
---@field headers? table<string, string> Further headers of the handshake.
---@field protocols? string[] Subprotocols that are offered, the preferred one first.
---@field on_demand? boolean Not to be opened before `client:open()`; default false.
---@field reconnect? false|nightjar.Reconnect Pauses before it is tried again; false: it is not.
---@field connect_timeout? number Seconds until it must be open; default 10.
---@field ping_interval? number|false Seconds; default 20; false: no pings.
---@field pong_timeout? number Seconds of silence after a ping that end it; default 20.
---@field max_message? integer Bytes of a message; longer ones close it; default 1 MiB.
---@field compression? boolean Whether compression is offered (permessage-deflate); default true.

---What `client:status` gives.
---@class (exact) nightjar.ClientStatus
---@field state "closed"|"connecting"|"open"|"waiting"
---@field since number When it got into this state, in seconds since 1970.
---@field attempts integer Attempts in a row that came to nothing.
---@field retry_in? number Seconds to the next attempt, while it waits for that.
---@field error? nightjar.ClientError Why it is not open; nil if it is, or was never tried.

---Whether messages may be compressed (permessage-deflate), and how.
---@class (exact) nightjar.Compression
---@field threshold? integer Shorter messages are sent as they are; default 50.
---@field context_takeover? boolean Each message builds on those before it; default false.
---@field window_bits? integer 9…15, default 12.
---@field level? integer 1…9, default 6.
---@field memory_level? integer 1…9, default 4.

---Options of `nightjar.data`.
---@class (exact) nightjar.DataOptions
---@field shipped? boolean The package's own file, also if the operator has put another in its place.

---Options of `nightjar.json.decode`.
---@class (exact) nightjar.DecodeOptions
---@field raw? string[] Names of members of a top-level object that are not decoded; they come as raw values.
---@field mend? boolean Half of a surrogate pair (`\ud800`), which is no character, is read as U+FFFD; else such a text is invalid.

---Options of `nightjar.json.encode`.
---@class (exact) nightjar.EncodeOptions
---@field sort? boolean Members in byte order.

---Options of `nightjar.websocket.endpoint`.
---@class (exact) nightjar.Endpoint
---@field open? fun(conn: nightjar.Connection, request: nightjar.Request) Called when a client has connected; the request is the handshake.
---@field message? fun(conn: nightjar.Connection, text: string, binary: boolean) Called for every message, one after the other for each connection.
---@field close? fun(conn: nightjar.Connection, code: integer, reason: string) Called when the connection is gone.
---@field error? fun(conn: nightjar.Connection, code: string) Called when a handler of the connection failed.
---@field idle_timeout? number Seconds; a client that sends no message for so long is closed.
---@field pings_keep_alive? boolean A client's pings count as messages for `idle_timeout`.
---@field ping_interval? number|false Seconds; false: no pings.
---@field pong_timeout? number Seconds a client has to answer a ping.
---@field max_message? integer Bytes of a message; longer ones close the connection.
---@field concurrent? boolean Messages do not wait for the handler before them.
---@field origins? string|string[] Sites whose pages may connect; "*": all. Default: the server's own.
---@field compression? boolean|nightjar.Compression Whether messages may be compressed (permessage-deflate), and how.

---What the engine of a game returns.
---@class nightjar.Engine
---@field init fun(settings: table, ctx: nightjar.Context): nightjar.GameState Makes the first state; raises an error if the settings contradict each other.
---@field actions table<string, fun(state: nightjar.GameState, params: table, ctx: nightjar.Context): nightjar.GameState?, string?, string?> By name; each returns the next state, or nil, a code and a text.
---@field version? integer Raise it when the state changes its shape; default 0.
---@field migrate? fun(from: integer, state: nightjar.GameState, settings: table): nightjar.GameState Gets a state that a lower version left; returns it in this one's shape.
---@field can_finish? fun(state: nightjar.GameState): boolean May the player leave now? Without it: always.
---@field timeout? fun(state: nightjar.GameState, ctx: nightjar.Context): nightjar.GameState Ends a round that has been open for too long.
---@field limits? nightjar.Limits

---Options of `nightjar.auth.facebook`.
---@class (exact) nightjar.FacebookOptions
---@field app_id string Of the app.
---@field app_secret string Name of a secret of this package.
---@field graph_url? string Where the Graph API answers, without a slash at the end; default "https://graph.facebook.com".
---@field timeout? number Seconds for each of two answers; default 10.

---What `facebook:identify` gives.
---@class (exact) nightjar.FacebookUser
---@field id string The user's id.
---@field profile? table<string, any> `id`, and `name`, `email`, `picture` as far as the app may see them; nil: none was to be had.
---@field problem? string Why there is no profile, for the log.

---Options of `nightjar.http.fetch`.
---@class (exact) nightjar.FetchRequest
---@field url string `http://` or `https://`, a host, and a port from 1 to 65535 if there is one.
---@field method? "GET"|"HEAD"|"POST"|"PUT"|"PATCH"|"DELETE"|"OPTIONS" Default GET.
---@field headers? table<string, string|integer|string[]> Name → value or list of values.
---@field body? string At most 16 MiB.
---@field timeout? number Seconds; default 10, at most 30.
---@field max_body? integer Bytes of the answer; default 1 MiB, at most 16 MiB.

---What `nightjar.http.fetch` gives.
---@class (exact) nightjar.FetchResponse
---@field status? integer
---@field headers? table<string, string> By lower-case name.
---@field body? string

---Options of `nightjar.http.static`.
---@class (exact) nightjar.FolderOptions
---@field index? string Name of the file that a folder is shown by; default "index.html".
---@field cors? boolean Scripts of any site may read the files.
---@field shared? boolean The folder is one of `Scripts/lib`, for pages that share what they are made of.

---The state of a game.
---@class nightjar.GameState
---@field name string Yours to choose.
---@field data table What the player may see, all of it.
---@field actions string[] Names of the actions allowed now.
---@field private? table What the engine keeps to itself: stored and handed back, never sent.

---What `flow:identify` gives.
---@class (exact) nightjar.Identity
---@field subject string The service's id of the person.
---@field picture? string Address of a picture, if it was asked for.
---@field name? string What the person is called there, if it was asked for.

---Bounds of a unit that needs others than the usual ones.
---@class (exact) nightjar.Limits
---@field memory_mb? integer MiB of memory; default 64.
---@field slice_ms? integer Milliseconds that a handler may work without waiting; default 20.

---Options of `nightjar.auth.oauth`.
---@class (exact) nightjar.OAuthOptions
---@field client_id string Under which the service knows this server.
---@field client_secret string Name of a secret of this package.
---@field token_url string Where codes are changed for tokens.
---@field userinfo_url? string Where it is asked who logged in (OpenID Connect).
---@field redirect_uri? string The one of the address that the browser was sent to.
---@field issuers? string[] What the service may call itself in what it says of people (`iss`); at most 8. Default: anything.
---@field timeout? number Seconds for each answer; default 10.

---Options of `nightjar.outbox.tell`.
---@class (exact) nightjar.OutboxOptions
---@field replace? boolean It takes the place of one with its key that still waits; default: it is dropped then.

---What the main file of a package returns.
---@class nightjar.Package
---@field workers? "one"|"all"|"dedicated" Where it runs; default "one".
---@field listener? string The listener of its routes; default "main".
---@field version? integer Raise it when what is in `nightjar.state` changes its shape; default 0.
---@field limits? nightjar.Limits
---@field migrate? fun(from: integer, state: table): table Gets what a generation of a lower version kept; returns what this one keeps.
---@field on_ready? fun() Once, after the package was first loaded.
---@field on_reload? fun() Before a generation takes over, the first one too; may come again.
---@field on_stop? fun() The server is about to end; sockets are still open.
---@field on_unload? fun() The package was removed, or the server ends.

---Options of `nightjar.auth.pending`.
---@class (exact) nightjar.PendingOptions
---@field lifetime? number Seconds that a value is kept; default 600.
---@field limit? integer Values at most, the oldest go; default 10000.

---Options of `nightjar.json.reader`.
---@class (exact) nightjar.ReaderOptions
---@field name? string The member that tells a record's kind. Default: `kind`.
---@field within? string The member of the message in which the record lies. Default: the message itself.
---@field envelope? table<string, string> Members of the message that must have these texts; at most 8.
---@field kinds? table<string, table<string, string|table>> Fields by kind, at most 64 each: `integer`, `number`, `boolean` or `string`, with `?` if they may be missing, or `{ type = …, optional = …, default = … }`. Members that are not named are left out. A kind that is not named keeps all its members as they came.
---@field raw? string The field that gets the whole text. Default: `raw`.
---@field payload? string The field that gives the record's members as they came, decoded when it is first asked for. Default: `payload`.

---Pauses before it is tried again; false: it is not.
---@class (exact) nightjar.Reconnect
---@field first? number The first retry comes within so many seconds, at random; default 5.
---@field initial? number Seconds before the second one; default 3.1.
---@field factor? number By which they grow; default 1.618.
---@field max? number To so many seconds at most; default 90. Up to a fifth is left out at random.

---Options of `room:send`.
---@class (exact) nightjar.RoomSendOptions
---@field except? nightjar.Connection Who does not get it.
---@field binary? boolean Send a binary message: any bytes. A text message is UTF-8.

---Options of `nightjar.http.get`.
---@class (exact) nightjar.RouteOptions
---@field max_body? integer Bytes of a request's body.
---@field cors? boolean|nightjar.CORS Scripts of any site may ask and read the answer.

---Options of `connection:send`.
---@class (exact) nightjar.SendOptions
---@field binary? boolean Send a binary message: any bytes. A text message is UTF-8.

---Options of `nightjar.auth.sign_jwt`.
---@class (exact) nightjar.SignOptions
---@field secret string Name of a secret of this package, like "extension".
---@field encoding? "text"|"base64" How the secret is written; default "text". It has at least 16 bytes.
---@field algorithm? "HS256"|"HS384"|"HS512" Default "HS256".

---Options of `nightjar.store.delete`.
---@class (exact) nightjar.StoreDeleteOptions
---@field if_version? integer Only if the value has this version.

---Options of `nightjar.store.increment`.
---@class (exact) nightjar.StoreIncrementOptions
---@field ttl? number Seconds until it is gone, for a counter that is new.

---Options of `nightjar.store.range`.
---@class (exact) nightjar.StoreRangeOptions
---@field by? "rank"|"score" What `from` and `to` are; default "rank".
---@field reverse? boolean Highest score first.
---@field limit? integer Members at most.

---Options of `nightjar.store.set`.
---@class (exact) nightjar.StoreSetOptions
---@field ttl? number Seconds until it is gone.
---@field if_version? integer Write only if the value has this version; 0: only if there is none.

---Options of `nightjar.auth.tokens`.
---@class (exact) nightjar.TokenOptions
---@field bytes? integer Random bytes of a token, which has twice as many hexadecimal digits; default 16.

---Options of `nightjar.auth.verify_jwt`.
---@class (exact) nightjar.VerifyOptions
---@field secret? string Name of a secret of this package, like "extension": what the signer shares with this server.
---@field encoding? "text"|"base64" How the secret is written; default "text". It has at least 16 bytes.
---@field public_key? string Instead of a secret: the signer's public key, or several, as PEM.
---@field algorithms? ("HS256"|"HS384"|"HS512"|"RS256"|"ES256")[] Those that are taken, whatever the token says of itself; default `{ "HS256" }`, with a public key `{ "RS256", "ES256" }`.
---@field issuer? string What `iss` must be.
---@field audience? string What `aud` must be or hold.
---@field leeway? number Seconds by which the clocks may differ; default 0.
---@field require_exp? boolean Whether a token without an end is refused; default true.

