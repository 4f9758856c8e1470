/// load: text only, bounded.
#include <lauxlib.h>
#include <string.h>

#include "nj_box.h"
#include "nj_libraries.h"

typedef struct text_reader {
    size_t total;
} text_reader;

/// Next piece from the function at index 1; it is kept at index 5 while the parser reads it.
static const char *read_piece(lua_State *L, void *ud, size_t *size) {
    text_reader *reader = ud;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        *size = 0;
        return NULL;
    }
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "reader function must return a string");
    lua_replace(L, 5);
    const char *text = lua_tolstring(L, 5, size);
    reader->total += *size;
    if (reader->total > NJ_LOAD_TEXT_MAX) luaL_error(L, "text to load is too long");
    return text;
}

/// load(text or function [, name [, mode [, env]]]): text only.
int nj_load_text(lua_State *L) {
    size_t len = 0;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : NULL;
    if (text == NULL) luaL_checktype(L, 1, LUA_TFUNCTION);
    const char *name = luaL_optstring(L, 2, text != NULL ? text : "=(load)");
    const char *mode = luaL_optstring(L, 3, "t");
    luaL_argcheck(L, lua_type(L, 2) != LUA_TSTRING || lua_rawlen(L, 2) <= NJ_LOAD_TEXT_MAX, 2, "name too long");
    int has_env = !lua_isnone(L, 4);
    lua_settop(L, 5);
    int status;
    if (strchr(mode, 't') == NULL) {
        lua_pushliteral(L, "only text can be loaded");
        status = LUA_ERRSYNTAX;
    } else if (text != NULL && len > NJ_LOAD_TEXT_MAX) {
        lua_pushliteral(L, "text to load is too long");
        status = LUA_ERRSYNTAX;
    } else if (text != NULL) {
        status = luaL_loadbufferx(L, text, len, name, "t");
    } else {
        text_reader reader = {0};
        status = lua_load(L, read_piece, &reader, name, "t");
        nj_check(L, nj_box_of(L));
    }
    if (status != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}
