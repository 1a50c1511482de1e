package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;

/** The list of models, which spends no quota. Models that are not in it exist as well. */
final class Catalogue {
    private static final long CREATED = 1_700_000_000;
    private static final List<String> MODELS = List.of("gpt-3.5-turbo", "gpt-3.5-turbo-instruct", "gpt-4.1",
            "gpt-4.1-mini", "gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "o4-mini", "omni-moderation-latest",
            "text-embedding-3-large", "text-embedding-3-small");

    private final Accounts accounts;
    private final Supplier<Faults> faults;

    Catalogue(Accounts accounts, Supplier<Faults> faults) {
        this.accounts = accounts;
        this.faults = faults;
    }

    void list(Exchange exchange) {
        authenticated(exchange, () -> {
            JsonArray data = new JsonArray();
            MODELS.forEach(model -> data.add(entry(model)));
            exchange.answer(new JsonObject().put("object", "list").put("data", data));
        });
    }

    void one(String model, Exchange exchange) {
        authenticated(exchange, () -> {
            if (CallReader.isMissing(model)) {
                throw new BadCall(ApiError.unknownModel(model));
            }
            exchange.answer(entry(model));
        });
    }

    private void authenticated(Exchange exchange, Runnable answer) {
        exchange.body(none -> {
            try {
                accounts.authenticate(exchange, faults.get());
                answer.run();
            } catch (BadCall refused) {
                exchange.fail(refused.answer());
            }
        });
    }

    private static JsonObject entry(String model) {
        return new JsonObject().put("id", model).put("object", "model").put("created", CREATED)
                .put("owned_by", "system");
    }
}
