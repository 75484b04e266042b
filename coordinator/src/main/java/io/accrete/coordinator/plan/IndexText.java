package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.merge.ShardTask;

/** The text of {@code model.safetensors.index.json}, laid out as mergekit does it. */
final class IndexText {
    static final String FILE = "model.safetensors.index.json";

    private IndexText() {}

    static String of(Packing packing) {
        long dataBytes = 0;
        for (ShardTask shard : packing.shards()) {
            dataBytes += shard.bytes() - shard.headerBytes();
        }
        StringBuilder text = new StringBuilder();
        text.append("{\n  \"metadata\": {\n    \"total_size\": ").append(dataBytes);
        text.append("\n  },\n  \"weight_map\": {");
        String separator = "\n";
        for (var entry : packing.weightMap().entrySet()) {
            text.append(separator).append("    ").append(JsonText.quoted(entry.getKey()));
            text.append(": ").append(JsonText.quoted(entry.getValue()));
            separator = ",\n";
        }
        return text.append("\n  }\n}").toString();
    }
}
