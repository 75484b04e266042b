package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorSystem;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;

import io.accrete.protocol.job.JournalEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.NotSerializableException;
import java.nio.file.Path;

class UnusedSerializerTest {
    @Test
    void anEmbeddedClusterCanWriteWhatTheJournalHoldsAndNothingElse(@TempDir Path folder)
            throws NotSerializableException {
        ActorSystem<Void> system =
                ActorSystem.create(
                        RootGuardian.create(), "embedded", EmbeddedCluster.settings(folder));
        try {
            Serialization serialization = SerializationExtension.get(system);

            assertThat(serialization.serializerFor(JournalEvent.class).identifier())
                    .isEqualTo(4711);
            assertThatThrownBy(() -> serialization.serializerFor(String.class))
                    .isInstanceOf(NotSerializableException.class);
        } finally {
            system.terminate();
        }
    }

    @Test
    void isOneForAllNamesAndWritesNothing() {
        UnusedSerializer serializer = new UnusedSerializer();

        assertThat(serializer).isEqualTo(new UnusedSerializer());
        assertThatThrownBy(() -> serializer.toBinary("a")).hasMessageContaining("java.lang.String");
    }
}
