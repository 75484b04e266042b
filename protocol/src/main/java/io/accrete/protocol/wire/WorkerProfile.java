package io.accrete.protocol.wire;

import com.fasterxml.jackson.annotation.JsonCreator;

import io.accrete.protocol.job.WorkerDevice;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/**
 * What a worker says of itself when it registers.
 *
 * @param worker stable name, unique in the cluster
 * @param host name of its machine
 * @param pid of its process
 * @param slots tasks that it runs at the same time
 * @param numericClass results of computed tensors agree bit for bit within one class
 * @param version of the program
 * @param link where stages in other processes reach those that it holds; empty if they cannot
 * @param device what it computes stages on
 */
public record WorkerProfile(
        String worker,
        String host,
        long pid,
        int slots,
        String numericClass,
        String version,
        Optional<LinkAddress> link,
        WorkerDevice device) {

    /**
     * @param device none from a worker of before there was a choice
     */
    @JsonCreator
    public WorkerProfile(
            String worker,
            String host,
            long pid,
            int slots,
            String numericClass,
            String version,
            Optional<LinkAddress> link,
            @Nullable WorkerDevice device) {
        this.worker = worker;
        this.host = host;
        this.pid = pid;
        this.slots = slots;
        this.numericClass = numericClass;
        this.version = version;
        this.link = link;
        this.device = device == null ? WorkerDevice.CPU : device;
    }
}
