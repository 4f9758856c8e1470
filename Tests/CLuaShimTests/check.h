/// Tiny test kit: checks that count, a seeded generator for fuzzing, a Lua state with the shim's modules.
#ifndef CHECK_H
#define CHECK_H

#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CLuaShim.h"

static int checks_failed __attribute__((unused));

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            checks_failed++;                                                      \
        }                                                                         \
    } while (0)

#define CHECK_TEXT(have, want)                                                                          \
    do {                                                                                                \
        const char *have_ = (have), *want_ = (want);                                                    \
        if (have_ == NULL || strcmp(have_, want_) != 0) {                                               \
            fprintf(stderr, "%s:%d: have <%s>, want <%s>\n", __FILE__, __LINE__, have_ ? have_ : "NULL", want_); \
            checks_failed++;                                                                            \
        }                                                                                               \
    } while (0)

/// xorshift64*: the fuzzing of one seed is the same everywhere.
static uint64_t fuzz_state __attribute__((unused)) = 0x9E3779B97F4A7C15u;

__attribute__((unused)) static uint32_t fuzz(uint32_t n) {
    fuzz_state ^= fuzz_state >> 12;
    fuzz_state ^= fuzz_state << 25;
    fuzz_state ^= fuzz_state >> 27;
    return (uint32_t)((fuzz_state * 0x2545F4914F6CDD1Du) >> 33) % n;
}

/// How often to repeat a fuzzing step: less under valgrind.
__attribute__((unused)) static int fuzz_rounds(int rounds) {
    const char *divisor = getenv("NJ_FUZZ_DIVISOR");
    int by = divisor ? atoi(divisor) : 1;
    return by > 1 ? rounds / by + 1 : rounds;
}

/// A state with the standard libraries and the globals `json` and `random`.
__attribute__((unused)) static lua_State *new_state(void) {
    lua_State *L = luaL_newstate();
    *(void **)lua_getextraspace(L) = NULL;  // no box
    luaL_openlibs(L);
    static nj_buf scratch;
    nj_json_open(L, &scratch, NULL);
    lua_setglobal(L, "json");
    nj_random_open_module(L);
    lua_setglobal(L, "random");
    return L;
}

/// Runs a chunk of assertions.
__attribute__((unused)) static void run_lua(lua_State *L, const char *name, const char *code) {
    if (luaL_loadbuffer(L, code, strlen(code), name) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) {
        fprintf(stderr, "%s: %s\n", name, lua_tostring(L, -1));
        lua_pop(L, 1);
        checks_failed++;
    }
}

__attribute__((unused)) static int finish(const char *name) {
    if (checks_failed) {
        fprintf(stderr, "%s: %d failed\n", name, checks_failed);
        return 1;
    }
    printf("%s: ok\n", name);
    return 0;
}

#endif
