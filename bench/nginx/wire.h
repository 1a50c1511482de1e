/* What the programs of this bench share: time, sockets, and the bytes of a call. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static void die(const char *what) {
    perror(what);
    exit(2);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* Timers to the microsecond, room for thousands of connections, and no end by a peer that has left. */
static void prepare(void) {
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in) {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
}

static void without_delay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Connects at once, as loopback does, and only then stops blocking. */
static int connected(int port) {
    struct sockaddr_in to = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof to) < 0) die("connect");
    without_delay(fd);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void watch(int epoll, int fd, uint32_t events, void *data, int operation) {
    struct epoll_event event = { .events = events, .data.ptr = data };
    if (epoll_ctl(epoll, operation, fd, &event) < 0) die("epoll_ctl");
}

/* Waits for sockets until a moment. */
static int await(int epoll, struct epoll_event *events, int most, int64_t until) {
    int64_t left = until - now();
    if (left < 0) left = 0;
    struct timespec wait = { left / SECOND, left % SECOND };
    int count = epoll_pwait2(epoll, events, most, &wait, NULL);
    if (count < 0 && errno != EINTR) die("epoll_pwait2");
    return count < 0 ? 0 : count;
}

/* The call of an SDK with a prompt that was not sent before; returns its length. */
static int call(char *out, size_t room, int tenant, int tenants, const char *fields) {
    static int64_t number;
    char body[1024];
    if (number == 0) number = now();
    int length = snprintf(body, sizeof body,
        "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"You answer briefly and kindly.\"},"
        "{\"role\":\"user\",\"content\":\"Question %020lld: what should be kept in mind when a service is moved from "
        "one data centre to another?\"}],\"temperature\":0.7%s}", (long long) number++, fields);
    return snprintf(out, room,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        "Content-Type: application/json\r\nUser-Agent: OpenAI/Python 1.109.1\r\nX-Stainless-Lang: python\r\n"
        "X-Stainless-Package-Version: 1.109.1\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
        "X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.12.4\r\nX-Stainless-Async: false\r\n"
        "X-Stainless-Retry-Count: 0\r\nX-Stainless-Read-Timeout: 600\r\n"
        "Authorization: Bearer sk-sluice-bench-key-of-tenant-%d\r\nContent-Length: %d\r\n\r\n%s",
        tenant % tenants, length, body);
}
