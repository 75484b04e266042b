package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.Examination.Drift;
import io.accrete.protocol.train.Examination.SiteFigures;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.inference.ComparedModel;
import io.accrete.worker.inference.ModelComparison;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Drift and seams as the goldens have them; the loss without a clone against the plain way. */
class DriftGoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static List<Site> sites(GoldenModel golden) {
        List<Site> sites = new ArrayList<>();
        for (JsonNode site : golden.description().path("sites")) {
            sites.add(
                    new Site(
                            sites.size(),
                            "base",
                            site.path("source_layer").asInt(),
                            site.path("occurrence").asInt(),
                            site.path("k").asInt()));
        }
        return sites;
    }

    private static ModelComparison.Findings findings(
            GoldenModel golden, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException, InterruptedException {
        GoldenModel base = GoldenModel.of("base-5-layers");
        List<Site> sites = sites(golden);
        return new ModelComparison(
                        new ComparedModel(base.config(), base.weights(arithmetic, scope)),
                        new ComparedModel(golden.config(), golden.weights(arithmetic, scope)),
                        sites,
                        sites.stream().map(Site::layer).toList(),
                        arithmetic,
                        scope)
                .examine(List.of(TokenRow.of(golden.longs("input_ids"))), true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one-over-k-5-to-10",
                "one-over-k-5-to-8",
                "self-merge-5-to-10-twice",
                "self-merge-5-to-8-interposed",
                "self-merge-5-to-8"
            })
    void driftAndSeamsAreTheExpectedOnes(String name) throws Exception {
        GoldenModel golden = GoldenModel.of(name);
        JsonNode expected =
                JSON.readTree(
                        GoldenModel.goldens()
                                .resolve("model")
                                .resolve(name)
                                .resolve("drift.json")
                                .toFile());
        double tolerance = expected.path("tolerance_abs").asDouble();
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            ModelComparison.Findings found = findings(golden, arithmetic, scope);
            assertThat(found.sites()).hasSize(expected.path("sites").size());
            for (SiteFigures site : found.sites()) {
                JsonNode own = expected.path("sites").path(site.site());
                compare(
                        Optional.ofNullable(site.againstBase()).orElseThrow(),
                        own.path("against_base"),
                        tolerance);
                compare(site.change(), own.path("site_change"), tolerance);
            }
            compare(found.finalNorm(), expected.path("final_norm"), tolerance);
            assertThat(found.loss())
                    .isCloseTo(golden.description().path("loss").asDouble(), within(1e-5));
        }
    }

    private static void compare(Drift found, JsonNode expected, double tolerance) {
        assertThat(found.relativeMean())
                .isCloseTo(expected.path("relative_mean").asDouble(), within(tolerance));
        assertThat(found.relativeFrobenius())
                .isCloseTo(expected.path("relative_frobenius").asDouble(), within(tolerance));
        assertThat(found.cosineMean())
                .isCloseTo(expected.path("cosine_mean").asDouble(), within(tolerance));
    }

    @Test
    void cloneByCloneTheLossWithoutItIsThatOfTheModelThatLacksIt() throws Exception {
        GoldenModel golden = GoldenModel.of("self-merge-5-to-8");
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            ModelComparison.Findings found = findings(golden, arithmetic, scope);
            assertThat(found.sites())
                    .filteredOn(site -> site.lossWithout() != null)
                    .extracting(SiteFigures::site)
                    .containsExactly(4, 5, 6);
            // Without site 4: 0 1 2 3 2 3 4.
            int[] left = {0, 1, 2, 3, 2, 3, 4};
            GoldenModel base = GoldenModel.of("base-5-layers");
            WeightSource own = base.weights(arithmetic, scope);
            LayerStack stack =
                    new LayerStack(
                            base.config().withLayers(left.length),
                            name ->
                                    LlamaConfig.isInLayer(name)
                                            ? own.tensor(
                                                    LlamaConfig.layerTensor(
                                                            left[LlamaConfig.layerOf(name)],
                                                            LlamaConfig.suffixOf(name)))
                                            : own.tensor(name),
                            arithmetic,
                            DType.F32,
                            scope);
            TokenRow row = TokenRow.of(golden.longs("input_ids"));
            Shape shape = Shape.of(1, row.length());
            Tensor states = stack.states(scope.longs(row.ids(), shape), (l, x) -> {}, scope);
            double sum = 0;
            for (float nll :
                    stack.score(states, scope.longs(row.targets(), shape), scope).floats()) {
                sum += nll;
            }
            assertThat(found.sites().get(4).lossWithout())
                    .isCloseTo(sum / row.scored(), within(1e-9));
        }
    }

    @Test
    void aCloneThatAddsNothingIsMissedByNobody() throws Exception {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            ModelComparison.Findings found =
                    findings(GoldenModel.of("identity-clones-5-to-8"), arithmetic, scope);
            assertThat(found.loss()).isEqualTo(found.baseLoss());
            assertThat(found.finalNorm())
                    .isEqualTo(new Drift(0.0, 0.0, found.finalNorm().cosineMean()));
            assertThat(found.sites())
                    .filteredOn(site -> site.occurrence() > 0)
                    .hasSize(3)
                    .allMatch(site -> Objects.equals(site.lossWithout(), found.loss()));
        }
    }
}
