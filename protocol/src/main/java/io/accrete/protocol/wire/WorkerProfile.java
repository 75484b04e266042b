package io.accrete.protocol.wire;

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
 */
public record WorkerProfile(
        String worker,
        String host,
        long pid,
        int slots,
        String numericClass,
        String version,
        Optional<LinkAddress> link) {}
