package sluice.clients;

import java.util.List;

/** The official SDKs: the last of Python's 0.x, which does not retry, and the newest of each language, which do. */
enum Sdk {
    PYTHON_0(1, "AuthenticationError", "PermissionError", "InvalidRequestError", "RateLimitError"), PYTHON(3,
            "AuthenticationError", "PermissionDeniedError", "NotFoundError", "RateLimitError"), NODE(3,
                    "AuthenticationError", "PermissionDeniedError", "NotFoundError", "RateLimitError"), JAVA(3,
                            "UnauthorizedException", "PermissionDeniedException", "NotFoundException",
                            "RateLimitException");

    /** Requests that a call makes at most, of its own accord. */
    final int attempts;
    private final String of401;
    private final String of403;
    private final String of404;
    private final String of429;

    Sdk(int attempts, String of401, String of403, String of404, String of429) {
        this.attempts = attempts;
        this.of401 = of401;
        this.of403 = of403;
        this.of404 = of404;
        this.of429 = of429;
    }

    /** Starts a scenario. */
    Session start(Call call) {
        return switch (this) {
            case PYTHON_0 -> Script.session(Tools.python("requirements-0.txt", "legacy.py"), call);
            case PYTHON -> Script.session(Tools.python("requirements.txt", "modern.py"), call);
            case NODE -> Script.session(Tools.node("client.js"), call);
            case JAVA -> Session.of(new JavaClient(call));
        };
    }

    /** Starts a scenario of the routes beyond those that every SDK knows. */
    Session startRoutes(Call call) {
        return switch (this) {
            case PYTHON_0 -> throw new IllegalArgumentException("knows them not");
            case PYTHON -> Script.session(Tools.python("requirements.txt", "routes.py"), call);
            case NODE -> Script.session(Tools.node("routes.js"), call);
            case JAVA -> Session.of(new JavaRoutes(call));
        };
    }

    /** Starts a call of every route that came with agents, decisions and live sessions. */
    Session startNewRoutes(Call call) {
        return switch (this) {
            case PYTHON -> Script.session(Tools.python("requirements.txt", "every_new_route.py"), call);
            case NODE -> Script.session(Tools.node("every-new-route.js"), call);
            case PYTHON_0, JAVA -> throw new IllegalArgumentException("is not asked");
        };
    }

    /** The command that lists the routes the SDK knows: the release that all tests use, or the newest there is. */
    List<String> surface(boolean newest) {
        return switch (this) {
            case PYTHON -> Tools.python(newest ? "requirements-newest.txt" : "requirements.txt", "surface.py");
            case NODE -> newest ? Tools.newestNode("surface.js") : Tools.node("surface.js");
            case PYTHON_0, JAVA -> throw new IllegalArgumentException("does not tell");
        };
    }

    /** What the SDK raises for a status. */
    String errorOf(int status) {
        return switch (status) {
            case 401 -> of401;
            case 403 -> of403;
            case 404 -> of404;
            case 429 -> of429;
            default -> throw new IllegalArgumentException("status " + status);
        };
    }
}
