// Runs every file of SandboxTests/escapes in a state of its own: none may crash, hang, or leak. What each file expects is
// checked by the Swift suite; here the point is to run them under valgrind.
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/nj_runtime.h"

static const nj_function functions[] = {
    {"", "note", "note", {NJ_TYPE_STRING}, 1, NJ_ROLE_FUNCTION, 0, 0, 0},
    {"", "boom", "boom", {0}, 0, NJ_ROLE_FUNCTION, 0, 0, 0},
    {"", "wait", "wait", {NJ_TYPE_STRING}, 1, NJ_ROLE_FUNCTION, 0, 1, 0},
    {"log", "print", "log.print", {NJ_TYPE_STRING}, 1, NJ_ROLE_FUNCTION, 0, 0, 0},
    {"", "keep", "keep", {0}, 0, NJ_ROLE_FUNCTION, 0, 0, 0},
    {"", "send", "connection:send", {NJ_TYPE_STRING}, 1, NJ_ROLE_METHOD, 0, 0, 0},
    {"", "id", "connection.id", {0}, 0, NJ_ROLE_PROPERTY, 0, 0, 0},
};
static const nj_type types[] = {{"connection", 1}};

static int32_t dispatch(void *host, int32_t selector, nj_call *call) {
    (void)host;
    switch (selector) {
        case 1: nj_values_copy(call->out, NJ_VALUE_STRING, "no way", 6); return NJ_HOST_RAISE;
        case 2: return NJ_HOST_WAIT;
        case 4: {
            nj_error error;
            for (int i = 1; i <= call->count; i++) {
                nj_peek_encode(call->L, i, 1, 1, &error);
                nj_peek_encode(call->L, i, 0, 0, &error);
            }
            return NJ_HOST_NONE;
        }
        case 6: nj_values_scalar(call->out, NJ_VALUE_INTEGER, call->handle); return NJ_HOST_VALUES;
        default: return NJ_HOST_NONE;
    }
}

static int32_t resolve(void *host, const char *name, size_t len, nj_buf *source, nj_buf *chunk) {
    (void)host, (void)name, (void)len, (void)source;
    nj_buf_append(chunk, "no modules here", 15);
    return -1;
}

// Less than any loop of the server has; a sanitizer makes frames larger.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { STACK_BYTES = 16 << 20 };
#else
enum { STACK_BYTES = 2 << 20 };
#endif

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *text = malloc(1 << 20);
    *len = fread(text, 1, (1 << 20) - 1, file);
    text[*len] = 0;
    fclose(file);
    return text;
}

/// The number behind "name=" in the header, or `fallback`.
static long setting(const char *text, const char *name, long fallback) {
    const char *line = strstr(text, "-- limits: ");
    if (line == NULL) return fallback;
    const char *at = strstr(line, name), *end = strchr(line, '\n');
    return at != NULL && at < end ? strtol(at + strlen(name), NULL, 10) : fallback;
}

typedef struct job {
    const char *name;
    char *text;
    size_t len;
} job;

static void *run_file(void *argument) {
    const job *j = argument;
    static const char *const outcomes[] = {"returned", "waiting", "failed"};
    nj_options options = {0};
    options.memory_bytes = (size_t)setting(j->text, "memory=", 8) << 20;
    options.slice_nanoseconds = setting(j->text, "deadline=", 20) * 1000000;
    options.load_nanoseconds = 100000000;
    options.json = (nj_limits){64, 1 << 20, NULL};
    options.plain = (nj_limits){64, 16 << 20, NULL};
    options.pool = 16;
    options.tasks = 1024;
    options.functions = functions;
    options.function_count = sizeof functions / sizeof *functions;
    options.types = types;
    options.type_count = 1;
    options.dispatch = dispatch;
    options.resolve = resolve;
    nj_state *S = nj_state_new(&options);
    if (S == NULL) exit(1);
    nj_state_set_loading(S, 0);
    int32_t ref = nj_load(S, j->text, j->len, j->name);
    nj_slice_result result;
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    double start = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    nj_values_clear(nj_arguments(S));
    nj_values_object(nj_arguments(S), 0, 7);
    int outcome = ref == 0 ? NJ_FAILED : nj_start(S, ref, 1, 0, &result);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    if (getenv("NJ_VERBOSE") != NULL) {
        const nj_failure *f = nj_state_failure(S);
        printf("%-32s %-8s %6.0f ms %8zu KB %.*s\n", j->name, outcomes[outcome],
               1e3 * ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec - start), nj_state_memory_peak(S) >> 10,
               outcome == NJ_FAILED ? (int)(f->message.len < 90 ? f->message.len : 90) : 0, f->message.data);
        fflush(stdout);
    }
    if (outcome == NJ_RETURNED) nj_results_done(S, &result);
    if (outcome == NJ_WAITING) nj_cancel(S, result.slot, result.generation);
    nj_state_close(S);
    return NULL;
}

static int ends_with_lua(const struct dirent *entry) {
    size_t len = strlen(entry->d_name);
    return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

int main(int count, char **arguments) {
    const char *folder = getenv("NJ_ESCAPES");
    // Without one the tests of the sandbox are not at hand: nothing to do.
    if (folder == NULL) return 0;
    struct dirent **entries;
    int files = scandir(folder, &entries, ends_with_lua, alphasort);
    if (files < 120) {
        fprintf(stderr, "too few escape files in %s\n", folder);
        return 1;
    }
    // Under valgrind only some of them: NJ_FUZZ_DIVISOR as in the other tests.
    int step = getenv("NJ_FUZZ_DIVISOR") != NULL ? 4 : 1;
    for (int i = 0; i < files; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if ((i % step == 0 || count > 1) && (count < 2 || strstr(entries[i]->d_name, arguments[1]) != NULL)) {
            job j = {entries[i]->d_name, NULL, 0};
            j.text = read_file(path, &j.len);
            pthread_t thread;
            pthread_attr_t attributes;
            pthread_attr_init(&attributes);
            pthread_attr_setstacksize(&attributes, STACK_BYTES);
            if (j.text == NULL || pthread_create(&thread, &attributes, run_file, &j) != 0) return 1;
            pthread_attr_destroy(&attributes);
            pthread_join(thread, NULL);
            free(j.text);
        }
        free(entries[i]);
    }
    free(entries);
    return 0;
}
