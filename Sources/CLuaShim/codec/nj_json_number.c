/// Numbers: text to value and back. No Lua, and no locale but "C" (the host never sets one).
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/nj_json.h"
#include "nj_text.h"

/// Powers of ten that a double holds exactly.
static const double exact_power[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Integers up to this are exact in a double.
static const uint64_t double_exact_max = (uint64_t)1 << 53;

static double real_value(const nj_number *n, const nj_byte *text, size_t len) {
    // Both operands exact means one rounding, hence the right result (Clinger's fast path).
    if (n->exact && n->digits <= double_exact_max && n->exponent >= -22 && n->exponent <= 22) {
        double value = (double)n->digits;
        value = n->exponent < 0 ? value / exact_power[-n->exponent] : value * exact_power[n->exponent];
        return n->negative ? -value : value;
    }
    char copy[NJ_JSON_NUMBER_MAX + 1];
    if (len > NJ_JSON_NUMBER_MAX) return HUGE_VAL;
    memcpy(copy, text, len);
    copy[len] = 0;
    return strtod(copy, NULL);
}

int nj_number_value(const nj_number *n, const nj_byte *text, size_t len, int64_t *integer, double *real) {
    if (!n->is_float && n->exact && n->digits <= (uint64_t)INT64_MAX + n->negative) {
        *integer = n->negative ? (int64_t)(0 - n->digits) : (int64_t)n->digits;
        return 1;
    }
    *real = real_value(n, text, len);
    return isfinite(*real) ? 2 : -1;
}

static const char digit_pairs[201] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Writes an unsigned number without leading zeros.
static char *put_unsigned(char *to, uint64_t value) {
    if (value < 10) {
        *to = (char)('0' + value);
        return to + 1;
    }
    if (value < 100) {
        memcpy(to, digit_pairs + value * 2, 2);
        return to + 2;
    }
    char digits[20];
    char *p = digits + sizeof digits;
    while (value >= 100) {
        uint64_t rest = value / 100;
        p -= 2;
        memcpy(p, digit_pairs + (value - rest * 100) * 2, 2);
        value = rest;
    }
    if (value >= 10) {
        p -= 2;
        memcpy(p, digit_pairs + value * 2, 2);
    } else {
        *--p = (char)('0' + value);
    }
    size_t len = (size_t)(digits + sizeof digits - p);
    memcpy(to, p, len);
    return to + len;
}

char *nj_format_integer(char *to, int64_t value) {
    if (value >= 0) return put_unsigned(to, (uint64_t)value);
    *to = '-';
    return put_unsigned(to + 1, 0 - (uint64_t)value);
}

/// Tries a number with at most six decimals: `value` is then the nearest double to digits / 10^k, and with the smallest
/// such k the text is the shortest. NULL if there is no such k.
static char *put_short_decimal(char *to, double value) {
    static const uint64_t power[7] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    if (value >= 1e9) return NULL;
    for (int k = 1; k <= 6; k++) {
        double scaled = value * exact_power[k];
        uint64_t digits = (uint64_t)(scaled + 0.5);
        if ((double)digits / exact_power[k] != value) continue;
        to = put_unsigned(to, digits / power[k]);
        *to++ = '.';
        uint64_t rest = digits % power[k];
        for (int i = k - 1; i >= 0; i--) {
            to[i] = (char)('0' + rest % 10);
            rest /= 10;
        }
        return to + k;
    }
    return NULL;
}

char *nj_format_double(char *to, double value) {
    double size = fabs(value);
    if (signbit(value)) *to++ = '-';
    if (size <= (double)double_exact_max && size == floor(size)) {
        to = put_unsigned(to, (uint64_t)size);
        memcpy(to, ".0", 2);
        return to + 2;
    }
    char *done = put_short_decimal(to, size);
    if (done != NULL) return done;
    int len = 0;
    // Fifteen digits survive any normal double; subnormal ones have fewer.
    for (int precision = size < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        len = snprintf(to, NJ_NUMBER_TEXT_MAX - 1, "%.*g", precision, size);
        if (precision == 17 || strtod(to, NULL) == size) break;
    }
    if (strpbrk(to, ".e") == NULL) {
        memcpy(to + len, ".0", 2);
        len += 2;
    }
    return to + len;
}

int nj_json_integer(const char *text, size_t len, int64_t *value) {
    nj_cursor c = {.start = (const nj_byte *)text, .p = (const nj_byte *)text, .end = (const nj_byte *)text + len};
    nj_number number;
    double real;
    if (len == 0 || nj_text_number(&c, &number) != 0 || c.p != c.end) return 0;
    return nj_number_value(&number, c.start, len, value, &real) == 1;
}
