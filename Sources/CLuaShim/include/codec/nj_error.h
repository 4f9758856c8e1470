/// Errors of the codecs, as values: nothing here touches Lua.
#ifndef NJ_ERROR_H
#define NJ_ERROR_H

#include <signal.h>
#include <stddef.h>

/// What went wrong. Stable numbers: the host maps them to its own error codes.
enum nj_error_code {
    NJ_OK = 0,
    NJ_ESYNTAX = 1,   ///< not well-formed
    NJ_EUTF8 = 2,     ///< a string is not UTF-8, or an escape names half a surrogate pair
    NJ_EDEPTH = 3,    ///< nested deeper than the limit
    NJ_ESIZE = 4,     ///< text or result larger than the limit
    NJ_ENUMBER = 5,   ///< not a finite number, or out of range
    NJ_ETYPE = 6,     ///< a value of a type the format cannot carry (function, thread, foreign userdata, class instance)
    NJ_EKEY = 7,      ///< a table key the format cannot carry
    NJ_ESPARSE = 8,   ///< neither a sequence 1..n nor an object
    NJ_ECYCLE = 9,    ///< a table contains itself
    NJ_ESHARED = 10,  ///< a table is reachable in two ways (plain data only)
    NJ_EMEMORY = 11,  ///< the host is out of memory, or Lua's stack is full
    NJ_ESTOPPED = 12  ///< `nj_limits.stop` was set meanwhile
};

/// Room for the text of an error; longer texts are cut.
enum { NJ_ERROR_DETAIL_MAX = 200 };

/// Filled in only when a call fails.
typedef struct nj_error {
    int code;                          ///< one of `nj_error_code`
    size_t offset;                     ///< decoding: byte offset of the fault in the text; encoding: bytes written so far
    char detail[NJ_ERROR_DETAIL_MAX];  ///< for people, NUL-terminated: "players[3].callback is a function"
} nj_error;

/// Bounds of one encoding or decoding.
typedef struct nj_limits {
    int depth;     ///< nested containers, 1 ... NJ_DEPTH_MAX
    size_t bytes;  ///< bytes of the text read or written
    /// Looked at again and again: not zero ends the work with NJ_ESTOPPED. NULL: nobody is in a hurry.
    const volatile sig_atomic_t *stop;
} nj_limits;

/// Containers may nest this deep whatever the limits say: the codecs recurse on the C stack, about 250 bytes a level.
enum { NJ_DEPTH_MAX = 128 };

#endif
