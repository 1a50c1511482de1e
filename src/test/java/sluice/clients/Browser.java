package sluice.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As much of a browser as a login needs: it keeps cookies, follows redirects and fills in the provider's forms. */
final class Browser implements AutoCloseable {
    private static final int MOST_STEPS = 20;
    private static final Pattern ACTION = Pattern.compile("action=\"([^\"]+)\"");
    private static final Pattern PROMPT = Pattern.compile("name=\"prompt\" value=\"([a-z]+)\"");

    private final CookieManager cookies = new CookieManager();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(cookies).followRedirects(HttpClient.Redirect.NEVER).build();

    /** Goes there as this person; returns the answer of the last place, which is ours. */
    HttpResponse<String> logIn(String address, String person) {
        HttpResponse<String> answer = get(address);
        for (int step = 0; step < MOST_STEPS; step++) {
            Optional<String> location = answer.headers().firstValue("location");
            Matcher form = ACTION.matcher(answer.body());
            if (location.isPresent()) {
                answer = get(answer.uri().resolve(location.get()).toString());
            } else if (answer.body().contains("name=\"prompt\"") && form.find()) {
                Matcher prompt = PROMPT.matcher(answer.body());
                String word = prompt.find() ? prompt.group(1) : "consent";
                String fields = "prompt=" + word + "&login=" + encoded(person) + "&password=any";
                answer = send(HttpRequest.newBuilder(answer.uri().resolve(form.group(1)))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(fields)));
            } else {
                return answer;
            }
        }
        throw new AssertionError("no end of redirects at " + answer.uri());
    }

    HttpResponse<String> get(String address) {
        return send(HttpRequest.newBuilder(URI.create(address)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The value of a cookie that it has; empty if it has none. */
    String cookie(String name) {
        return cookies.getCookieStore().getCookies().stream().filter(each -> each.getName().equals(name))
                .map(HttpCookie::getValue).findFirst().orElse("");
    }

    /** Puts one in place of what it has by that name. */
    void cookie(URI of, String name, String value) {
        List.copyOf(cookies.getCookieStore().getCookies()).stream().filter(each -> each.getName().equals(name))
                .forEach(old -> cookies.getCookieStore().remove(of, old));
        HttpCookie cookie = new HttpCookie(name, value);
        cookie.setPath("/");
        cookie.setVersion(0);
        cookies.getCookieStore().add(of, cookie);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
