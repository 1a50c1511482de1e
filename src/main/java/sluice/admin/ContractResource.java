package sluice.admin;

import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The contract of the admin API, an OpenAPI document. */
final class ContractResource {
    private final Reply contract = Reply.text("application/yaml", text());

    Future<Reply> answer(AdminCall call) {
        call.knows();
        return Future.succeededFuture(contract);
    }

    private static String text() {
        try (InputStream in = ContractResource.class.getResourceAsStream("/sluice/admin/openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the contract is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
