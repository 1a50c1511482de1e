/*
 * Sends calls at a fixed rate, however earlier ones fare, and measures each from the moment it was due.
 * usage: steady PORT TENANTS RATE WARM-SECONDS SECONDS FILE
 *
 * Says "begin" and "end CALLS FAILED" when what it measures begins and ends. FILE gets a 32-bit count of microseconds
 * for every call. A call that finds all connections busy waits for one, and its time runs.
 */
#include "wire.h"

#define CONNECTIONS 128
#define BACKLOG (1 << 20)

struct connection {
    int fd, length;
    int64_t due;
    char in[8192];
};

static struct connection all[CONNECTIONS], *idle[CONNECTIONS];
static int64_t backlog[BACKLOG];
static unsigned taken, put;
static int epoll, idles, tenants, number;
static int64_t from, to;
static long done, failed;
static FILE *times;

static void ask(struct connection *c, int64_t due) {
    char text[2048];
    int length = call(text, sizeof text, number++, tenants, ",\"max_tokens\":64");
    c->due = due;
    c->length = 0;
    if (write(c->fd, text, length) != length) die("write");
}

static void settle(struct connection *c) {
    if (c->due >= from && c->due < to) {
        uint32_t micros = (now() - c->due) / 1000;
        fwrite(&micros, sizeof micros, 1, times);
        done++;
        if (strncmp(c->in, "HTTP/1.1 200", 12)) failed++;
    }
    if (taken != put) ask(c, backlog[taken++ % BACKLOG]);
    else idle[idles++] = c;
}

static void readable(struct connection *c) {
    ssize_t n = read(c->fd, c->in + c->length, sizeof c->in - 1 - c->length);
    if (n <= 0) {
        if (n < 0 && errno == EAGAIN) return;
        die("the gateway has closed a connection");
    }
    c->length += n;
    c->in[c->length] = 0;
    char *body = strstr(c->in, "\r\n\r\n");
    char *length = body ? strcasestr(c->in, "\r\ncontent-length:") : NULL;
    if (length && c->in + c->length >= body + 4 + atoi(length + 17)) settle(c);
}

int main(int count, char **arguments) {
    if (count != 7) return fprintf(stderr, "usage: see the head of steady.c\n"), 2;
    prepare();
    int port = atoi(arguments[1]);
    tenants = atoi(arguments[2]);
    int64_t gap = SECOND / atof(arguments[3]), due = now() + SECOND / 10;
    from = due + atof(arguments[4]) * SECOND;
    to = from + atof(arguments[5]) * SECOND;
    if (!(times = fopen(arguments[6], "w"))) die(arguments[6]);
    epoll = epoll_create1(0);
    for (int i = 0; i < CONNECTIONS; i++) {
        all[i].fd = connected(port);
        watch(epoll, all[i].fd, EPOLLIN, &all[i], EPOLL_CTL_ADD);
        idle[idles++] = &all[i];
    }
    int begun = 0;
    while (now() < to + SECOND / 5) {
        struct epoll_event events[64];
        if (!begun && now() >= from) {
            begun = 1;
            puts("begin");
            fflush(stdout);
        }
        for (; due <= now() && due < to; due += gap) {
            if (idles > 0) ask(idle[--idles], due);
            else backlog[put++ % BACKLOG] = due;
        }
        int ready = await(epoll, events, 64, due < to ? due : to + SECOND / 5);
        for (int i = 0; i < ready; i++) readable(events[i].data.ptr);
    }
    printf("end %ld %ld\n", done, failed);
    fclose(times);
    return 0;
}
