---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.crypto
local crypto = {}

---SHA-256 (FIPS 180-4), 32 bytes.
---@param text string Any bytes, at most 4 MiB.
---@return string digest Raw bytes.
function crypto.sha256(text) end

---SHA-1, 20 bytes; only for protocols that ask for it.
---@param text string Any bytes, at most 4 MiB.
---@return string digest Raw bytes.
function crypto.sha1(text) end

---HMAC-SHA-256 (RFC 2104), 32 bytes.
---@param key string Any bytes.
---@param text string Any bytes, at most 4 MiB.
---@return string digest Raw bytes.
function crypto.hmac_sha256(key, text) end

---Compares secrets: the time does not depend on where they differ.
---@param a string
---@param b string
---@return boolean equal
function crypto.equal(a, b) end

---Bytes as lower-case hexadecimal digits.
---@param text string Any bytes, at most 4 MiB.
---@return string hex
function crypto.hex(text) end

---Base64 with padding (RFC 4648, section 4).
---@param text string Any bytes, at most 4 MiB.
---@return string text
function crypto.base64(text) end

---Base64 for URLs, without padding (RFC 4648, section 5).
---@param text string Any bytes, at most 4 MiB.
---@return string text
function crypto.base64url(text) end

---Bytes from hexadecimal digits; nil, "invalid_hex" if they are none.
---@param text string
---@return string? bytes
function crypto.unhex(text) end

---Bytes from base64, both alphabets, padding optional; nil, "invalid_base64" if it is none.
---@param text string
---@return string? bytes
function crypto.unbase64(text) end

return crypto
