package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EarlySettingsTest {
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
        assertThat(EarlySettings.read()).isEmpty();
        assertThatThrownBy(ConfigFactory::load).isInstanceOf(ConfigException.class);
    }
}
