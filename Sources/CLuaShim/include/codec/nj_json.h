/// JSON (RFC 8259) between bytes and the Lua stack.
///
/// Integers are exact 64-bit numbers; an integer literal beyond that becomes a float, as in Lua itself. Floats are written
/// as the shortest text that reads back equal, always with a fraction or an exponent. Duplicate keys: the last one wins.
/// `null` is a light userdata of its own. Decoded arrays carry a mark (a metatable), so that an emptied array is still
/// written as `[]`; an unmarked empty table is `{}`.
#ifndef NJ_JSON_H
#define NJ_JSON_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "nj_buf.h"
#include "nj_error.h"

typedef nj_limits nj_json_limits;
typedef nj_error nj_json_error;

/// Defaults: deep enough for any message we know, shallow enough for the C stack; 1 MiB is the largest message taken.
enum { NJ_JSON_DEPTH = 64, NJ_JSON_BYTES = 1 << 20 };

/// A number's text may be this long: longer ones only come from attackers.
enum { NJ_JSON_NUMBER_MAX = 512 };

/// The light userdata that stands for JSON null, the same in every state.
void *nj_json_null(void);

/// Decodes one text and pushes its value. Protected contexts only: raises nothing but Lua's memory error.
/// 0 and one value pushed, or an error code with `error` filled and the stack as it was. `limits` may be NULL.
int nj_json_push(lua_State *L, const char *text, size_t len, const nj_json_limits *limits, nj_json_error *error);

/// Names that `decode` leaves raw at most: an envelope has one payload, rarely two.
enum { NJ_JSON_RAW_NAMES = 8 };

/// Like `nj_json_push`, but of a top-level object the members named by the `raw_count` strings from stack index `raw_names`
/// on are checked only and pushed as raw values. `mends`: half of a surrogate pair in a text that is not raw is read as U+FFFD.
int nj_json_push_partly(
    lua_State *L, const char *text, size_t len, const nj_json_limits *limits, int raw_names, int raw_count, int mends,
    nj_json_error *error);

/// How `nj_json_encode` writes; bits.
enum {
    NJ_JSON_SORTED = 1,  ///< members in byte order of their keys
    NJ_JSON_BARE = 2     ///< a table that a script has given a metatable is an error
};

/// Appends the value at `idx` as JSON. Never raises: raw access only, metatables are ignored (but for array marks).
/// 0, or an error code with `error` naming the offending value's path; then `out` is as long as before. `limits` may be
/// NULL; its `bytes` bound what this call appends. `form`: see above.
int nj_json_encode(lua_State *L, int idx, nj_buf *out, const nj_json_limits *limits, int form, nj_json_error *error);

/// Marks the table at `idx` as an array. May raise Lua's memory error.
void nj_json_mark_array(lua_State *L, int idx);

/// Is the table at `idx` marked as an array? Never raises. (The mark's metatable is protected; the sandbox's
/// `setmetatable` should let a script replace it.)
int nj_json_is_array(lua_State *L, int idx);

/// Pushes a raw JSON value: text that `nj_json_encode` copies untouched. The caller vouches for its validity
/// (`nj_json_check`). May raise Lua's memory error.
void nj_json_push_raw(lua_State *L, const char *text, size_t len);

/// The text of the raw JSON value at `idx`, or NULL if it is something else. Never raises.
const char *nj_json_raw_at(lua_State *L, int idx, size_t *len);

/// Pushes the module table: encode(value [, {sort = true}]), decode(text or raw value [, {raw = {names}, mend = true}]), null, array([t]), raw(text).
/// encode, decode and raw return nil, "invalid_json", detail when the value or the text is no JSON.
/// `scratch` is what they encode into; it and `limits` must outlive the state.
int nj_json_open(lua_State *L, nj_buf *scratch, const nj_json_limits *limits);

/// Type of a scanned value.
enum nj_json_type {
    NJ_JSON_NULL = 0,
    NJ_JSON_FALSE = 1,
    NJ_JSON_TRUE = 2,
    NJ_JSON_INTEGER = 3,  ///< no fraction, no exponent; may exceed 64 bits
    NJ_JSON_FLOAT = 4,
    NJ_JSON_STRING = 5,
    NJ_JSON_ARRAY = 6,
    NJ_JSON_OBJECT = 7
};

/// One member of a scanned object; offsets and lengths in bytes of the text.
typedef struct nj_slice {
    uint32_t key;         ///< offset of the key, after its quotation mark
    uint32_t key_len;     ///< without the quotation marks
    uint32_t value;       ///< offset of the value (strings: of their quotation mark)
    uint32_t value_len;   ///< whole value, strings with their quotation marks
    uint8_t type;         ///< one of `nj_json_type`
    uint8_t key_escaped;  ///< the key contains a backslash: compare after `nj_json_unescape`
    uint8_t value_escaped;  ///< a string value contains a backslash
} nj_slice;

/// Longest text `nj_json_scan` takes: its offsets are 32 bits wide; messages are far smaller.
enum { NJ_JSON_SCAN_MAX = 64 << 20 };

/// Validates a whole text and lists the members of its top-level object, without Lua and without building anything.
/// Returns how many members there are (only the first `max` are stored), or -1 with `error` filled: also when the text is
/// not an object. Any thread.
int nj_json_scan(const char *text, size_t len, nj_slice *out, int max, nj_json_error *error);

/// Validates a whole text of any type. 0 or an error code with `error` filled. `limits` may be NULL. Any thread.
int nj_json_check(const char *text, size_t len, const nj_json_limits *limits, nj_json_error *error);

/// Appends the unescaped content of a *validated* string (given without its quotation marks). 0, or -1 out of memory.
int nj_json_unescape(const char *content, size_t len, nj_buf *out);

/// Reads a whole integer text ("-12"). 1 and `*value` set, or 0 when it is no integer or needs more than 64 bits.
int nj_json_integer(const char *text, size_t len, int64_t *value);

/// Appends `"content"` with escapes. 0, or -1 when out of memory, or -2 when the bytes are not UTF-8. Any thread.
int nj_json_quote(const char *bytes, size_t len, nj_buf *out);

/// Is this UTF-8 (RFC 3629: no surrogates, no overlong forms)? Any thread.
int nj_utf8_valid(const char *bytes, size_t len);

#endif
