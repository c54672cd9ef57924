package io.quorate.store;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.quorate.time.BootTime;
import io.quorate.time.SystemTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.UUID;
import java.util.WeakHashMap;

/** What is replicated must come out the same everywhere; so it may use nothing that differs. */
@AnalyzeClasses(packages = "io.quorate", importOptions = ImportOption.DoNotIncludeTests.class)
class PureStoreArchitectureTest {
  private static final String[] PURE = {"io.quorate.store.machine..", "io.quorate.store.lease.."};

  @ArchTest
  static final ArchRule pureCodeUsesPureCodeOnly =
      classes()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .onlyDependOnClassesThat(
              are(
                  resideInAnyPackage(
                          "io.quorate.store",
                          "io.quorate.store.machine..",
                          "io.quorate.store.lease..",
                          "io.quorate.invariant",
                          "java.lang",
                          "java.lang.invoke", // string concatenation and lambdas
                          "java.lang.runtime", // records and pattern switches
                          "java.util",
                          "java.util.function",
                          "java.util.stream",
                          "org.jspecify.annotations")
                      .or(belongToAnyOf(BootTime.class, Duration.class))));

  @ArchTest
  static final ArchRule pureCodeHasNoUndefinedOrderNoChanceAndNoThread =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              HashMap.class,
              HashSet.class,
              IdentityHashMap.class,
              WeakHashMap.class,
              Random.class,
              UUID.class,
              Thread.class,
              System.class,
              Runtime.class);

  @ArchTest
  static final ArchRule theMachineKnowsNoTime =
      noClasses()
          .that()
          .resideInAPackage("io.quorate.store.machine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.time..", "io.quorate.time..");

  @ArchTest
  static final ArchRule oneClassReadsClocks =
      noClasses()
          .that()
          .areNotAssignableTo(SystemTime.class)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(InstantSource.class, "system")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone");

  @ArchTest
  static final ArchRule theApiKnowsNothingBehindIt =
      noClasses()
          .that()
          .resideInAPackage("io.quorate.store")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quorate.store.machine..",
              "io.quorate.store.codec..",
              "io.quorate.store.lease..",
              "io.quorate.store.local..",
              "io.quorate.store.raft..",
              "org.apache.ratis..",
              "com.google.protobuf..");
}
