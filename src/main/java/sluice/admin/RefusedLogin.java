package sluice.admin;

/** What a browser shows of a login that failed. */
final class RefusedLogin {
    private RefusedLogin() {}

    static String page(Fault fault) {
        return """
                <!doctype html>
                <html lang="en">
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Not logged in · Sluice</title>
                <link rel="stylesheet" href="/console/static/base.css">
                <link rel="stylesheet" href="/console/static/login.css">
                <main class="login">
                <h1>You are not logged in</h1>
                <p>%s</p>
                <p><a class="button primary" href="/console">Back to the console</a></p>
                </main>
                """.formatted(escaped(String.valueOf(fault.getMessage())));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
