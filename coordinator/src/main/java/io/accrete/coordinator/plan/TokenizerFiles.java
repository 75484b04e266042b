package io.accrete.coordinator.plan;

import io.accrete.protocol.model.Vocabulary;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of a model folder that travel with its weights: tokenizer, chat template, generation
 * settings.
 *
 * @param paths name in the folder to absolute path
 * @param sha256 of the file that has the vocabulary, in hex; absent if there is none
 * @param vocabulary where it was asked for and can be read
 * @param settings text of {@code tokenizer_config.json}
 */
public record TokenizerFiles(
        Map<String, String> paths,
        Optional<String> sha256,
        Optional<Vocabulary> vocabulary,
        Optional<String> settings) {
    public static final TokenizerFiles NONE =
            new TokenizerFiles(Map.of(), Optional.empty(), Optional.empty(), Optional.empty());

    public TokenizerFiles {
        paths = Collections.unmodifiableMap(new TreeMap<>(paths));
    }
}
