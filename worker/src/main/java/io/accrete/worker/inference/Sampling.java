package io.accrete.worker.inference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How the next id is chosen from the logits.
 *
 * @param temperature logits are divided by it; 0 takes the likeliest id, always
 * @param topP only the likeliest ids that together have this probability may be chosen
 */
public record Sampling(double temperature, double topP) {
    public static final Sampling GREEDY = new Sampling(0, 1);

    int next(float[] logits, SplittableRandom random) {
        int likeliest = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[likeliest]) {
                likeliest = i;
            }
        }
        if (temperature == 0) {
            return likeliest;
        }
        double largest = logits[likeliest];
        double[] weights =
                IntStream.range(0, logits.length)
                        .mapToDouble(i -> Math.exp((logits[i] - largest) / temperature))
                        .toArray();
        int[] order =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double all = Arrays.stream(weights).sum();
        int choices = 0;
        double mass = 0;
        while (choices < order.length && (choices == 0 || mass < topP * all)) {
            mass += weights[order[choices++]];
        }
        double point = random.nextDouble() * mass;
        for (int i = 0; i < choices; i++) {
            point -= weights[order[i]];
            if (point < 0) {
                return order[i];
            }
        }
        return order[choices - 1];
    }
}
