/* The least that a server of HJ 212 can do: cut by length, check the CRC, answer 9014.
 *
 * One thread, one epoll, no journal, no store, nothing kept. What the daemon's listeners reach is
 * told as a share of this. mode=null reads and throws away and answers each read with one fixed
 * frame: what the generator reaches against it is the generator's own limit.
 *
 *   yardstick [mode=answer|null] [listen=127.0.0.1]
 *
 * Says "ready port=N" and serves until its standard input ends. Test: tests/bench/test_native.py. */
#define _GNU_SOURCE
#include "answer.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES = 20000, EVENTS = 512, ROOM = 256 * 1024 };

struct half {  /* of a frame, kept until the rest comes */
    char *data;
    size_t size;
};

static struct half *halves;
static bool only_read;
static char fixed[REPLY_LIMIT];
static size_t fixed_size;
static char input[ROOM + SEGMENT_LIMIT + 16], output[ROOM];

static int listener(const char *address) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = loopback(address)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    socklen_t size = sizeof name;
    if (bind(fd, (struct sockaddr *)&name, size) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&name, &size))
        refuse("cannot listen on %s: %s", address, strerror(errno));
    printf("ready port=%d\n", ntohs(name.sin_port));
    fflush(stdout);
    return fd;
}

static void forget(int fd) {
    free(halves[fd].data);
    halves[fd] = (struct half){0};
    close(fd);
}

/* Answer all whole frames; the bytes that were used up, -1 for a stream that is none of ours. */
static long serve(const char *data, size_t size, size_t *answered) {
    size_t used = 0;
    *answered = 0;
    while (size - used) {
        long whole = cut(data + used, size - used);
        if (whole < 0) {  /* go on at the next ## */
            char *next = memmem(data + used + 1, size - used - 1, "##", 2);
            used = next ? (size_t)(next - data) : size;
            continue;
        }
        if (!whole || *answered + REPLY_LIMIT > sizeof output)
            break;
        *answered += answer(output + *answered, data + used, (size_t)whole);
        used += (size_t)whole;
    }
    return (long)used;
}

static bool take(int fd) {
    struct half *half = &halves[fd];
    memcpy(input, half->data, half->size);
    ssize_t got = recv(fd, input + half->size, ROOM, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    if (only_read)
        return send(fd, fixed, fixed_size, MSG_NOSIGNAL) == (ssize_t)fixed_size;
    size_t size = half->size + (size_t)got, answered;
    size_t used = (size_t)serve(input, size, &answered);
    /* A peer that does not read its answers is cut off: enough for a yardstick. */
    if (answered && send(fd, output, answered, MSG_NOSIGNAL) != (ssize_t)answered)
        return false;
    size_t left = size - used;
    if (left > SEGMENT_LIMIT + 12)
        return false;
    if (left && !half->data)
        half->data = malloc(SEGMENT_LIMIT + 16);
    if (left)
        memcpy(half->data, input + used, left);
    half->size = left;
    return true;
}

int main(int argc, char **argv) {
    (void)argc;
    crc_prepare();
    allow_files(64);
    only_read = !strcmp(setting(argv, "mode", "answer"), "null");
    halves = calloc(FILES + 64, sizeof *halves);
    strcpy(fixed + HEAD_BYTES, "QN=20260101000000000;ST=91;CN=9014;PW=123456;"
                               "MN=000000000000000000000000;Flag=4;CP=&&&&");
    fixed_size = wrap(fixed, strlen(fixed + HEAD_BYTES));

    int poll = epoll_create1(0), door = listener(setting(argv, "listen", "127.0.0.1"));
    struct epoll_event one = {.events = EPOLLIN, .data.fd = door}, events[EVENTS];
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &one);
    one.data.fd = STDIN_FILENO;
    epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &one);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int k = 0; k < count; k++) {
            int fd = events[k].data.fd;
            if (fd == STDIN_FILENO) {
                if (read(fd, input, 64) <= 0)
                    return 0;
            } else if (fd != door) {
                if (!take(fd))
                    forget(fd);
            } else {
                int link = accept4(door, NULL, NULL, SOCK_NONBLOCK);
                if (link >= FILES) {
                    close(link);
                } else if (link >= 0) {
                    one.data.fd = link;
                    epoll_ctl(poll, EPOLL_CTL_ADD, link, &one);
                }
            }
        }
    }
}
