package io.accrete.protocol.model;

/** The seven matrix products of a Llama-family layer. */
public enum Projection {
    Q("self_attn.q_proj"),
    K("self_attn.k_proj"),
    V("self_attn.v_proj"),
    O("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj");

    private final String module;

    Projection(String module) {
        this.module = module;
    }

    /** Name of its module inside of a layer, such as {@code self_attn.q_proj}. */
    public String module() {
        return module;
    }

    /** What adapters call it, such as {@code q_proj}. */
    public String target() {
        return module.substring(module.indexOf('.') + 1);
    }

    /** Name of its matrix inside of a layer. */
    public String weight() {
        return module + ".weight";
    }

    /** Name of its bias inside of a layer. */
    public String bias() {
        return module + ".bias";
    }
}
