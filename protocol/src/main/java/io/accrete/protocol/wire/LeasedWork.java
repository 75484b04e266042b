package io.accrete.protocol.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a worker may be given to do until its lease ends. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "work")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TaskRef.class, name = "shard"),
    @JsonSubTypes.Type(value = StageRef.class, name = "stages")
})
public sealed interface LeasedWork permits TaskRef, StageRef {
    /** Identity of the job. */
    String job();

    /** Names it within its job, for people: shards count from 1, as in what is told of the job. */
    String task();
}
