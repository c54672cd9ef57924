package io.quorate.ha;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.UUID;

/** Which room may know what. */
@AnalyzeClasses(packages = "io.quorate.ha", importOptions = ImportOption.DoNotIncludeTests.class)
final class WallsTest {

  private static final String[] PURE = {
    "io.quorate.ha.model..", "io.quorate.ha.decide..", "io.quorate.ha.cluster.."
  };

  @ArchTest
  static final ArchRule pureCodeTouchesNothingOutside =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.nio..",
              "java.sql..",
              "java.util.concurrent..",
              "org.slf4j..",
              "io.grpc..",
              "io.netty..",
              "org.apache.ratis..",
              "org.postgresql..")
          .because("features are pure, resources are shells");

  @ArchTest
  static final ArchRule pureCodeReadsNoClockAndDrawsNoLot =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .because("time and randomness are arguments");

  @ArchTest
  static final ArchRule decisionsIterateInAKnownOrder =
      noClasses()
          .that()
          .resideInAnyPackage("io.quorate.ha.model..", "io.quorate.ha.cluster..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(HashMap.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(HashSet.class)
          .because("the same observation gives the same decision");

  @ArchTest
  static final ArchRule onlyPostgresKnowsJdbc =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.quorate.ha.postgres..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.postgresql..");

  @ArchTest
  static final ArchRule onlyShellsStartProcesses =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.quorate.ha.postgres..", "io.quorate.ha.guardian..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ProcessBuilder.class);

  @ArchTest
  static final ArchRule onlyTheStoreKnowsRatis =
      noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.ratis..");

  @ArchTest
  static final ArchRule theEngineSeesOnlyTheStoresInterface =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quorate.store.raft..",
              "io.quorate.store.machine..",
              "io.quorate.store.codec..",
              "io.quorate.store.lease..",
              "io.quorate.proto..");

  @ArchTest
  static final ArchRule theLoopNeverBlocks =
      noClasses()
          .that()
          .resideInAPackage("io.quorate.ha.loop..")
          .should()
          .callMethod(java.util.concurrent.CompletableFuture.class, "get")
          .orShould()
          .callMethod(java.util.concurrent.CompletableFuture.class, "join")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule noCircles =
      slices().matching("io.quorate.ha.(**)").should().beFreeOfCycles();
}
