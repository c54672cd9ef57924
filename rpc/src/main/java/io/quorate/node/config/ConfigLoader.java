package io.quorate.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Loads a member's file. */
public final class ConfigLoader {

  /** Larger files are refused: they are something else. */
  private static final long SIZE_MAX = 1 << 20;

  private final Optional<Path> programs;

  private ConfigLoader(Optional<Path> programs) {
    this.programs = programs;
  }

  /** A loader for a process with this environment: PATH helps to find PostgreSQL. */
  public static ConfigLoader withEnvironment(Map<String, String> environment) {
    return new ConfigLoader(Programs.find(environment.getOrDefault("PATH", "")));
  }

  /** A loader that takes PostgreSQL to be in {@code programs} unless the file says otherwise. */
  static ConfigLoader withPrograms(Path programs) {
    return new ConfigLoader(Optional.of(programs));
  }

  /** Reads and checks {@code file}. */
  public ConfigResult load(Path file) {
    try {
      if (Files.isDirectory(file)) {
        return refused(file, "is a directory: name one YAML file");
      }
      if (Files.size(file) > SIZE_MAX) {
        return refused(file, "is larger than 1 MiB: this cannot be a configuration");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      return refused(file, "there is no such file");
    } catch (AccessDeniedException e) {
      return refused(file, "no permission to read it");
    } catch (CharacterCodingException e) {
      return refused(file, "is not UTF-8 text");
    } catch (IOException e) {
      return refused(file, "cannot be read: " + e.getMessage());
    }
  }

  private static ConfigResult refused(Path file, String why) {
    return new ConfigResult.Invalid(List.of(file + ": " + why));
  }

  /** Reads and checks {@code text}, called {@code file} in messages. */
  ConfigResult parse(String file, String text) {
    Validation validation = new Validation(file);
    Optional<NodeConfig> config =
        YamlReader.read(text, validation)
            .flatMap(fields ->
                new NodeConfigReader(Section.root(validation, fields), validation, programs)
                    .read());
    return config.isPresent() && validation.ok()
        ? new ConfigResult.Valid(config.get(), validation.ignored(), validation.notices())
        : new ConfigResult.Invalid(validation.errors());
  }
}
