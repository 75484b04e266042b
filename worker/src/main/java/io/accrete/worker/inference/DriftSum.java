package io.accrete.worker.inference;

import io.accrete.protocol.train.Examination.Drift;

import org.jspecify.annotations.Nullable;

/**
 * Adds up how far states are from others, position by position. A position at which a figure means
 * nothing makes a NaN of its sum, so that the mean of all has no meaning either.
 */
final class DriftSum {
    private long positions;
    private double relative;
    private double cosine;
    private double squaredDistance;
    private double squaredNorm;

    /**
     * @param now states [positions, hidden]
     * @param before as many
     */
    void add(float[] now, float[] before, int hidden) {
        for (int start = 0; start < now.length; start += hidden) {
            double distance = 0;
            double norm = 0;
            double normNow = 0;
            double product = 0;
            for (int i = start; i < start + hidden; i++) {
                double x = before[i];
                double y = now[i];
                distance += (y - x) * (y - x);
                norm += x * x;
                normNow += y * y;
                product += x * y;
            }
            positions++;
            relative += Math.sqrt(ratio(distance, norm));
            cosine += norm == 0 && normNow == 0 ? 1 : product / Math.sqrt(norm * normNow);
            squaredDistance += distance;
            squaredNorm += norm;
        }
    }

    Drift drift() {
        return new Drift(
                meant(relative / positions),
                meant(Math.sqrt(ratio(squaredDistance, squaredNorm))),
                meant(cosine / positions));
    }

    /** Zero is as far from zero as anything from itself; everything else has no ratio to it. */
    private static double ratio(double distance, double norm) {
        return distance == 0 && norm == 0 ? 0 : distance / norm;
    }

    private static @Nullable Double meant(double figure) {
        return Double.isFinite(figure) ? figure : null;
    }
}
