package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.jackson.JacksonObjectMapperProvider;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.train.Bearings;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.StageLoad;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.Wire;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class WireFormatTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Checkpoint CHECKPOINT =
            new Checkpoint(20, "/s/step-20.1", List.of(new CheckpointPart("stage-0", 7, "aa")));
    private static final Bearings BEARINGS =
            new Bearings(
                    9,
                    1,
                    TrainState.START,
                    Optional.of("/s/step-10.1"),
                    Optional.of(new Bearings.Unsettled(20, "/s/step-20.1", TrainState.START)),
                    Optional.of(new Bearings.Unjournaled(CHECKPOINT, TrainState.START)),
                    MetricsMark.from(7).with("{}\n"));
    private static final StageCommand.InCourse SAVE =
            new StageCommand.Save(1, Optional.empty(), 20, "/s/step-20.1", BEARINGS);

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void everyMessageComesOutAsItWentIn() {
        for (Wire message : messages()) {
            assertThat(KIT.serializationTestKit().verifySerialization(message, true))
                    .isEqualTo(message);
        }
    }

    /** As a worker says it that does not know of devices. */
    @Test
    void aProfileWithoutADeviceIsOfAProcessor() throws IOException {
        ObjectMapper mapper =
                JacksonObjectMapperProvider.get(Adapter.toClassic(KIT.system()))
                        .getOrCreate("jackson-cbor", Optional.empty());
        WorkerProfile own = WorkerProfiles.of("w", "host", 1, "c");
        ObjectNode older = mapper.valueToTree(own);
        assertThat(older.remove("device")).isNotNull();

        assertThat(mapper.treeToValue(older, WorkerProfile.class)).isEqualTo(own);
        assertThat(own.device()).isEqualTo(WorkerDevice.CPU);
    }

    @Test
    void everyMessageHasAnExample() {
        Set<Class<?>> examples =
                messages().stream().map(Wire::getClass).collect(Collectors.toSet());
        assertThat(examples)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(
                                        PoolMessage.class,
                                        WorkerMessage.class,
                                        StageCommand.class,
                                        StageAnswer.class)
                                .flatMap(WireFormatTest::kinds)
                                .collect(Collectors.<Class<?>>toSet()));
    }

    private static Stream<Class<?>> kinds(Class<?> group) {
        return group.isRecord()
                ? Stream.of(group)
                : Arrays.stream(group.getPermittedSubclasses()).flatMap(WireFormatTest::kinds);
    }

    private static List<Wire> stageCommands() {
        return List.of(
                new StageCommand.Begin(
                        1,
                        0,
                        Optional.of(CHECKPOINT),
                        true,
                        new Seating(
                                1L << 20,
                                new LinkSecret("ab"),
                                List.of(0, 0, 1),
                                List.of(Optional.of(new LinkAddress("h", 7)), Optional.empty())),
                        BEARINGS),
                new StageCommand.Step(
                        1, Optional.of(new StepVerdict.Apply(1e-3, 0.5)), 3, 24, BEARINGS),
                new StageCommand.Score(1, Optional.of(new StepVerdict.Skip("why")), 3, BEARINGS),
                SAVE,
                new StageCommand.Settle(
                        1, Optional.of(new StepVerdict.Apply(1e-3, 1)), 20, BEARINGS),
                new StageCommand.Export(1, CHECKPOINT, "/s/model"));
    }

    private static List<Wire> stageAnswers() {
        ActorRef<StageCommand> host = KIT.createTestProbe("host", StageCommand.class).getRef();
        SortedMap<String, Double> squares = new TreeMap<>(Map.of("w", 0.25, "v", Double.NaN));
        return List.of(
                new StageAnswer.Arrived(
                        0,
                        new Epoch(3, 17),
                        "w",
                        "avx2",
                        Optional.of(new LinkAddress("h", 7)),
                        Optional.of(SAVE),
                        host),
                new StageAnswer.EdgeBroken(0, 1, 7, "why", List.of(new LinkAddress("h", 7))),
                new StageAnswer.Begun(0, 1, List.of("split")),
                new StageAnswer.Stepped(0, 1, 3, figures(squares), true),
                new StageAnswer.Scored(0, 1, 3, 2.5, 9, List.of(new SampleText("a", "b"))),
                new StageAnswer.Saved(0, 1, 20),
                new StageAnswer.Settled(0, 1, 20, CHECKPOINT.parts()),
                new StageAnswer.Exported(
                        0,
                        1,
                        List.of(
                                new WrittenShard(
                                        "model.safetensors",
                                        9,
                                        "bb",
                                        new TreeMap<>(Map.of("w", "cc")))),
                        Optional.of(
                                new Examination(
                                        9,
                                        2.5,
                                        2,
                                        List.of(
                                                new Examination.SiteFigures(
                                                        0,
                                                        0,
                                                        0,
                                                        null,
                                                        new Examination.Drift(1.0, 2.0, 0.5),
                                                        3.5,
                                                        null,
                                                        0.5)),
                                        new Examination.Drift(1.0, 2.0, 0.5),
                                        List.of(new Examination.Sample("a", "b", "c")),
                                        new Examination.Pace(1),
                                        new Examination.Pace(2),
                                        new Examination.Grown(
                                                3, List.of(), new Examination.Drift(1.0, 2.0, 0.5)),
                                        new Examination.Validation(99, 2.25)))),
                new StageAnswer.Unable(
                        0, 1, TaskFailure.Kind.IO, Problem.error("RES-202", null, "why", "how")));
    }

    private static StepFigures figures(SortedMap<String, Double> squares) {
        return new StepFigures(
                List.of(new MicroLoss(2.5, 2.5, 0, 0)),
                new TreeMap<>(Map.of(3, List.of(new MicroLoss(0.1, 0, 0, 0.2)))),
                List.of(9),
                squares,
                new TreeMap<>(Map.of("model.layers.1.mlp_gate", 0.5)),
                new TreeMap<>(Map.of(1, new StageLoad(0.5, 1.25, 2, 4_096))));
    }

    private static List<Wire> messages() {
        List<Wire> all = new ArrayList<>(poolMessages());
        all.addAll(stageCommands());
        all.addAll(stageAnswers());
        return all;
    }

    private static List<Wire> poolMessages() {
        ActorRef<WorkerMessage> worker = worker();
        ActorRef<PoolMessage> pool = pool();
        Epoch epoch = new Epoch(3, 17);
        ShardReceipt receipt =
                new ShardReceipt(
                        4,
                        1_000,
                        "aa",
                        List.of(new ShardReceipt.TensorDigest(0, "bb")),
                        List.of(new ShardReceipt.TensorDigest(1, "cc")),
                        List.of(new ShardReceipt.NonFinite("t", 1, 2)),
                        new ShardReceipt.Moved(1, 2, 3));
        return List.of(
                new PoolMessage.Register(
                        new WorkerProfile(
                                "w",
                                "host",
                                12,
                                2,
                                "avx2",
                                "0.1",
                                Optional.of(new LinkAddress("h", 7)),
                                new WorkerDevice("cuda:1", "NVIDIA H200", 1L << 37)),
                        worker,
                        Optional.of("sick"),
                        List.of(new KeptStages(epoch, "j", "cc", 0, 2))),
                new PoolMessage.Pull(worker),
                new PoolMessage.Heartbeat(worker, List.of(new PoolMessage.Running(epoch, 5))),
                new PoolMessage.Completed(worker, epoch, receipt),
                new PoolMessage.Failed(
                        worker, epoch, new TaskFailure(TaskFailure.Kind.DISK_FULL, "full")),
                new PoolMessage.Leaving(worker),
                new WorkerMessage.Registered(3, pool),
                new WorkerMessage.Unknown(3, pool),
                new WorkerMessage.Drain("sick"),
                new WorkerMessage.Grant(
                        epoch,
                        Duration.ofSeconds(15),
                        new TaskRef(
                                "j", "/plan.json", "cc", 4, "/tmp/s.3-17", CopiedBytes.SCANNED)),
                new WorkerMessage.Settled(epoch),
                new WorkerMessage.Revoke(epoch, "why"));
    }

    private static ActorRef<WorkerMessage> worker() {
        TestProbe<WorkerMessage> probe = KIT.createTestProbe("worker", WorkerMessage.class);
        return probe.getRef();
    }

    private static ActorRef<PoolMessage> pool() {
        TestProbe<PoolMessage> probe = KIT.createTestProbe("pool", PoolMessage.class);
        return probe.getRef();
    }
}
