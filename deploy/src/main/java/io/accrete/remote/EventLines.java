package io.accrete.remote;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Spliterators;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The lines of an answer as they come. A server that says nothing for too long is given up. */
final class EventLines implements BodySubscriber<Stream<String>> {
    private static final int LINES_AHEAD = 64;

    private sealed interface Signal {
        record Line(String text) implements Signal {}

        record Finished() implements Signal {}

        record Broken(Throwable failure) implements Signal {}
    }

    /** Holds all lines that were asked for, and the end. */
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(LINES_AHEAD + 1);

    private final AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
    private final BodySubscriber<Void> bytes = BodySubscribers.fromLineSubscriber(new Lines());
    private final Duration silence;
    private final Runnable broken;

    /**
     * @param silence after which the connection counts as broken
     * @param broken called when it is
     */
    EventLines(Duration silence, Runnable broken) {
        this.silence = silence;
        this.broken = broken;
    }

    /** Ends with the answer; an {@link UncheckedIOException} says that it broke off. */
    @Override
    public CompletionStage<Stream<String>> getBody() {
        return CompletableFuture.completedStage(
                StreamSupport.stream(new Taken(), false).onClose(this::cancel));
    }

    private void cancel() {
        Flow.Subscription known = subscription.get();
        if (known != null) {
            known.cancel();
        }
    }

    private Optional<String> next() throws IOException {
        Signal signal;
        try {
            signal = signals.poll(silence.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (signal == null) {
            cancel();
            throw new IOException("silent for %s".formatted(silence));
        }
        return switch (signal) {
            case Signal.Line(String text) -> {
                subscription.get().request(1);
                yield Optional.of(text);
            }
            case Signal.Finished _ -> Optional.empty();
            case Signal.Broken(Throwable failure) ->
                    throw new IOException("the connection broke", failure);
        };
    }

    private final class Taken extends Spliterators.AbstractSpliterator<String> {
        Taken() {
            super(Long.MAX_VALUE, ORDERED | NONNULL);
        }

        @Override
        public boolean tryAdvance(Consumer<? super String> action) {
            try {
                Optional<String> line = next();
                line.ifPresent(action);
                return line.isPresent();
            } catch (IOException e) {
                broken.run();
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Lines implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.set(given);
            given.request(LINES_AHEAD);
        }

        @Override
        public void onNext(String line) {
            signals.add(new Signal.Line(line));
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(new Signal.Broken(failure));
        }

        @Override
        public void onComplete() {
            signals.add(new Signal.Finished());
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        bytes.onSubscribe(given);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        bytes.onNext(buffers);
    }

    @Override
    public void onError(Throwable failure) {
        bytes.onError(failure);
    }

    @Override
    public void onComplete() {
        bytes.onComplete();
    }
}
