package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.ParameterSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

class ParameterTableTest {
    /** Cases whose remedies change neither names nor settings. */
    private static final List<String> PLAIN =
            List.of("lora", "gates-channel", "gates-scalar-one-over-k", "gates-scalar-zero");

    @TempDir private Path folder;

    private Architecture architecture() throws IOException {
        TinyModels.llama().layers(3).write(folder);
        return ModelFolder.open(folder).architecture().orElseThrow();
    }

    private static SortedMap<String, Shape> grown(ModelFolder model, List<Integer> layers) {
        Architecture architecture = model.architecture().orElseThrow();
        SortedMap<String, Shape> tensors = new TreeMap<>();
        model.tensors()
                .forEach(
                        (name, location) -> {
                            if (architecture.place(name) instanceof TensorPlace.InLayer in) {
                                for (int site = 0; site < layers.size(); site++) {
                                    if (layers.get(site) == in.layer()) {
                                        tensors.put(
                                                architecture.layerTensor(site, in.suffix()),
                                                location.spec().shape());
                                    }
                                }
                            } else {
                                tensors.put(name, location.spec().shape());
                            }
                        });
        return tensors;
    }

    private List<ParameterSettings> table(String lines) throws IOException {
        Architecture architecture = architecture();
        List<Integer> layers = List.of(0, 1, 1, 2);
        return ParameterTable.of(
                TrainJobs.of(lines),
                architecture,
                Lineage.plain("m", 3).choose(layers),
                grown(ModelFolder.open(folder), layers));
    }

    private static List<String> trained(List<ParameterSettings> table) {
        return table.stream()
                .filter(ParameterSettings::trained)
                .map(ParameterSettings::name)
                .toList();
    }

    private static ParameterSettings named(List<ParameterSettings> table, String name) {
        return table.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void everythingLearnsUnlessTheJobSaysOtherwise() throws IOException {
        assertThat(table("")).hasSize(4 * 9 + 3).allMatch(ParameterSettings::trained);
        assertThat(table("")).allMatch(one -> one.rateMultiplier() == 1);
        assertThat(table("")).allMatch(one -> one.sites().equals(List.of(one.name())));
    }

    @Test
    void clonesAreTheLaterSitesOfALayer() throws IOException {
        assertThat(trained(table("trainable: clones")))
                .hasSize(9)
                .allMatch(name -> name.startsWith("model.layers.2."));
    }

    @Test
    void normsAreAllNormsWithTheLastOne() throws IOException {
        assertThat(trained(table("trainable: norms")))
                .hasSize(9)
                .contains("model.norm.weight", "model.layers.3.input_layernorm.weight");
    }

    @Test
    void patternsMatchWholeNames() throws IOException {
        assertThat(trained(table("trainable: ['*.layers.?.*.q_proj.*', model.norm]")))
                .containsExactly(
                        "model.layers.0.self_attn.q_proj.weight",
                        "model.layers.1.self_attn.q_proj.weight",
                        "model.layers.2.self_attn.q_proj.weight",
                        "model.layers.3.self_attn.q_proj.weight");
    }

    @Test
    void matricesDecayAndNormsDoNot() throws IOException {
        assertThat(named(table(""), "model.embed_tokens.weight").decays()).isTrue();
        assertThat(named(table(""), "model.norm.weight").decays()).isFalse();
        assertThat(table("optimizer: {decay: all}")).allMatch(ParameterSettings::decays);
    }

    @Test
    void theLastRuleThatMatchesWinsAndMultipliesTheShareOfTheSite() throws IOException {
        List<ParameterSettings> table =
                table(
                        "clones: {learning_rate: 1/k}\n"
                                + "learning_rates: {'*': 4, 'model.layers.1.*': 3}");
        assertThat(named(table, "model.layers.0.mlp.up_proj.weight").rateMultiplier()).isEqualTo(4);
        assertThat(named(table, "model.layers.1.mlp.up_proj.weight").rateMultiplier())
                .isEqualTo(1.5);
        assertThat(named(table, "model.layers.2.mlp.up_proj.weight").rateMultiplier()).isEqualTo(2);
        assertThat(named(table, "model.norm.weight").rateMultiplier()).isEqualTo(4);
    }

    @Test
    void tiedClonesAreOneParameterUnderTheNameOfTheFirstSite() throws IOException {
        List<ParameterSettings> table = table("clones: {tie: true}");
        assertThat(table).hasSize(3 * 9 + 3);
        assertThat(named(table, "model.layers.1.mlp.up_proj.weight").sites())
                .containsExactly(
                        "model.layers.1.mlp.up_proj.weight", "model.layers.2.mlp.up_proj.weight");
        assertThat(named(table, "model.layers.3.mlp.up_proj.weight").sites()).hasSize(1);
    }

    @Test
    void setsAndMultipliersAreThoseOfTheGoldens() throws IOException {
        ModelFolder base =
                ModelFolder.open(
                        TrainGoldens.folder("ACCRETE_DATA").resolve("models/stories260k-hf"));
        Architecture architecture = base.architecture().orElseThrow();
        for (String name : TrainGoldens.cases("case.json")) {
            JsonNode golden = TrainGoldens.json(name + "/case.json");
            if (PLAIN.contains(name) || golden.has("rounds")) {
                continue;
            }
            Lineage lineage = TrainGoldens.lineage(golden, 5);
            List<Integer> layers = lineage.sites().stream().map(site -> site.layer()).toList();
            String lines =
                    "clones: {tie: %s, learning_rate: %s}\ntrainable: %s\noptimizer: {decay: %s}"
                            .formatted(
                                    golden.path("tied_clones").asBoolean(),
                                    name.contains("over-k") ? "1/k" : "1",
                                    golden.path("trainable").asText(),
                                    golden.path("optimizer").path("decay").asText());
            List<ParameterSettings> trained =
                    ParameterTable.of(
                                    TrainJobs.of(lines), architecture, lineage, grown(base, layers))
                            .stream()
                            .filter(ParameterSettings::trained)
                            .toList();
            assertThat(trained).as(name).hasSize(golden.path("trainable_tensors").asInt());
            List<String> decayed = new ArrayList<>();
            golden.path("decayed").forEach(word -> decayed.add(word.asText()));
            for (ParameterSettings parameter : trained) {
                assertThat(parameter.rateMultiplier())
                        .as(name + " " + parameter.name())
                        .isEqualTo(multiplier(golden, parameter.name()));
                String[] parts = parameter.name().split("\\.", -1);
                assertThat(parameter.decays())
                        .as(name + " " + parameter.name())
                        .isEqualTo(decayed.contains(parts[parts.length - 2]));
            }
        }
    }

    private static double multiplier(JsonNode golden, String name) {
        for (var entry : golden.path("learning_rate_multipliers").properties()) {
            if (new NamePattern(entry.getKey()).matches(name)) {
                return entry.getValue().asDouble();
            }
        }
        throw new AssertionError("no multiplier for " + name);
    }
}
