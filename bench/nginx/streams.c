/*
 * Holds streams open through a gateway and measures how long each event was on its way.
 * usage: streams PORT TENANTS STREAMS CHUNKS INTERVAL-MS WARM-SECONDS SECONDS FILE
 *
 * A stream that ends is begun anew. Says "begin" and "end EVENTS BROKEN" when what it measures begins and ends, and
 * holds the streams until its standard input ends. FILE gets a 32-bit count of microseconds for every event.
 */
#include "wire.h"

struct stream {
    int fd, matched, digits, tail;
    int64_t stamp;
};

static const char STAMP[] = "\"obfuscation\":\"";
static const char DONE[] = "data: [DONE]\n\n";

static int epoll, port, tenants, streams, chunks, interval, started;
static int measuring;
static long events, broken;
static FILE *delays;

static void ask(struct stream *s) {
    char text[2048], fields[128];
    snprintf(fields, sizeof fields, ",\"stream\":true,\"max_tokens\":64,\"metadata\":{\"interval\":\"%d\",\"chunks\":\"%d\"}",
        interval, chunks);
    int length = call(text, sizeof text, started++, tenants, fields);
    if (write(s->fd, text, length) != length) die("write");
}

static void open_stream(struct stream *s) {
    s->fd = connected(port);
    watch(epoll, s->fd, EPOLLIN, s, EPOLL_CTL_ADD);
    ask(s);
}

static void arrived(struct stream *s, int64_t at) {
    if (!measuring) return;
    uint32_t micros = (at - s->stamp) / 1000;
    fwrite(&micros, sizeof micros, 1, delays);
    events++;
}

/* Looks for the stamps of events and for the end mark, across the borders of pieces. */
static void scan(struct stream *s, const char *in, int length, int64_t at) {
    for (int i = 0; i < length; i++) {
        char c = in[i];
        if (s->digits > 0) {
            s->stamp = s->stamp * 10 + (c - '0');
            if (--s->digits == 0) arrived(s, at);
            continue;
        }
        s->matched = c == STAMP[s->matched] ? s->matched + 1 : c == STAMP[0];
        if (STAMP[s->matched] == 0) {
            s->matched = 0;
            s->digits = 19;
            s->stamp = 0;
        }
        s->tail = c == DONE[s->tail] ? s->tail + 1 : c == DONE[0];
        if (DONE[s->tail] == 0) {
            s->tail = 0;
            ask(s);
        }
    }
}

static void readable(struct stream *s) {
    char in[65536];
    ssize_t n = read(s->fd, in, sizeof in);
    if (n > 0) {
        scan(s, in, n, now());
    } else if (n == 0 || errno != EAGAIN) {
        broken++;
        close(s->fd);
        memset(s, 0, sizeof *s);
        open_stream(s);
    }
}

int main(int count, char **arguments) {
    if (count != 9) return fprintf(stderr, "usage: see the head of streams.c\n"), 2;
    prepare();
    port = atoi(arguments[1]), tenants = atoi(arguments[2]), streams = atoi(arguments[3]);
    chunks = atoi(arguments[4]), interval = atoi(arguments[5]);
    int64_t warm = atof(arguments[6]) * SECOND, measured = atof(arguments[7]) * SECOND, start = now();
    if (!(delays = fopen(arguments[8], "w"))) die(arguments[8]);
    epoll = epoll_create1(0);
    struct stream *all = calloc(streams, sizeof *all);
    int opened = 0;
    for (;;) {
        static struct epoll_event ready[256];
        int64_t at = now();
        /* Opened over the first half of the warm-up, so that their events are spread over the interval. */
        while (opened < streams && at - start >= warm / 2 * opened / streams) open_stream(&all[opened++]);
        if (!measuring && at >= start + warm) {
            measuring = 1;
            puts("begin");
            fflush(stdout);
        }
        if (at >= start + warm + measured) break;
        int64_t until = opened < streams ? start + warm / 2 * opened / streams
            : measuring ? start + warm + measured : start + warm;
        int n = await(epoll, ready, 256, until);
        for (int i = 0; i < n; i++) readable(ready[i].data.ptr);
    }
    printf("end %ld %ld\n", events, broken);
    fflush(stdout);
    fclose(delays);
    measuring = 0;
    while (read(0, &count, sizeof count) > 0) { }
    return 0;
}
