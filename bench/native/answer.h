/* The answer 9014 to a frame, in a buffer. Test: tests/bench/test_native.py. */
#ifndef ANSWER_H
#define ANSWER_H

#define _GNU_SOURCE
#include "hj212.h"

enum { REPLY_LIMIT = 256 };

/* 9014 with QN, PW and MN of the request; its size. */
static size_t answer(char *at, const char *frame, size_t size) {
    const char *segment = frame + HEAD_BYTES, *end = frame + size - TAIL_BYTES;
    const char *names[] = {"QN=", "ST=91;CN=9014;PW=", "MN="}, *asked[] = {"QN=", "PW=", "MN="};
    char *out = at + HEAD_BYTES;
    for (int k = 0; k < 3; k++) {
        size_t length = 0;
        const char *value = field(segment, end, asked[k], &length);
        if (length > 32)
            length = 32;
        out = stpcpy(out, names[k]);
        out = mempcpy(out, value, length);
        *out++ = ';';
    }
    out = stpcpy(out, "Flag=4;CP=&&&&");
    return wrap(at, (size_t)(out - at) - HEAD_BYTES);
}

#endif
