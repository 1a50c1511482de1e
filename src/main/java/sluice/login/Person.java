package sluice.login;

import java.util.Set;

/**
 * Somebody who has logged in at the provider.
 *
 * @param subject identifies them forever
 * @param name    what people call them
 * @param groups  they belong to
 */
public record Person(String subject, String name, Set<String> groups) {

    public Person {
        groups = Set.copyOf(groups);
    }
}
