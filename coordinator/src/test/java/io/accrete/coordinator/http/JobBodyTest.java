package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.job.JobKind;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Optional;

class JobBodyTest {
    @Test
    void yamlSaysWhatJsonSays() {
        JobBody json =
                JobBody.ofJson(
                        """
                        {"kind": "train", "job": "model: x\\n", "output": "out",
                         "options": {"overwrite": true, "workers": 2, "flops": 1.5,
                                     "models": ["a", "b"]}}
                        """);
        JobBody yaml =
                JobBody.ofYaml(
                        """
                        kind: train
                        output: out
                        options: {overwrite: yes, workers: 2, flops: 1.5, models: [a, b]}
                        job: |
                          model: x
                        """);

        assertThat(yaml).isEqualTo(json);
        assertThat(json.document().map(JobDocument::kind)).hasValue(JobKind.TRAIN);
    }

    @Test
    void faultsOfJsonAreSaidWithoutOurClasses() {
        Map<String, String> faults =
                Map.of(
                        "{'kind': 'bake'}",
                        "`kind` is 'bake', which it cannot be; it is one of merge, train",
                        "{'colour': 1}",
                        "there is no `colour`; there are job, kind, options, output, recipe,"
                                + " recipe_file",
                        "{'options': {'colour': 1}}",
                        "there is no `options.colour`; there are",
                        "{'options': {'workers': 'many'}}",
                        "`options.workers` is 'many', which it cannot be",
                        "{'options': []}",
                        "`options` has a value of another type",
                        "{'options': {'models': [[1]]}}",
                        "`options.models.[]` has a value of another type",
                        "[]",
                        "it is an object with the fields of a job",
                        "{'kind': x}",
                        "(line 1, column");
        faults.forEach(
                (text, sentence) -> {
                    JobBody body = JobBody.ofJson(text.replace('\'', '"'));
                    assertThat(body.document()).as(text).isEqualTo(Optional.empty());
                    assertThat(body.fault())
                            .contains(sentence)
                            .doesNotContain("accrete", "java", "Stream");
                });
    }

    @Test
    void aNumberWithoutEndIsNotRead() {
        String digits = "{\"options\": {\"workers\": %s}}".formatted("9".repeat(5_000));

        assertThat(JobBody.ofJson(digits).fault()).contains("one of them is too long");
    }

    @Test
    void yamlIsBounded() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for (int level = 1; level < 9; level++) {
            bomb.append("a%d: &a%d [".formatted(level, level))
                    .append(("*a" + (level - 1) + ",").repeat(10))
                    .append("]\n");
        }
        assertThat(JobBody.ofYaml(bomb.toString()).fault()).contains("stands for");
        assertThat(JobBody.ofYaml("---\na: 1\n---\nb: 2\n").fault()).contains("2 YAML documents");
        JobBody tag = JobBody.ofYaml("kind: !!java.net.URL x\noutput: y");
        assertThat(tag.fault()).contains("cannot be read as YAML");
        assertThat(tag.errors().getFirst().code()).isEqualTo("API-003");
        assertThat(tag.errors().getFirst().line()).isEqualTo(1);
    }
}
