package io.quorate.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate completion bash|zsh}. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes verbs and options.",
      "bash: source <(quorate completion bash)   zsh: the same with zsh"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {

  /** Shells that are served, by one script: zsh reads bash's completions. */
  enum Shell {
    BASH,
    ZSH;

    /** As it is written on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    // zsh needs its own completion system up before it can take bash's.
    String begin = shell == Shell.ZSH ? "autoload -Uz compinit && compinit\n" : "";
    spec.commandLine()
        .getOut()
        .print(begin + AutoComplete.bash("quorate", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
    return ExitStatus.DONE;
  }
}
