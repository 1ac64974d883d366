/* What a simulated link says and hears: an upload of twelve factors, and the answer to it.
 *
 * Frames are real in every byte: own MN, QN in milliseconds, DataTime, values that change, CRC.
 * Test: tests/bench/test_native.py. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdio.h>

#include "hj212.h"

enum { MN_BYTES = 24, QN_BYTES = 17, TIME_BYTES = 14, FACTORS = 12, UPLOAD_LIMIT = 1024 };

/* A value runs from low to low + spread - 1, in units of its last decimal; low and high print with
 * the same number of digits, so that every frame has one length. */
static const struct factor {
    const char *code;
    int low, spread, digits, decimals;
} factors[FACTORS] = {
    {"a34004", 10000, 80000, 5, 3}, {"a34002", 10000, 89000, 5, 3}, {"a34001", 100000, 90000, 6, 3},
    {"a21026", 1000, 4000, 4, 2},   {"a21004", 100, 800, 3, 1},     {"a05024", 100, 800, 3, 1},
    {"a21005", 1000, 2000, 4, 3},   {"a01001", 100, 250, 3, 1},     {"a01002", 200, 700, 3, 1},
    {"a01006", 100000, 3000, 6, 3}, {"a01007", 10, 80, 2, 1},       {"a01008", 100, 260, 3, 0},
};

static struct {  /* of the frame that is filled in for each message */
    char frame[UPLOAD_LIMIT];
    size_t segment, size, qn, mn, time, values[FACTORS];
} upload;

static void upload_prepare(void) {
    char *out = upload.frame + HEAD_BYTES;
    out += sprintf(out, "QN=");
    upload.qn = (size_t)(out - upload.frame);
    out += sprintf(out, "%0*d;ST=22;CN=2011;PW=123456;MN=", QN_BYTES, 0);
    upload.mn = (size_t)(out - upload.frame);
    out += sprintf(out, "%0*d;Flag=5;CP=&&DataTime=", MN_BYTES, 0);
    upload.time = (size_t)(out - upload.frame);
    out += sprintf(out, "%0*d", TIME_BYTES, 0);
    for (int k = 0; k < FACTORS; k++) {
        const struct factor *factor = &factors[k];
        out += sprintf(out, ";%s-Rtd=", factor->code);
        upload.values[k] = (size_t)(out - upload.frame);
        out += sprintf(out, "%0*d,%s-Flag=N", factor->digits + !!factor->decimals, 0,
                       factor->code);
    }
    out += sprintf(out, "&&");
    upload.segment = (size_t)(out - upload.frame) - HEAD_BYTES;
    upload.size = HEAD_BYTES + upload.segment + TAIL_BYTES;
}

static void put_mn(char *at, int64_t device) {
    memcpy(at, "52AC", 4);
    put_digits(at + 4, device, MN_BYTES - 4);
}

static void put_qn(char *at, int64_t utc_ms) {
    put_time(at, utc_ms / 1000);
    put_digits(at + TIME_BYTES, utc_ms % 1000, 3);
}

static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
    return value ^ value >> 31;
}

/* Write an upload; its size is upload.size, for every one. */
static void put_upload(char *at, int64_t device, int64_t qn_ms, int64_t data_s) {
    char *frame = upload.frame;
    put_qn(frame + upload.qn, qn_ms);
    put_mn(frame + upload.mn, device);
    put_time(frame + upload.time, data_s);
    for (int k = 0; k < FACTORS; k++) {
        const struct factor *factor = &factors[k];
        /* A level of the place and a little change with time. */
        uint64_t level = mixed((uint64_t)device * FACTORS + (uint64_t)k) % 90;
        uint64_t change = mixed((uint64_t)(device ^ data_s << 20) * FACTORS + (uint64_t)k) % 1000;
        int64_t value = factor->low + (int64_t)((level * 100 + change) *
                                                (uint64_t)factor->spread / 10000);
        char *out = frame + upload.values[k];
        int whole = factor->digits - factor->decimals;
        put_digits(out + whole + 1, value, factor->decimals);
        for (int d = 0; d < factor->decimals; d++)
            value /= 10;
        if (factor->decimals)
            out[whole] = '.';
        put_digits(out, value, whole);
    }
    wrap(frame, upload.segment);
    memcpy(at, frame, upload.size);
}

/* Whether a whole frame is the 9014 for this device; its QN, as text, goes to *qn. */
static int is_answer(const char *frame, size_t size, int64_t device, const char **qn) {
    const char *segment = frame + HEAD_BYTES, *end = frame + size - TAIL_BYTES;
    char mn[MN_BYTES];
    size_t length = 0;
    const char *found = field(segment, end, "CN=", &length);
    if (!found || length != 4 || memcmp(found, "9014", 4))
        return 0;
    put_mn(mn, device);
    found = field(segment, end, "MN=", &length);
    if (!found || length != MN_BYTES || memcmp(found, mn, MN_BYTES))
        return 0;
    *qn = field(segment, end, "QN=", &length);
    return *qn && length == QN_BYTES;
}

#endif
