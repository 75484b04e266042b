package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.plan.PlanReport.Disk;
import io.accrete.coordinator.plan.PlanReport.Growth;
import io.accrete.coordinator.plan.PlanReport.Omitted;
import io.accrete.coordinator.plan.PlanReport.OtherLayout;
import io.accrete.coordinator.plan.PlanReport.Shard;
import io.accrete.protocol.merge.Site;

import org.junit.jupiter.api.Test;

import java.util.List;

class PlanReportTest {
    private static final PlanReport REPORT =
            new PlanReport(
                    "merge",
                    true,
                    List.of(),
                    "LlamaForCausalLM",
                    "passthrough",
                    1,
                    2,
                    3,
                    4,
                    "BF16",
                    List.of(new Shard("model.safetensors", 4, 2)),
                    List.of(new Site(0, "m", 5, 0, 1)),
                    "m",
                    "m",
                    true,
                    "mergekit",
                    6,
                    7,
                    8,
                    new OtherLayout("shared", 1, 9, 10, 11),
                    12,
                    new Disk("xfs", 13, 14),
                    new Growth("m", 1, 15, 16, 17),
                    List.of(new Omitted("m", "model.layers.7.*", 9, 18, "no slice")));

    @Test
    void theFieldsOfTheContractAreThere() {
        JsonNode json = new ObjectMapper().valueToTree(REPORT);

        assertThat(json.properties().stream().map(field -> field.getKey()))
                .contains(
                        "kind",
                        "ok",
                        "problems",
                        "architecture",
                        "layers",
                        "tensors",
                        "parameters",
                        "bytes",
                        "dtype",
                        "shards",
                        "sites",
                        "bytes_shared",
                        "bytes_copied",
                        "bytes_computed",
                        "memory_bytes_per_worker",
                        "omitted");
        assertThat(json.at("/shards/0").toString())
                .isEqualTo("{\"file\":\"model.safetensors\",\"bytes\":4,\"tensors\":2}");
        assertThat(json.at("/sites/0").toString())
                .isEqualTo(
                        "{\"site\":0,\"model\":\"m\",\"layer\":5,\"occurrence\":0,\"copies\":1}");
        assertThat(json.at("/other_layout/bytes_shared").asLong()).isEqualTo(9);
        assertThat(json.at("/growth/kv_bytes_per_token").asLong()).isEqualTo(17);
        assertThat(json.at("/disk/bytes_needed").asLong()).isEqualTo(13);
    }

    @Test
    void aRefusedPlanHasTheSameShape() {
        JsonNode json = new ObjectMapper().valueToTree(PlanReport.refused("linear", List.of()));

        assertThat(json.path("ok").asBoolean(true)).isFalse();
        assertThat(json.path("sites").isArray()).isTrue();
        assertThat(json.has("growth")).isFalse();
    }
}
