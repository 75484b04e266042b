package io.accrete.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** The result object of a job that has succeeded. Which kind it is shows in its fields. */
@JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
@JsonSubTypes({@JsonSubTypes.Type(MergeSummary.class), @JsonSubTypes.Type(TrainSummary.class)})
public sealed interface JobSummary permits MergeSummary, TrainSummary {
    /** The folder that was published. */
    String output();
}
