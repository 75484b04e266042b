package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.accrete.protocol.model.ModelSettings;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * What a training reads.
 *
 * @param teacher of a distillation, if it is a model of its own
 * @param adapter that low-rank matrices start from
 * @param train texts in the order of the job
 * @param validation texts in the order of the job
 */
public record TrainSources(
        Folder model,
        Optional<Folder> teacher,
        Optional<Folder> adapter,
        List<DataFile> train,
        List<DataFile> validation) {
    public TrainSources {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /**
     * A folder with weights.
     *
     * @param path absolute
     * @param weights the files in it
     * @param settingsSha256 of the files that say what the weights mean; left out by plans of
     *     earlier programs
     */
    public record Folder(
            String path,
            List<FileIdentity> weights,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String settingsSha256) {
        public Folder {
            weights = List.copyOf(weights);
        }

        /**
         * Whether a folder still is what was planned with.
         *
         * @param settings of it now, see {@link ModelSettings}
         */
        public boolean stillIs(List<FileIdentity> now, String settings) {
            return now.equals(weights)
                    && (settingsSha256 == null || settingsSha256.equals(settings));
        }
    }
}
