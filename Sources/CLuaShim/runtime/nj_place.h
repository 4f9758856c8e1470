/// Private to the shim: where in the scripts something was done, as one number.
#ifndef NJ_PLACE_H
#define NJ_PLACE_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/nj_buf.h"

/// Files told apart, and bytes kept of a file's name: more than a package has, and a script that makes chunks without end
/// stops here.
enum { NJ_PLACE_FILES_MAX = 256, NJ_PLACE_NAME_MAX = 120 };

/// Names of the files met so far. Zero-initialized is empty and valid.
typedef struct nj_place_files {
    nj_buf names;  ///< NUL-terminated, one behind the other
    uint32_t count;
    uint32_t last;         ///< number of the file that was met last, from 1; 0 at first
    size_t last_offset;
} nj_place_files;

/// The script's line that called the running C function: file number and line. 0 when unknown. Never raises.
lua_Integer nj_place_here(nj_place_files *files, lua_State *L);

/// Writes "file:line"; nothing for 0.
void nj_place_text(const nj_place_files *files, lua_Integer place, char *to, size_t room);

#endif
