package io.accrete.coordinator.merge;

import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.FileIdentity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the sources with what a plan was made from.
 *
 * @param missing files that are not there
 * @param changed what is there instead of the files of the plan, as sentences
 */
record SourceCheck(List<String> missing, List<String> changed) {

    static SourceCheck of(MergePlan plan) throws IOException {
        List<String> missing = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        for (FileIdentity source : plan.sources()) {
            Path path = Path.of(source.path());
            if (!Files.exists(path)) {
                missing.add(source.path());
                continue;
            }
            try {
                FileIdentity now = SafetensorsFile.identify(path);
                if (!source.stillIs(now)) {
                    changed.add(source.path() + " " + difference(source, now));
                }
            } catch (SafetensorsException e) {
                changed.add(e.getMessage());
            }
        }
        return new SourceCheck(List.copyOf(missing), List.copyOf(changed));
    }

    boolean isUnchanged() {
        return missing.isEmpty() && changed.isEmpty();
    }

    private static String difference(FileIdentity then, FileIdentity now) {
        if (then.size() != now.size()) {
            return "had %d bytes and has %d".formatted(then.size(), now.size());
        }
        return then.headerSha256().equals(now.headerSha256())
                ? "was modified"
                : "has another header";
    }
}
