/* Counts of latencies in logarithmic buckets: 128 to a doubling, so a value is known to 0.4 %.
 *
 * bench/histogram.py reads what is printed here. Test: tests/bench/test_native.py. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { OCTAVE_BITS = 7, BUCKETS = (48 - OCTAVE_BITS) << OCTAVE_BITS };

struct histogram {
    int64_t counts[BUCKETS];
};

static void record(struct histogram *all, int64_t ns) {
    int64_t place = ns < 0 ? 0 : ns;
    if (place >> OCTAVE_BITS) {
        int octave = 63 - __builtin_clzll((uint64_t)place) - OCTAVE_BITS;
        place = ((int64_t)(octave + 1) << OCTAVE_BITS) +
                (place >> octave & ((1 << OCTAVE_BITS) - 1));
    }
    all->counts[place < BUCKETS ? place : BUCKETS - 1]++;
}

static void print_histogram(FILE *out, const char *name, const struct histogram *all) {
    fprintf(out, "\"%s\":[", name);
    const char *between = "";
    for (int k = 0; k < BUCKETS; k++)
        if (all->counts[k]) {
            fprintf(out, "%s[%d,%lld]", between, k, (long long)all->counts[k]);
            between = ",";
        }
    fputc(']', out);
}

#endif
