---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.auth
local auth = {}

---Checks a signed token (JWT, RFC 7519) and gives its claims.
---@param token? string What somebody gave; nil is never right.
---@param options nightjar.VerifyOptions
---@return table<string, any>? claims
---@return string? code With nil: `missing`, `malformed`, `algorithm`, `signature`, `expired`, `not_yet`, `issuer`, `audience`, `no_secret`.
---@return string? detail For the log; holds nothing of the token.
function auth.verify_jwt(token, options) end

---Makes a signed token (JWT). Whoever has it is believed: give it an `exp` soon.
---@param claims table<string, any> At most 5120 bytes as JSON.
---@param options nightjar.SignOptions
---@return string? token
---@return string? code With nil: `no_secret`, `malformed`.
---@return string? detail
function auth.sign_jwt(claims, options) end

---Declares another service where people log in, or this server itself (OAuth 2).
---@param name string Names the service within the package: 1…64 letters, digits, `_`, `-` or `.`.
---@param options nightjar.OAuthOptions
---@return nightjar.Flow flow
function auth.oauth(name, options) end

---Declares an app at Facebook, whose users come here.
---@param name string Names the app within the package: 1…64 letters, digits, `_`, `-` or `.`.
---@param options nightjar.FacebookOptions
---@return nightjar.Facebook app
function auth.facebook(name, options) end

---Declares a book of logins that a browser has finished and whose program has not fetched them yet. It survives a reload, not a restart.
---@param name string Names it within the package: 1…64 letters, digits, `_`, `-` or `.`.
---@param options? nightjar.PendingOptions
---@return nightjar.Logins book
function auth.pending(name, options) end

---Declares a book of tokens that this package gives out: one for each subject, for good, in the store. Of a token only its SHA-256 is kept: who reads the store cannot pose as anybody. At most 100000 subjects.
---@param name string Names it within the package: 1…64 letters, digits, `_`, `-` or `.`.
---@param options? nightjar.TokenOptions
---@return nightjar.Tokens book
function auth.tokens(name, options) end

return auth
