package io.accrete.local;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;

import java.util.List;

/** Who wants to know how a run is getting on. Called by the thread of the run. */
public interface RunListener {
    /** Nothing is wrong with the job; it starts now. */
    void planned(MergePlan plan, List<Problem> warnings);

    /** Called several times a second. */
    void observed(JobView view);
}
