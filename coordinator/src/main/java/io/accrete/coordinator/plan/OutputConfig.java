package io.accrete.coordinator.plan;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ConfigEdit;
import io.accrete.protocol.model.ModelConfig;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The text of the output's config.json: the donor's own, with only what has to change. */
final class OutputConfig {
    private static final String TIED = "tie_word_embeddings";
    private static final String VOCABULARY = "vocab_size";
    private static final String TYPE = "torch_dtype";

    /** Settings that make every n-th layer another kind of layer. */
    private static final List<String> PERIODS =
            List.of(
                    "sliding_window_pattern",
                    "full_attention_interval",
                    "no_rope_layer_interval",
                    "cross_attention_frequency",
                    "attn_layer_period",
                    "expert_layer_period",
                    "interleave_moe_layer_step",
                    "decoder_sparse_step");

    private final Stack stack;
    private final CatalogModel donor;
    private final ModelConfig config;
    private final ProblemList problems;
    private ConfigEdit edit;

    private OutputConfig(Stack stack, CatalogModel donor, ProblemList problems) {
        this.stack = stack;
        this.donor = donor;
        this.config = donor.config();
        this.problems = problems;
        this.edit = new ConfigEdit(config.text());
    }

    /**
     * @param rows of the output's embedding, if it has one
     */
    static String of(
            Stack stack,
            CatalogModel donor,
            HeadRule heads,
            Casts casts,
            Optional<Long> rows,
            ProblemList problems) {
        OutputConfig output = new OutputConfig(stack, donor, problems);
        output.layers();
        output.types(casts);
        if (heads.tied() != donor.tied()) {
            output.set(output.path(TIED), heads.tied());
        }
        rows.ifPresent(output::vocabulary);
        return output.edit.text();
    }

    private void set(String path, Object value) {
        edit = edit.set(path, value);
    }

    private String path(String key) {
        return config.locate(key).orElse(key);
    }

    private void layers() {
        boolean same = isUnchangedStack();
        if (same) {
            return;
        }
        Architecture.LAYER_COUNT_KEYS.stream()
                .flatMap(key -> config.locate(key).stream())
                .findFirst()
                .filter(path -> config.at(path).map(JsonNode::asInt).orElse(-1) != stack.layers())
                .ifPresent(path -> set(path, stack.layers()));
        List<String> lists = donor.architecture().perLayerLists(config);
        lists.forEach(this::perLayer);
        donor.architecture().layerIndexLists(config).forEach(this::layerIndices);
        if (lists.stream().noneMatch(path -> path.endsWith("layer_types"))) {
            PERIODS.forEach(this::period);
        }
    }

    /** Whether every layer stands where it stood in a model with the donor's configuration. */
    private boolean isUnchangedStack() {
        int site = 0;
        for (OutputSlice slice : stack.slices()) {
            SliceInput input = slice.inputs().getFirst();
            if (input.firstLayer() != site && slice.length() > 0) {
                return false;
            }
            site += slice.length();
        }
        return site == donor.layers();
    }

    private void perLayer(String path) {
        List<Object> values = new ArrayList<>();
        for (OutputSlice slice : stack.slices()) {
            SliceInput input = slice.inputs().getFirst();
            JsonNode own = list(input.model(), path);
            for (int i = 0; i < slice.length(); i++) {
                JsonNode value = own.path(input.firstLayer() + i);
                if (value.isMissingNode()) {
                    problems.warning(
                            "PLN-043",
                            input.at(),
                            ("config.json of '%s' has a list `%s` with an entry per layer,"
                                            + " that of '%s' has none")
                                    .formatted(donor.label(), path, input.model().label()),
                            "merge models whose configurations have it");
                    return;
                }
                values.add(plain(value));
            }
        }
        set(path, values);
    }

    private static JsonNode list(CatalogModel model, String path) {
        return model.config().root().at("/" + path.replace('.', '/'));
    }

    private void layerIndices(String path) {
        List<Object> values = new ArrayList<>();
        int site = 0;
        for (OutputSlice slice : stack.slices()) {
            SliceInput input = slice.inputs().getFirst();
            List<Integer> own = new ArrayList<>();
            list(input.model(), path).forEach(index -> own.add(index.asInt()));
            for (int i = 0; i < slice.length(); i++, site++) {
                if (own.contains(input.firstLayer() + i)) {
                    values.add(site);
                }
            }
        }
        set(path, values);
    }

    private static Object plain(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isArray()) {
            List<Object> values = new ArrayList<>();
            value.forEach(item -> values.add(plain(item)));
            return values;
        }
        return value.numberValue();
    }

    private void period(String key) {
        int period = config.find(key).map(JsonNode::asInt).orElse(0);
        if (period < 2) {
            return;
        }
        int site = 0;
        for (OutputSlice slice : stack.slices()) {
            SliceInput input = slice.inputs().getFirst();
            if (slice.length() > 0 && (input.firstLayer() - site) % period != 0) {
                problems.warning(
                        "PLN-044",
                        slice.at(),
                        ("config.json of '%s' says `%s: %d`, so that the kind of a layer follows"
                             + " from where it stands; layer %d moves to %d, where another kind is"
                             + " expected")
                                .formatted(donor.label(), key, period, input.firstLayer(), site),
                        "move layers by multiples of %d".formatted(period));
                return;
            }
            site += slice.length();
        }
    }

    private void types(Casts casts) {
        casts.written()
                .map(Promotion::nameOf)
                .filter(
                        name ->
                                !config.find(TYPE)
                                        .or(() -> config.find("dtype"))
                                        .map(JsonNode::asText)
                                        .orElse("")
                                        .equals(name))
                .ifPresent(name -> set(config.dtypeKey().orElse(TYPE), name));
    }

    private void vocabulary(long rows) {
        boolean known =
                donor.embedding("")
                        .location()
                        .map(own -> own.spec().shape().extents().getFirst() == rows)
                        .orElse(false);
        if (!known && config.vocab().orElse(-1) != rows) {
            set(path(VOCABULARY), rows);
            problems.warning(
                    "PLN-047",
                    donor.at(),
                    ("config.json and tokenizer come from '%s' with %d tokens, and the embedding of"
                                    + " the output has %d rows: `%s` follows the embedding")
                            .formatted(donor.label(), config.vocab().orElse(0), rows, VOCABULARY),
                    "set `base_model` to a model with that vocabulary");
        }
    }
}
