package io.accrete.coordinator.plan;

import java.util.Map;
import java.util.Optional;

/**
 * Chat templates that a recipe may name, written from the published prompt formats of the models;
 * mergekit has its own texts for the same formats.
 */
final class ChatTemplates {
    static final String FILE = "chat_template.jinja";

    private static final String CHATML =
            """
            {%- for message in messages -%}
            {{- '<|im_start|>' ~ message['role'] ~ '\\n' ~ message['content'] ~ '<|im_end|>\\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
            """;

    private static final String LLAMA3 =
            """
            {{- bos_token -}}
            {%- for message in messages -%}
            {{- '<|start_header_id|>' ~ message['role'] ~ '<|end_header_id|>\\n\\n' -}}
            {{- message['content'] | trim ~ '<|eot_id|>' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}
            {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
            {%- endif -%}
            """;

    private static final String MISTRAL =
            """
            {{- bos_token -}}
            {%- for message in messages -%}
            {%- if message['role'] == 'assistant' -%}
            {{- ' ' ~ message['content'] | trim ~ eos_token -}}
            {%- else -%}
            {{- '[INST] ' ~ message['content'] | trim ~ ' [/INST]' -}}
            {%- endif -%}
            {%- endfor -%}
            """;

    private static final String ALPACA =
            """
            {%- for message in messages -%}
            {%- if message['role'] == 'system' -%}
            {{- message['content'] ~ '\\n\\n' -}}
            {%- elif message['role'] == 'user' -%}
            {{- '### Instruction:\\n' ~ message['content'] ~ '\\n\\n' -}}
            {%- else -%}
            {{- '### Response:\\n' ~ message['content'] ~ eos_token ~ '\\n\\n' -}}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '### Response:\\n' -}}{%- endif -%}
            """;

    private static final String EXAONE =
            """
            {%- for message in messages -%}
            {{- '[|' ~ message['role'] ~ '|]' ~ message['content'] -}}
            {{- '\\n' if message['role'] == 'user' else '[|endofturn|]\\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '[|assistant|]' -}}{%- endif -%}
            """;

    private static final Map<String, String> BY_NAME =
            Map.of(
                    "chatml", CHATML,
                    "llama3", LLAMA3,
                    "mistral", MISTRAL,
                    "alpaca", ALPACA,
                    "exaone", EXAONE);

    private ChatTemplates() {}

    /**
     * @param written a name, or the template itself
     */
    static Optional<String> text(String written) {
        return written.contains("{")
                ? Optional.of(written)
                : Optional.ofNullable(BY_NAME.get(written));
    }
}
