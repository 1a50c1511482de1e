package sluice.login;

import java.util.Set;

/**
 * Somebody whom the provider vouches for.
 *
 * @param subject who it is, which never changes
 * @param name    what people call it
 * @param groups  it belongs to
 */
public record Person(String subject, String name, Set<String> groups) {

    public Person {
        groups = Set.copyOf(groups);
    }
}
