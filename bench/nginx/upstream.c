/*
 * An upstream that streams: answers every POST with as many events as its body's metadata.chunks says, one each so many
 * milliseconds as its interval there says, or as fast as they are taken if it says 0. An event carries the time at
 * which it was written. usage: upstream PORT
 */
#include "wire.h"

#define MOST 65536

struct stream {
    int fd, inLength, outLength, outSent, writable;
    int chunks, sent;
    int64_t interval, due;
    char in[4096], out[1024];
    struct stream *next;
};

static int epoll;
/* Those that wait for their time. All of a run have the same interval, so that this is a queue. */
static struct stream *first, *last;

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\nCache-Control: no-cache\r\nopenai-version: 2020-10-01\r\n"
    "openai-processing-ms: 211\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n\r\n";

static void event(struct stream *s, const char *text) {
    s->outLength = snprintf(s->out, sizeof s->out, "%zx\r\n%s\r\n", strlen(text), text);
    s->outSent = 0;
}

static void next_event(struct stream *s) {
    char text[512];
    if (s->sent == s->chunks) {
        event(s, "data: [DONE]\n\n");
        strcpy(s->out + s->outLength, "0\r\n\r\n");
        s->outLength += 5;
    } else {
        snprintf(text, sizeof text,
            "data: {\"id\":\"chatcmpl-C9rHG2bTq0yR4nX8sVw1LkZ5dE3f\",\"object\":\"chat.completion.chunk\","
            "\"created\":1764000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\","
            "\"system_fingerprint\":\"fp_560af6e559\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},"
            "\"logprobs\":null,\"finish_reason\":null}],\"obfuscation\":\"%019lld\"}\n\n", (long long) now());
        event(s, text);
    }
    s->sent++;
}

static void leave(struct stream *s) {
    close(s->fd);
    s->fd = -1;
    if (s->next == NULL && s != last) free(s);
}

static int drain(struct stream *s) {
    while (s->outSent < s->outLength) {
        ssize_t n = write(s->fd, s->out + s->outSent, s->outLength - s->outSent);
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        s->outSent += n;
    }
    return 1;
}

static void later(struct stream *s) {
    s->due += s->interval;
    s->next = NULL;
    if (last) last->next = s;
    else first = s;
    last = s;
}

/* Writes what may be written now. */
static void go_on(struct stream *s) {
    for (;;) {
        int done = drain(s);
        if (done < 0) {
            leave(s);
            return;
        }
        if (done == 0) {
            if (!s->writable) watch(epoll, s->fd, EPOLLIN | EPOLLOUT, s, EPOLL_CTL_MOD);
            s->writable = 1;
            return;
        }
        if (s->chunks < 0 || s->sent > s->chunks) {
            s->chunks = -1;
            return;
        }
        if (s->interval > 0 && s->due > now()) {
            later(s);
            return;
        }
        next_event(s);
        if (s->interval > 0) {
            if (drain(s) < 0) leave(s);
            else if (s->sent > s->chunks) s->chunks = -1;
            else later(s);
            return;
        }
    }
}

static long number_after(const char *in, const char *name, long otherwise) {
    const char *at = strstr(in, name);
    return at ? atol(at + strlen(name)) : otherwise;
}

static void begin(struct stream *s) {
    char *body = strstr(s->in, "\r\n\r\n");
    if (!body) return;
    char *length = strcasestr(s->in, "\r\ncontent-length:");
    if (s->in + s->inLength < body + 4 + (length ? atoi(length + 17) : 0)) return;
    s->chunks = number_after(body, "\"chunks\":\"", 10);
    s->interval = number_after(body, "\"interval\":\"", 0) * 1000000;
    s->sent = s->inLength = 0;
    s->due = now();
    memcpy(s->out, HEAD, sizeof HEAD - 1);
    s->outLength = sizeof HEAD - 1;
    s->outSent = 0;
    go_on(s);
}

static void readable(struct stream *s) {
    ssize_t n = read(s->fd, s->in + s->inLength, sizeof s->in - 1 - s->inLength);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) leave(s);
        return;
    }
    s->inLength += n;
    s->in[s->inLength] = 0;
    begin(s);
}

static void accept_all(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct stream *s = calloc(1, sizeof *s);
        without_delay(fd);
        s->fd = fd;
        s->chunks = -1;
        watch(epoll, fd, EPOLLIN, s, EPOLL_CTL_ADD);
    }
}

static void ring(void) {
    while (first && first->due <= now()) {
        struct stream *s = first;
        first = s->next;
        if (!first) last = NULL;
        s->next = NULL;
        if (s->fd < 0) free(s);
        else go_on(s);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: upstream PORT\n"), 2;
    prepare();
    struct sockaddr_in at = loopback(atoi(arguments[1]));
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *) &at, sizeof at) < 0 || listen(listener, 4096) < 0) die("listen");
    epoll = epoll_create1(0);
    watch(epoll, listener, EPOLLIN, NULL, EPOLL_CTL_ADD);
    static struct epoll_event events[256];
    for (;;) {
        int ready = await(epoll, events, 256, first ? first->due : now() + SECOND);
        for (int i = 0; i < ready; i++) {
            struct stream *s = events[i].data.ptr;
            if (!s) accept_all(listener);
            else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(s);
            else {
                s->writable = 0;
                watch(epoll, s->fd, EPOLLIN, s, EPOLL_CTL_MOD);
                go_on(s);
            }
        }
        ring();
    }
}
