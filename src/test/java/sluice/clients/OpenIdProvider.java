package sluice.clients;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A certified OpenID provider in a process of its own. */
final class OpenIdProvider implements AutoCloseable {
    /** What it knows its client by; percent-encoded in a request. */
    static final String SECRET = "s3cret+with/odd:characters%";

    private final Process process;
    private final String issuer;

    private OpenIdProvider(Process process, String issuer) {
        this.process = process;
        this.issuer = issuer;
    }

    /**
     * Starts one that answers when this returns.
     *
     * @param groups     of each person by name
     * @param redirect   where it may send browsers back to
     * @param inUserinfo whether only the userinfo endpoint returns groups
     */
    static OpenIdProvider start(JsonObject groups, String redirect, boolean inUserinfo) throws IOException {
        List<String> command = new ArrayList<>(Tools.node("oidc", "provider.js"));
        command.add(new JsonObject().put("groups", groups).put("redirect", redirect).put("secret", SECRET)
                .put("inUserinfo", inUserinfo).encode());
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.startsWith("{")) {
            line = out.readLine();
        }
        if (line == null) {
            process.destroyForcibly();
            throw new AssertionError("the provider did not start");
        }
        Thread.ofVirtual().start(() -> out.lines().forEach(read -> {
            // Its pipe must not fill.
        }));
        return new OpenIdProvider(process, new JsonObject(line).getString("issuer"));
    }

    String issuer() {
        return issuer;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
