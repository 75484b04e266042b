package io.accrete.protocol.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.protocol.model.Projection;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

class TrainJobTest {

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    @ParameterizedTest
    @MethodSource("jobs")
    void comesBackFromItsJson(TrainJob job) throws Exception {
        assertThat(MAPPER.readValue(MAPPER.writeValueAsBytes(job), TrainJob.class)).isEqualTo(job);
    }

    @Test
    void aGrowthWithoutWhatCameLaterHasTheJsonThatItHad() throws Exception {
        String json =
                """
                {"rounds":{"rounds":"listed","rounds":[{"afterSite":2,"steps":null}]},\
                "plateau":{"patience":3,"minimumSteps":50,"delta":0.002}}\
                """;
        GrowSettings read = MAPPER.readValue(json, GrowSettings.class);
        assertThat(read.stepsBefore()).isZero();
        assertThat(MAPPER.writeValueAsString(read)).isEqualTo(json);
    }

    static Stream<TrainJob> jobs() {
        return Stream.of(
                job(
                        new StartingModel.Folder("out/grown"),
                        new TrainableSet.Matching(List.of("*.q_proj.weight")),
                        OptionalDouble.of(1),
                        OptionalInt.empty()),
                job(
                        new StartingModel.Merge("grow.yml"),
                        new TrainableSet.Clones(),
                        OptionalDouble.empty(),
                        OptionalInt.of(3)));
    }

    private static TrainJob job(
            StartingModel start,
            TrainableSet trainable,
            OptionalDouble clipNorm,
            OptionalInt stages) {
        return new TrainJob(
                start,
                List.of(0, 1, 1, 2),
                new CloneSettings(
                        CloneSettings.Init.ONE_OVER_K,
                        true,
                        OptionalInt.of(9),
                        CloneSettings.Rate.ONE_OVER_K,
                        Optional.of(
                                new GateSettings(
                                        GateSettings.Kind.CHANNEL,
                                        OptionalDouble.empty(),
                                        10,
                                        Optional.of(new GateSettings.Clamp(-1, 1.5)),
                                        new GateSettings.Where.Listed(List.of(1, 2))))),
                trainable,
                List.of(new RateRule("model.layers.3.*", 0.5)),
                Optional.of(new LoraSettings(8, 16, List.of(Projection.Q), Optional.of("adapter"))),
                Optional.of(
                        new DistillSettings(
                                new DistillSettings.Teacher.Folder("models/base"),
                                0.5,
                                2,
                                List.of(1, 3),
                                0.1)),
                new DataSettings(List.of("stories.txt"), List.of(), 512, true, true),
                new BatchSettings(4, 8),
                new OptimizerSettings(
                        3e-5,
                        0.9,
                        0.95,
                        1e-8,
                        0.1,
                        OptimizerSettings.Decay.MATRICES,
                        clipNorm,
                        OptimizerSettings.Schedule.COSINE,
                        20,
                        0),
                200,
                Optional.of(
                        new GrowSettings(
                                new GrowSettings.Rounds.Ordered(
                                        GrowSettings.Order.TOP_DOWN, 2, 140),
                                Optional.of(new GrowSettings.Plateau(3, 50, 0.002)),
                                20,
                                true)),
                new PipelineSettings(
                        stages,
                        2,
                        PipelineSettings.Schedule.INTERLEAVED,
                        PipelineSettings.Activations.AUTO,
                        1),
                new CheckpointSettings(20, 3),
                new MonitorSettings(
                        20,
                        List.of("Once"),
                        Optional.of(
                                new SpikeSettings(
                                        6,
                                        List.of(
                                                new SpikeAction.RollBack(20, 0.5, true),
                                                new SpikeAction.Pause())))),
                new OutputSettings(DType.F32, 5_000_000_000L, OutputSettings.Which.BEST),
                7);
    }
}
