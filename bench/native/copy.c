/* The least that a forwarder can do: the bytes of a file into a connection, as it takes them; what
 * comes back is read and thrown away. Nothing is matched, kept or sent again.
 *
 *   copy file=PATH port=N [connect=127.0.0.1]
 *
 * Ends when the peer has closed, after all bytes were written, with "cpu_s=S", its own processor
 * time; a peer that is silent for a minute ends it with status 1. Test: tests/bench/test_native.py. */
#define _GNU_SOURCE
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 256 * 1024, PATIENCE_MS = 60000 };

static char output[ROOM], input[ROOM];

int main(int argc, char **argv) {
    (void)argc;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(setting(argv, "port", "0"))),
                               .sin_addr = loopback(setting(argv, "connect", "127.0.0.1"))};
    int file = open(setting(argv, "file", ""), O_RDONLY), one = 1;
    int link = socket(AF_INET, SOCK_STREAM, 0);
    if (file < 0 || connect(link, (struct sockaddr *)&name, sizeof name))
        refuse("cannot begin: %s", strerror(errno));
    setsockopt(link, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(link, F_SETFL, O_NONBLOCK);
    ssize_t size = 0, used = 0;
    bool all = false;
    for (;;) {
        struct pollfd wait = {.fd = link, .events = (short)(all ? POLLIN : POLLIN | POLLOUT)};
        if (poll(&wait, 1, PATIENCE_MS) <= 0)
            return 1;
        if (wait.revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t got = recv(link, input, ROOM, 0);
            if (got == 0) {
                printf("cpu_s=%.6f\n", 1e-9 * (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
                return all ? 0 : 1;
            }
            if (got < 0 && errno != EAGAIN)
                return 1;
        }
        if (all || !(wait.revents & POLLOUT))
            continue;
        if (used == size) {
            size = read(file, output, ROOM);
            used = 0;
            if (size < 0)
                return 1;
            all = !size;
            if (all)
                shutdown(link, SHUT_WR);
        }
        if (used < size) {
            ssize_t sent = send(link, output + used, (size_t)(size - used), MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN)
                return 1;
            used += sent > 0 ? sent : 0;
        }
    }
}
