package io.accrete.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which package may know which other, and who may know which library. Everything that is not
 * allowed here is forbidden.
 */
class BoundaryTest {

    /** Package to the packages it may use; `x.*` is x and all below it. The order is the design. */
    private static final Map<String, Set<String>> MAY_USE =
            Map.ofEntries(
                    Map.entry("protocol.tensor", Set.of()),
                    Map.entry("protocol.store", Set.of()),
                    Map.entry("protocol.tls", Set.of()),
                    Map.entry("protocol.safetensors", Set.of("protocol.tensor", "protocol.store")),
                    Map.entry(
                            "protocol.model",
                            Set.of("protocol.tensor", "protocol.store", "protocol.safetensors")),
                    Map.entry("protocol.merge", Set.of("protocol.tensor", "protocol.store")),
                    Map.entry(
                            "protocol.train",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.model",
                                    "protocol.merge")),
                    Map.entry(
                            "protocol.job",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.model",
                                    "protocol.merge",
                                    "protocol.train")),
                    Map.entry(
                            "protocol.wire",
                            Set.of("protocol.merge", "protocol.train", "protocol.job")),
                    Map.entry("protocol.http", Set.of("protocol.merge", "protocol.job")),
                    Map.entry("coordinator.yaml", Set.of("protocol.tensor", "protocol.job")),
                    Map.entry(
                            "coordinator.recipe",
                            Set.of("protocol.tensor", "protocol.job", "coordinator.yaml")),
                    Map.entry(
                            "coordinator.plan",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.safetensors",
                                    "protocol.model",
                                    "protocol.merge",
                                    "protocol.job",
                                    "coordinator.yaml",
                                    "coordinator.recipe")),
                    Map.entry(
                            "coordinator.train",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.safetensors",
                                    "protocol.model",
                                    "protocol.merge",
                                    "protocol.train",
                                    "protocol.job",
                                    "coordinator.yaml")),
                    Map.entry(
                            "coordinator.finetune",
                            Set.of(
                                    "protocol.*",
                                    "coordinator.yaml",
                                    "coordinator.recipe",
                                    "coordinator.train",
                                    "coordinator.observe",
                                    "coordinator.job",
                                    "coordinator.pool",
                                    "coordinator.drive")),
                    Map.entry(
                            "coordinator.job",
                            Set.of(
                                    "protocol.merge",
                                    "protocol.train",
                                    "protocol.job",
                                    "protocol.wire",
                                    "protocol.http")),
                    Map.entry(
                            "coordinator.http",
                            Set.of(
                                    "protocol.store",
                                    "protocol.merge",
                                    "protocol.job",
                                    "protocol.http",
                                    "coordinator.yaml",
                                    "coordinator.job")),
                    Map.entry(
                            "coordinator.pool",
                            Set.of("protocol.merge", "protocol.job", "protocol.wire")),
                    Map.entry(
                            "coordinator.drive",
                            Set.of(
                                    "protocol.*",
                                    "coordinator.plan",
                                    "coordinator.job",
                                    "coordinator.pool")),
                    Map.entry(
                            "coordinator.merge",
                            Set.of(
                                    "protocol.*",
                                    "coordinator.yaml",
                                    "coordinator.recipe",
                                    "coordinator.plan",
                                    "coordinator.job",
                                    "coordinator.pool",
                                    "coordinator.drive")),
                    Map.entry("coordinator.observe", Set.of("protocol.merge", "protocol.train")),
                    Map.entry("coordinator", Set.of("protocol.*", "coordinator.*")),
                    Map.entry("worker.tensor", Set.of("protocol.tensor", "protocol.model")),
                    Map.entry(
                            "worker.merge",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.safetensors",
                                    "protocol.merge",
                                    "protocol.wire",
                                    "worker.tensor")),
                    Map.entry(
                            "worker.nn",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.model",
                                    "worker.tensor")),
                    Map.entry("worker.data", Set.of("protocol.model", "worker.tensor")),
                    Map.entry(
                            "worker.inference",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.merge",
                                    "protocol.train",
                                    "protocol.model",
                                    "protocol.safetensors",
                                    "worker.tensor",
                                    "worker.nn",
                                    "worker.data")),
                    Map.entry("worker.link", Set.of("protocol.tensor", "protocol.wire")),
                    Map.entry(
                            "worker.train",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.safetensors",
                                    "protocol.model",
                                    "protocol.merge",
                                    "protocol.train",
                                    "protocol.wire",
                                    "worker.tensor",
                                    "worker.nn",
                                    "worker.data",
                                    "worker.link")),
                    Map.entry(
                            "worker.pipeline",
                            Set.of(
                                    "protocol.tensor",
                                    "protocol.store",
                                    "protocol.model",
                                    "protocol.merge",
                                    "protocol.train",
                                    "protocol.job",
                                    "protocol.wire",
                                    "worker.tensor",
                                    "worker.nn",
                                    "worker.data",
                                    "worker.inference",
                                    "worker.link",
                                    "worker.train")),
                    Map.entry("worker", Set.of("protocol.*", "worker.*")),
                    Map.entry("local", Set.of("protocol.*", "coordinator.*", "worker.*")),
                    Map.entry("node", Set.of("protocol.*", "coordinator.*", "worker.*")),
                    Map.entry("tour", Set.of("protocol.tensor", "protocol.safetensors")),
                    Map.entry("remote", Set.of("protocol.http", "protocol.job")),
                    Map.entry(
                            "cli",
                            Set.of(
                                    "protocol.*",
                                    "coordinator.*",
                                    "worker.*",
                                    "local",
                                    "node",
                                    "remote",
                                    "tour")));

    /** Start of a library's package to the packages that may know it. */
    private static final Map<String, Set<String>> LIBRARY_HOMES =
            Map.of(
                    "io.prometheus.", Set.of("coordinator.http"),
                    "akka.http.", Set.of("coordinator.http", "node"),
                    "ai.djl.", Set.of("worker.tensor", "worker.data"),
                    "org.yaml.snakeyaml.", Set.of("coordinator.yaml"),
                    "picocli.", Set.of("cli"),
                    "me.tongfei.progressbar.", Set.of("cli"),
                    "ch.qos.logback.", Set.of("cli", "local"),
                    "org.h2.", Set.of("coordinator.job"),
                    "akka.persistence.", Set.of("coordinator", "coordinator.job"),
                    "slick.", Set.of());

    @Test
    void everyPackageHasItsPlaceInTheTable() {
        Set<String> unknown = new TreeSet<>();
        for (JavaClass type : ProductClasses.ALL) {
            if (!MAY_USE.containsKey(ProductClasses.home(type))) {
                unknown.add(ProductClasses.home(type));
            }
        }
        assertThat(unknown)
                .as(
                        "packages that are not in MAY_USE. When this fails: decide in one sentence"
                            + " what the package is, which packages it needs and which may need it,"
                            + " and add it there and to docs/architecture.md")
                .isEmpty();
    }

    @Test
    void packagesUseOnlyWhatStandsBelowThem() {
        Set<String> faults = new TreeSet<>();
        for (JavaClass type : ProductClasses.ALL) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass used = dependency.getTargetClass().getBaseComponentType();
                if (ProductClasses.isOurs(used) && !mayUse(type, used)) {
                    faults.add(dependency.getDescription());
                }
            }
        }
        assertThat(faults)
                .as(
                        "uses of a package that is not allowed. When this fails: move the class to"
                            + " where its sentence is true, or pass what it needs as a value or an"
                            + " interface of its own package; only then think about the table")
                .isEmpty();
    }

    @Test
    void librariesStayWhereTheyAreHidden() {
        Set<String> faults = new TreeSet<>();
        for (JavaClass type : ProductClasses.ALL) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String used = dependency.getTargetClass().getBaseComponentType().getName();
                LIBRARY_HOMES.forEach(
                        (library, homes) -> {
                            if (used.startsWith(library)
                                    && !homes.contains(ProductClasses.home(type))) {
                                faults.add(dependency.getDescription());
                            }
                        });
            }
        }
        assertThat(faults)
                .as(
                        "uses of a library outside its home. When this fails: call the package that"
                                + " hides the library, and let it return our own types")
                .isEmpty();
    }

    private static boolean mayUse(JavaClass type, JavaClass used) {
        String from = ProductClasses.home(type);
        String to = ProductClasses.home(used);
        return from.equals(to)
                || MAY_USE.getOrDefault(from, Set.of()).stream()
                        .anyMatch(allowed -> matches(allowed, to));
    }

    private static boolean matches(String allowed, String home) {
        if (!allowed.endsWith(".*")) {
            return allowed.equals(home);
        }
        String top = allowed.substring(0, allowed.length() - 2);
        return home.equals(top) || home.startsWith(top + ".");
    }
}
