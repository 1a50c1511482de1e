package sluice.simulator.answers;

import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/** Reads the parameters of a call; throws {@link BadCall} as the API does for what is missing or malformed. */
public final class Parameters {
    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}");
    private static final String MISSING_MODEL = "missing-";

    private Parameters() {}

    public static String model(@Nullable Object value) {
        if (value == null) {
            throw new BadCall(ApiError.missing("model"));
        }
        if (!(value instanceof String model)) {
            throw wrongType("model", "a string");
        }
        if (!MODEL.matcher(model).matches()) {
            throw new BadCall(ApiError.invalid("invalid model ID", "model", null));
        }
        if (isMissing(model)) {
            throw new BadCall(ApiError.unknownModel(model));
        }
        return model;
    }

    /** Whether this model does not exist; all others do. */
    public static boolean isMissing(String model) {
        return model.startsWith(MISSING_MODEL) || !MODEL.matcher(model).matches();
    }

    public static Object required(JsonObject body, String name) {
        Object value = body.getValue(name);
        if (value == null) {
            throw new BadCall(ApiError.missing(name));
        }
        return value;
    }

    public static boolean flag(JsonObject body, String name) {
        Object value = body.getValue(name);
        if (value != null && !(value instanceof Boolean)) {
            throw wrongType(name, "a boolean");
        }
        return Boolean.TRUE.equals(value);
    }

    static int number(JsonObject body, String name, int least, int most, int ifAbsent) {
        Object value = body.getValue(name);
        if (value == null) {
            return ifAbsent;
        }
        if (!(value instanceof Integer number)) {
            throw wrongType(name, "an integer");
        }
        if (number < least) {
            throw new BadCall(
                    ApiError.invalid("Invalid '" + name + "': integer below minimum value. Expected a value >= "
                            + least + ", but got " + number + " instead.", name, "integer_below_min_value"));
        }
        if (number > most) {
            throw new BadCall(
                    ApiError.invalid("Invalid '" + name + "': integer above maximum value. Expected a value <= "
                            + most + ", but got " + number + " instead.", name, "integer_above_max_value"));
        }
        return number;
    }

    static BadCall wrongType(String name, String expected) {
        return new BadCall(ApiError.invalid("Invalid type for '" + name + "': expected " + expected + ".", name,
                "invalid_type"));
    }
}
