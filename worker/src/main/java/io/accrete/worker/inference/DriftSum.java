package io.accrete.worker.inference;

import io.accrete.protocol.train.Examination.Drift;

/** Adds up how far states are from others, position by position. */
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
            relative += Math.sqrt(distance / norm);
            cosine += product / Math.sqrt(norm * normNow);
            squaredDistance += distance;
            squaredNorm += norm;
        }
    }

    Drift drift() {
        return new Drift(
                relative / positions, Math.sqrt(squaredDistance / squaredNorm), cosine / positions);
    }
}
