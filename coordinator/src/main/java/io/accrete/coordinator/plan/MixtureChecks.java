package io.accrete.coordinator.plan;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.Architecture.Origin;
import io.accrete.protocol.model.ArchitectureTable;
import io.accrete.protocol.model.ModelConfig;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be wrong with the models by themselves and with mixing them. */
final class MixtureChecks {
    /** Settings that change what a layer computes although all shapes agree. */
    private static final List<String> BEHAVIOUR =
            List.of(
                    "rope_theta",
                    "rope_scaling",
                    "rms_norm_eps",
                    "layer_norm_epsilon",
                    "layer_norm_eps",
                    "hidden_act",
                    "hidden_activation",
                    "num_attention_heads",
                    "num_key_value_heads",
                    "head_dim",
                    "sliding_window",
                    "attention_bias",
                    "mlp_bias",
                    "partial_rotary_factor",
                    "attn_logit_softcapping",
                    "final_logit_softcapping",
                    "query_pre_attn_scalar",
                    "logit_scale",
                    "embedding_multiplier",
                    "residual_multiplier",
                    "num_experts_per_tok",
                    "num_local_experts");

    /** Keys of models with encoder and decoder, beside the one that counts layers. */
    private static final List<String> STACK_COUNTS = List.of("encoder_layers", "decoder_layers");

    private final Catalog catalog;
    private final ProblemList problems;

    MixtureChecks(Catalog catalog, ProblemList problems) {
        this.catalog = catalog;
        this.problems = problems;
    }

    /**
     * @param donor the model whose configuration the output gets
     * @param allowCrimes architectures may differ
     */
    void mixture(CatalogModel donor, boolean allowCrimes) {
        for (CatalogModel model : catalog.all()) {
            origin(model);
            if (!model.equals(donor)) {
                architecture(donor, model, allowCrimes);
                behaviour(donor, model);
            }
        }
    }

    private void origin(CatalogModel model) {
        if (model.architecture().origin() == Origin.INFERRED) {
            problems.warning(
                    "PLN-018",
                    model.at(),
                    "%s, the architecture of model '%s', %s: its layers (`%s`) are"
                                    .formatted(
                                            model.architectureName(),
                                            model.label(),
                                            unlisted(model.architectureName()),
                                            model.layerName(0, "*"))
                            + " told from the names of its tensors, and all tensors are"
                            + " carried over",
                    "look at the layer map, and at config.json of the result");
        }
    }

    /**
     * Whether config.json can say how many layers there are then. Where a model has two stacks of
     * layers, as T5 has, its configuration has a number for each under names that no rule tells.
     *
     * @param layers of the output
     */
    void growth(CatalogModel donor, int layers) {
        Architecture architecture = donor.architecture();
        Optional<String> key =
                Architecture.LAYER_COUNT_KEYS.stream()
                        .filter(name -> donor.config().at(name).isPresent())
                        .findFirst();
        // In the configuration of a part only the layers of that part are counted.
        if (architecture.origin() != Origin.INFERRED || key.isEmpty() || layers == donor.layers()) {
            return;
        }
        boolean namesStacks = STACK_COUNTS.stream().anyMatch(k -> donor.config().at(k).isPresent());
        architecture.otherLayers(donor.folder().tensors().keySet()).entrySet().stream()
                .filter(other -> other.getValue() == donor.layers() || namesStacks)
                .findFirst()
                .ifPresent(
                        other ->
                                problems.error(
                                        "PLN-040",
                                        donor.at(),
                                        ("model '%s' has a second stack of %s (`%s`) beside the one"
                                             + " that changes from %d to %d (`%s`), and `%s: %d` of"
                                             + " its config.json may count either: the result might"
                                             + " not load")
                                                .formatted(
                                                        donor.label(),
                                                        Quantity.of(other.getValue(), "layer"),
                                                        other.getKey() + "*",
                                                        donor.layers(),
                                                        layers,
                                                        donor.layerName(0, "*"),
                                                        key.get(),
                                                        donor.layers()),
                                        "grow models of one stack of layers, such as decoder-only"
                                                + " language models"));
    }

    private static String unlisted(String architecture) {
        return ArchitectureTable.find(architecture)
                .map(
                        known ->
                                "is in the table, but there layers are called `%s`"
                                        .formatted(known.layerTensor(0, "*")))
                .orElse("is not in the table");
    }

    private void architecture(CatalogModel donor, CatalogModel model, boolean allowCrimes) {
        if (donor.architectureName().equals(model.architectureName())) {
            return;
        }
        String message =
                "model '%s' is %s and model '%s' is %s"
                        .formatted(
                                donor.label(),
                                donor.architectureName(),
                                model.label(),
                                model.architectureName());
        if (!donor.architecture().layerPrefix().equals(model.architecture().layerPrefix())) {
            problems.error(
                    "PLN-016",
                    model.at(),
                    message
                            + ", and their tensors have other names (`%s0` and `%s0`)"
                                    .formatted(
                                            donor.architecture().layerPrefix(),
                                            model.architecture().layerPrefix()),
                    "merge models of one architecture");
        } else if (allowCrimes) {
            problems.warning(
                    "PLN-015",
                    model.at(),
                    message + "; the output is said to be " + donor.architectureName(),
                    "check that the result computes what you want");
        } else {
            problems.error(
                    "PLN-014",
                    model.at(),
                    message,
                    "merge models of one architecture, write `override_architecture` where the"
                            + " name alone differs, or give --allow-crimes");
        }
    }

    private void behaviour(CatalogModel donor, CatalogModel model) {
        List<String> differences = new ArrayList<>();
        for (String key : BEHAVIOUR) {
            String a = value(donor.config(), key);
            String b = value(model.config(), key);
            if (!a.equals(b)) {
                differences.add("%s %s against %s".formatted(key, b, a));
            }
        }
        if (!differences.isEmpty()) {
            problems.warning(
                    "PLN-017",
                    model.at(),
                    "the layers of model '%s' were trained with other settings than those of '%s',"
                                    .formatted(model.label(), donor.label())
                            + " whose config.json the output gets: "
                            + String.join(", ", differences),
                    "merge models that agree in these, or choose another `base_model`");
        }
    }

    private static String value(ModelConfig config, String key) {
        return switch (key) {
            case "rope_theta" -> text(config.ropeTheta().stream().boxed().findFirst());
            case "rope_scaling" -> text(config.ropeScaling());
            case "num_key_value_heads" -> text(config.kvHeads().stream().boxed().findFirst());
            case "head_dim" -> text(config.headDim().stream().boxed().findFirst());
            default -> text(config.find(key));
        };
    }

    /** A flag that is off and one that is not there are the same. */
    private static String text(Optional<?> value) {
        Object known = value.map(Object.class::cast).orElse(false);
        return switch (known) {
            case JsonNode node when node.isNumber() -> plain(node.decimalValue());
            case Double number -> plain(BigDecimal.valueOf(number));
            case JsonNode node when node.isTextual() -> node.textValue();
            default -> known.toString().equals("false") ? "unset" : known.toString();
        };
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
