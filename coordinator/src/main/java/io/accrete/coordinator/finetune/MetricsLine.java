package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/** Lines of {@code metrics.jsonl}: one object for each step, one for each validation. */
final class MetricsLine {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private MetricsLine() {}

    /**
     * @param round of a growth
     * @param distilled whether there is a teacher
     * @param targets scored in the step
     * @param rate that was, or would have been, used
     */
    static String ofStep(
            int step,
            OptionalInt round,
            StepFigures figures,
            boolean distilled,
            long targets,
            StepDecision decision,
            double rate,
            double seconds) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", step);
        round.ifPresent(number -> line.put("round", number));
        line.put("tokens", targets);
        line.put("loss", finite(decision.loss()));
        line.put("micro_losses", means(figures, MicroLoss::loss));
        if (distilled) {
            line.put("micro_cross_entropy", means(figures, MicroLoss::nll));
            line.put("micro_kl", means(figures, MicroLoss::kl));
        }
        line.put("grad_norm", finite(decision.gradNorm()));
        switch (decision.verdict()) {
            case StepVerdict.Apply(double learningRate, double clip) -> {
                line.put("clip", clip);
                line.put("learning_rate", learningRate);
            }
            case StepVerdict.Skip _ -> {
                line.put("clip", null);
                line.put("learning_rate", rate);
            }
        }
        line.put("seconds", seconds);
        line.put("tokens_per_second", targets / seconds);
        line.put("skipped", decision.verdict() instanceof StepVerdict.Skip);
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

    static int bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<@Nullable Double> means(
            StepFigures figures, ToDoubleFunction<MicroLoss> sum) {
        List<@Nullable Double> means = new ArrayList<>();
        for (int i = 0; i < figures.losses().size(); i++) {
            double total = sum.applyAsDouble(figures.losses().get(i));
            means.add(finite(total / figures.scored().get(i)));
        }
        return means;
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
