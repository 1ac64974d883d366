/* A load generator for servers of HJ 212: many links in one process, on one thread.
 *
 * bench/generator.py starts one process for some 18,000 links, and as many as needed. All settings
 * are name=value; conversation is by lines. It opens its links and says so; "go NS" on standard
 * input (CLOCK_MONOTONIC) starts the run; one JSON line is its result. The links stay until
 * standard input ends, and so does the process.
 *
 *   mode=rate    frames by a schedule, links in turn; latency counts from the moment on the
 *                schedule, so that a server that stalls cannot hide what it held up
 *   mode=closed  each link sends its next frame when the last was answered
 *   mode=burst   so many frames at once, an equal share for each link
 *   mode=storm   all links are reset and come back at once, each with a frame
 *
 * Test: tests/bench/test_native.py. */
#define _GNU_SOURCE
#include "run.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

enum {
    EVENTS = 256,
    AT_ONCE = 64,  /* links that are opened, or sent to, between two looks at what came */
    BATCH_ROOM = 64 * 1024,
    RETRY_NS = 100000000,
};

static int64_t end_ns, wall_offset_ns, outstanding, cursor, under_way, settled;
static struct link **again;  /* storm: links that must try once more */
static int64_t again_count, again_at_ns;
static char batch[BATCH_ROOM + 3 * UPLOAD_LIMIT];
static uint64_t dice = 88172645463325252ULL;

static bool chance(double share) {
    if (share <= 0)
        return false;
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (double)(dice >> 11) * 0x1p-53 < share;
}

static bool flooding(const struct link *link) {
    return set.flood_per_s > 0 && link == &links[set.links - 1];
}

/* ---- saying ---------------------------------------------------------------------------------- */

static void next_stamp(struct link *link, int64_t now) {
    int64_t wall_ms = (now + wall_offset_ns) / 1000000;
    link->qn_ms = link->qn_ms < wall_ms ? wall_ms : link->qn_ms + 1;
    int64_t wall_s = set.data_start_s ? set.data_start_s : link->qn_ms / 1000;
    link->data_s = link->data_s < wall_s ? wall_s : link->data_s + 1;
}

/* The next frame of a link, and the bad one before it that the weather may bring; the size. */
static size_t add_upload(struct link *link, char *at, int64_t due, int64_t now) {
    size_t size = 0;
    if (chance(set.bad_crc)) {
        next_stamp(link, now);
        put_upload(at, link->device, link->qn_ms, link->data_s);
        char *digit = at + upload.size - TAIL_BYTES;
        *digit = *digit == '0' ? '1' : '0';
        size = upload.size;
        seen.bad++;
    } else if (chance(set.half)) {
        next_stamp(link, now);
        put_upload(at, link->device, link->qn_ms, link->data_s);
        size = upload.size / 2;
        seen.bad++;
    }
    next_stamp(link, now);
    put_upload(at + size, link->device, link->qn_ms, link->data_s);
    struct flight *flight = &link->flights[(link->first + link->waiting++) % set.depth];
    *flight = (struct flight){link->qn_ms, due};
    link->sent++;
    outstanding++;
    seen.sent++;
    seen.bytes_out += (int64_t)(size + upload.size);
    if (phase >= RUNNING) {
        seen.seconds[second_of(now)].sent++;
        if (!seen.first_sent_ns)
            seen.first_sent_ns = now;
    }
    return size + upload.size;
}

static void send_upload(struct link *link, int64_t due, int64_t now) {
    if (!link->connected)
        seen.unsent++;
    else if (link->waiting == set.depth)
        seen.held++;
    else
        link_say(link, batch, add_upload(link, batch, due, now), now);
}

static void send_share(struct link *link, int64_t count, int64_t now) {
    size_t size = 0;
    if (!link->connected) {
        seen.unsent += count;
        return;
    }
    while (count-- && link->connected) {
        size += add_upload(link, batch + size, start_ns, now);
        if (size >= BATCH_ROOM || !count) {
            link_say(link, batch, size, now);
            size = 0;
        }
    }
}

static void flood(int64_t now) {
    struct link *link = &links[set.links - 1];
    int64_t due = (int64_t)((double)(now - start_ns) / 1e9 * set.flood_per_s);
    size_t size = 0;
    if (!link->connected || link->out_size)
        return;
    while (seen.flood_sent < due && size < BATCH_ROOM) {
        next_stamp(link, now);
        put_upload(batch + size, link->device, link->qn_ms, link->data_s);
        size += upload.size;
        seen.flood_sent++;
    }
    if (size)
        link_say(link, batch, size, now);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static void link_connected(struct link *link, int64_t now) {
    under_way--;
    if (phase == RUNNING && set.mode == RATE) {
        send_upload(link, now, now);
        return;
    }
    settled++;
    seen.opened++;
    if (phase == OPENING && set.greet)
        send_upload(link, now, now);
    if (phase == RUNNING && set.mode == STORM) {
        record(&connecting, now - start_ns);
        send_upload(link, start_ns, now);
    }
}

static void try_again(struct link *link, int64_t now) {
    seen.retries++;
    if (!again_count)
        again_at_ns = now + RETRY_NS;
    again[again_count++] = link;
}

static void link_closed(struct link *link, bool was_connected, int64_t now) {
    outstanding -= link->waiting;
    link->waiting = 0;
    if (!was_connected)
        under_way--;
    if (phase == RUNNING && set.mode == STORM && !link->answered) {
        try_again(link, now);
    } else if (phase == RUNNING && set.mode == RATE && set.come_back) {
        seen.lost += was_connected;
        seen.seconds[second_of(now)].lost += was_connected;
        seen.returned -= link->answered;
        link->answered = false;
        try_again(link, now);
    } else if (!was_connected) {
        settled++;
        seen.refused++;
    } else if (phase != DONE) {
        seen.lost++;
        if (phase >= RUNNING)
            seen.seconds[second_of(now)].lost++;
    }
}

/* Which of the frames that wait has this QN: its place, or -1. Nearly always the first. */
static int64_t waiting_for(const struct link *link, const char *qn) {
    char text[QN_BYTES];
    for (uint32_t k = 0; k < link->waiting; k++) {
        put_qn(text, link->flights[(link->first + k) % set.depth].qn_ms);
        if (!memcmp(text, qn, QN_BYTES))
            return k;
    }
    return -1;
}

static void link_heard(struct link *link, const char *answer, size_t size, int64_t now) {
    const char *qn = NULL;
    int64_t place = 0;
    seen.bytes_in += (int64_t)size;
    if (flooding(link) && phase >= RUNNING) {
        seen.flood_acked += size > 0;
        return;
    }
    if (!size || (!set.any_answer && !is_answer(answer, size, link->device, &qn))) {
        seen.wrong++;
        return;
    }
    if (!link->waiting || (qn && (place = waiting_for(link, qn)) < 0)) {
        char newest[QN_BYTES];
        put_qn(newest, link->qn_ms);
        if (qn && memcmp(qn, newest, QN_BYTES) > 0)
            seen.wrong++;
        else
            seen.doubled++; /* of an older frame: no answer is open for it any more */
        return;
    }
    struct flight *flights = link->flights, heard = flights[(link->first + place) % set.depth];
    for (; place; place--)
        flights[(link->first + place) % set.depth] =
            flights[(link->first + place - 1) % set.depth];
    link->first = (link->first + 1) % set.depth;
    link->waiting--;
    outstanding--;
    seen.acked++;
    if (!seen.acks || seen.last_device[(seen.acks - 1) % WITNESSES] != link - links)
        seen.last_device[seen.acks++ % WITNESSES] = link - links;
    seen.last_acked_ns = now;
    if (phase == OPENING) {
        seen.greeted++;
        return;
    }
    int64_t took = now - heard.due_ns;
    record(&latency, took);
    int64_t second = second_of(now);
    seen.seconds[second].acked++;
    if (took / 1000 > seen.seconds[second].slowest_us)
        seen.seconds[second].slowest_us = (int32_t)(took / 1000 > INT32_MAX ? INT32_MAX : took / 1000);
    if (!link->answered) {
        link->answered = true;
        seen.returned++;
        seen.last_return_ns = now;
    }
    if (set.mode == CLOSED && phase == RUNNING)
        send_upload(link, now, now);
}

/* ---- the course of a run --------------------------------------------------------------------- */

static void open_link(struct link *link, int64_t now) {
    int64_t number = link - links;
    int64_t source = set.first_source + number % set.sources;
    if (flooding(link) && set.flood_source)
        source = set.flood_source;
    struct in_addr from = {htonl(INADDR_LOOPBACK - 1 + (uint32_t)source)};
    under_way++;
    link_open(link, from, &set.server, now);
}

static int64_t open_due(int64_t now) {
    int64_t due = (int64_t)((double)(now - start_ns) / 1e9 * set.open_per_s) + 1;
    for (int k = 0; k < AT_ONCE && cursor < set.links && cursor < due; k++) {
        if (under_way >= set.open_at_once)
            break;
        open_link(&links[cursor++], now);
    }
    if (settled == set.links && !(set.greet && outstanding)) {
        phase = READY;
        open_s = (double)(now - start_ns) / 1e9;
        printf("{\"event\":\"open\",\"opened\":%lld,\"refused\":%lld,\"greeted\":%lld,"
               "\"seconds\":%.3f}\n",
               (long long)seen.opened, (long long)seen.refused, (long long)seen.greeted, open_s);
        fflush(stdout);
        return INT64_MAX;
    }
    return now + 1000000;
}

static int64_t send_due(int64_t now) {
    static int64_t done;
    for (;;) {
        int64_t due = start_ns + (int64_t)(((double)done + set.offset) / set.rate * 1e9);
        if (due >= end_ns)
            return end_ns;
        if (due > now) {
            int64_t grain = now + (int64_t)(set.grain_s * 1e9);
            return due > grain ? due : grain;
        }
        record(&behind, now - due);
        int64_t ordinary = set.links - (set.flood_per_s > 0);
        send_upload(&links[done++ % ordinary], due, now);
        if (done % AT_ONCE == 0)
            return now; /* look what came, then go on */
    }
}

static int64_t burst_due(int64_t now) {
    for (int k = 0; k < AT_ONCE && cursor < set.links; k++, cursor++)
        send_share(&links[cursor],
                   set.frames * (cursor + 1) / set.links - set.frames * cursor / set.links, now);
    return cursor < set.links ? now : end_ns;
}

/* Open the links that must try once more, when it is time; when to come again. */
static int64_t again_due(int64_t now) {
    if (again_count && now >= again_at_ns) {
        int64_t count = again_count;
        again_count = 0;
        for (int64_t k = 0; k < count; k++) {
            struct link *link = again[k];
            open_link(link, now);
        }
    }
    return again_count ? again_at_ns : end_ns;
}

static int64_t storm_due(int64_t now) {
    for (int k = 0; k < AT_ONCE && cursor < set.links; k++)
        open_link(&links[cursor++], now);
    return cursor < set.links ? now : again_due(now);
}

static void begin(int64_t now) {
    phase = RUNNING;
    end_ns = start_ns + (int64_t)(set.seconds * 1e9);
    cursor = 0;
    cpu_at_go_s = cpu_s();
    if (set.mode == STORM) {
        for (int64_t k = 0; k < set.links; k++) {
            link_reset(&links[k]);
            links[k].waiting = 0;
        }
        seen.opened = settled = outstanding = 0;
    }
    if (set.mode == CLOSED)
        for (int64_t k = 0; k < set.links; k++)
            if (!flooding(&links[k]))
                send_upload(&links[k], now, now);
}

static bool all_done(void) {
    if (set.mode == BURST)
        return cursor == set.links && !outstanding;
    return set.mode == STORM && seen.returned == set.links;
}

/* Do what is due; when to come again. */
static int64_t step(int64_t now) {
    if (phase == OPENING)
        return open_due(now);
    if (phase == RUNNING && now < start_ns)
        return start_ns;
    if (phase == RUNNING && now < end_ns && !all_done()) {
        int64_t next = end_ns;
        if (set.mode == RATE) {
            int64_t back = again_due(now);
            next = send_due(now);
            next = next < back ? next : back;
        }
        if (set.mode == BURST)
            next = burst_due(now);
        if (set.mode == STORM)
            next = storm_due(now);
        if (set.flood_per_s > 0) {
            flood(now);
            next = next < now + 1000000 ? next : now + 1000000;
        }
        return next;
    }
    if (phase == RUNNING) {
        while (set.mode == RATE && send_due(now) < end_ns)
            continue; /* the last ones were due while we slept */
        phase = DRAINING;
    }
    if (phase == DRAINING && (!outstanding || now >= end_ns + (int64_t)(set.grace_s * 1e9))) {
        phase = DONE;
        print_result(now);
    }
    return phase == DRAINING ? now + 5000000 : INT64_MAX;
}

/* A line of standard input; false when it ended. */
static bool obey(void) {
    char line[256];
    ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
    if (got <= 0)
        return false;
    line[got] = 0;
    if (!strncmp(line, "go", 2) && phase == READY) {
        int64_t now = clock_ns(CLOCK_MONOTONIC), asked = strtoll(line + 2, NULL, 10);
        start_ns = asked > now ? asked : now;
        while (clock_ns(CLOCK_MONOTONIC) < start_ns - 2000000)
            usleep(500);
        begin(clock_ns(CLOCK_MONOTONIC));
    }
    if (!strncmp(line, "stop", 4) && phase == RUNNING)
        end_ns = clock_ns(CLOCK_MONOTONIC);
    return true;
}

static int wait_events(struct epoll_event *events, int64_t until_ns) {
    int64_t left = until_ns - clock_ns(CLOCK_MONOTONIC);
    if (left < 0)
        left = 0;
    if (left > 1000000000)
        left = 1000000000;
    struct timespec pause = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    long count = -1;
#ifdef SYS_epoll_pwait2
    count = syscall(SYS_epoll_pwait2, poll_fd, events, EVENTS, &pause, NULL, 0);
    if (count >= 0 || errno == EINTR)
        return count < 0 ? 0 : (int)count;
#endif
    count = epoll_wait(poll_fd, events, EVENTS, (int)((left + 999999) / 1000000));
    return count < 0 ? 0 : (int)count;
}

int main(int argc, char **argv) {
    (void)argc;
    configure(argv);
    allow_files(set.links + 32);
    prctl(PR_SET_TIMERSLACK, 1000); /* wake when a frame is due, not 50 us later */
    crc_prepare();
    upload_prepare();
    wall_offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
    dice += (uint64_t)set.first_device;
    links = calloc((size_t)set.links, sizeof *links);
    again = calloc((size_t)set.links, sizeof *again);
    struct flight *flights = calloc((size_t)(set.links * set.depth), sizeof *flights);
    if (!links || !again || !flights)
        refuse("no memory for %lld links", (long long)set.links);
    for (int64_t k = 0; k < set.links; k++)
        links[k] = (struct link){
            .fd = -1, .device = set.first_device + k, .flights = flights + k * set.depth};

    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[EVENTS], commands = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &commands);
    int64_t born = clock_ns(CLOCK_MONOTONIC);
    start_ns = born;
    for (;;) {
        int64_t next = step(clock_ns(CLOCK_MONOTONIC));
        int count = wait_events(events, next);
        int64_t now = clock_ns(CLOCK_MONOTONIC);
        for (int k = 0; k < count; k++) {
            if (!events[k].data.ptr && !obey())
                return 0;
            if (events[k].data.ptr)
                link_event(events[k].data.ptr, events[k].events, now);
            /* Anew for each: what waits behind others in this turn has waited. */
            now = clock_ns(CLOCK_MONOTONIC);
        }
        if ((double)(now - born) / 1e9 > set.life_s)
            refuse("ended after %.0f s, as it was told", set.life_s);
    }
}
