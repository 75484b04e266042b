package io.accrete.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import org.junit.jupiter.api.Test;

import java.util.concurrent.Future;
import java.util.regex.Pattern;

/** Habits that a compiler does not see. */
class HabitsTest {

    private static final String ACTOR_LIBRARY = "akka.actor.typed.javadsl";

    private static final Pattern VAGUE_NAME =
            Pattern.compile(
                    "(^|[.$])(util|utils|common|helpers?|misc|impl|base)($|[.$])"
                            + "|(Util|Utils|Helper|Helpers|Misc|Impl|Common)$"
                            + "|(^|[.$])Abstract[A-Z]\\w*$");

    @Test
    void onlyActorsUseTheActorLibrary() {
        ArchRule rule =
                classes()
                        .that(describe("use " + ACTOR_LIBRARY, HabitsTest::usesActorLibrary))
                        .and(describe("are not nested", type -> !type.isNestedClass()))
                        .and(describe("do more than ask", type -> !onlyAsks(type)))
                        .should(beActors())
                        .because(
                                "decisions are tested without actors. When this fails: put what"
                                    + " decides into a class of values, and keep in the actor only"
                                    + " receiving, calling it and telling");
        rule.allowEmptyShould(true).check(ProductClasses.ALL);
    }

    @Test
    void onlyTheCommandLineTouchesStandardStreamsAndExits() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.accrete.cli")
                        .should()
                        .accessField(System.class, "out")
                        .orShould()
                        .accessField(System.class, "err")
                        .orShould()
                        .callMethod(System.class, "exit", int.class)
                        .because(
                                "standard output is a contract (JSON Lines) and the exit code is,"
                                    + " too. When this fails: return a value or a Problem and let"
                                    + " the command print it; diagnostics go to the logger");
        rule.check(ProductClasses.ALL);
    }

    @Test
    void nobodyBlocksOnAFuture() {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.accrete.cli",
                                "io.accrete.local",
                                "io.accrete.node",
                                "io.accrete.worker.merge",
                                "io.accrete.worker.train")
                        .should()
                        .callMethodWhere(
                                target(owner(assignableTo(Future.class)))
                                        .and(
                                                target(name("get"))
                                                        .or(target(name("join")))
                                                        .or(target(name("resultNow")))))
                        .orShould()
                        .dependOnClassesThat()
                        .haveFullyQualifiedName("scala.concurrent.Await")
                        .because(
                                "an actor that waits stops everybody behind it. When this fails:"
                                        + " context.pipeToSelf for a result; only the command's own"
                                        + " thread waits for its job");
        rule.check(ProductClasses.ALL);
    }

    @Test
    void nobodySleeps() {
        ArchRule rule =
                noClasses()
                        .should()
                        .callMethodWhere(
                                target(owner(assignableTo(Thread.class)))
                                        .and(target(name("sleep"))))
                        .because(
                                "a sleep is either too short or too long. When this fails: wait"
                                        + " for the event itself, with a deadline");
        rule.check(ProductClasses.ALL);
    }

    @Test
    void namesSayWhatAThingIs() {
        ArchRule rule =
                noClasses()
                        .that(describe("are ours", ProductClasses::isOurs))
                        .should(haveVagueNames())
                        .because(
                                "a name such as util or helper collects what nobody could place."
                                    + " When this fails: name it after what it is, a noun of the"
                                    + " field, and put it where that noun lives");
        rule.check(ProductClasses.ALL);
    }

    private static boolean usesActorLibrary(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                .anyMatch(used -> used.getTargetClass().getPackageName().equals(ACTOR_LIBRARY));
    }

    private static boolean onlyAsks(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                .map(Dependency::getTargetClass)
                .filter(used -> used.getPackageName().equals(ACTOR_LIBRARY))
                .allMatch(used -> used.getSimpleName().equals("AskPattern"));
    }

    /** An actor is a behaviour, or has a factory of one. */
    private static ArchCondition<JavaClass> beActors() {
        return ArchCondition.from(
                describe(
                        "be an actor",
                        type ->
                                isBehavior(type)
                                        || type.getMethods().stream()
                                                .map(JavaMethod::getRawReturnType)
                                                .anyMatch(HabitsTest::isBehavior)));
    }

    private static boolean isBehavior(JavaClass type) {
        return type.isAssignableTo("akka.actor.typed.Behavior");
    }

    private static ArchCondition<JavaClass> haveVagueNames() {
        return new ArchCondition<>("have vague names") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (VAGUE_NAME.matcher(type.getName()).find()) {
                    events.add(SimpleConditionEvent.satisfied(type, type.getName()));
                }
            }
        };
    }
}
