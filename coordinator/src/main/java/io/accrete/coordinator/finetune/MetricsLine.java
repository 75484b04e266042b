package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.coordinator.train.SiteNorms;
import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;

/** Lines of {@code metrics.jsonl}: an object for each step, each validation, each sample. */
final class MetricsLine {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private MetricsLine() {}

    /**
     * @param standing before the step
     * @param targets scored in the step
     */
    static String ofStep(
            int step,
            Standing standing,
            StepFigures figures,
            long targets,
            StepDecision decision,
            double seconds) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", step);
        standing.round().ifPresent(number -> line.put("round", number));
        line.put("tokens", targets);
        line.put("loss", finite(decision.loss()));
        line.put("micro_losses", means(figures, MicroLoss::loss));
        if (standing.planned().job().distill().isPresent()) {
            line.put("micro_cross_entropy", means(figures, MicroLoss::nll));
            line.put("micro_kl", means(figures, MicroLoss::kl));
            if (!standing.planned().job().distill().get().hidden().isEmpty()) {
                line.put("micro_hidden", means(figures, MicroLoss::hidden));
            }
        }
        line.put("grad_norm", finite(decision.gradNorm()));
        line.put("site_grad_norms", siteNorms(figures, standing.sites()));
        if (!figures.gates().isEmpty()) {
            line.put("attention_gates", gates(figures, AddedParameters.ATTENTION_GATE, standing));
            line.put("mlp_gates", gates(figures, AddedParameters.MLP_GATE, standing));
        }
        switch (decision.verdict()) {
            case StepVerdict.Apply(double learningRate, double clip) -> {
                line.put("clip", clip);
                line.put("learning_rate", learningRate);
            }
            case StepVerdict.Skip _ -> {
                line.put("clip", null);
                line.put("learning_rate", standing.rateAt(step));
            }
        }
        line.put("seconds", seconds);
        line.put("tokens_per_second", targets / seconds);
        // Workers of an earlier version do not say it.
        if (!figures.loads().isEmpty()) {
            line.putAll(StageLoads.of(figures, standing.schedule()));
        }
        line.put("skipped", decision.verdict() instanceof StepVerdict.Skip);
        if (decision.verdict() instanceof StepVerdict.Skip(String reason)) {
            line.put("reason", reason);
        }
        return text(line);
    }

    static String ofValidation(int step, double loss, long tokens) {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        figures.put("loss", finite(loss));
        figures.put("perplexity", finite(Math.exp(loss)));
        figures.put("tokens", tokens);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("validation", figures);
        return text(line);
    }

    static String ofSample(int step, SampleText sample) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("prompt", sample.prompt());
        said.put("text", sample.text());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("sample", said);
        return text(line);
    }

    /** That later steps were undone, written after the step that was gone back to. */
    static String ofRewind(Rewind back) {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        figures.put("from", back.from());
        figures.put("rate_factor", back.rateFactor());
        figures.put("rows", back.rows().orElse(null));
        figures.put("reason", back.reason());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", back.to());
        line.put("rollback", figures);
        return text(line);
    }

    static int bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<@Nullable Double> means(
            StepFigures figures, ToDoubleFunction<MicroLoss> sum) {
        List<@Nullable Double> means = new ArrayList<>();
        List<MicroLoss> losses = figures.totals();
        for (int i = 0; i < losses.size(); i++) {
            double total = sum.applyAsDouble(losses.get(i));
            means.add(finite(total / figures.scored().get(i)));
        }
        return means;
    }

    /** By site, null where none of its parameters learns; four digits are enough for a picture. */
    private static List<@Nullable Double> siteNorms(StepFigures figures, int sites) {
        SortedMap<Integer, Double> norms = SiteNorms.of(figures.squares());
        List<@Nullable Double> all = new ArrayList<>();
        for (int site = 0; site < sites; site++) {
            Double norm = norms.get(site);
            all.add(norm == null || !Double.isFinite(norm) ? null : rounded(norm));
        }
        return all;
    }

    /** By site, null where there is no gate. */
    private static List<@Nullable Double> gates(
            StepFigures figures, String gate, Standing standing) {
        List<@Nullable Double> all = new ArrayList<>();
        for (int site = 0; site < standing.sites(); site++) {
            Double mean = figures.gates().get(LlamaConfig.layerTensor(site, gate));
            all.add(mean == null || !Double.isFinite(mean) ? null : rounded(mean));
        }
        return all;
    }

    private static double rounded(double value) {
        return BigDecimal.valueOf(value).round(new MathContext(4)).doubleValue();
    }

    /** JSON has no NaN. */
    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static String text(Map<String, ?> line) {
        try {
            return JSON.writeValueAsString(line) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers have JSON", e);
        }
    }
}
