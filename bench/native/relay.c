/* A plain copy from one TCP connection to another, both ways, as socat makes it: what one side
 * says is read into a buffer and written to the other. Knows no frames, keeps nothing.
 *
 *   relay port=N [connect=127.0.0.1] [listen=127.0.0.1] [buffer=65536]
 *
 * Says "ready port=N", takes one connection and makes one to the target, hands the end of each
 * side on, and ends when both have ended, with "cpu_s=S", its own processor time. Both sides
 * silent for a minute end it with status 1. Test: tests/bench/test_native.py. */
#define _GNU_SOURCE
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

struct way {  /* one direction */
    int from, to;
    char *buffer;
    size_t used, size;
    bool ended;
};

static struct sockaddr_in name_of(const char *address, int port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = loopback(address)};
}

static bool goes_on(ssize_t moved) {
    return moved >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Read when nothing waits to be written, then write; false when a side is broken. */
static bool move(struct way *way, size_t room, bool readable, bool writable) {
    if (readable && way->used == way->size) {
        ssize_t got = recv(way->from, way->buffer, room, 0);
        if (!goes_on(got))
            return false;
        way->used = 0;
        way->size = got > 0 ? (size_t)got : 0;
        writable = true;
        if (got == 0) {
            way->ended = true;
            shutdown(way->to, SHUT_WR);
        }
    }
    if (writable && way->used < way->size) {
        ssize_t sent = send(way->to, way->buffer + way->used, way->size - way->used, MSG_NOSIGNAL);
        if (!goes_on(sent))
            return false;
        way->used += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

/* What is worth waking up for: to read from here, to write to here. */
static short wanted(const struct way *in, const struct way *out) {
    return (short)((!in->ended && in->used == in->size ? POLLIN : 0) |
                   (out->used < out->size ? POLLOUT : 0));
}

static bool relay(int near, int far, size_t room) {
    struct way there = {.from = near, .to = far, .buffer = malloc(room)};
    struct way back = {.from = far, .to = near, .buffer = malloc(room)};
    while (!there.ended || !back.ended) {
        struct pollfd waits[] = {{.fd = near, .events = wanted(&there, &back)},
                                 {.fd = far, .events = wanted(&back, &there)}};
        for (int side = 0; side < 2; side++)
            if (!waits[side].events)
                waits[side].fd = -1;  /* an end that is known would wake us again and again */
        if (poll(waits, 2, PATIENCE_MS) <= 0)
            return false;
        short at_near = waits[0].revents, at_far = waits[1].revents;
        if (!move(&there, room, at_near & ~POLLOUT, at_far & POLLOUT) ||
            !move(&back, room, at_far & ~POLLOUT, at_near & POLLOUT))
            return false;
    }
    return true;
}

int main(int argc, char **argv) {
    (void)argc;
    const char *address = setting(argv, "listen", "127.0.0.1");
    struct sockaddr_in here = name_of(address, 0);
    struct sockaddr_in there = name_of(setting(argv, "connect", "127.0.0.1"),
                                       (int)number(argv, "port", 0));
    socklen_t size = sizeof here;
    int door = socket(AF_INET, SOCK_STREAM, 0), far = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (bind(door, (struct sockaddr *)&here, size) || listen(door, 1) ||
        getsockname(door, (struct sockaddr *)&here, &size))
        refuse("cannot listen on %s: %s", address, strerror(errno));
    printf("ready port=%d\n", ntohs(here.sin_port));
    fflush(stdout);
    int near = accept(door, NULL, NULL);
    if (near < 0 || connect(far, (struct sockaddr *)&there, sizeof there))
        refuse("cannot begin: %s", strerror(errno));
    setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(near, F_SETFL, O_NONBLOCK);
    fcntl(far, F_SETFL, O_NONBLOCK);
    bool whole = relay(near, far, (size_t)number(argv, "buffer", 65536));
    printf("cpu_s=%.6f\n", 1e-9 * (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
    return whole ? 0 : 1;
}
