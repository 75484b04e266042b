package io.accrete.worker.train;

import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.data.ModelVocabulary;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The beginnings that a job wants to be gone on from. */
public final class SamplePrompts {
    /** Ids that a model adds to a beginning. */
    public static final int NEW_IDS = 32;

    /** Of the longest row that comes of it. */
    public static final int POSITIONS_MAX = 288;

    private static final int PROMPTS_MAX = 16;

    private SamplePrompts() {}

    /**
     * Each as a BOS and the ids of its text, cut where it is too long.
     *
     * @throws IOException if there is no tokenizer to read them with
     */
    public static List<long[]> of(TrainJob job, ModelVocabulary vocabulary) throws IOException {
        List<long[]> prompts = new ArrayList<>();
        List<String> asked = job.monitor().sample();
        for (String text : asked.subList(0, Math.min(PROMPTS_MAX, asked.size()))) {
            long[] ids = vocabulary.encode(text);
            long[] prompt = new long[Math.min(POSITIONS_MAX - NEW_IDS, ids.length + 1)];
            prompt[0] = vocabulary.bos();
            System.arraycopy(ids, 0, prompt, 1, prompt.length - 1);
            prompts.add(prompt);
        }
        return prompts;
    }
}
