package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluice.login.Person;
import sluice.testing.ManualTime;

class SessionsTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Role OPERATOR = new Role.Operator();

    private final ManualTime time = new ManualTime();
    private final Sessions sessions = new Sessions(time.time());

    private static Person person(String subject, String... groups) {
        return new Person(subject, "Name of " + subject, Set.of(groups));
    }

    @Test
    void oneLastsAsLongAsItShould() {
        String id = sessions.begin(person("1"), OPERATOR, HOUR);
        time.advance(HOUR.minusMillis(1));
        assertThat(sessions.of(id)).hasValueSatisfying(
                session -> assertThat(session.name()).isEqualTo("oidc:Name of 1 (1)"));
        time.advance(Duration.ofMillis(1));
        assertThat(sessions.of(id)).isEmpty();
        assertThat(sessions.count()).isZero();
    }

    @Test
    void noIdOpensAnother() {
        String id = sessions.begin(person("1"), OPERATOR, HOUR);
        assertThat(sessions.of("")).isEmpty();
        assertThat(sessions.of(id + "x")).isEmpty();
        assertThat(sessions.begin(person("1"), OPERATOR, HOUR)).isNotEqualTo(id);
        sessions.end(id);
        assertThat(sessions.of(id)).isEmpty();
    }

    @Test
    void theyAreBounded() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            many.add(sessions.begin(person("1"), OPERATOR, HOUR));
        }
        assertThat(sessions.of(many.getFirst())).as("ten of one person").isEmpty();
        assertThat(sessions.of(many.get(1))).isPresent();
        for (int i = 0; i < 2_000; i++) {
            sessions.begin(person("p" + i), OPERATOR, HOUR);
        }
        assertThat(sessions.count()).isEqualTo(1_000);
        assertThat(sessions.of(many.getLast())).isEmpty();
    }

    @Test
    void aLoginWithOtherGroupsEndsTheEarlierOnes() {
        String before = sessions.begin(person("1", "ops"), OPERATOR, HOUR);
        String other = sessions.begin(person("2", "ops"), OPERATOR, HOUR);
        String after = sessions.begin(person("1", "readers"), new Role.Viewer(), HOUR);
        assertThat(sessions.of(before)).isEmpty();
        assertThat(sessions.of(other)).isPresent();
        assertThat(sessions.of(after)).isPresent();
    }
}
