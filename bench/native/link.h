/* One simulated instrument on one TCP connection: open, say, hear, close. Non-blocking, edge
 * triggered; knows nothing of schedules.
 *
 * Test: tests/bench/test_native.py. */
#ifndef LINK_H
#define LINK_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"
#include "settings.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { INPUT_ROOM = 256 * 1024, ANSWER_LIMIT = 1024 };

struct flight {  /* a frame that waits for its answer */
    int64_t qn_ms, due_ns;
};

struct link {
    int fd;             /* -1: closed */
    bool connected;
    bool answered;      /* since the start of the run */
    uint32_t first, waiting, sent;
    int64_t device, qn_ms, data_s; /* QN and DataTime of the newest frame */
    struct flight *flights;        /* a ring */
    char *rest, *out;   /* half of an answer; what the socket did not take yet */
    size_t rest_size, out_size;
};

/* What the rest of the program is told. */
static void link_connected(struct link *link, int64_t now);
static void link_heard(struct link *link, const char *answer, size_t size, int64_t now);
static void link_closed(struct link *link, bool was_connected, int64_t now);

static int poll_fd;
static char input[INPUT_ROOM + ANSWER_LIMIT];

static void link_drop(struct link *link) {
    if (link->fd >= 0)
        close(link->fd);
    free(link->rest);
    free(link->out);
    link->rest = link->out = NULL;
    link->rest_size = link->out_size = 0;
    link->fd = -1;
    link->connected = false;
}

/* End it with a reset, as a carrier does; no port is left waiting. */
static void link_reset(struct link *link) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (link->fd >= 0)
        setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    link_drop(link);
}

static void link_lost(struct link *link, int64_t now) {
    bool was_connected = link->connected;
    link_drop(link);
    link_closed(link, was_connected, now);
}

static void link_open(struct link *link, struct in_addr from, const struct sockaddr_in *to,
                      int64_t now) {
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = from};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0)
        refuse("no socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link->fd = fd;
    if (bind(fd, (struct sockaddr *)&source, sizeof source) ||
        (connect(fd, (const struct sockaddr *)to, sizeof *to) && errno != EINPROGRESS)) {
        link_lost(link, now);
        return;
    }
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = link};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &wanted);
}

static void link_say(struct link *link, const char *data, size_t size, int64_t now) {
    size_t done = 0;
    if (!link->out_size) {
        ssize_t took = send(link->fd, data, size, MSG_NOSIGNAL);
        if (took < 0 && errno != EAGAIN) {
            link_lost(link, now);
            return;
        }
        done = took < 0 ? 0 : (size_t)took;
    }
    if (done < size) {
        link->out = realloc(link->out, link->out_size + size - done);
        memcpy(link->out + link->out_size, data + done, size - done);
        link->out_size += size - done;
    }
}

static void link_flush(struct link *link, int64_t now) {
    ssize_t took = send(link->fd, link->out, link->out_size, MSG_NOSIGNAL);
    if (took < 0 && errno != EAGAIN) {
        link_lost(link, now);
    } else if (took > 0) {
        link->out_size -= (size_t)took;
        memmove(link->out, link->out + took, link->out_size);
    }
}

/* Take whole answers; what is no frame is told as an answer of size 0, once for a read. */
static size_t link_answers(struct link *link, size_t size, int64_t now) {
    size_t used = 0;
    while (used < size && link->fd >= 0) {
        long whole = cut(input + used, size - used);
        if (!whole && size - used < ANSWER_LIMIT)
            break;
        if (whole <= 0) {
            link_heard(link, input, 0, now);
            return size;
        }
        link_heard(link, input + used, (size_t)whole, now);
        used += (size_t)whole;
    }
    return used;
}

static void link_hear(struct link *link, bool ended, int64_t now) {
    for (;;) {
        size_t kept = link->rest_size;
        if (kept)
            memcpy(input, link->rest, kept);
        ssize_t got = recv(link->fd, input + kept, INPUT_ROOM, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            link_lost(link, now);
            return;
        }
        size_t size = kept + (size_t)got, used = link_answers(link, size, now);
        if (link->fd < 0)
            return;
        link->rest_size = size - used;
        if (link->rest_size && !link->rest)
            link->rest = malloc(ANSWER_LIMIT);
        if (link->rest_size)
            memcpy(link->rest, input + used, link->rest_size);
        if (got < INPUT_ROOM && !ended)
            return;
    }
}

static void link_event(struct link *link, uint32_t events, int64_t now) {
    if (link->fd < 0)
        return;  /* an event of the connection before */
    if (!link->connected) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error || !(events & EPOLLOUT)) {
            link_lost(link, now);
            return;
        }
        link->connected = true;
        link_connected(link, now);
    }
    if (link->fd >= 0 && link->out_size && events & EPOLLOUT)
        link_flush(link, now);
    if (link->fd >= 0 && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        link_hear(link, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR), now);
}

#endif
