package io.quorate.rpc;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may know what in this module. */
final class WallsTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.quorate.rpc", "io.quorate.node", "io.quorate.cli");

  @Test
  void onlyRpcKnowsTheNetworkLibraries() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.quorate.rpc..", "io.quorate.node")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "io.netty.."));
    check(
        noClasses()
            .that()
            .resideInAPackage("io.quorate.node")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "io.netty.handler..", "io.netty.bootstrap..")
            .because("it makes the threads that the servers share, and nothing else of them"));
  }

  @Test
  void onlyTheConfigurationAndTheCommandLineKnowYaml() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.quorate.node.config", "io.quorate.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.snakeyaml.."));
  }

  @Test
  void onlyFacesKnowJson() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.quorate.node..", "io.quorate.cli", "io.quorate.rpc.rest")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson.."));
  }

  @Test
  void nobodyKnowsTheCompositionRoot() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.quorate.node..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quorate.node.."));
  }

  @Test
  void onlyTheCompositionRootKnowsTheShellsBelow() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.quorate.node..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.quorate.store.raft..",
                "io.quorate.store.machine..",
                "io.quorate.store.local..",
                "io.quorate.ha.loop..",
                "io.quorate.ha.decide..",
                "io.quorate.ha.postgres.."));
  }

  @Test
  void nobodyReadsAClockButSystemTime() {
    check(
        noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class));
  }

  @Test
  void onlyTheCommandLineWritesToStandardOutput() {
    for (String stream : List.of("out", "err")) {
      check(noClasses().should().accessField(System.class, stream));
    }
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
