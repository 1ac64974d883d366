/* A superior platform that takes what it can: cuts frames, checks the CRC, answers each with 9014.
 *
 * One connection after the other, read and answered in turn, so that a peer that does not read its
 * answers is not read either. mode=silent answers nothing. Of each connection it tells the frames,
 * and the seconds from its first byte until the last answer was written:
 *
 *   sink [mode=answer|silent] [listen=127.0.0.1]
 *
 * Says "ready port=N", then "frames=N bytes=N seconds=S" for each connection; serves until its
 * standard input ends. Test: tests/bench/test_native.py. */
#define _GNU_SOURCE
#include "answer.h"
#include "settings.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 256 * 1024, SHORTEST = 40 };

static char input[ROOM + SEGMENT_LIMIT + 16];
static char output[(ROOM + SEGMENT_LIMIT) / SHORTEST * REPLY_LIMIT];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool say(int link, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(link, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static void serve(int link, bool answers) {
    size_t held = 0, frames = 0, bytes = 0;
    double begun = 0, ended = 0;
    for (;;) {
        ssize_t got = recv(link, input + held, ROOM, 0);
        if (got <= 0)
            break;
        if (!bytes)
            begun = now();
        bytes += (size_t)got;
        size_t size = held + (size_t)got, used = 0, said = 0;
        while (used < size) {
            long whole = cut(input + used, size - used);
            if (whole < 0) {  /* go on at the next ## */
                char *next = memmem(input + used + 1, size - used - 1, "##", 2);
                used = next ? (size_t)(next - input) : size;
                continue;
            }
            if (!whole)
                break;
            if (answers && whole >= SHORTEST)
                said += answer(output + said, input + used, (size_t)whole);
            used += (size_t)whole;
            frames++;
        }
        held = size - used;
        memmove(input, input + used, held);
        if (held > SEGMENT_LIMIT + 12 || !say(link, output, said))
            break;
        ended = now();
    }
    printf("frames=%zu bytes=%zu seconds=%.6f\n", frames, bytes, ended - begun);
    fflush(stdout);
    close(link);
}

int main(int argc, char **argv) {
    (void)argc;
    crc_prepare();
    bool answers = !!strcmp(setting(argv, "mode", "answer"), "silent");
    const char *address = setting(argv, "listen", "127.0.0.1");
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = loopback(address)};
    socklen_t size = sizeof name;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(door, (struct sockaddr *)&name, size) || listen(door, 8) ||
        getsockname(door, (struct sockaddr *)&name, &size))
        refuse("cannot listen on %s: %s", address, strerror(errno));
    printf("ready port=%d\n", ntohs(name.sin_port));
    fflush(stdout);
    struct pollfd waits[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = door, .events = POLLIN}};
    for (;;) {
        if (poll(waits, 2, -1) < 0 || waits[0].revents)
            return 0;
        int link = accept(door, NULL, NULL);
        if (link >= 0)
            serve(link, answers);
    }
}
