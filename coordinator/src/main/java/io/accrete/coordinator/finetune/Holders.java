package io.accrete.coordinator.finetune;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who holds which group of a training's stages, as far as the driver has heard. */
final class Holders {
    /** Of an epoch of edges, below which its round stands. */
    private static final int PHASE_BITS = 20;

    private int groups;
    private final Map<Integer, StageAnswer.Arrived> held = new TreeMap<>();

    /** The newest lease of each group that was ever heard of. */
    private final Map<Integer, Epoch> newest = new TreeMap<>();

    /** What an arrival means. */
    enum News {
        /** The lease is no longer current, or never was. */
        OLD,
        /** The host has said so before. */
        REPEATED,
        /** Another host holds the group from now on. */
        NEW
    }

    /** The stages are divided anew; nobody holds any. */
    void divide(int into) {
        groups = into;
        held.clear();
    }

    News arrived(StageAnswer.Arrived arrival) {
        Epoch known = newest.get(arrival.group());
        int order = known == null ? 1 : arrival.lease().compareTo(known);
        if (order < 0 || arrival.group() >= groups) {
            return News.OLD;
        }
        if (order == 0) {
            return isCurrent(arrival) ? News.REPEATED : News.OLD;
        }
        newest.put(arrival.group(), arrival.lease());
        held.put(arrival.group(), arrival);
        return News.NEW;
    }

    /** Whether the group is held under that lease. */
    boolean isCurrent(StageAnswer.Arrived arrival) {
        StageAnswer.Arrived holder = held.get(arrival.group());
        return holder != null && holder.lease().equals(arrival.lease());
    }

    /** A lease has ended. */
    void lost(int group, Epoch lease) {
        held.computeIfPresent(group, (_, a) -> a.lease().equals(lease) ? null : a);
    }

    /** Leases of those who were reached at one of the addresses. */
    List<Epoch> at(List<LinkAddress> addresses) {
        return held.values().stream()
                .filter(holder -> holder.link().filter(addresses::contains).isPresent())
                .map(StageAnswer.Arrived::lease)
                .toList();
    }

    /** What each group was commanded last by another driver, in order. */
    List<Optional<StageCommand.InCourse>> kept() {
        return held.values().stream().map(StageAnswer.Arrived::kept).toList();
    }

    /** Groups that nobody holds; one where they are not even offered. */
    int missing() {
        return groups == 0 ? 1 : groups - held.size();
    }

    /** Groups that somebody holds, in order. */
    List<Integer> present() {
        return List.copyOf(held.keySet());
    }

    int groups() {
        return groups;
    }

    /**
     * @param phase of the training, from 0
     * @param stages of it to be seated, on groups that are all held
     */
    Seating seating(long round, int phase, LinkSecret secret, int stages) {
        return new Seating(
                round << PHASE_BITS | phase,
                secret,
                Grouping.groupOf(stages, groups),
                held.values().stream().map(StageAnswer.Arrived::link).toList());
    }
}
