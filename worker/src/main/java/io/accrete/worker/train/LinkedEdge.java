package io.accrete.worker.train;

import io.accrete.worker.link.IncomingEdge;
import io.accrete.worker.link.LinkException;
import io.accrete.worker.link.OutgoingEdge;
import io.accrete.worker.tensor.HostBytes;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

/** An end of an edge whose other end is in another process. */
final class LinkedEdge {
    private LinkedEdge() {}

    static TensorEdge outOf(OutgoingEdge edge) {
        return new Out(edge);
    }

    static TensorEdge into(IncomingEdge edge) {
        return new In(edge);
    }

    private record Out(OutgoingEdge edge) implements TensorEdge {
        @Override
        public void put(Tensor tensor) throws LinkException, InterruptedException {
            try (tensor;
                    HostBytes host = tensor.host()) {
                edge.put(tensor.shape(), host.bytes());
            }
        }

        @Override
        public Tensor take(TensorScope scope) {
            throw new IllegalStateException("the other end of this edge is elsewhere");
        }
    }

    private record In(IncomingEdge edge) implements TensorEdge {
        @Override
        public void put(Tensor tensor) {
            throw new IllegalStateException("the other end of this edge is elsewhere");
        }

        @Override
        public Tensor take(TensorScope scope) throws LinkException, InterruptedException {
            return edge.take((shape, bytes) -> scope.copyOf(bytes, shape));
        }
    }
}
