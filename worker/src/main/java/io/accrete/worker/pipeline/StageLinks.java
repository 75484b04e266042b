package io.accrete.worker.pipeline;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.Seating;
import io.accrete.worker.link.EpochLinks;
import io.accrete.worker.link.LinkException;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.train.PipelineMap;
import io.accrete.worker.train.StageEdges;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What connects the stages of a group with each other and with those of other groups. */
final class StageLinks implements AutoCloseable {
    private final String job;
    private final int group;
    private final Optional<LinkServer> server;
    private final Runnable broken;
    private volatile @Nullable EpochLinks open;

    /**
     * @param server of this process, if others can reach it
     * @param broken is told, by any thread, that an edge broke which was not ended here
     */
    StageLinks(String job, int group, Optional<LinkServer> server, Runnable broken) {
        this.job = job;
        this.group = group;
        this.server = server;
        this.broken = broken;
    }

    /** The stages of this group. */
    List<Integer> own(Seating seating) {
        List<Integer> own = new ArrayList<>();
        for (int stage = 0; stage < seating.groups().size(); stage++) {
            if (seating.groups().get(stage) == group) {
                own.add(stage);
            }
        }
        return own;
    }

    /**
     * The edges of the group's stages; those to other groups begin to connect.
     *
     * @param depth messages that an edge between two stages holds
     * @param bytesMax of a tensor
     */
    StageEdges open(Seating seating, PipelineMap map, int depth, long bytesMax) throws IOException {
        Map<Integer, LinkAddress> elsewhere = new HashMap<>();
        for (int stage = 0; stage < seating.groups().size(); stage++) {
            int holder = seating.groups().get(stage);
            if (holder != group) {
                elsewhere.put(
                        stage,
                        seating.addresses()
                                .get(holder)
                                .orElseThrow(() -> new IOException("a group without address")));
            }
        }
        if (elsewhere.isEmpty()) {
            return StageEdges.inProcess(map, depth);
        }
        EpochLinks links =
                server.orElseThrow(() -> new IOException("this process takes no tensors (--link)"))
                        .begin(job, group, seating.epoch(), seating.secret());
        links.onBreach(broken);
        open = links;
        return StageEdges.across(map, depth, elsewhere, links, bytesMax);
    }

    /** Returns once all other groups are reached. */
    void awaitOpen() throws LinkException, InterruptedException {
        EpochLinks links = open;
        if (links != null) {
            links.awaitOpen();
        }
    }

    /** From any thread. */
    void breakOlder(long epoch) {
        EpochLinks links = open;
        if (links != null && links.epoch() < epoch) {
            links.fail("the stages begin anew");
        }
    }

    /** Why an edge broke, if one did and was not ended here. */
    Optional<LinkException> breach() {
        return Optional.ofNullable(open).flatMap(EpochLinks::breach);
    }

    /**
     * Nothing goes over them any more.
     *
     * @return where nobody listens any more, if that is why
     */
    List<LinkAddress> giveUp() throws InterruptedException {
        EpochLinks links = open;
        close();
        return links == null ? List.of() : links.refusing();
    }

    @Override
    public void close() {
        EpochLinks links = open;
        if (links != null) {
            open = null;
            links.close();
        }
    }
}
