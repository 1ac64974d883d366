/* Settings as name=value on the command line, the one address range that is served, open files.
 *
 * Test: tests/bench/test_native.py. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

__attribute__((noreturn, format(printf, 1, 2))) static void refuse(const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    vfprintf(stderr, text, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

/* The text behind "name=", or what is given for the case that nobody set it. */
static const char *setting(char **argv, const char *name, const char *otherwise) {
    size_t size = strlen(name);
    for (char **word = argv + 1; *word; word++)
        if (!strncmp(*word, name, size) && (*word)[size] == '=')
            return *word + size + 1;
    return otherwise;
}

static inline double number(char **argv, const char *name, double otherwise) {
    const char *text = setting(argv, name, NULL);
    if (!text)
        return otherwise;
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end)
        refuse("%s=%s is no number", name, text);
    return value;
}

/* 127.0.0.0/8 and nothing else: a load generator must not reach a stranger. */
static struct in_addr loopback(const char *text) {
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1 || ntohl(address.s_addr) >> 24 != 127)
        refuse("%s is not in 127.0.0.0/8", text);
    return address;
}

static void allow_files(long needed) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if ((long)limit.rlim_max < needed)
        refuse("%ld open files needed, the limit is %ld", needed, (long)limit.rlim_max);
}

static inline int64_t clock_ns(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#endif
