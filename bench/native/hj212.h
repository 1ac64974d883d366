/* What the generator and the yardstick know of HJ 212: CRC, length, digits, times.
 *
 * Written apart from the daemon's protocol room, so that each checks the other.
 * Test: tests/bench/test_native.py. */
#ifndef HJ212_H
#define HJ212_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
    HEAD_BYTES = 6,  /* ## and the length */
    TAIL_BYTES = 6,  /* CRC, CR, LF */
    SEGMENT_LIMIT = 9999,
    BEIJING_S = 8 * 3600,
};

static uint16_t crc_last[256];    /* register after the last byte */
static uint8_t crc_power[8][256]; /* what a byte weighs when d more follow, d modulo 8 */

static void crc_prepare(void) {
    for (int value = 0; value < 256; value++) {
        uint16_t bits = (uint16_t)value;
        for (int bit = 0; bit < 8; bit++)
            bits = bits & 1 ? (uint16_t)(bits >> 1 ^ 0xA001) : (uint16_t)(bits >> 1);
        crc_last[value] = bits;
        crc_power[0][value] = (uint8_t)value;
    }
    for (int d = 1; d < 8; d++)
        for (int value = 0; value < 256; value++)
            crc_power[d][value] = (uint8_t)(crc_last[crc_power[d - 1][value]] >> 8);
}

/* The register is shifted before a byte is put in (HJ 212-2017, annex A): eight steps bring a byte
 * back to where it was, so words of eight bytes may be laid over each other. */
static uint16_t crc(const char *data, size_t size) {
    if (!size)
        return 0xFFFF;
    uint64_t folded = (uint64_t)0xFF << 8 * (7 - (size - 1) % 8);
    while (size >= 8) {
        uint64_t word;
        size -= 8;
        memcpy(&word, data + size, 8);
        folded ^= word;
    }
    uint64_t word = 0;
    memcpy((char *)&word + 8 - size, data, size);
    folded ^= word;
    uint8_t index = 0;
    for (int d = 0; d < 8; d++)
        index ^= crc_power[d][folded >> 8 * (7 - d) & 0xFF];
    return crc_last[index];
}

static void put_crc(char *at, uint16_t value) {
    static const char digits[] = "0123456789ABCDEF";
    for (int k = 0; k < 4; k++)
        at[k] = digits[value >> (12 - 4 * k) & 15];
}

static void put_digits(char *at, int64_t value, int width) {
    while (width--) {
        at[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

static int64_t take_digits(const char *at, int width) {
    int64_t value = 0;
    for (int k = 0; k < width; k++) {
        if (at[k] < '0' || at[k] > '9')
            return -1;
        value = 10 * value + at[k] - '0';
    }
    return value;
}

/* YYYYMMDDhhmmss in Beijing time, from UTC seconds. */
static inline void put_time(char *at, int64_t utc_s) {
    static int64_t known_day = -1;
    static char known[8];
    int64_t local = utc_s + BEIJING_S, day = local / 86400, second = local % 86400;
    if (day != known_day) {
        time_t midnight = (time_t)(day * 86400);
        struct tm parts;
        gmtime_r(&midnight, &parts);
        put_digits(known, parts.tm_year + 1900, 4);
        put_digits(known + 4, parts.tm_mon + 1, 2);
        put_digits(known + 6, parts.tm_mday, 2);
        known_day = day;
    }
    memcpy(at, known, 8);
    put_digits(at + 8, second / 3600, 2);
    put_digits(at + 10, second / 60 % 60, 2);
    put_digits(at + 12, second % 60, 2);
}

/* Put ##, length, CRC and line end around a segment that stands at frame + HEAD_BYTES; the size of
 * all. */
static size_t wrap(char *frame, size_t segment) {
    memcpy(frame, "##", 2);
    put_digits(frame + 2, (int64_t)segment, 4);
    put_crc(frame + HEAD_BYTES + segment, crc(frame + HEAD_BYTES, segment));
    memcpy(frame + HEAD_BYTES + segment + 4, "\r\n", 2);
    return HEAD_BYTES + segment + TAIL_BYTES;
}

/* A frame at the front of data: its size, 0 when more must come, -1 when there is none. The CRC is
 * checked. */
static long cut(const char *data, size_t size) {
    if (size < HEAD_BYTES)
        return 0;
    int64_t segment = take_digits(data + 2, 4);
    if (data[0] != '#' || data[1] != '#' || segment < 0)
        return -1;
    size_t whole = HEAD_BYTES + (size_t)segment + TAIL_BYTES;
    if (size < whole)
        return 0;
    char expected[4];
    put_crc(expected, crc(data + HEAD_BYTES, (size_t)segment));
    const char *tail = data + HEAD_BYTES + segment;
    if (memcmp(tail, expected, 4) || tail[4] != '\r' || tail[5] != '\n')
        return -1;
    return (long)whole;
}

/* The value of a field of the header, NULL when it is not there. "QN=" and the like. */
static const char *field(const char *segment, const char *end, const char *name, size_t *size) {
    size_t length = strlen(name);
    while (segment < end) {
        const char *stop = memchr(segment, ';', (size_t)(end - segment));
        if (!stop)
            stop = end;
        if ((size_t)(stop - segment) >= length && !memcmp(segment, name, length)) {
            *size = (size_t)(stop - segment) - length;
            return segment + length;
        }
        if (stop - segment >= 3 && !memcmp(segment, "CP=", 3))
            return NULL;
        segment = stop + 1;
    }
    return NULL;
}

#endif
