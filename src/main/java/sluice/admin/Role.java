package sluice.admin;

import java.util.Optional;

/** What a token of the admin API may do. {@link AdminRoute} is the table of who may call what. */
public sealed interface Role {

    /** Reads everything, changes nothing. */
    record Viewer() implements Role {

        @Override
        public String toString() {
            return "viewer";
        }
    }

    /** Reads and changes everything. */
    record Operator() implements Role {

        @Override
        public String toString() {
            return "operator";
        }
    }

    /** A team: sees its own tenant and nothing else, and makes and rotates the tenant's keys. */
    record OfTenant(String tenant) implements Role {

        @Override
        public String toString() {
            return TENANT + tenant;
        }
    }

    /** The prefix of the tenant's name in a team's role. */
    String TENANT = "tenant:";

    /** The role of this text; empty if there is none. A tenant's name is not judged. */
    static Optional<Role> of(String text) {
        if (text.startsWith(TENANT) && text.length() > TENANT.length()) {
            return Optional.of(new OfTenant(text.substring(TENANT.length())));
        }
        return switch (text) {
            case "viewer" -> Optional.of(new Viewer());
            case "operator" -> Optional.of(new Operator());
            default -> Optional.empty();
        };
    }
}
