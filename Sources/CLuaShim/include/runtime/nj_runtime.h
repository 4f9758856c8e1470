/// One Lua state: its limits, the calls into it and the host functions it calls.
///
/// Rules of this header. A state belongs to one thread at a time (`nj_state_adopt`). No function here raises: whatever may
/// raise in Lua runs below a protected call. Host functions are called with no Lua error pending and answer with a status;
/// the shim raises, yields and pushes results after they have returned, so no frame of the host is alive when Lua jumps.
#ifndef NJ_RUNTIME_H
#define NJ_RUNTIME_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "../codec/nj_buf.h"
#include "../codec/nj_error.h"
#include "../codec/nj_plain.h"

typedef struct nj_state nj_state;

/// Kind of an `nj_value`.
enum nj_value_kind {
    NJ_VALUE_NIL = 0,
    NJ_VALUE_BOOLEAN,
    NJ_VALUE_INTEGER,
    NJ_VALUE_NUMBER,
    NJ_VALUE_STRING,
    NJ_VALUE_JSON,     ///< JSON text, decoded on the way in
    NJ_VALUE_PLAIN,    ///< bytes of nj_plain.h, decoded on the way in
    NJ_VALUE_REF,      ///< what a reference stands for
    NJ_VALUE_OBJECT    ///< an object of the host: type and handle
};

/// A value on its way from the host to Lua.
typedef struct nj_value {
    uint8_t kind;
    uint8_t copied;  ///< the bytes are in the values' scratch, from `offset` on
    uint16_t type;   ///< objects: index of their type
    uint32_t reserved;
    union {
        int64_t integer;  ///< booleans, integers, references, handles
        double number;
        size_t offset;
    } of;
    const void *bytes;  ///< borrowed bytes, unless `copied`
    size_t len;
} nj_value;

/// Most values of one call in either direction.
enum { NJ_VALUES_MAX = 8 };

/// Values of one call.
typedef struct nj_values {
    int32_t count;
    int32_t overflow;  ///< more than NJ_VALUES_MAX were given, or the scratch is out of memory
    nj_value item[NJ_VALUES_MAX];
    nj_buf scratch;
} nj_values;

/// Types an argument may have: a mask. Bits of NJ_TYPE_OBJECT and up stand for the host's object types.
enum nj_type_mask {
    NJ_TYPE_NIL = 1 << 0,
    NJ_TYPE_BOOLEAN = 1 << 1,
    NJ_TYPE_INTEGER = 1 << 2,
    NJ_TYPE_NUMBER = 1 << 3,
    NJ_TYPE_STRING = 1 << 4,
    NJ_TYPE_TABLE = 1 << 5,
    NJ_TYPE_FUNCTION = 1 << 6,
    NJ_TYPE_ANY = 1 << 7,
    NJ_TYPE_PLAIN = 1 << 8  ///< only changes the wording; the other bits are set as well
};
enum { NJ_TYPE_OBJECT_SHIFT = 16, NJ_OBJECT_TYPES_MAX = 32, NJ_PARAMETERS_MAX = 8 };

/// How a host function is reached.
enum nj_function_role { NJ_ROLE_FUNCTION = 0, NJ_ROLE_METHOD = 1, NJ_ROLE_PROPERTY = 2 };

/// A host function as the shim needs it. Immutable; must outlive every state that uses it.
typedef struct nj_function {
    const char *module;  ///< "" for the API table itself
    const char *name;
    const char *label;  ///< for messages: "http.get", "connection:send"
    uint64_t accepts[NJ_PARAMETERS_MAX];
    int32_t parameters;
    int32_t role;  ///< one of `nj_function_role`
    int32_t type;  ///< methods and properties: index of their type
    int32_t waits;
    int32_t pure;  ///< the same arguments give the same results and nothing else happens: pure states have it as well
} nj_function;

/// A type of host objects. Immutable; must outlive every state that uses it. `name` NULL: the number is not in use.
typedef struct nj_type {
    const char *name;
    int32_t has_data;
} nj_type;

/// What a host function sees: its arguments are `count` values on the stack from `base` + 1 on.
typedef struct nj_call {
    lua_State *L;
    nj_values *out;
    void *owner;
    int64_t handle;  ///< methods and properties: the object
    int32_t base;
    int32_t count;
} nj_call;

/// What a host function answers.
enum nj_host_status {
    NJ_HOST_NONE = 0,
    NJ_HOST_VALUES,   ///< `out` is returned
    NJ_HOST_FAILURE,  ///< nil and `out` (code, detail) are returned
    NJ_HOST_RAISE,    ///< `out` has one string: raised with the caller's position
    NJ_HOST_WAIT      ///< the script waits
};

typedef int32_t (*nj_dispatch)(void *host, int32_t selector, nj_call *call);

/// Finds a module for `require`: fills `source` and `chunk` and returns 0, or fills `chunk` with a message and returns -1.
typedef int32_t (*nj_resolve)(void *host, const char *name, size_t len, nj_buf *source, nj_buf *chunk);

/// Code kept of a file with just this text: appends it and returns 1, or 0. `name` is the chunk's, with its "@".
typedef int (*nj_find_code)(void *host, const char *name, const char *text, size_t len, nj_buf *code);
/// A file was compiled: the host may keep its code. It must come back as it is.
typedef void (*nj_keep_code)(void *host, const char *name, const char *text, size_t len, const void *code, size_t code_len);

typedef struct nj_options {
    size_t memory_bytes;
    int64_t slice_nanoseconds;
    int64_t load_nanoseconds;
    nj_limits json;
    nj_limits plain;
    int32_t pool;   ///< idle coroutines kept
    int32_t tasks;  ///< handlers that run or wait at the same time
    int32_t pure;   ///< a game's engine: no clock, no chance and no host functions but the pure ones
    const nj_function *functions;
    int32_t function_count;
    int32_t type_count;
    const nj_type *types;
    void *host;   ///< given back to `dispatch` and `resolve`
    void *owner;  ///< found in every call
    nj_dispatch dispatch;
    nj_resolve resolve;
    nj_find_code find_code;  ///< both or neither; asked only while the state loads
    nj_keep_code keep_code;
} nj_options;

/// Class of a failure.
enum nj_failure_kind {
    NJ_FAILURE_SYNTAX = 0,
    NJ_FAILURE_RUNTIME,
    NJ_FAILURE_TIMEOUT,
    NJ_FAILURE_MEMORY,
    NJ_FAILURE_ARGUMENT,
    NJ_FAILURE_NOT_FOUND
};

/// The last failure. Valid until the next call into the state.
typedef struct nj_failure {
    int32_t kind;
    int32_t line;  ///< 0 when unknown
    nj_buf code;
    nj_buf message;
    nj_buf chunk;
    nj_buf trace;
} nj_failure;

/// Makes a state with its sandbox, owned by the calling thread. NULL when out of memory.
nj_state *nj_state_new(const nj_options *options);
void nj_state_close(nj_state *state);
/// The calling thread becomes the owner. Only while no slice runs.
void nj_state_adopt(nj_state *state);
/// Is the calling thread the owner?
int nj_state_owned(const nj_state *state);
/// Does a slice run (or a host function, which is the same)?
int nj_state_running(const nj_state *state);
size_t nj_state_memory(const nj_state *state);
/// Highest use of memory since the last call of this function.
size_t nj_state_memory_peak(nj_state *state);
/// A step of the collector, or a full collection.
void nj_state_collect(nj_state *state, int full);
/// While loading, `require` finds new modules, waits are errors and the load deadline holds.
void nj_state_set_loading(nj_state *state, int loading);
/// A sealed state's nightjar.state answers writes with nil, "stale_generation".
void nj_state_set_sealed(nj_state *state, int sealed);
const nj_failure *nj_state_failure(const nj_state *state);

/// Ends what runs in the states that obey it, from any thread; NULL when out of memory. It must outlive them.
typedef struct nj_stop nj_stop;
nj_stop *nj_stop_new(void);
void nj_stop_free(nj_stop *stop);
/// What runs now in those states and what would run in them later is ended as if its time were over. For good.
void nj_stop_make(nj_stop *stop);
int nj_stop_is_made(const nj_stop *stop);
/// Only while no slice runs.
void nj_state_obey(nj_state *state, const nj_stop *stop);

/// By how much a slice of any state was seen to be over its limit at most since the last call of this function, nanoseconds of
/// processor time; 0 if none was. Slices are looked at every 2 ms.
int64_t nj_watch_longest_over(void);

/// The arguments of the next call: to be filled before `nj_start`, `nj_resume` or `nj_define`.
nj_values *nj_arguments(nj_state *state);

/// Appends a value. `nj_values_copy` copies the bytes, `nj_values_borrow` expects them to outlive the call.
void nj_values_clear(nj_values *values);
void nj_values_scalar(nj_values *values, int kind, int64_t integer);
void nj_values_number(nj_values *values, double number);
void nj_values_borrow(nj_values *values, int kind, const void *bytes, size_t len);
void nj_values_copy(nj_values *values, int kind, const void *bytes, size_t len);
void nj_values_object(nj_values *values, int type, int64_t handle);

/// How a slice ended. After NJ_RETURNED the results stay on the returned coroutine until `nj_results_done`.
enum nj_outcome { NJ_RETURNED = 0, NJ_WAITING, NJ_FAILED };

/// What a slice may do, and where its results or its task are.
typedef struct nj_slice_result {
    lua_State *L;       ///< after NJ_RETURNED
    int32_t count;      ///< number of results, at the stack indices 1 ... count
    uint32_t slot;      ///< the task, after NJ_WAITING (and, internally, after NJ_RETURNED)
    uint32_t generation;
} nj_slice_result;

/// Runs a function; `waits` 0: a wait raises. `nanoseconds` 0: the state's deadline.
int nj_start(nj_state *state, int32_t ref, int waits, int64_t nanoseconds, nj_slice_result *result);
/// Goes on with a waiting task; the arguments are the results of its wait. A stale task fails with NJ_FAILURE_NOT_FOUND.
int nj_resume(nj_state *state, uint32_t slot, uint32_t generation, nj_slice_result *result);
/// Ends a wait with an error; the arguments are its code and its message.
int nj_raise(nj_state *state, uint32_t slot, uint32_t generation, nj_slice_result *result);
/// Ends a waiting task without going on with it; its to-be-closed variables run within one slice. 0 if it was stale.
int nj_cancel(nj_state *state, uint32_t slot, uint32_t generation);
/// Gives the coroutine of a returned slice back.
void nj_results_done(nj_state *state, const nj_slice_result *result);
int nj_task_waits(const nj_state *state, uint32_t slot, uint32_t generation);

/// Compiles text. A reference, or 0 with the failure set.
int32_t nj_load(nj_state *state, const char *text, size_t len, const char *chunk);
void nj_release(nj_state *state, int32_t ref);
/// A reference to a field of a referenced table (`ref` 0: of the globals). 0 when it is nil or absent.
int32_t nj_ref_field(nj_state *state, int32_t ref, const char *name, size_t len);
/// Type of a referenced value (LUA_T…).
int nj_ref_type(nj_state *state, int32_t ref);
/// Line in which a referenced function begins, and the name of its chunk, valid as long as the function is; 0 for anything but
/// a function of a script. Never raises.
int nj_ref_definition(nj_state *state, int32_t ref, const char **chunk);
/// Sets `nightjar.<module>.<name>` to the single argument. 0 or -1 with the failure set.
int nj_define(nj_state *state, const char *module, const char *name);

/// Sets the field of a referenced table to the single argument (raw access). 0 or -1 with the failure set.
int nj_ref_set_field(nj_state *state, int32_t ref, const char *name, size_t len);
/// A new random generator object, keyed with zeros. A reference, or 0 with the failure set.
int32_t nj_random_ref(nj_state *state);
/// The generator behind a reference, NULL if it is something else. Valid as long as the reference.
struct nj_rng *nj_random_of_ref(nj_state *state, int32_t ref);

/// Encoding of a referenced value; the bytes are in the returned buffer until the next call. NULL with the failure set.
const nj_buf *nj_encode_ref(nj_state *state, int32_t ref, int json);
/// Decoding: the single argument (JSON or plain) as a reference. 0 with the failure set. `read_only`: the tables of a
/// decoded value cannot be written, in all their depth; scripts that try get "settings are read-only".
int32_t nj_decode_ref(nj_state *state, int read_only);

/// The data slot of an object, as plain bytes; empty when there is no such object or its slot is nil.
const nj_buf *nj_object_data(nj_state *state, int type, int64_t handle);
/// Sets the data slot to the single argument, making the object if need be. 0 or -1 with the failure set.
int nj_object_set_data(nj_state *state, int type, int64_t handle);
/// Forgets the object of this handle. Never fails.
void nj_object_drop(nj_state *state, int type, int64_t handle);
/// The content of nightjar.state, as plain bytes. NULL with the failure set (path of the offending value).
const nj_buf *nj_table_encode(nj_state *state);
/// The same for a reload: what is not plain data is left out and listed. NULL with the failure set only when the host is out
/// of memory. Empty when the value itself had to be left out.
const nj_buf *nj_table_carry(nj_state *state);
const nj_buf *nj_object_carry(nj_state *state, int type, int64_t handle, const char *root);
/// Values left out by the last of these calls, and those that are described (NULL behind the last).
int nj_carried_total(const nj_state *state);
const nj_offence *nj_carried_offence(const nj_state *state, int index);
/// Replaces the content of nightjar.state by the single argument (a plain table). 0 or -1 with the failure set.
int nj_table_decode(nj_state *state);
/// From now on nightjar.state.set raises. -1 with the failure set, place included, if something has been kept already.
int nj_table_refuse(nj_state *state);

/// Reading of values on a stack: none of these raises. Indices are stack indices.
/// Pushes the field of a table (raw access) and returns its index, or 0 when absent, nil or no table.
int nj_peek_field(lua_State *L, int index, const char *name, size_t len);
/// The same for an element of a sequence.
int nj_peek_element(lua_State *L, int index, lua_Integer n);
/// Iteration: `key` 0 starts. Pushes key and value, returns the index of the key, or 0 at the end. Give the same `key` index
/// back to go on.
int nj_peek_next(lua_State *L, int index, int key);
int nj_peek_type(lua_State *L, int index);
const char *nj_peek_bytes(lua_State *L, int index, size_t *len);
int nj_peek_integer(lua_State *L, int index, int64_t *value);
int nj_peek_number(lua_State *L, int index, double *value);
int nj_peek_boolean(lua_State *L, int index);
size_t nj_peek_length(lua_State *L, int index);
/// The handle of an object of this type. 0 if it is none.
int nj_peek_object(lua_State *L, int index, int type, int64_t *handle);
int nj_peek_is_null(lua_State *L, int index);
/// A reference to the value, or 0 when out of memory.
int32_t nj_peek_ref(lua_State *L, int index);
/// Encodes into the state's buffer; NULL with `error` filled. `form`: as `nj_json_encode` takes it.
const nj_buf *nj_peek_encode(lua_State *L, int index, int json, int form, nj_error *error);
/// Line of the script that called the host, and its chunk (valid as long as the call). 0 when unknown.
int nj_peek_caller(lua_State *L, const char **chunk);
#endif
