package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.SourceTensor;

/**
 * What one input gives to an output tensor.
 *
 * @param name of the tensor in that model by its architecture, which filters are compared with; the
 *     source may have another one where a tied matrix stands in
 */
record Part(SliceInput input, String name, SourceTensor source) {}
