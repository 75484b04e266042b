package io.accrete.protocol.job;

/**
 * What a worker computes stages of trainings on.
 *
 * @param name {@code cpu} or {@code cuda:N}
 * @param model as its maker calls it; empty where nobody said
 * @param memoryBytes all that it has; of a processor that of the machine; 0 where nobody said
 */
public record WorkerDevice(String name, String model, long memoryBytes) {
    /** The processor of a worker that says nothing of it. */
    public static final WorkerDevice CPU = new WorkerDevice("cpu", "", 0);

    /** Whether one worker has it; those on a processor share it with the others there. */
    public boolean belongsToOne() {
        return !name.equals(CPU.name);
    }
}
