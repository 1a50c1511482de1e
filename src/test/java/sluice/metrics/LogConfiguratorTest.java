package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class LogConfiguratorTest {
    @TempDir
    private Path folder = Path.of("");

    private final LoggerContext context = new LoggerContext();
    private final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);

    @AfterEach
    void stop() {
        System.clearProperty(ClassicConstants.CONFIG_FILE_PROPERTY);
        context.stop();
    }

    @Test
    void logsEventsAndCallsApart() throws JoranException {
        new ContextInitializer(context).autoConfig();
        Logger access = context.getLogger("sluice.access");
        assertThat(root.getAppender("log-later").isStarted()).isTrue();
        assertThat(access.getAppender("access-later").isStarted()).isTrue();
        assertThat(access.isAdditive()).isFalse();
        assertThat(context.getStatusManager().getCopyOfStatusList()).noneMatch(status -> status.getLevel() > 0);
    }

    @Test
    void givenFileTakesItsPlace() throws IOException, JoranException {
        Path file = Files.writeString(folder.resolve("quiet.xml"),
                "<configuration><root level=\"OFF\"/></configuration>");
        System.setProperty(ClassicConstants.CONFIG_FILE_PROPERTY, file.toString());
        new ContextInitializer(context).autoConfig();
        assertThat(root.getLevel()).isEqualTo(Level.OFF);
        assertThat(root.iteratorForAppenders()).isExhausted();
        assertThat(context.getLogger("sluice.access").iteratorForAppenders()).isExhausted();
    }
}
