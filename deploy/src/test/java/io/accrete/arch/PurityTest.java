package io.accrete.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;
import java.util.Set;

/** Pure packages turn values into values: no actor, file, network, clock, thread, chance or log. */
class PurityTest {

    private static final String[] PURE = {
        "io.accrete.protocol.tensor",
        "io.accrete.protocol.merge",
        "io.accrete.protocol.train",
        "io.accrete.protocol.job",
        "io.accrete.coordinator.yaml",
        "io.accrete.coordinator.recipe",
        "io.accrete.coordinator.plan",
        "io.accrete.coordinator.train",
    };

    private static final String REMEDY =
            "a pure package is tested with values alone and gives the same answer for ever. When"
                    + " this fails: let the caller read the file, take the time or write the log,"
                    + " and pass in the value";

    /** Readers of files that stand beside the records they read. */
    private static final Set<String> FILE_READERS =
            Set.of(
                    "io.accrete.protocol.merge.PlanFile",
                    "io.accrete.protocol.merge.LineageFile",
                    "io.accrete.protocol.train.SavedTraining",
                    "io.accrete.protocol.train.TrainingFile");

    private static final List<String> IMPURE_PACKAGES =
            List.of(
                    "akka.",
                    "scala.",
                    "org.slf4j.",
                    "java.net.http.",
                    "java.nio.channels.",
                    "java.util.concurrent.",
                    "java.util.logging.");

    private static final List<Class<?>> IMPURE_TYPES =
            List.of(
                    java.io.File.class,
                    java.io.FileInputStream.class,
                    java.io.FileOutputStream.class,
                    java.io.RandomAccessFile.class,
                    java.net.Socket.class,
                    java.nio.file.Files.class,
                    java.time.Clock.class,
                    Random.class,
                    Thread.class);

    @Test
    void pureCodeKnowsNoOutsideWorld() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideInAnyPackage(PURE)
                        .and(describe("read no file", PurityTest::readsNoFile))
                        .should()
                        .dependOnClassesThat(isImpure())
                        .because(REMEDY);
        rule.check(ProductClasses.ALL);
    }

    @Test
    void pureCodeReadsNoClock() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideInAnyPackage(PURE)
                        .should()
                        .callMethod(System.class, "nanoTime")
                        .orShould()
                        .callMethod(System.class, "currentTimeMillis")
                        .orShould()
                        .callMethod(java.time.Instant.class, "now")
                        .orShould()
                        .callMethod(Math.class, "random")
                        .orShould()
                        .callMethod(System.class, "getenv", String.class)
                        .because(REMEDY);
        rule.check(ProductClasses.ALL);
    }

    private static boolean readsNoFile(JavaClass type) {
        return !FILE_READERS.contains(type.getName());
    }

    private static DescribedPredicate<JavaClass> isImpure() {
        return describe(
                "reach the outside world",
                type ->
                        IMPURE_PACKAGES.stream().anyMatch(type.getName()::startsWith)
                                || IMPURE_TYPES.stream().anyMatch(type::isEquivalentTo));
    }
}
