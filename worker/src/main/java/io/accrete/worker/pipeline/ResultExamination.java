package io.accrete.worker.pipeline;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.Examination.Sample;
import io.accrete.protocol.train.Examination.SiteFigures;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.worker.data.DataException;
import io.accrete.worker.data.EvaluationRows;
import io.accrete.worker.data.ModelTokenizer;
import io.accrete.worker.data.ModelVocabulary;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.data.TrainingRows;
import io.accrete.worker.inference.ComparedModel;
import io.accrete.worker.inference.ModelComparison;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;
import io.accrete.worker.train.SamplePrompts;
import io.accrete.worker.train.TrainedGates;
import io.accrete.worker.train.TrainingModel;
import io.accrete.worker.train.WrittenWeights;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the result of a training, and at how it began, beside the model that it grew from. */
final class ResultExamination {
    private static final Logger LOG = LoggerFactory.getLogger(ResultExamination.class);

    /** That the whole may take: a minute on one core. */
    private static final double OPERATIONS_MAX = 2e12;

    private static final int TOKENS_MAX = 2048;

    /** Fewer say nothing. */
    private static final int TOKENS_LEAST = 64;

    private static final int SAMPLES = 3;
    private static final int PROMPT_IDS = 8;

    private final PlannedTraining planned;
    private final TrainPlan plan;

    /** That of the phase before whose first step the model is looked at too. */
    private final TrainPlan first;

    private final TrainingModel model;

    private ResultExamination(PlannedTraining planned, TrainingModel model) {
        this.planned = planned;
        this.plan = planned.last().plan();
        this.first = planned.phases().getFirst().plan();
        this.model = model;
    }

    /**
     * Empty where the model is too large for a look on the side, or the look fails: what is only
     * told must not cost the result.
     *
     * @param end from which the weights were written
     */
    static Optional<Examination> of(
            PlannedTraining planned,
            TrainingModel model,
            Checkpoint end,
            Path folder,
            List<WrittenShard> shards)
            throws InterruptedException {
        ResultExamination look = new ResultExamination(planned, model);
        if (look.affordable(2) < TOKENS_LEAST) {
            return Optional.empty();
        }
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu());
                ModelVocabulary vocabulary = new ModelVocabulary(model.folder(), model.config())) {
            return Optional.of(look.examine(end, folder, shards, vocabulary, scope));
        } catch (IOException | RuntimeException e) {
            LOG.warn("the result is published without an examination", e);
            return Optional.empty();
        }
    }

    private Examination examine(
            Checkpoint end,
            Path folder,
            List<WrittenShard> shards,
            ModelVocabulary vocabulary,
            TensorScope scope)
            throws IOException, InterruptedException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        ComparedModel start =
                new ComparedModel(
                        LlamaConfig.of(model.folder()),
                        new FolderWeights(model.folder(), arithmetic, scope));
        ComparedModel result =
                new ComparedModel(
                        model.config(), new WrittenWeights(folder, shards, arithmetic, scope));
        List<Integer> firsts = firsts();
        ComparedModel base = hasOwnClones() ? start.of(firsts, arithmetic, scope) : start;
        ModelComparison comparison =
                new ModelComparison(
                        base, result, plan.sites(), baseLayers(plan), arithmetic, scope);
        ModelComparison before =
                new ModelComparison(
                        base,
                        start.of(first.layers(), firstFactors(), arithmetic, scope),
                        first.sites(),
                        baseLayers(first),
                        arithmetic,
                        scope);
        int looks = isStartKnown() ? 4 : 2;
        int clones = clones(plan) + (isStartKnown() ? clones(first) : 0);
        boolean everyClone = affordable(looks + clones) >= TOKENS_LEAST;
        List<TokenRow> held = held(vocabulary);
        List<TokenRow> rows =
                rows(held, vocabulary, affordable(everyClone ? looks + clones : looks));
        ModelComparison.Findings found = comparison.examine(rows, everyClone);
        List<long[]> prompts = prompts(rows, vocabulary);
        ModelComparison.Continuation ofBase =
                comparison.continued(prompts, SamplePrompts.NEW_IDS, true);
        ModelComparison.Continuation ofResult =
                comparison.continued(prompts, SamplePrompts.NEW_IDS, false);
        return new Examination(
                found.tokens(),
                found.baseLoss(),
                found.loss(),
                gated(found.sites(), TrainedGates.means(end, plan.added(), arithmetic, scope)),
                found.finalNorm(),
                samples(prompts, ofBase.ids(), ofResult.ids(), vocabulary),
                ofBase.pace(),
                ofResult.pace(),
                isStartKnown() ? grown(before.examine(rows, everyClone)) : null,
                validation(held, comparison));
    }

    private Examination.Grown grown(ModelComparison.Findings found) {
        Map<String, Double> gates = new HashMap<>();
        first.added()
                .gates()
                .forEach(
                        (site, value) -> {
                            gates.put(gate(site, AddedParameters.ATTENTION_GATE), value);
                            gates.put(gate(site, AddedParameters.MLP_GATE), value);
                        });
        return new Examination.Grown(found.loss(), gated(found.sites(), gates), found.finalNorm());
    }

    /**
     * Of all that the training itself is validated on, where that takes no longer than the rest.
     */
    private Examination.@Nullable Validation validation(
            List<TokenRow> held, ModelComparison comparison) throws InterruptedException {
        long tokens = EvaluationRows.scored(held);
        long positions = held.stream().mapToLong(TokenRow::length).sum();
        return tokens == 0 || 2.0 * parameters() * positions > OPERATIONS_MAX
                ? null
                : new Examination.Validation(tokens, comparison.baseLoss(held) / tokens);
    }

    /** An adapter that the training starts from is not in the files of the model. */
    private boolean isStartKnown() {
        return planned.job().lora().flatMap(LoraSettings::adapter).isEmpty();
    }

    /** What the branches of each site are multiplied with before the first step. */
    private List<Double> firstFactors() {
        List<Double> factors = new ArrayList<>();
        for (int site = 0; site < first.sites().size(); site++) {
            double gate = first.added().gates().getOrDefault(site, 1.0);
            factors.add(gate * first.branchFactors().get(site));
        }
        return factors;
    }

    private static int clones(TrainPlan of) {
        return (int) of.sites().stream().filter(site -> site.occurrence() > 0).count();
    }

    /** Whether the model that the job names has clones already, which its base has not. */
    private boolean hasOwnClones() {
        TrainJob job = planned.job();
        return job.sites().isEmpty()
                && job.grow().isEmpty()
                && plan.sites().stream().anyMatch(site -> site.occurrence() > 0);
    }

    /** Sites that are no clones. */
    private List<Integer> firsts() {
        return plan.sites().stream().filter(s -> s.occurrence() == 0).map(Site::site).toList();
    }

    private List<Integer> baseLayers(TrainPlan of) {
        if (!hasOwnClones()) {
            return of.layers();
        }
        List<Integer> firsts = firsts();
        List<Integer> layers = new ArrayList<>();
        for (Site site : of.sites()) {
            int at = -1;
            for (int i = 0; i < firsts.size(); i++) {
                Site source = of.sites().get(firsts.get(i));
                if (source.layer() == site.layer() && source.model().equals(site.model())) {
                    at = i;
                }
            }
            layers.add(at);
        }
        return layers;
    }

    /** Tokens that may go through so many models. */
    private int affordable(int models) {
        return (int) Math.min(TOKENS_MAX, OPERATIONS_MAX / (2 * parameters() * models));
    }

    private double parameters() {
        return planned.last().tensors().stream()
                .map(tensor -> tensor.shape())
                .mapToDouble(Shape::elements)
                .sum();
    }

    /** All rows of the validation files. */
    private List<TokenRow> held(ModelVocabulary vocabulary) throws IOException {
        List<TokenRow> all = new ArrayList<>();
        int window = Math.max(1, planned.job().data().sequenceLength() - 1);
        for (DataFile file : planned.sources().validation()) {
            all.addAll(EvaluationRows.of(Path.of(file.path()), vocabulary, window));
        }
        return all;
    }

    /** The first rows of the validation files, else of the training files. */
    private List<TokenRow> rows(List<TokenRow> held, ModelVocabulary vocabulary, int tokens)
            throws IOException {
        TrainJob job = planned.job();
        List<TokenRow> all = new ArrayList<>(held);
        if (all.isEmpty()) {
            TrainingRows rows =
                    TrainingRows.of(
                            planned.sources().train().stream()
                                    .map(file -> Path.of(file.path()))
                                    .toList(),
                            vocabulary,
                            job.data().sequenceLength(),
                            job.data().pack(),
                            false,
                            job.seed());
            for (int i = 0; i < Math.min(rows.count(), TOKENS_MAX); i++) {
                all.add(rows.at(i));
            }
        }
        List<TokenRow> few = new ArrayList<>();
        int left = tokens;
        for (TokenRow row : all) {
            if (row.scored() > 0 && (few.isEmpty() || row.length() <= left)) {
                few.add(row);
                left -= row.length();
            }
        }
        return few;
    }

    private List<long[]> prompts(List<TokenRow> rows, ModelVocabulary vocabulary)
            throws IOException {
        List<long[]> prompts = new ArrayList<>();
        try {
            prompts.addAll(SamplePrompts.of(planned.job(), vocabulary));
        } catch (DataException noTokenizer) {
            LOG.debug("nothing to read prompts with", noTokenizer);
        }
        if (prompts.isEmpty()) {
            rows.stream()
                    .limit(SAMPLES)
                    .map(row -> Arrays.copyOf(row.ids(), Math.min(PROMPT_IDS, row.length())))
                    .forEach(prompts::add);
        }
        return prompts;
    }

    /** None where the model has no tokenizer. */
    private static List<Sample> samples(
            List<long[]> prompts,
            List<long[]> base,
            List<long[]> result,
            ModelVocabulary vocabulary)
            throws IOException {
        List<Sample> samples = new ArrayList<>();
        try {
            ModelTokenizer tokenizer = vocabulary.tokenizer();
            for (int i = 0; i < prompts.size(); i++) {
                samples.add(
                        new Sample(
                                tokenizer.decodeWithoutSpecial(prompts.get(i)),
                                tokenizer.decodeWithoutSpecial(base.get(i)),
                                tokenizer.decodeWithoutSpecial(result.get(i))));
            }
        } catch (DataException noTokenizer) {
            LOG.debug("nothing to read samples with", noTokenizer);
        }
        return samples;
    }

    private static List<SiteFigures> gated(List<SiteFigures> sites, Map<String, Double> gates) {
        return sites.stream()
                .map(
                        site ->
                                new SiteFigures(
                                        site.site(),
                                        site.layer(),
                                        site.occurrence(),
                                        site.againstBase(),
                                        site.change(),
                                        site.lossWithout(),
                                        gates.get(
                                                gate(site.site(), AddedParameters.ATTENTION_GATE)),
                                        gates.get(gate(site.site(), AddedParameters.MLP_GATE))))
                .toList();
    }

    private static String gate(int site, String gate) {
        return LlamaConfig.layerTensor(site, gate);
    }
}
