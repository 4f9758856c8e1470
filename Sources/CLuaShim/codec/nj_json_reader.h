/// Private to the shim: readers of messages, compiled.
#ifndef NJ_JSON_READER_H
#define NJ_JSON_READER_H

#include <lua.h>
#include <stdint.h>

#include "codec/nj_json.h"
#include "nj_text.h"

/// What a reader may know at most: more kinds and names than any service has, fields that fit into one word of marks.
enum { NJ_READER_KINDS = 512, NJ_READER_FIELDS = 64, NJ_READER_ENVELOPE = 8, NJ_READER_NAMES = 1024, NJ_READER_NAME_MAX = 64 };

/// Members of one record in a message; more are refused.
enum { NJ_READER_MEMBERS = 128 };

enum nj_reader_type { NJ_READ_INTEGER, NJ_READ_NUMBER, NJ_READ_BOOLEAN, NJ_READ_STRING };

/// In place of a name's or a field's number.
enum { NJ_READER_NONE = -1, NJ_READER_NO_FIELD = 255 };

typedef struct nj_reader_name {
    uint8_t len;
    char text[NJ_READER_NAME_MAX];
    int16_t next[2];  ///< names that came behind this one in messages before
} nj_reader_name;

typedef struct nj_reader_field {
    int16_t name;
    uint8_t type;         ///< one of `nj_reader_type`
    uint8_t optional;     ///< may be missing
    uint8_t has_default;  ///< its value then lies in the table of defaults
    int place;            ///< the default's place in it
} nj_reader_field;

typedef struct nj_reader_kind {
    int16_t name;
    int fields;       ///< how many
    int field;        ///< the first one's place
    uint64_t needed;  ///< marks of fields that must be there
} nj_reader_kind;

typedef struct nj_reader_member {
    int16_t name;
    uint8_t len;
    char text[NJ_READER_NAME_MAX];
} nj_reader_member;

/// One block of Lua memory, which ends with what the pointers point to.
typedef struct nj_reader {
    int16_t kind_name;  ///< the member that tells the kind
    int16_t within;     ///< the member in which the record lies; none: the message itself
    int16_t raw;        ///< the field that gets the text
    int16_t first[2][2];  ///< names that came first: in the record, in the message
    int envelope_count, kind_count, name_count;
    nj_reader_member envelope[NJ_READER_ENVELOPE];
    int16_t slots[2 * NJ_READER_NAMES];  ///< names by hash
    nj_reader_kind *kinds;               ///< in the order of their names' numbers
    int16_t *kind_of;                    ///< by name: the kind that is called so
    nj_reader_field *fields;
    nj_reader_name *names;
    uint8_t *field_of;  ///< by kind and name: the field's number in its kind
} nj_reader;

/// Upvalues of a reader's function. A name's text lies in the table of keys under its number + 1.
enum { NJ_READER_SELF = 1, NJ_READER_LIMITS, NJ_READER_KEYS, NJ_READER_DEFAULTS, NJ_READER_META };

/// A member's value; the number of its name.
typedef struct nj_reader_value {
    uint32_t value, len;  ///< whole value in the text, strings with their quotation marks
    int16_t name;
    uint8_t type;
    uint8_t escaped;
} nj_reader_value;

/// One message on its way through a reader.
typedef struct nj_reader_pass {
    nj_cursor c;
    nj_reader *reader;
    uint32_t met;     ///< members of the envelope that are as they must be
    int count;        ///< members of the record, -1: none was found
    int kind;         ///< the one that tells the kind, or none
    uint32_t object;  ///< where the record begins, and its length
    uint32_t object_len;
    nj_reader_value members[NJ_READER_MEMBERS];
} nj_reader_pass;

/// Looks at a whole text. 0, -1 when it is no JSON (the cursor has the fault), 1 when it is no object. `limits` may be NULL.
int nj_reader_scan(nj_reader_pass *p, const char *text, size_t len, const nj_json_limits *limits);

/// The content of a string value, unescaped into `local` if that is necessary and there is room. NULL: it is no string, or
/// too long.
const char *nj_reader_content(const nj_reader_pass *p, const nj_reader_value *m, char *local, size_t room, size_t *len);

/// The name's number, or none.
int nj_reader_find_name(const nj_reader *r, const char *text, size_t len);

/// The same; a new name is added. There must be room.
int nj_reader_add_name(nj_reader *r, const char *text, size_t len);

/// The function itself: read(text) -> record, or nil, code, detail.
int nj_reader_read(lua_State *L);

/// json.reader(options): compiles a reader. Upvalue 2: the limits.
int nj_reader_compile(lua_State *L);

/// Is the table at `idx` a record that a reader has made? Its metatable adds nothing that would have to be carried. Never
/// raises; needs two free stack slots.
int nj_reader_is_record(lua_State *L, int idx);

#endif
