package io.accrete.coordinator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.model.ConfigEdit;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of the output beside its shards.
 *
 * @param texts name to text
 * @param carried name to the absolute path of the file that it is a copy of
 */
record OutputFiles(SortedMap<String, String> texts, SortedMap<String, String> carried) {
    private static final String SETTINGS = "tokenizer_config.json";
    private static final String RECIPE = "mergekit_config.yml";
    private static final ObjectMapper JSON = new ObjectMapper();

    static OutputFiles of(MergeRecipe recipe, CatalogModel tokenizerDonor, MergeOptions options) {
        OutputFiles files = new OutputFiles(new TreeMap<>(), new TreeMap<>());
        if (options.copyTokenizer()) {
            files.carried.putAll(tokenizerDonor.tokenizer().paths());
        }
        recipe.chatTemplate()
                .map(Located::value)
                .flatMap(ChatTemplates::text)
                .ifPresent(template -> files.chatTemplate(template, tokenizerDonor));
        if (options.writeModelCard()) {
            files.texts.put(RECIPE, recipe.text());
        }
        return files;
    }

    /** The file counts for new readers; old ones know only the entry in the settings. */
    private void chatTemplate(String template, CatalogModel donor) {
        carried.remove("chat_template.json");
        carried.remove(ChatTemplates.FILE);
        texts.put(ChatTemplates.FILE, template);
        Optional<String> settings = donor.tokenizer().settings();
        if (carried.containsKey(SETTINGS) && settings.map(OutputFiles::hasTemplate).orElse(false)) {
            carried.remove(SETTINGS);
            texts.put(
                    SETTINGS,
                    new ConfigEdit(settings.orElseThrow()).set("chat_template", template).text());
        }
    }

    private static boolean hasTemplate(String settings) {
        try {
            return JSON.readValue(settings, Map.class).containsKey("chat_template");
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
