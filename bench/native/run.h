/* One run of the generator: what was asked, what was seen, what it prints of that.
 *
 * bench/generator.py reads the result. Test: tests/bench/test_native.py. */
#ifndef RUN_H
#define RUN_H

#include "histogram.h"
#include "link.h"

enum {
    WITNESSES = 16,
    SERIES_S = 7200,
};

enum mode { RATE, CLOSED, BURST, STORM };
enum phase { OPENING, READY, RUNNING, DRAINING, DONE };

static struct {
    enum mode mode;
    int64_t links, first_device, frames, depth, sources, first_source, open_at_once;
    double rate, offset, open_per_s, seconds, grace_s, life_s, grain_s;
    double bad_crc, half; /* shares of frames that follow a bad one */
    double flood_per_s;
    int64_t data_start_s; /* DataTime of the first frame; 0: the time of sending */
    bool greet, any_answer;
    bool come_back; /* rate: a lost link is opened again and says a frame at once */
    int64_t flood_source; /* address of the link that floods, so that it is its own; 0: as others */
    struct sockaddr_in server;
} set;

static struct {
    int64_t opened, refused, lost, retries;
    int64_t greeted, sent, acked, wrong, doubled, bad, held, unsent, flood_sent, flood_acked;
    int64_t bytes_out, bytes_in, returned;
    int64_t first_sent_ns, last_acked_ns, last_return_ns;
    int64_t last_device[WITNESSES], acks;
    struct { int32_t sent, acked, lost, slowest_us; } seconds[SERIES_S];
} seen;

static struct histogram latency, behind, connecting;
static struct link *links;
static enum phase phase;
static int64_t start_ns; /* of opening, then of the run */
static double cpu_at_go_s, open_s;

static double cpu_s(void) {
    return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
}

static int64_t second_of(int64_t now) {
    int64_t second = (now - start_ns) / 1000000000;
    return second < 0 ? 0 : second < SERIES_S ? second : SERIES_S - 1;
}

static void configure(char **argv) {
    const char *mode = setting(argv, "mode", "rate"), *names[] = {"rate", "closed", "burst", "storm"};
    set.mode = STORM + 1;
    for (enum mode k = RATE; k <= STORM; k++)
        if (!strcmp(mode, names[k]))
            set.mode = k;
    if (set.mode > STORM)
        refuse("mode=%s is none of rate, closed, burst, storm", mode);
    set.links = (int64_t)number(argv, "links", 1);
    set.first_device = (int64_t)number(argv, "first_device", 0);
    set.frames = (int64_t)number(argv, "frames", 0);
    set.rate = number(argv, "rate", 1);
    set.offset = number(argv, "offset", 0);
    set.sources = (int64_t)number(argv, "sources", 1);
    set.first_source = (int64_t)number(argv, "first_source", 2);
    set.open_per_s = number(argv, "open_per_s", 5000);
    set.open_at_once = (int64_t)number(argv, "open_at_once", 500);
    set.seconds = number(argv, "seconds", 1);
    set.grace_s = number(argv, "grace_s", 10);
    set.life_s = number(argv, "life_s", 7200);
    set.grain_s = number(argv, "grain_us", 100) / 1e6;
    set.bad_crc = number(argv, "bad_crc", 0);
    set.half = number(argv, "half", 0);
    set.flood_per_s = number(argv, "flood_per_s", 0);
    set.flood_source = (int64_t)number(argv, "flood_source", 0);
    set.come_back = number(argv, "come_back", 0) != 0;
    set.data_start_s = (int64_t)number(argv, "data_start_s", 0);
    set.greet = number(argv, "greet", 0) != 0;
    set.any_answer = number(argv, "any_answer", 0) != 0;
    set.server.sin_family = AF_INET;
    set.server.sin_addr = loopback(setting(argv, "host", "127.0.0.1"));
    set.server.sin_port = htons((uint16_t)number(argv, "port", 0));
    set.depth = (int64_t)number(argv, "depth", 16);
    if (set.mode == CLOSED)
        set.depth = 2;
    if (set.mode == BURST && set.links)
        set.depth = set.frames / set.links + 2;
    if (set.links < 1 + (set.flood_per_s > 0) || set.sources < 1 || set.depth < 2 ||
        set.rate <= 0 || !set.server.sin_port)
        refuse("links, sources, rate and port must be above 0, depth above 1");
    if (set.seconds > SERIES_S || set.frames > 100000000)
        refuse("not more than %d seconds and 100,000,000 frames", SERIES_S);
}

static void print_series(const char *name, size_t place, int64_t count) {
    printf(",\"%s\":[", name);
    for (int64_t k = 0; k < count; k++)
        printf("%s%d", k ? "," : "", ((const int32_t *)&seen.seconds[k])[place]);
    putchar(']');
}

static void print_result(int64_t now) {
    const struct { const char *name; int64_t value; } counts[] = {
        {"links", set.links}, {"opened", seen.opened}, {"refused", seen.refused},
        {"lost", seen.lost}, {"retries", seen.retries}, {"greeted", seen.greeted},
        {"sent", seen.sent}, {"acked", seen.acked}, {"unanswered", seen.sent - seen.acked},
        {"wrong", seen.wrong}, {"doubled", seen.doubled}, {"bad_sent", seen.bad},
        {"held", seen.held}, {"unsent", seen.unsent}, {"flood_sent", seen.flood_sent},
        {"flood_acked", seen.flood_acked}, {"bytes_out", seen.bytes_out},
        {"bytes_in", seen.bytes_in}, {"returned", seen.returned},
        {"frame_bytes", (int64_t)upload.size}, {"first_sent_ns", seen.first_sent_ns},
        {"last_acked_ns", seen.last_acked_ns}, {"last_return_ns", seen.last_return_ns},
        {"start_ns", start_ns},
    };
    printf("{\"event\":\"result\"");
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        printf(",\"%s\":%lld", counts[k].name, (long long)counts[k].value);
    printf(",\"cpu_s\":%.3f,\"open_s\":%.3f,\"ran_s\":%.3f,", cpu_s() - cpu_at_go_s, open_s,
           (double)(now - start_ns) / 1e9);
    print_histogram(stdout, "latency", &latency);
    putchar(',');
    print_histogram(stdout, "behind", &behind);
    putchar(',');
    print_histogram(stdout, "connecting", &connecting);
    int64_t last = second_of(now) + 1;
    print_series("sent_by_s", 0, last);
    print_series("acked_by_s", 1, last);
    print_series("lost_by_s", 2, last);
    print_series("slowest_us_by_s", 3, last);
    printf(",\"last_acked\":[");
    for (int64_t k = seen.acks > WITNESSES ? seen.acks - WITNESSES : 0, n = 0; k < seen.acks;
         k++, n++) {
        const struct link *link = &links[seen.last_device[k % WITNESSES]];
        char mn[MN_BYTES + 1] = {0};
        put_mn(mn, link->device);
        printf("%s[\"%s\",%u]", n ? "," : "", mn, link->sent);
    }
    printf("]}\n");
    fflush(stdout);
}

#endif
