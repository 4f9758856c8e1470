/// Bounds on Lua's own functions: they read and build strings in C, out of reach of the limits.
#include <lauxlib.h>

#include "nj_box.h"
#include "nj_libraries.h"

/// Values of one string.format: nobody writes more, and each may be a large string. What "%q" may quote: it writes byte by
/// byte.
enum { FORMAT_VALUES_MAX = 200, QUOTED_BYTES_MAX = 256 << 10 };

/// Formats of pack and unpack, and of dates: each letter is work of its own.
enum { PACK_FORMAT_MAX = 4096, DATE_FORMAT_MAX = 256 };

/// Bytes of all string arguments. Raises above the bound.
static size_t argument_bytes(lua_State *L) {
    size_t total = 0;
    for (int i = lua_gettop(L); i >= 1; i--) {
        if (lua_type(L, i) != LUA_TSTRING) continue;
        total += lua_rawlen(L, i);
        if (total > NJ_CALL_BYTES_MAX) luaL_error(L, "strings too large");
    }
    return total;
}

/// Upvalue 1: Lua's function, called in this very frame, so that its messages name it.
static int bounded(lua_State *L) {
    argument_bytes(L);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Converts what "%s" will convert, so that its length is known.
static int bounded_format(lua_State *L) {
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);
    int top = lua_gettop(L);
    if (top > FORMAT_VALUES_MAX + 1) return luaL_error(L, "too many values to format");
    int argument = 1;
    size_t quoted = 0;
    for (size_t i = 0; i + 1 < len; i++) {
        if (format[i] != '%' || format[++i] == '%') continue;
        while (i < len && (format[i] == '-' || format[i] == '+' || format[i] == '#' || format[i] == ' ' || format[i] == '.'
                           || (format[i] >= '0' && format[i] <= '9'))) i++;
        argument++;
        if (i < len && format[i] == 's' && argument <= top && lua_type(L, argument) != LUA_TSTRING) {
            luaL_tolstring(L, argument, NULL);
            lua_replace(L, argument);
        }
        if (i < len && format[i] == 'q' && argument <= top && lua_type(L, argument) == LUA_TSTRING) {
            quoted += lua_rawlen(L, argument);
            if (quoted > QUOTED_BYTES_MAX) return luaL_error(L, "strings too large for '%%q'");
        }
    }
    return bounded(L);
}

/// Sizes in a format ("c1000000") count as well.
static int bounded_pack(lua_State *L) {
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= PACK_FORMAT_MAX, 1, "format too long");
    size_t total = argument_bytes(L) + 16 * len;
    for (size_t i = 0; i < len;) {
        size_t size = 0;
        for (; i < len && format[i] >= '0' && format[i] <= '9'; i++) {
            if (size <= NJ_CALL_BYTES_MAX) size = size * 10 + (size_t)(format[i] - '0');
        }
        total += size;
        if (total > NJ_CALL_BYTES_MAX) return luaL_error(L, "strings too large");
        if (i < len && !(format[i] >= '0' && format[i] <= '9')) i++;
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// unpack and packsize.
static int bounded_unpack(lua_State *L) {
    size_t len;
    luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= PACK_FORMAT_MAX, 1, "format too long");
    return bounded(L);
}

static int bounded_date(lua_State *L) {
    size_t len;
    luaL_optlstring(L, 1, "", &len);
    luaL_argcheck(L, len <= DATE_FORMAT_MAX, 1, "format too long");
    return bounded(L);
}

/// max and min compare whatever they are given, and comparing two large strings is long work.
static int extreme(lua_State *L, int want_largest) {
    nj_box *B = nj_box_of(L);
    int count = lua_gettop(L), best = 1;
    luaL_argcheck(L, count >= 1, 1, "value expected");
    for (int i = 2; i <= count; i++) {
        nj_check(L, B);
        if (want_largest ? lua_compare(L, best, i, LUA_OPLT) : lua_compare(L, i, best, LUA_OPLT)) best = i;
    }
    lua_pushvalue(L, best);
    return 1;
}

static int math_max(lua_State *L) { return extreme(L, 1); }

static int math_min(lua_State *L) { return extreme(L, 0); }

static void wrap(lua_State *L, const luaL_Reg *functions) {
    for (const luaL_Reg *f = functions; f->name != NULL; f++) {
        lua_getfield(L, -1, f->name);
        lua_pushcclosure(L, f->func, 1);
        lua_setfield(L, -2, f->name);
    }
}

void nj_string_caps_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"upper", bounded}, {"lower", bounded},         {"reverse", bounded},         {"format", bounded_format},
        {"byte", bounded},  {"pack", bounded_pack},     {"unpack", bounded_unpack},   {"packsize", bounded_unpack},
        {"char", bounded},  {NULL, NULL},
    };
    wrap(L, functions);
}

void nj_utf8_caps_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"char", bounded}, {"len", bounded}, {"codepoint", bounded}, {"offset", bounded}, {"codes", bounded}, {NULL, NULL},
    };
    wrap(L, functions);
}

void nj_math_caps_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"max", math_max}, {"min", math_min}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

void nj_os_caps_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"date", bounded_date}, {NULL, NULL}};
    wrap(L, functions);
}
