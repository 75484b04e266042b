package io.accrete.fault;

import io.accrete.protocol.http.JobNews;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A shard that was accepted, as the log of its job has it.
 *
 * @param number of the event
 * @param shard from 1 on
 * @param worker that wrote it
 */
record JobReceipt(long number, int shard, String worker) {
    private static final Pattern SENTENCE =
            Pattern.compile("shard (\\d+) of \\d+ was written by (\\S+): .*");

    static List<JobReceipt> in(List<JobNews> log) {
        return log.stream()
                .filter(news -> news.event().equals("ShardReceived"))
                .map(JobReceipt::of)
                .toList();
    }

    private static JobReceipt of(JobNews news) {
        Matcher sentence = SENTENCE.matcher(news.message());
        if (!sentence.matches()) {
            throw new AssertionError("not the sentence of a receipt: " + news.message());
        }
        return new JobReceipt(
                news.number(), Integer.parseInt(sentence.group(1)), sentence.group(2));
    }

    /** Shards that had a receipt, and were written again. */
    static List<JobReceipt> again(List<JobNews> log) {
        Set<Integer> shards = new HashSet<>();
        return in(log).stream().filter(receipt -> !shards.add(receipt.shard())).toList();
    }
}
