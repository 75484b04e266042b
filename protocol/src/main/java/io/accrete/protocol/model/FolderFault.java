package io.accrete.protocol.model;

import static io.accrete.protocol.model.Finding.Severity.ERROR;
import static io.accrete.protocol.model.Finding.Severity.WARNING;

import io.accrete.protocol.model.Finding.Severity;

/** Everything that can be wrong with a model folder beside its safetensors files themselves. */
public enum FolderFault {
    NO_FOLDER(
            "STO-001",
            ERROR,
            "There is no such folder.",
            "check the name; relative paths count from the current directory"),
    NOT_A_FOLDER(
            "STO-002",
            ERROR,
            "It is a file, but a model is a folder.",
            "name the folder that holds config.json and the weights"),
    NOT_READABLE(
            "STO-003",
            ERROR,
            "The operating system does not let it be read.",
            "check the permissions and the disk"),
    NOT_A_MODEL(
            "STO-004",
            ERROR,
            "The folder holds neither config.json nor weights.",
            "name the folder that holds config.json and the weights"),
    CONFIG_MISSING(
            "STO-005",
            ERROR,
            "The folder has weights, but no config.json.",
            "download config.json of the same model into it"),
    WEIGHTS_ABSENT(
            "STO-006",
            WARNING,
            "The folder describes a model, but holds none of its weights.",
            "download the weights before merging"),
    SHARD_MISSING(
            "STO-007",
            ERROR,
            "Some weight files of the model are there, another is not.",
            "download the missing file; the first attempt was interrupted"),
    OTHER_WEIGHTS(
            "STO-008",
            ERROR,
            "The weights are there only in a format that is not read.",
            "convert the model to safetensors, or download its safetensors files"),
    LEAVES_FOLDER(
            "STO-009",
            ERROR,
            "The index names a weight file outside of the model folder.",
            "let the index name files of its own folder only"),
    TWO_SETS(
            "STO-010",
            WARNING,
            "There are two sets of weights: a single file and a sharded one. The sharded is read.",
            "delete the set that is out of date"),
    NO_INDEX(
            "STO-011",
            WARNING,
            "Shards are there without an index; their own headers are used.",
            "download model.safetensors.index.json of the same model"),
    ADAPTER(
            "STO-012",
            ERROR,
            "It is an adapter (LoRA), not a model.",
            "name the base model; an adapter is written model+adapter"),

    CONFIG_UNREADABLE(
            "FMT-030",
            ERROR,
            "config.json is not a JSON object in UTF-8 of a sane size.",
            "download config.json of the model again"),
    CONFIG_VALUE(
            "FMT-031",
            ERROR,
            "A size in config.json is missing or impossible.",
            "download config.json of the model again"),
    INDEX_UNREADABLE(
            "FMT-032",
            ERROR,
            "The index is not a JSON object with a `weight_map` of names to files.",
            "download model.safetensors.index.json of the model again"),
    NOT_IN_SHARD(
            "FMT-033",
            ERROR,
            "The index says that a file has a tensor, which it has not.",
            "download index and weights of the same revision again"),
    NOT_IN_INDEX(
            "FMT-034",
            WARNING,
            "A file has a tensor that the index does not name. It is used.",
            "download index and weights of the same revision again"),
    IN_TWO_SHARDS(
            "FMT-035",
            ERROR,
            "Two files have the same tensor, so that the model has two meanings.",
            "download index and weights of the same revision again"),
    QUANTISED(
            "FMT-036",
            ERROR,
            "The weights are quantised: not numbers to compute with.",
            "use the original weights; if they are plain, delete `quantization_config`"),
    LAYERS_DIFFER(
            "FMT-037",
            ERROR,
            "The weights have other layers than config.json says.",
            "download config.json and weights of the same revision again"),
    LAYERS_BEYOND(
            "FMT-042",
            WARNING,
            "The weights have more layers than config.json counts; the rest is never used.",
            "check that config.json belongs to these weights"),
    NOT_COMPUTABLE(
            "FMT-045",
            ERROR,
            "The model cannot be computed with, only merged.",
            "take a model of the Llama, Mistral or Qwen2 family"),
    NO_LAYERS(
            "FMT-044",
            ERROR,
            "None of the tensors belongs to a numbered layer.",
            "name the folder of a whole language model; a part of one cannot be merged"),
    TENSOR_MISSING(
            "FMT-038",
            ERROR,
            "The weights lack a tensor that every model of this architecture has.",
            "download the weights again, or correct `architectures` in config.json"),
    CLAIM_UNKEPT(
            "FMT-043",
            WARNING,
            "config.json says that the model has tensors, such as biases, which the weights lack.",
            "check that config.json belongs to these weights"),
    SHAPE_DIFFERS(
            "FMT-039",
            WARNING,
            "A tensor has another shape than config.json implies.",
            "check that config.json belongs to these weights"),
    SHAPE_UNKNOWN(
            "FMT-040",
            ERROR,
            "Without the weights the shape of a tensor is not known.",
            "download the weights, or at least their first bytes, into the folder"),
    DTYPE_UNKNOWN(
            "FMT-041",
            WARNING,
            "Without the weights, and without a dtype in config.json, float32 is assumed.",
            "write the dtype into config.json, or download the weights");

    private final String code;
    private final Severity severity;
    private final String meaning;
    private final String fix;

    FolderFault(String code, Severity severity, String meaning, String fix) {
        this.code = code;
        this.severity = severity;
        this.meaning = meaning;
        this.fix = fix;
    }

    /** Stable name in messages and documentation. */
    public String code() {
        return code;
    }

    public Severity severity() {
        return severity;
    }

    public boolean isError() {
        return severity == ERROR;
    }

    /** One sentence for the documentation. */
    public String meaning() {
        return meaning;
    }

    /** How to mend it. */
    public String fix() {
        return fix;
    }
}
