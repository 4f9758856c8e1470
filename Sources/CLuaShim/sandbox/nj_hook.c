#include "nj_hook.h"

#include <stdatomic.h>
#include <stddef.h>

#include "nj_box.h"

static void on_event(lua_State *L, lua_Debug *ar);

void nj_hook_arm(lua_State *L) {
    // Call events as well: a C function that calls C functions (sort with rawequal) runs no instruction.
    lua_sethook(L, on_event, LUA_MASKCALL | LUA_MASKCOUNT | nj_box_of(L)->hooks.mask, 1);
}

/// The users' hook, or none. The signal may strike in the middle: then it is armed again.
static void settle(nj_box *B, lua_State *L) {
    lua_sethook(L, B->hooks.mask != 0 ? on_event : NULL, B->hooks.mask, B->hooks.count);
    atomic_signal_fence(memory_order_seq_cst);
    if (B->active && B->time_over) nj_hook_arm(L);
}

static int bit_of(int event) { return event == LUA_HOOKTAILCALL ? LUA_MASKCALL : 1 << event; }

/// `passed`: instructions since the last count event.
static void tell_users(nj_box *B, lua_State *L, lua_Debug *ar, int passed) {
    int bit = bit_of(ar->event);
    for (int user = 0; user < NJ_HOOK_USERS; user++) {
        nj_hook_slot *slot = &B->hooks.slot[user];
        if (slot->body == NULL || (slot->mask & bit) == 0) continue;
        if (bit == LUA_MASKCOUNT) {
            slot->left -= passed;
            if (slot->left > 0) continue;
            slot->left = slot->count;
        }
        slot->body(L, ar);
    }
}

static void on_event(lua_State *L, lua_Debug *ar) {
    nj_box *B = nj_box_of(L);
    int passed = lua_gethookcount(L);
    nj_check_slow(L, B);
    if (B->hooks.mask != 0) tell_users(B, L, ar, passed);
    // Armed for a slice that has ended, or for memory that was garbage; or a user has gone meanwhile.
    if (lua_gethookmask(L) != B->hooks.mask || (B->hooks.mask != 0 && lua_gethookcount(L) != B->hooks.count)) settle(B, L);
}

void nj_hook_enter(nj_box *B, lua_State *L) {
    if (B->hooks.mask != 0) settle(B, L);
}

void nj_hook_disarm(lua_State *L) {
    nj_box *B = nj_box_of(L);
    if (lua_gethookmask(L) != B->hooks.mask) settle(B, L);
}

void nj_hook_set(nj_box *B, enum nj_hook_user user, nj_hook_body body, int mask, int count) {
    nj_hook_slot *slot = &B->hooks.slot[user];
    *slot = (nj_hook_slot){body, body != NULL ? mask : 0, count, count};
    B->hooks.mask = B->hooks.count = 0;
    for (int i = 0; i < NJ_HOOK_USERS; i++) {
        slot = &B->hooks.slot[i];
        B->hooks.mask |= slot->mask;
        if ((slot->mask & LUA_MASKCOUNT) != 0 && (B->hooks.count == 0 || slot->count < B->hooks.count))
            B->hooks.count = slot->count;
    }
    if (B->active) settle(B, B->running);
}
