package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EarlyStartTest {
    private static final String FILE = "config.file";

    @BeforeEach
    void settingsThatCannotBeRead() {
        System.setProperty(FILE, "/nowhere/accrete.conf");
        ConfigFactory.invalidateCaches();
    }

    @AfterEach
    void asBefore() {
        System.clearProperty(FILE);
        ConfigFactory.invalidateCaches();
    }

    @Test
    void leavesItToTheActorSystemToSayWhatIsWrongWithSettings() {
        assertThatCode(EarlyStart::readSettings).doesNotThrowAnyException();
        assertThatThrownBy(ConfigFactory::load).isInstanceOf(ConfigException.class);
    }
}
